"""What people hear while an order waits: placed, handed on, unclaimed, unpaid, lapsed."""

from decimal import Decimal

import pytest
from sqlalchemy import update

from core.auth.models import User
from core.config import settings
from core.db import transaction
from core.events import record
from core.orders import (
    cancelling,
    claiming,
    extending,
    waiving,
    warning,
)
from core.principal import SYSTEM
from core.receivables.prepaying import record_order_payment
from tests import factories
from tests.core.notifications.orders_life.steps import DESK, Case, after, both, done, told
from tests.core.orders import steps as orders
from tests.core.orders.steps import NOON

pytestmark = pytest.mark.usefixtures("database")


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
