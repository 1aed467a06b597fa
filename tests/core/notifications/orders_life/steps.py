"""Steps and words that the tests of this folder share."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

from sqlalchemy import update

from core.db import transaction
from core.notifications.models import Mail
from core.orders import (
    cancelling,
    claiming,
    lapsing,
    placing,
    proposing,
    reviving,
    shipping,
    warning,
)
from core.orders.details import Details
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from core.stock import receiving
from tests import factories
from tests.core.notifications import steps
from tests.core.orders import steps as orders
from tests.core.orders.steps import NOON

DESK = "comenzi@electro.example"
HOSTILE = 'Ana <script>alert(1)</script> & "Co" {{ 7 * 7 }} {% raw %}'
DETAILS = Details("Sunați înainte", "PO-77", "Șantierul Nord", date(2026, 12, 1))


class Case:
    """A partner with an owner and a buyer, staff of the distributor, and an order to which things happen."""

    def __init__(self, language: str = "en", name: str = "Instal Pro SRL", **partner: Any) -> None:
        steps.open_company(iban="RO49AAAA1B31007593840000", bank="Banca Întâi")
        self.name, self.language = name, language
        self.partner = factories.make_partner(**{"name": name, "email": "office@instal.example"} | partner)
        self.owner = self.person("owner@instal.example", role="owner")
        self.buyer = self.person("buyer@instal.example", role="buyer")
        self.staff = self.colleague("dan@electro.example")
        self.serial = 0

    def person(self, email: str, **values: Any) -> Principal:
        user = factories.make_user(self.partner, email=email, name=self.name, language=self.language, **values)
        return factories.principal_of(user)

    def colleague(self, email: str, **values: Any) -> Principal:
        return factories.make_staff(email=email, name=self.name, language=self.language, **values)

    def product(self, **values: Any) -> Any:
        self.serial += 1
        known = {"sku": f"CAB-{self.serial}", "name": self.name, "stock": 10, "list_price": Decimal(100)}
        return factories.make_product(**known | values)

    def order(self, who: Principal | None = None, details: Details = DETAILS, **product: Any) -> int:
        """Five pieces of a new product, 605.00 with VAT; its mails are written."""
        buyer = who or self.buyer
        token = orders.fill(buyer, {self.product(**product).id: 5})
        with transaction(buyer) as session:
            order_id = placing.place(session, token, NOON, details).order_id
        steps.handle_all()
        return order_id

    def agent(self) -> Principal:
        """The member of staff, ordering for the partner."""
        me = self.staff
        return Principal("partner", me.user_id, self.partner.id, me.name, me.email, me.language, "agent")

    def prepays(self) -> "Case":
        with transaction(SYSTEM) as session:
            session.execute(update(Partner).where(Partner.id == self.partner.id).values(prepay=True))
        return self


def line_of(order_id: int) -> int:
    line: int = orders.scalar("select min(id) from order_line where order_id = :order", order=order_id)
    return line


def told(happening: Callable[[], Any]) -> dict[str, Mail]:
    """The mails that something brings about: recipient → mail."""
    before = len(steps.mails())
    happening()
    steps.handle_all(NOON)
    return {mail.recipient: mail for mail in steps.mails()[before:]}


def done(who: Principal, function: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    def _done() -> Any:
        with transaction(who) as session:
            return function(session, *given)

    return _done


def after(hours: float) -> Any:
    return NOON + timedelta(hours=hours)


def both(mail: Mail, *expected: str) -> None:
    """These words are in both bodies, whatever blanks are between them."""
    for body in (mail.body_text, unescape(re.sub("<[^>]*>", " ", mail.body_html))):
        for words in expected:
            assert words in " ".join(body.split())


def proposed(case: Case) -> tuple[int, dict[str, Mail]]:
    """The proposal to send 2 of 5, and 4 of something else in place of the rest; and the mails about it."""
    order_id, other = case.order(), case.product(sku="OTHER-9", list_price=Decimal("12.345"))
    orders.claim(case.staff, order_id)
    given = order_id, line_of(order_id), Decimal(2), NOON, other.sku, Decimal(4), "the first is gone"
    mails = told(done(case.staff, proposing.propose, *given))
    return orders.scalar("select max(id) from proposal"), mails


def every_mail(case: Case) -> None:
    """Every happening of an order's life, one after the other, with its mails."""
    case.order(case.agent())
    first = case.order(stock=4, backorder=True)
    mia = case.colleague("mia@electro.example")
    done(case.staff, claiming.assign, first, mia.user_id, NOON)()
    done(case.buyer, cancelling.cancel_part, first, {line_of(first): Decimal(1)}, case.name, NOON)()
    done(SYSTEM, warning.warn_due, after(12))()
    steps.handle_all()
    orders.claim(case.staff, first)
    done(case.staff, cancelling.cancel_part, first, {line_of(first): Decimal(1)}, case.name, NOON)()
    proposal, _ = proposed(case)
    done(case.buyer, proposing.answer, proposal, True, NOON)()
    steps.handle_all()
    done(case.staff, shipping.ship_part, first, {line_of(first): Decimal(1)}, "keep", NOON, case.name)()
    orders.ship(case.staff, first)
    steps.handle_all()
    awaited = case.order(stock=1, backorder=True)
    product_id = orders.scalar("select product_id from order_line where order_id = :order", order=awaited)
    done(case.staff, receiving.count, {product_id: Decimal(9)}, NOON)()
    case.prepays()
    unpaid = case.order()
    orders.claim(case.staff, unpaid)
    done(SYSTEM, warning.warn_due, after(40))()
    steps.handle_all()
    done(SYSTEM, lapsing.lapse_due, after(60))()
    done(case.staff, reviving.revive, unpaid, after(61), True)()
    done(case.staff, cancelling.cancel, unpaid, case.name, after(62))()
    about = {"user": case.buyer.user_id, "product": product_id, "sku": "X", "name": case.name, "unit": "buc"}
    steps.happens("stock_back", case.partner.id, **about, quantity="2.000", available="3.000")
