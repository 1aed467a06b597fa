"""Units of measure as people write them: which words mean the same, and of which there are only whole ones."""

from core.search import fold, folded_sql

PIECE = "buc"
_PACKS = ("bax, baxuri", "cutie, cutii, box, boxes", "carton, cartoane", "pachet, pachete, pac, pach, pack, packs")
_COUNTED = (
    *_PACKS, f"{PIECE}, b, bu, bucata, bucati, pcs, pc, piece, pieces, ea, st, stk", "set, seturi, sets", "sac, saci",
    "rola, role, roll, rolls", "pereche, perechi, per, pair, pairs", "palet, paleti, pallet, pallets", "tub, tuburi",
    "colac, colaci", "bara, bare", "foaie, foi", "galeata, galeti", "bidon, bidoane", "cartus, cartuse", "punga, pungi",
)  # fmt: skip
_MEASURED = ("m, ml, metru, metri", "mp, m2, m²", "mc, m3, m³", "km", "kg", "g, gr", "t, tona, tone",
             "l, lt, litru, litri")  # fmt: skip


def _words(groups: tuple[str, ...]) -> dict[str, str]:
    """Each word → the first that means the same."""
    return {word: group.split(", ")[0] for group in groups for word in group.split(", ")}


PACKS = frozenset(_words(_PACKS))
"""Words for a pack: `2 bax` may be two of the unit, or two packs of it."""
COUNTED = frozenset(_words(_COUNTED))
MEASURED = frozenset(_words(_MEASURED))
_SAME = _words(_COUNTED) | _words(_MEASURED)


def stands_for(word: str, unit: str) -> bool:
    """Is a quantity with this word one of a product sold by this unit? Pieces are of everything that is counted."""
    mine, its = _plain(word), _plain(unit)
    return _SAME.get(mine, mine) == _SAME.get(its, its) or (_SAME.get(mine) == PIECE and its not in MEASURED)


def counted_sql(unit: str) -> str:
    """SQL that tells of a text expression whether it is a unit of which there are only whole ones."""
    words = ", ".join(f"'{word}'" for word in sorted(COUNTED))
    return f"coalesce(btrim({folded_sql(unit)}, ' .') in ({words}), false)"


def counted(unit: str) -> bool:
    """The same in Python."""
    return _plain(unit) in COUNTED


def _plain(unit: str) -> str:
    return fold(unit).strip(" .")
