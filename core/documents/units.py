"""Codes of units of measure, as e-Factura wants them (UN/ECE recommendation 20; FISCAL 4)."""

from core.search import fold

PIECE_CODE = "H87"
_WORDS = {
    "H87": "buc bucata bucati b bu pcs pc piece pieces ea st stk", "KGM": "kg kilogram kilograme",
    "GRM": "g gr gram grame", "TNE": "t tona tone", "LTR": "l lt litru litri", "MLT": "mililitru mililitri",
    "MTR": "m ml metru metri", "KMT": "km", "MTK": "mp m2 m²", "MTQ": "mc m3 m³", "SET": "set seturi sets",
    "PR": "per pereche perechi pair pairs", "HUR": "h ora ore hour hours", "DAY": "zi zile day days",
    "MON": "luna luni month months", "XBX": "cutie cutii box boxes", "XCT": "carton cartoane",
    "XPK": "pac pach pachet pachete pack packs", "XPX": "palet paleti pallet pallets", "XBG": "sac saci punga pungi",
    "XBO": "sticla sticle", "XCS": "bax baxuri", "XCR": "naveta navete",
    "XRO": "rola role roll rolls colac colaci", "XTU": "tub tuburi", "XBJ": "galeata galeti", "XJY": "bidon bidoane",
}  # fmt: skip
UNIT_CODES = {word: code for code, words in _WORDS.items() for word in words.split()}


def unit_code(unit: str) -> str:
    """The code of a unit as people write it; of one that is not known, that of a piece."""
    return UNIT_CODES.get(fold(unit).strip(" ."), PIECE_CODE)
