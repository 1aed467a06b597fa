"""The orders that products can be found in, and the statement that finds a page of them.

It counts what matches, and by the number takes one of the ways to the page, each fast where the others are slow: sort
all that match; follow the index of the order and take what is among them; or, where most products match, follow the
index and ask of each. The SQL conditions are about `product` and `partner`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from core.orders.page_keys import LARGEST_ID, PageKey
from core.orders.search_conditions import SOURCE, Conditions

MOST_PRICED = 1_000
"""Beyond that, following the index of prices is faster than looking up the price of each."""
_FINEST = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Order:
    """Products by `key`, an SQL expression of `product`, of the Python type `kind` and the SQL type `sql_kind`. `price`
    is the column of the sort keys, and `factor` what the partner pays of its profile's prices."""

    name: str
    down: bool
    kind: type
    sql_kind: str
    key: str
    price: str = ""
    factor: Decimal = Decimal(1)

    def place(self, rank: int, key: Any, product_id: int) -> PageKey:
        """The place of a row that the statement found."""
        return PageKey(self.name, rank == self._rank(True), key, product_id)

    def statement(
        self, asked: Conditions, meanwhile: str, start: PageKey | None, *, back: bool, words: str = ""
    ) -> str:
        """SQL for `total` (at most one more than `asked.most`), `meanwhile` (more columns), and the page from a place
        on, or back from it: rank, key and id, at most :limit rows; one without id if there is none. `words` may be
        an SQL condition instead of those asked for. Use it with the parameters of `params`."""
        where, exact = asked.where(words), "false" if words else asked.exact
        return f"""
            matching as materialized (
                select product.id, product.name_folded, product.created_at, product.list_price, {exact} as exact
                {SOURCE} where {where} limit {asked.most + 1}),
            counted as materialized (select count(*) as total from matching)
            select counted.total, {meanwhile}, page.* from counted left join (
                {" union all ".join(self._ways(where, exact, asked.most, start, back))}
                order by {self._by("rank, key, id", back)} limit :limit
            ) page on true order by {self._by("rank, key, id", back)}
        """

    def params(self, start: PageKey | None) -> dict[str, Any]:
        """The parameters of the statement from a place on. Prices of the profile are still to be multiplied."""
        if start is None:
            return {"factor": self.factor}
        own = {"factor": self.factor, "start": start.value, "start_id": start.id}
        if not self.price:
            return own
        floor = (start.value / self.factor).quantize(_FINEST, ROUND_FLOOR)
        met = floor * self.factor == start.value
        return own | {"floor": floor, "floor_id": start.id if met else LARGEST_ID}

    def _ways(self, where: str, exact: str, counted: int, start: PageKey | None, back: bool) -> list[str]:
        most = min(MOST_PRICED, counted) if self.price else counted
        bound = self._bound("rank, key, id", start, back, ranked=True)
        page = f"order by {self._by('rank, key, id', back)} limit :limit"
        ranked = f"case when exact then {self._rank(True)} else {self._rank(False)} end as rank"
        sort_all = f"""(select * from (select {ranked}, {self.key} as key, product.id from matching product
            where (select total <= {most} from counted)) every where {bound} {page})"""
        very = f"""(select * from (select {self._rank(True)} as rank, {self.key} as key, product.id {SOURCE}
            where (select total > {most} from counted) and {where} and {exact}) very where {bound} {page})"""
        if start is not None and start.exact:
            if back:
                return [sort_all, very]
            start = None
        follow = self._follow_prices if self.price else self._follow
        return [
            sort_all,
            *([very] if exact != "false" else []),
            *follow(f"{where} and not ({exact})", counted, start, back),
        ]

    def _follow(self, where: str, counted: int, start: PageKey | None, back: bool) -> list[str]:
        columns = f"{self.key}, product.id"
        return [f"""(select {self._rank(False)}, {self.key}, product.id {SOURCE}
            where (select total > {counted} from counted) and {where} and {self._bound(columns, start, back)}
            order by {self._by(columns, back)} limit :limit)"""]  # fmt: skip

    def _follow_prices(self, where: str, counted: int, start: PageKey | None, back: bool) -> list[str]:
        """Two indexes side by side, the profile's prices without the partner's exceptions, and these; either among
        what matches or asking of each."""
        columns = f"own.{self.price}, own.product_id"
        page = f"order by {self._by(columns, back)} limit :limit"
        among = f"""where (select total > {MOST_PRICED} and total <= {counted} from counted)
            and (own.product_id in (select id from matching where not exact)) is true"""
        # Fenced (offset 0, lateral): the planner underrates how many fit, and would sort them all.
        each = f"""cross join lateral (select from product join partner on partner.id = :partner
                where product.id = own.product_id and {where} offset 0) fits
            where (select total > {counted} from counted)"""
        profile = f"""{self._bound(columns, start, back, "floor")} and (
            select true from own_exception apart where apart.product_id = own.product_id) is null"""
        return [
            f"(select {self._rank(False)}, {key}, own.product_id from {table} own {way} and {bound} {page})"
            for way in (among, each)
            for table, key, bound in (
                ("own_profile_price", f"own.{self.price} * :factor", profile),
                ("own_exception", f"own.{self.price}", self._bound(columns, start, back)),
            )
        ]

    def _bound(self, columns: str, start: PageKey | None, back: bool, name: str = "start", ranked: bool = False) -> str:
        if start is None:
            return "true"
        rank = f"{self._rank(start.exact)}, " if ranked else ""
        compare = "<" if self.down != back else ">"
        return f"({columns}) {compare} ({rank}cast(:{name} as {self.sql_kind}), :{name}_id)"

    def _by(self, columns: str, back: bool) -> str:
        return ", ".join(f"{column} {'desc' if self.down != back else 'asc'}" for column in columns.split(", "))

    def _rank(self, exact: bool) -> int:
        """What stands first, first, also where the order goes down."""
        return int(exact == self.down)


BY_NAME = Order("name", False, str, "text", "product.name_folded")
BY_AGE = Order("new", True, datetime, "timestamptz", "product.created_at")


def by_price(down: bool, column: str, discount: Decimal) -> Order:
    """By the price shown, `net` or `gross`, of a partner with a discount on everything (below 100 percent) or none."""
    key = f"""coalesce(
        (select own.{column} from own_exception own where own.product_id = product.id),
        (select own.{column} * :factor from own_profile_price own where own.product_id = product.id),
        product.list_price * :factor)"""
    return Order(f"{column} {'down' if down else 'up'}", down, Decimal, "numeric", key, column, (100 - discount) / 100)
