"""What people hear of an order's life: real events, exactly these recipients, each in their language."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, update

from core.auth.account import set_muted
from core.auth.models import User
from core.config import settings
from core.db import transaction
from core.documents.prepaying import record_order_payment
from core.events import NOTIFYING, Event, record
from core.notifications.choices import CHOICES
from core.notifications.models import Mail
from core.orders import (
    awaiting,
    cancelling,
    claiming,
    extending,
    lapsing,
    placing,
    proposing,
    reviving,
    shipping,
    waiving,
    warning,
)
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from core.stock import receiving
from tests import factories
from tests.core.notifications import steps
from tests.core.orders import steps as orders
from tests.core.orders.steps import NOON

DESK = "comenzi@electro.example"
HOSTILE = 'Ana <script>alert(1)</script> & "Co" {{ 7 * 7 }} {% raw %}'
DETAILS = placing.Details("Sunați înainte", "PO-77", "Șantierul Nord", date(2026, 12, 1))

pytestmark = pytest.mark.usefixtures("database")


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

    def order(self, who: Principal | None = None, details: placing.Details = DETAILS, **product: Any) -> int:
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


# placed


def test_the_distributor_reads_all_that_goes_with_an_order():
    case = Case()
    mails = told(lambda: case.order(stock=2, backorder=True))
    assert set(mails) == {DESK, case.buyer.email}
    for mail in mails.values():
        for words in ("PO-77", "Șantierul Nord", "Sunați înainte", "3 buc"):
            assert words in mail.body_text
    both(mails[DESK], "01.12.2026")
    both(mails[case.buyer.email], "1 Dec 2026", "On backorder: 3 buc", "is not in stock yet")


def test_an_order_above_the_limits_says_to_the_distributor_why_it_could_be_placed():
    case = Case(max_order=Decimal(10))
    done(case.staff, waiving.grant, case.partner.id, Decimal(1000), "a big site", NOON)()
    mails = told(case.order)
    assert "a big site" in mails[DESK].body_text
    assert "a big site" not in mails[case.buyer.email].body_text


def test_who_pays_first_reads_how_much_until_when_and_where_to():
    case = Case().prepays()
    mails = told(case.order)
    both(
        mails[case.buyer.email], "Please pay 605.00 RON by Wednesday, 25 Nov 2026, 12:00.",
        "RO49AAAA1B31007593840000", "Banca Întâi",
    )  # fmt: skip
    assert "miercuri, 25.11.2026, 12:00" in mails[DESK].body_text


def test_what_staff_order_for_a_partner_is_told_to_its_owners_with_the_name_of_who_did_it():
    case = Case()
    mails = told(lambda: case.order(case.agent()))
    assert set(mails) == {DESK, case.owner.email}
    both(mails[case.owner.email], "of Electro Distribuție SA placed this order for you")
    assert mails[case.owner.email].subject.startswith("Order 1001 was placed for you: 605.00")


def test_without_an_owner_what_staff_order_is_told_to_the_partners_own_address_and_so_is_its_end():
    case = Case()
    with transaction(SYSTEM) as session:
        session.execute(update(User).where(User.id == case.owner.user_id).values(active=False))
    mails = told(lambda: case.order(case.agent()))
    assert set(mails) == {DESK, "office@instal.example"}
    assert mails["office@instal.example"].language == "ro"
    ended = told(done(case.staff, cancelling.cancel, 1001, "no", NOON))
    assert set(ended) == {"office@instal.example"}


# waiting


def test_an_order_held_for_a_colleague_is_told_to_the_colleague():
    case, order_id = (case := Case()), case.order()
    mia = case.colleague("mia@electro.example", role="warehouse")
    mails = told(done(case.staff, claiming.assign, order_id, mia.user_id, NOON))
    assert set(mails) == {mia.email}
    both(mails[mia.email], f"Order {order_id} from Instal Pro SRL is held for you", "Claim it by Tuesday, 24 Nov 2026")


def test_a_claimed_order_that_is_handed_on_asks_nobody_to_claim_it():
    case, order_id = (case := Case()), case.order()
    mia = case.colleague("mia@electro.example")
    orders.claim(case.staff, order_id)
    mails = told(done(case.staff, claiming.assign, order_id, mia.user_id, NOON))
    both(mails[mia.email], f"Order {order_id} from Instal Pro SRL is handed over to you")
    assert "Claim it" not in mails[mia.email].body_text


def test_who_takes_an_order_for_themselves_hears_nothing():
    case, order_id = (case := Case()), case.order()
    assert told(done(case.staff, claiming.assign, order_id, case.staff.user_id, NOON)) == {}


@pytest.mark.parametrize(("hours", "percent", "part"), [(12, "50", "Half of the time"), (20, "80", "Four fifths")])
def test_an_order_that_waits_long_is_told_to_the_distributor_and_to_who_ordered(hours, percent, part):
    case, order_id = (case := Case()), case.order()
    mails = told(done(SYSTEM, warning.warn_due, after(hours)))
    assert set(mails) == {DESK, case.buyer.email}
    assert mails[DESK].language == "ro"
    assert f"{settings().public_url}/staff-queue" in mails[DESK].body_text
    assert percent in mails[DESK].subject
    assert "marți, 24.11.2026, 12:00" in mails[DESK].body_text
    both(mails[case.buyer.email], part, "by Tuesday, 24 Nov 2026, 12:00", "more time once")
    assert f"/orders?order={order_id}" in mails[case.buyer.email].body_html


def test_who_has_had_more_time_is_not_told_that_there_is_more():
    case, order_id = (case := Case()), case.order()
    done(case.buyer, extending.extend, order_id, NOON)()
    mails = told(done(SYSTEM, warning.warn_due, after(47)))
    assert "more time once" not in mails[case.buyer.email].body_text


def test_the_escalation_names_the_colleague_for_whom_the_order_is_held():
    case, order_id = (case := Case()), case.order()
    mia = factories.make_staff(name="Mia Pop", email="mia@electro.example")
    told(done(case.staff, claiming.assign, order_id, mia.user_id, NOON))
    assert "Mia Pop" in told(done(SYSTEM, warning.warn_due, after(12)))[DESK].body_text


def test_an_order_that_is_not_paid_is_told_to_who_ordered_only():
    case = Case().prepays()
    order_id = case.order()
    orders.claim(case.staff, order_id)
    mails = told(done(SYSTEM, warning.warn_due, after(24)))
    assert set(mails) == {case.buyer.email}
    both(mails[case.buyer.email], "Please pay 605.00 RON by Wednesday, 25 Nov 2026, 12:00.", "Half of")


def test_what_was_paid_already_is_not_asked_for_again():
    case = Case().prepays()
    order_id = case.order()
    done(SYSTEM, record_order_payment, order_id, Decimal("600.50"), NOON.date(), "OP 1", NOON)()
    orders.claim(case.staff, order_id)
    mails = told(done(SYSTEM, warning.warn_due, after(39)))
    assert "4.50" in mails[case.buyer.email].subject


# the end


def test_a_lapsed_order_says_why_and_leads_to_placing_it_again():
    case, order_id = (case := Case()), case.order()
    mail = told(lambda: orders.lapse(after(25)))[case.buyer.email]
    both(mail, "we did not take your order over in time", "place it again with one click", "605.00")
    assert f"/orders?order={order_id}" in mail.body_html


def test_an_order_that_lapsed_unpaid_says_so():
    case = Case().prepays()
    orders.claim(case.staff, case.order())
    mails = told(lambda: orders.lapse(after(49)))
    assert set(mails) == {case.buyer.email}
    both(mails[case.buyer.email], "It was not paid in time", "place it again with one click")
    assert "did not take your order over" not in mails[case.buyer.email].body_text


def test_a_lapse_from_before_there_were_reasons_reads_as_unclaimed():
    case, order_id = (case := Case()), case.order()
    mails = told(done(SYSTEM, lambda session: record(session, "order_lapsed", NOON, order_id=order_id)))
    both(mails[case.buyer.email], "we did not take your order over in time")


def test_what_the_partner_cancels_of_an_order_is_told_to_the_distributor():
    case, order_id = (case := Case()), case.order()
    mails = told(done(case.buyer, cancelling.cancel_part, order_id, {line_of(order_id): Decimal(2)}, "too many", NOON))
    assert set(mails) == {DESK}
    for words in ("2 buc", "too many", "363,00", f"/staff-orders?order={order_id}"):
        assert words in mails[DESK].body_text


def test_what_staff_cancel_of_an_order_is_told_to_who_ordered():
    case, order_id = (case := Case()), case.order()
    orders.claim(case.staff, order_id)
    mails = told(done(case.staff, cancelling.cancel_part, order_id, {line_of(order_id): Decimal(2)}, "broken", NOON))
    assert set(mails) == {case.buyer.email}
    both(mails[case.buyer.email], "broken", "2 buc", "363.00")


def test_a_cancelled_order_shows_what_it_came_to_in_the_end():
    case, order_id = (case := Case()), case.order()
    orders.claim(case.staff, order_id)
    done(case.staff, cancelling.cancel_part, order_id, {line_of(order_id): Decimal(2)}, "broken", NOON)()
    mails = told(done(case.staff, cancelling.cancel, order_id, "all of it", after(1)))
    both(mails[case.buyer.email], "3 buc", "363.00")


# goods


@pytest.mark.parametrize(("rest", "words"), [
    ("keep", "These are held for you and follow:"),
    ("backorder", "These are on backorder and follow when they have come:"),
    ("cancel", "These do not come: they are cancelled"),
])  # fmt: skip
def test_who_ordered_reads_what_left_and_what_becomes_of_the_rest(rest, words):
    case = Case()
    order_id = case.order(backorder=True)
    orders.claim(case.staff, order_id)
    ship = done(case.staff, shipping.ship_part, order_id, {line_of(order_id): Decimal(2)}, rest, NOON, "two boxes")
    mails = told(ship)
    assert set(mails) == {case.buyer.email}
    mail = mails[case.buyer.email]
    assert mail.subject.startswith("Part of your order" if rest != "cancel" else "Your order")
    both(mail, "These goods have left our warehouse", "2 buc", words, "3 buc", "two boxes", "PO-77")


def test_a_whole_delivery_speaks_of_no_rest():
    case, order_id = (case := Case()), case.order()
    orders.claim(case.staff, order_id)
    mail = told(lambda: orders.ship(case.staff, order_id))[case.buyer.email]
    assert mail.subject == f"Your order {order_id} is on its way"
    both(mail, "5 buc")
    for word in ("follow", "cancelled"):
        assert word not in mail.body_text


def test_an_order_that_ends_without_goods_leaving_is_no_news_of_goods():
    case, order_id = (case := Case()), case.order()
    assert told(done(SYSTEM, lambda session: record(session, "order_shipped", NOON, order_id=order_id))) == {}


def test_goods_that_were_awaited_are_told_to_who_ordered_them():
    case = Case()
    order_id = case.order(stock=1, backorder=True)
    product_id = orders.scalar("select product_id from order_line where order_id = :order", order=order_id)
    mails = told(done(case.staff, receiving.count, {product_id: Decimal(4)}, NOON))
    assert set(mails) == {case.buyer.email}
    both(mails[case.buyer.email], "have come", "3 buc", "still on backorder", "1 buc")


def test_who_waits_for_a_product_is_told_when_it_is_there():
    case, other = Case(), factories.make_buyer()
    product = case.product(stock=5)
    orders.order(other, {product.id: 5})
    done(case.buyer, awaiting.wait_for, product.id, Decimal(4), NOON)()
    steps.handle_all()
    orders.lapse(after(25))
    steps.handle_all()
    mails = told(done(SYSTEM, awaiting.tell_first, after(25)))
    assert set(mails) == {case.buyer.email}
    both(mails[case.buyer.email], "You wanted 4 buc; 5 are there now", "not held for you", product.sku)
    assert f"{settings().public_url}/catalog" in mails[case.buyer.email].body_html


def test_an_order_that_comes_back_is_told_to_both_sides():
    case, order_id = (case := Case()), case.order()
    orders.lapse(after(25))
    steps.handle_all()
    product_id = orders.scalar("select product_id from order_line where order_id = :order", order=order_id)
    orders.order(case.owner, {product_id: 8}, after(26))
    steps.handle_all()
    mails = told(done(case.staff, reviving.revive, order_id, after(27), True))
    assert set(mails) == {DESK, case.buyer.email}
    both(mails[case.buyer.email], "held for you again", "2 of 5 buc", "242.00")
    assert f"/staff-orders?order={order_id}" in mails[DESK].body_text
    assert "Instal Pro SRL" in mails[DESK].body_text


# changes


def proposed(case: Case) -> tuple[int, dict[str, Mail]]:
    """The proposal to send 2 of 5, and 4 of something else in place of the rest; and the mails about it."""
    order_id, other = case.order(), case.product(sku="OTHER-9", list_price=Decimal("12.345"))
    orders.claim(case.staff, order_id)
    given = order_id, line_of(order_id), Decimal(2), NOON, other.sku, Decimal(4), "the first is gone"
    mails = told(done(case.staff, proposing.propose, *given))
    return orders.scalar("select max(id) from proposal"), mails


def test_a_proposed_change_says_what_stays_and_what_would_come_instead():
    case = Case()
    _, mails = proposed(case)
    assert set(mails) == {case.buyer.email}
    both(
        mails[case.buyer.email], "CAB-1", "5 buc", "2 buc", "4 buc", "OTHER-9", "12.345", "the first is gone",
        "Nothing changes unless you accept it",
    )  # fmt: skip
    assert "/orders?order=1001" in mails[case.buyer.email].body_html


def test_a_proposal_without_a_substitute_speaks_of_none():
    case, order_id = (case := Case()), case.order()
    orders.claim(case.staff, order_id)
    mails = told(done(case.staff, proposing.propose, order_id, line_of(order_id), Decimal(0), NOON))
    assert "In place" not in mails[case.buyer.email].body_text
    both(mails[case.buyer.email], "0 buc")


@pytest.mark.parametrize(("accept", "words"), [(True, "accepted"), (False, "refused")])
def test_an_answer_is_told_to_who_claimed_the_order(accept, words):
    case = Case()
    proposal, _ = proposed(case)
    mails = told(done(case.buyer, proposing.answer, proposal, accept, NOON))
    assert set(mails) == {case.staff.email}
    assert mails[case.staff.email].subject == f"Instal Pro SRL {words} the change of order 1001"
    assert "/staff-orders?order=1001" in mails[case.staff.email].body_html


def test_when_who_claimed_it_has_left_the_distributor_hears_the_answer():
    case = Case()
    proposal, _ = proposed(case)
    with transaction(SYSTEM) as session:
        session.execute(update(User).where(User.id == case.staff.user_id).values(active=False))
    assert set(told(done(case.buyer, proposing.answer, proposal, False, NOON))) == {DESK}


# all of them


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


@pytest.mark.parametrize("language", ["ro", "en"])
def test_every_mail_is_written_in_both_languages_and_no_name_becomes_markup(language):
    case = Case(language, HOSTILE)
    every_mail(case)
    mails = steps.mails()
    with transaction(SYSTEM) as session:
        happened = set(session.scalars(select(Event.kind).distinct()))
    assert {kind for kind in NOTIFYING if kind.startswith(("order_", "change_", "backorder_", "stock_"))} <= happened
    for mail in mails:
        assert "<script>" not in mail.body_html
        assert "\n" not in mail.subject
        assert "None" not in mail.body_text + mail.body_html
        assert "  \n\n\n" not in mail.body_text
        assert HOSTILE in mail.body_text + mail.subject
        assert "&lt;script&gt;" in mail.body_html
        assert mail.language == (language if mail.recipient != DESK else "ro")


def test_what_can_be_switched_off_can_and_what_asks_for_something_always_comes():
    case = Case()
    with transaction(case.buyer, wall=False) as session:
        set_muted(session, set(CHOICES), NOON)
    order_id = case.order()
    assert {mail.recipient for mail in steps.mails()} == {DESK}
    orders.claim(case.staff, order_id)
    assert told(done(case.staff, shipping.ship_part, order_id, {line_of(order_id): Decimal(1)}, "keep", NOON)) == {}
    propose = done(case.staff, proposing.propose, order_id, line_of(order_id), Decimal(2), NOON)
    assert set(told(propose)) == {case.buyer.email}
