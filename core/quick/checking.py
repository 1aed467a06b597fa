"""What becomes of each line of a quick order: product, price, stock and what has to be mended, in a few statements."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core.catalog.quantities import fitting_sql, fitting_within
from core.catalog.visibility import OFFERED
from core.money import round_amount
from core.orders.browsing import EXPECTED_ON
from core.orders.filling import LARGEST_QUANTITY
from core.permissions import authorize
from core.pricing.quoting import UNIT_PRICE, PricesHidden, price_joins, prices_shown
from core.principal import Principal
from core.quick.amounts import PACKS
from core.quick.columns import Columns
from core.quick.deciding import Meaning, Option, Sense, Wish, codes_in, decide
from core.quick.finding import find
from core.quick.lines import Line, read
from core.search import fold
from core.stock.showing import DISPLAY, Display

Kind = Literal["ok", "rounded", "summed", "short"] | Meaning
FINE = frozenset({"ok", "rounded", "summed"})
TO_MEND = frozenset({"short", "choose", "unknown", "replaced", "no_quantity", "bad_quantity"})


@dataclass(frozen=True, slots=True)
class Goods:
    """A product that lines ask for, at the partner's price (net, lei per `unit`) for what the cart would hold.

    `asked` is the sum of the lines. `total` is what the cart would hold: what it holds already (`in_cart`) and that,
    brought up to what can be ordered; `added` the difference, `net` the price of it in lei. `told` is what is left
    where the partner may know it, else None; `takeable` what can still be added of it. `waits` comes later, and
    would tell the stock as `told` does. `expected_on` is None for who is told nothing of the stock.
    """

    product_id: int
    sku: str
    name: str
    unit: str
    pack: Decimal
    least: Decimal | None
    multiple: Decimal | None
    asked: Decimal
    in_cart: Decimal
    total: Decimal
    unit_price: Decimal
    told: Decimal | None
    takeable: Decimal | None
    short: bool
    waits: Decimal
    expected_on: date | None

    @property
    def added(self) -> Decimal:
        return self.total - self.in_cart

    @property
    def net(self) -> Decimal:
        return round_amount(self.added * self.unit_price)


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
    me = authorize(session, "orders.place")
    if not prices_shown(session):
        raise PricesHidden
    reading = read(pasted)
    known = find(session, codes_in(reading))
    sense = decide(reading, known, code_column, quantity_column, decimal_mark)
    asked = _sums(sense)
    goods = _goods(session, me, asked, as_of)
    wishes = [_of_packs(wish, goods) for wish in sense.wishes]
    if wishes != sense.wishes:  # what counts packs, perhaps, is in no sum
        sense = replace(sense, wishes=wishes)
        goods |= _goods(session, me, _sums(sense), as_of)
    return Check(_answers(wishes, goods), reading.delimiter, sense.columns, sense.counted, sense.unsure)


def goods_of(session: Session, product_ids: Iterable[int], as_of: datetime) -> dict[int, Goods]:
    """Products offered to the signed-in partner, by id, as if one of each was asked for."""
    return _goods(session, authorize(session, "orders.place"), dict.fromkeys(product_ids, Decimal(0)), as_of)


def _sums(sense: Sense) -> dict[int, Decimal]:
    """How much of each product the clear lines ask for; 0 for those that others might mean."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for wish in sense.wishes:
        for option in wish.options:
            sums[option.product_id] += option.quantity if wish.meaning == "clear" else 0
    return {product: min(total, LARGEST_QUANTITY + 1) for product, total in sums.items()}


def _of_packs(wish: Wish, goods: dict[int, Goods]) -> Wish:
    """`2 bax` of what is sold by the piece: two, or two packs of it. Only who wrote it knows."""
    if wish.meaning != "clear" or not wish.packs:
        return wish
    [option] = wish.options
    of = goods.get(option.product_id)
    if of is None or of.pack == 1 or fold(of.unit) in PACKS:
        return wish
    return replace(wish, meaning="choose", options=(replace(option, quantity=option.quantity * of.pack), option))


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


def _goods(session: Session, me: Principal, asked: dict[int, Decimal], as_of: datetime) -> dict[int, Goods]:
    about = {"partner": me.partner_id, "user": me.user_id, "as_of": as_of}
    given = {"products": list(asked), "quantities": list(asked.values())}
    rows = session.execute(_GOODS, about | given).mappings() if asked else ()
    return {row["product_id"]: _of_row(me, row) for row in rows}


def _of_row(me: Principal, row: RowMapping) -> Goods:
    values = dict(row)
    available = max(values.pop("available"), Decimal(0))
    display = Display.of(me, values.pop("stock_display"), values.pop("stock_cap"))
    told, backorder = display.told(available), values.pop("backorder")
    if display.kind == "nothing":
        values["expected_on"] = None
    missing = max(values["total"] - available, Decimal(0))
    left = max(fitting_within(available, row["least"], row["multiple"]) - row["in_cart"], Decimal(0))
    return Goods(
        **values,
        told=told,
        takeable=None if told is None else left,
        short=bool(missing) and not backorder and bool(row["asked"]),
        waits=missing if backorder else Decimal(0),
    )


_ALL_WANTED = "(coalesce(cart_line.quantity, 0) + coalesce(nullif(wanted.asked, 0), 1))"
# `offset 0`: see core.quick.finding.
_GOODS = text(f"""
    select product.id as product_id, product.sku, product.name, product.unit, product.pack,
           product.least_quantity as least, product.multiple, wanted.asked, given.in_cart, given.total,
           {UNIT_PRICE} as unit_price, product.backorder, {EXPECTED_ON} as expected_on,
           coalesce(stock.available, 0) as available, {DISPLAY}
    from unnest(cast(:products as int[]), cast(:quantities as numeric[])) wanted(id, asked)
    cross join lateral (select * from product where product.id = wanted.id offset 0) product
    join partner on partner.id = :partner cross join company
    left join cart on cart.user_id = :user and cart.partner_id = partner.id and cart.purpose = 'cart'
    left join cart_line on cart_line.cart_id = cart.id and cart_line.product_id = product.id
    cross join lateral (
        select coalesce(cart_line.quantity, 0) as in_cart, {fitting_sql(_ALL_WANTED)} as total
    ) given
    {price_joins("given.total")}
    left join lateral (
        select on_hand - held as available from stock
        where stock.product_id = product.id and stock.warehouse_id = 1 offset 0
    ) stock on true
    where {OFFERED}
""")
