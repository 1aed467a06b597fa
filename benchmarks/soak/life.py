"""What people do all day, at random: `python -m benchmarks.soak.life SEED NUMBER OF SECONDS`.

The client NUMBER of OF works with its own share of the buyers, and with everybody's orders. Each deed is a line of JSON
on the standard output: what it was and how it ended, for a placed cart the Answer as well.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from benchmarks.soak.buying import submit
from core import clock
from core.clock import local_date
from core.db import transaction
from core.documents.issuing import issue_invoice
from core.errors import Refusal
from core.imports.files import apply
from core.orders import cart, filling
from core.orders.cancelling import cancel
from core.orders.lifecycle import claim
from core.orders.shipping import ship
from core.principal import SYSTEM, Principal
from core.receivables.payments import record_payment
from core.stock.receiving import count

PAUSE = 0.05
Deed = Callable[["Person", Session], None]


class Person:
    """One client: what it draws lots with, and whom and what there is."""

    def __init__(self, seed: int, number: int, of: int) -> None:
        self.lots = random.Random(f"{seed}-{number}")
        with transaction(SYSTEM) as session:
            rows = session.execute(_BUYERS, {"number": number, "of": of})
            self.buyers = [Principal("partner", row.id, row.partner_id, role="owner") for row in rows]
            self.staff = Principal("staff", session.execute(_STAFF).scalar_one(), name="Ana", role="admin")
            self.products = list(session.execute(_PRODUCTS).scalars())

    def place(self) -> dict[str, Any]:
        """Fill a cart and click until there is an answer."""
        buyer = self.lots.choice(self.buyers)
        wanted = {product: Decimal(self.lots.randint(1, 5)) for product in self.lots.sample(self.products, 4)}
        with transaction(buyer) as session:
            filling.set_quantities(session, wanted)
            token = cart.own_cart(session).token
        answer = submit(buyer, token)
        return {"deed": "place", "how": answer.refusal or "done", "answer": asdict(answer)}

    def one_of(self, session: Session, condition: str) -> int:
        """An order of which this is true; raises NothingToDo for none."""
        statement = text(f"select id from orders where {condition} order by id desc limit 30")
        found = list(session.execute(statement).scalars())
        if not found:
            raise NothingToDo
        return int(self.lots.choice(found))


class NothingToDo(Refusal):
    """There is no order of this kind yet."""


def _claim(me: Person, session: Session) -> None:
    claim(session, me.one_of(session, "status = 'placed'"), clock.now())


def _cancel(me: Person, session: Session) -> None:
    cancel(session, me.one_of(session, "status in ('placed', 'claimed')"), "out of season", clock.now())


def _ship(me: Person, session: Session) -> None:
    ship(session, me.one_of(session, "status = 'claimed'"), clock.now())


def _invoice(me: Person, session: Session) -> None:
    issue_invoice(session, me.one_of(session, "status = 'shipped' and invoiced_at is null"), clock.now())


def _pay(me: Person, session: Session) -> None:
    rows = session.execute(_UNPAID).all()
    if not rows:
        raise NothingToDo
    row, as_of = me.lots.choice(rows), clock.now()
    record_payment(session, row.partner_id, row.open, local_date(as_of, "Europe/Bucharest"), as_of)


def _import(me: Person, session: Session) -> None:
    rows = session.execute(_PRICES).all()
    lines = [f"{row.code},{row.sku},{row.list_price * Decimal('0.9'):.2f}" for row in me.lots.sample(rows, 5)]
    apply(session, "prices", "\n".join(["partner,sku,net", *lines]).encode())


def _count(me: Person, session: Session) -> None:
    count(session, {product: Decimal(5_000) for product in me.lots.sample(me.products, 3)}, clock.now())


DEEDS: dict[str, tuple[int, Deed]] = {
    "claim": (5, _claim), "cancel": (1, _cancel), "ship": (3, _ship), "invoice": (2, _invoice), "pay": (1, _pay),
    "import": (1, _import), "count": (1, _count),
}  # fmt: skip
PLACING = 7
"""How often each is done, against each other."""


def do(me: Person) -> dict[str, Any]:
    """One deed, and how it ended: done, a refusal's name, or an error's."""
    names, weights = ["place", *DEEDS], [PLACING, *(weight for weight, _ in DEEDS.values())]
    name = me.lots.choices(names, weights)[0]
    try:
        if name == "place":
            return me.place()
        with transaction(me.staff) as session:
            DEEDS[name][1](me, session)
    except Refusal as refusal:
        return {"deed": name, "how": type(refusal).__name__}
    except SQLAlchemyError as error:
        print(f"{name}: {error}", file=sys.stderr, flush=True)
        time.sleep(PAUSE * 10)
        return {"deed": name, "how": f"error ({type(getattr(error, 'orig', error)).__name__})"}
    return {"deed": name, "how": "done"}


def main() -> None:
    """Entry point."""
    seed, number, of, seconds = (int(given) for given in sys.argv[1:5])
    me, last = Person(seed, number, of), time.monotonic() + seconds
    while time.monotonic() < last:
        print(json.dumps(do(me)), flush=True)
        time.sleep(PAUSE)


_BUYERS = text("select id, partner_id from app_user where email like 'buyer%@bench.example' and id % :of = :number")
_STAFF = text("select id from app_user where kind = 'staff' order by id limit 1")
_PRODUCTS = text("select product_id from stock where on_hand > 0 order by product_id limit 60")
_UNPAID = text("select partner_id, open from receivable where open > 0 limit 20")
_PRICES = text("""
    select partner.code, product.sku, list_price from partner cross join product
    where list_price > 0 order by partner.id % 7, product.id % 7 limit 200
""")


if __name__ == "__main__":
    main()
