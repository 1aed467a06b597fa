"""The cart as a browser keeps it: what was typed there and not yet told, and what it is told of the cart.

Figures travel as whole numbers, which JSON and JavaScript keep exactly: quantities in thousandths, unit prices in
ten-thousandths of a leu, amounts in bani, VAT rates in hundredths of a percent. pages/ui/order_grid/assets reads them.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_
from core.orders.cart import CartItem, CartView, own_cart
from core.orders.filling import LineAnswer, put
from core.principal import Principal

MOST_EDITS = 2_000
"""Products in one message; a page has at most 1,000."""
LARGEST_ID = 2**31 - 1
LARGEST_THOUSANDTHS = 10**12
LARGEST_NUMBER = 2**53
LONGEST_NAME = 32
MOST_TABS = 100
"""Tabs whose newest message a cart knows; beyond them all are forgotten but the one that types."""


class NotUnderstood(Refusal):
    message = N_("What this page sent cannot be read. Reload the page.")


class SomebodyElses(Refusal):
    message = N_("Somebody else is signed in in this browser now. Reload the page.")


@dataclass(frozen=True, slots=True)
class Message:
    """Quantities per product (id), typed into the cart with the mark `cart`.

    A `tab` numbers its messages. Each has all that was not answered yet, so that only the newest counts.
    """

    edits: dict[int, Decimal]
    cart: str
    tab: str
    number: int


def whose(principal: Principal) -> str:
    """Marks the cart that a page was opened with: one log-in after another may use the same browser."""
    return f"{principal.user_id}.{principal.partner_id}"


def typed(message: object, principal: Principal) -> Message:
    """A message as the browser sends it, decoded from JSON.

    Raises NotUnderstood for what is no such message, SomebodyElses where the page was opened by another user.
    """
    if not isinstance(message, dict) or not isinstance(edits := message.get("edits"), dict) or len(edits) > MOST_EDITS:
        raise NotUnderstood
    if message.get("whose") != whose(principal):
        raise SomebodyElses
    return Message(
        {_product(product): _quantity(thousandths) for product, thousandths in edits.items()},
        _name(message.get("cart")), _name(message.get("tab")), _number(message.get("number")),
    )  # fmt: skip


def keep_typed(session: Session, message: Message, as_of: datetime) -> list[LineAnswer] | None:
    """Put in the cart what was typed. None: a newer message of the same tab came first, and nothing was written.

    Nor is it in the place of a cart that was ordered meanwhile: an edit of which the answer was lost is sent again, and
    the goods would be ordered twice. Raises what `put` does.
    """
    cart = own_cart(session).id
    now = session.execute(_LOCK, {"cart": cart, "tab": message.tab}).one()
    if message.cart != _mark(now.token):
        return [LineAnswer(product, quantity, "sent") for product, quantity in message.edits.items()]
    if message.number <= (now.newest or 0):
        return None
    session.execute(_REMEMBER, {"cart": cart, "tab": message.tab, "number": message.number, "most": MOST_TABS})
    return put(session, message.edits, as_of)[0]


def cart_figures(cart: CartView, as_of: datetime) -> dict[str, Any]:
    """The cart for the browser. `as_of` is before it was read: of two such answers the later one counts.

    `short` are the products that cannot be ordered so, with what is left where the partner may know it.
    """
    return {
        "read": int(as_of.timestamp() * 1_000_000),
        "cart": _mark(cart.token),
        "lines": {str(item.product_id): _line(item) for item in cart.items},
        "short": {
            str(item.product_id): None if item.told is None else scaled(max(item.told, Decimal(0)), 3)
            for item in cart.items
            if item.short
        },
        "asked": cart.asked_at is not None,
    }


def answer_figures(answer: LineAnswer) -> dict[str, Any]:
    """What became of one quantity, for the browser."""
    return {"id": answer.product_id, "kind": answer.kind, "quantity": scaled(answer.quantity, 3)}


def scaled(value: Decimal, decimals: int) -> int:
    """`value`, which has at most so many decimals, as a whole number of the smallest of them."""
    return int(value.scaleb(decimals))


def _line(item: CartItem) -> list[int]:
    return [scaled(item.quantity, 3), scaled(item.net, 2), scaled(item.vat_rate, 2)]


def _mark(token: uuid.UUID) -> str:
    """Tells one cart from the next; the token itself, which places the cart, stays here."""
    return hashlib.sha256(token.bytes).hexdigest()[:16]


def _product(written: object) -> int:
    if not (isinstance(written, str) and written.isascii() and written.isdigit() and len(written) <= 10):
        raise NotUnderstood
    if int(written) > LARGEST_ID:
        raise NotUnderstood
    return int(written)


def _quantity(thousandths: object) -> Decimal:
    if type(thousandths) is not int or abs(thousandths) > LARGEST_THOUSANDTHS:
        raise NotUnderstood
    return Decimal(thousandths).scaleb(-3)


def _number(number: object) -> int:
    if type(number) is not int or not 0 < number < LARGEST_NUMBER:
        raise NotUnderstood
    return number


def _name(name: object) -> str:
    if not (isinstance(name, str) and name.isascii() and name.isalnum() and len(name) <= LONGEST_NAME):
        raise NotUnderstood
    return name


_LOCK = text("select token, cast(tabs ->> :tab as bigint) as newest from cart where id = :cart for update")
_REMEMBER = text("""
    update cart set tabs = case when (select count(*) from jsonb_object_keys(tabs)) < :most then tabs else '{}' end
                           || jsonb_build_object(cast(:tab as text), cast(:number as bigint))
    where id = :cart
""")
