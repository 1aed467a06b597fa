"""What becomes of each line of a quick order: product, price, stock and what has to be mended, in a few statements."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy.orm import Session

from core.catalog.units import PACKS, stands_for
from core.orders.filling import LARGEST_QUANTITY
from core.permissions import authorize
from core.pricing.quoting import PricesHidden, prices_shown
from core.quick.columns import Columns
from core.quick.deciding import Meaning, Option, Sense, Wish, codes_in, decide
from core.quick.finding import find
from core.quick.goods import Goods, goods_for
from core.quick.lines import Line, read

Kind = Literal["ok", "rounded", "summed", "short"] | Meaning
FINE = frozenset({"ok", "rounded", "summed"})
TO_MEND = frozenset({"short", "choose", "unknown", "replaced", "no_quantity", "bad_quantity"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of one line. `goods` is there where its product is clear; of several lines of one product the
    first speaks for all (`lines` are their numbers), the others are 'summed'. `options` are what to choose among."""

    wish: Wish
    kind: Kind
    goods: Goods | None = None
    lines: tuple[int, ...] = ()
    options: tuple[tuple[Option, Goods], ...] = ()

    @property
    def line(self) -> Line:
        return self.wish.line

    @property
    def product(self) -> Goods | None:
        """What the line is about, also while its quantity is not clear."""
        about = {goods.product_id: goods for goods in (self.goods, *(goods for _, goods in self.options)) if goods}
        return next(iter(about.values())) if len(about) == 1 and self.kind != "replaced" else None

    @property
    def fine(self) -> bool:
        return self.kind in FINE

    @property
    def to_mend(self) -> bool:
        return self.kind in TO_MEND


@dataclass(frozen=True, slots=True)
class Check:
    """A text as checked: an answer for every line, in order. `delimiter` and `columns` are those of its table."""

    answers: list[Answer]
    delimiter: str
    columns: Columns | None
    counted: bool
    unsure: bool

    @property
    def fine(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.fine]

    @property
    def to_mend(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.to_mend]

    @property
    def rows(self) -> int:
        """How many lines are rows of its table."""
        return sum(bool(answer.line.cells) for answer in self.answers)

    @property
    def wanted(self) -> dict[int, Decimal]:
        """What can go into the cart now: how much of each product (id), on top of what is there."""
        return {answer.goods.product_id: answer.goods.asked for answer in self.fine if answer.goods}

    @property
    def net(self) -> Decimal:
        """What that comes to, in lei."""
        goods = {answer.goods.product_id: answer.goods.net for answer in self.fine if answer.goods}
        return sum(goods.values(), Decimal(0))


def check(
    session: Session,
    pasted: str,
    as_of: datetime,
    *,
    code_column: int | None = None,
    quantity_column: int | None = None,
    decimal_mark: str | None = None,
) -> Check:
    """Every line of a text with its answer for the signed-in partner, at the prices and with the stock of `as_of`.

    The columns of a table (from 0) are those given, or guessed. Changes nothing. Raises NotAllowed, PricesHidden,
    TooMuch.
    """
    authorize(session, "orders.place")
    if not prices_shown(session):
        raise PricesHidden
    reading = read(pasted)
    known = find(session, codes_in(reading))
    sense = decide(reading, known, code_column, quantity_column, decimal_mark)
    asked = _sums(sense)
    goods = goods_for(session, asked, as_of)
    wishes = [_in_units(wish, goods) for wish in sense.wishes]
    if wishes != sense.wishes:  # what has to be asked is in no sum
        sense = replace(sense, wishes=wishes)
        goods |= goods_for(session, _sums(sense), as_of)
    return Check(_answers(wishes, goods), reading.delimiter, sense.columns, sense.counted, sense.unsure)


def _sums(sense: Sense) -> dict[int, Decimal]:
    """How much of each product the clear lines ask for; 0 for those that others might mean."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for wish in sense.wishes:
        for option in wish.options:
            sums[option.product_id] += option.quantity if wish.meaning == "clear" else 0
    return {product: min(total, LARGEST_QUANTITY + 1) for product, total in sums.items()}


def _in_units(wish: Wish, goods: dict[int, Goods]) -> Wish:
    """`2 bax` of what is sold by the piece: two, or two packs of it; `2 paleti`: nobody knows but who wrote it."""
    of = {option: goods[option.product_id] for option in wish.options if option.product_id in goods}
    asked = wish.unit and wish.meaning in ("clear", "choose")
    if not asked or any(stands_for(wish.unit, one.unit) for one in of.values()):
        return wish
    if wish.unit not in PACKS or any(one.pack == 1 for one in of.values()):
        return replace(wish, meaning="no_quantity")
    packs = [replace(option, quantity=option.quantity * one.pack) for option, one in of.items()]
    return replace(wish, meaning="choose", options=tuple(dict.fromkeys((*packs, *of))))


def _answers(wishes: Iterable[Wish], goods: dict[int, Goods]) -> list[Answer]:
    numbers: dict[int, list[int]] = defaultdict(list)
    for wish in wishes:
        if wish.meaning == "clear":
            numbers[wish.options[0].product_id].append(wish.line.number)
    return [_answer(wish, goods, numbers) for wish in wishes]


def _answer(wish: Wish, goods: dict[int, Goods], numbers: dict[int, list[int]]) -> Answer:
    options = tuple((option, goods[option.product_id]) for option in wish.options if option.product_id in goods)
    if wish.meaning != "clear":
        return Answer(wish, wish.meaning if options or not wish.options else "unknown", options=options)
    if not options:  # it was taken out of the catalogue between two statements
        return Answer(wish, "unknown")
    [(option, of)] = options
    lines = tuple(numbers[option.product_id])
    if of.total > LARGEST_QUANTITY:
        return Answer(wish, "bad_quantity", None, lines, options)
    if of.short:
        return Answer(wish, "short", of, lines, options)
    if wish.line.number != lines[0]:
        return Answer(wish, "summed", of, lines)
    return Answer(wish, "ok" if of.added == of.asked else "rounded", of, lines)
