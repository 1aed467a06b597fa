"""An event becomes one mail per recipient, whoever handles it and however often."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.auth.models import User
from core.db import transaction
from core.documents.issuing import issue_invoice
from core.documents.models import Document, DocumentFile
from core.documents.proformas import issue_proforma
from core.documents.storno import storno
from core.partners.models import Partner
from core.principal import SYSTEM
from tests import factories
from tests.core.notifications import steps
from tests.core.orders import steps as orders
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")


def written_to() -> dict[str, str]:
    return {mail.recipient: mail.subject for mail in steps.mails()}


def test_a_placed_order_is_told_to_the_distributor_and_to_who_ordered():
    steps.open_company(order_emails=["vanzari@electro.example", "Depozit@electro.example"])
    buyer = factories.make_buyer()
    steps.order(buyer)
    steps.handle_all()
    assert set(written_to()) == {"vanzari@electro.example", "depozit@electro.example", buyer.email}


def test_without_order_addresses_the_distributor_hears_at_its_general_one():
    steps.open_company()
    buyer = factories.make_buyer()
    steps.order(buyer)
    steps.handle_all()
    assert set(written_to()) == {"comenzi@electro.example", buyer.email}


def test_the_same_event_handled_twice_writes_no_second_mail():
    steps.open_company()
    (event_id,) = steps.placed_events(1)
    assert [steps.handle(event_id), steps.handle(event_id)] == [2, 0]
    assert len(steps.mails()) == 2


def test_an_event_handled_by_four_workers_at_once_writes_one_mail_per_recipient():
    steps.open_company()
    (event_id,) = steps.placed_events(1)
    assert sorted(at_once([lambda: steps.handle(event_id)] * 4)) == [0, 0, 0, 2]


def test_an_address_that_two_rules_name_gets_one_mail():
    buyer = factories.make_buyer()
    steps.open_company(order_emails=[buyer.email.upper()])
    steps.order(buyer)
    steps.handle_all()
    assert list(written_to()) == [buyer.email]


def test_a_cancelled_order_is_told_to_who_ordered_with_the_reason():
    steps.open_company()
    buyer = factories.make_buyer()
    order_id = steps.order(buyer)
    steps.handle_all()
    orders.cancel(factories.make_staff(), order_id, "out of <season>")
    steps.handle_all()
    mail = steps.mails(recipient=buyer.email)[-1]
    assert str(order_id) in mail.subject
    assert "out of <season>" in mail.body_text
    assert "out of &lt;season&gt;" in mail.body_html


def test_a_lapsed_order_is_told_to_who_ordered():
    steps.open_company()
    buyer = factories.make_buyer()
    order_id = steps.order(buyer)
    steps.handle_all()
    orders.lapse(orders.NOON + timedelta(hours=25))
    steps.handle_all()
    assert len(steps.mails(recipient=buyer.email)) == 2
    assert f"/orders?order={order_id}" in steps.mails(recipient=buyer.email)[-1].body_text


def test_who_has_left_is_stood_in_for_by_the_partners_own_address():
    steps.open_company()
    buyer = factories.make_buyer(email="office@partner.example; boss@partner.example")
    steps.order(buyer)
    with transaction(SYSTEM) as session:
        session.execute(update(User).where(User.id == buyer.user_id).values(active=False))
    steps.handle_all()
    assert set(written_to()) == {"comenzi@electro.example", "office@partner.example", "boss@partner.example"}


def test_after_a_partner_is_closed_its_own_address_hears_what_became_of_an_order():
    steps.open_company()
    buyer = factories.make_buyer(email="office@partner.example")
    order_id = steps.order(buyer)
    steps.handle_all()
    with transaction(SYSTEM) as session:
        session.get_one(Partner, buyer.partner_id).status = "closed"
    orders.cancel(factories.make_staff(), order_id)
    steps.handle_all()
    assert steps.mails()[-1].recipient == "office@partner.example"
    assert len(steps.mails(recipient=buyer.email)) == 1


@pytest.mark.parametrize("own_address", ["facturi@partner.example", ""])
def test_an_invoice_goes_to_the_partners_address_or_else_to_those_of_its_people_who_see_invoices(own_address):
    steps.open_company(cui="RO14399840", address="Str. Fabricii 12", city="Cluj-Napoca", county="CJ")
    partner = factories.make_partner(email=own_address, cui="RO18189442", address="Str. 1", city="Iași", county="IS")
    owner, buyer, accountant = (factories.make_user(partner, role=role) for role in ("owner", "buyer", "accountant"))
    factories.make_user(partner, role="accountant", active=False)
    order_id = steps.order(factories.principal_of(buyer))
    steps.handle_all()
    document = invoice(order_id)
    steps.handle_all()
    mails = steps.mails(template="invoice_issued")
    assert [mail.recipient for mail in mails] == ([own_address] if own_address else [owner.email, accountant.email])
    assert document.full_number in mails[0].subject
    with transaction(SYSTEM) as session:
        assert session.get_one(DocumentFile, (document.id, "pdf")).content.startswith(b"%PDF")


def invoice(order_id: int) -> Document:
    staff = factories.make_staff()
    orders.claim(staff, order_id)
    with transaction(staff) as session:
        return issue_invoice(session, order_id, orders.NOON)


def test_a_proforma_and_a_storno_are_told_to_who_would_get_the_invoice():
    steps.open_company(cui="RO14399840", address="Str. Fabricii 12", city="Cluj-Napoca", county="CJ")
    partner = factories.make_partner(email="facturi@ardelia.example")
    buyer = factories.principal_of(factories.make_user(partner))
    order_id = steps.order(buyer)
    with transaction(SYSTEM) as session:
        issue_proforma(session, order_id, orders.NOON)
    document = invoice(order_id)
    with transaction(SYSTEM) as session:
        storno(session, document.id, "a <b>wrong</b> price", orders.NOON)
    steps.handle_all()
    told = [mail for mail in steps.mails() if mail.recipient == "facturi@ardelia.example"]
    assert [mail.subject.split(":")[0] for mail in told] == [
        "Proforma PRO 00001", "Factura FCT 00001", "Stornarea FCT 00002 a facturii FCT 00001"
    ]  # fmt: skip
    assert "a <b>wrong</b> price" in told[2].body_text
    assert "<b>wrong</b>" not in told[2].body_html
