"""A person has what is kept of them, and is forgotten when they ask for it; what the law wants stays."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.auth.models import User
from core.auth.people import people_of
from core.auth.sessions import open_session
from core.auth.users import NotYourself, create_user, set_active
from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.events import record
from core.principal import SYSTEM, Principal
from core.privacy.erasing import StillLetIn, erase
from core.privacy.taking_out import personal_data
from tests.core.documents.steps import invoice, set_up_company
from tests.core.orders.steps import NOON
from tests.factories import make_partner, make_staff, make_user, principal_of

EMAIL, NAME = "ana.popescu@client.example", "Ana Popescu"


@pytest.fixture
def ana(database: str) -> User:
    """Somebody with a past: logged in, with mails, and with events about her and by her."""
    partner = make_partner()
    with transaction(SYSTEM) as session:
        user = create_user(session, EMAIL, NAME, "buyer", NOON, partner_id=partner.id, password="lumina de toamna 9")
        record(session, "mail_sent_again", NOON, mail_id=1, recipient=EMAIL)
    with transaction(replace(SYSTEM, address="198.51.100.7")) as session:
        open_session(session, user.id, NOON, "Firefox")
        told = record(session, "new_sign_in", NOON, partner_id=partner.id, by=user.id, user=user.id, browser="Firefox")
        record(session, "user_renamed", NOON, by=user.id, user=user.id, name=["Ana", NAME])
        session.execute(_MAIL, {"event": told.id, "user": user.id, "email": EMAIL})
        session.expunge_all()
    return user


_MAIL = text("""
    insert into mail (event_id, recipient, user_id, language, subject, body_text, body_html, created_at, next_try_at)
    values (:event, :email, :user, 'ro', 'Bună, Ana Popescu', 'Ana Popescu', '<p>Ana Popescu</p>', now(), now())
""")


def blocked(user: User) -> None:
    with transaction(SYSTEM) as session:
        set_active(session, user.id, False, NOON)


def erased(user: User, who: Principal = SYSTEM) -> None:
    with transaction(who, wall=False) as session:
        erase(session, user.id, NOON)


def did(*statements: str) -> None:
    with transaction(SYSTEM) as session:
        for statement in statements:
            session.execute(text(statement))


def everywhere(words: str) -> list[str]:
    """The tables in which any row still says these words."""
    with transaction(SYSTEM) as session:
        tables = session.scalars(text("select tablename from pg_tables where schemaname = 'public'")).all()
        said = "select count(*) from {} t where position(:words in to_jsonb(t)::text) > 0"
        return [table for table in tables if session.scalar(text(said.format(table)), {"words": words})]


def test_name_and_address_of_an_erased_person_stand_nowhere_any_more(ana: User) -> None:
    assert {"app_user", "event", "mail"} <= set(everywhere(EMAIL))
    blocked(ana)
    erased(ana)
    assert everywhere(EMAIL) == []
    assert everywhere(NAME) == []
    assert everywhere("198.51.100.7") == []


def test_what_was_only_for_the_person_is_gone(ana: User) -> None:
    with transaction(SYSTEM) as session:
        session.execute(
            text("insert into quick_draft (user_id, partner_id, text, version) values (:user, :partner, 'x', 1)"),
            {"user": ana.id, "partner": ana.partner_id},
        )
    blocked(ana)
    erased(ana)
    with transaction(SYSTEM) as session:
        for table in EMPTIED - {"mail"}:
            assert session.scalar(text(f"select count(*) from {table}")) == 0, table


def test_what_happened_stays_told_without_who_it_was(ana: User) -> None:
    blocked(ana)
    with transaction(SYSTEM) as session:
        before = session.execute(text("select id, at, kind, user_id from event order by id")).all()
    erased(ana)
    with transaction(SYSTEM) as session:
        after = session.execute(text("select id, at, kind, user_id from event order by id")).all()
    assert after[: len(before)] == before
    assert after[-1].kind == "user_erased"


def test_an_erased_person_is_in_no_list_and_gets_no_mail(ana: User) -> None:
    blocked(ana)
    erased(ana)
    with transaction(SYSTEM) as session:
        assert people_of(session, ana.partner_id, NOON) == []
        assert session.scalars(text("select state from mail")).all() == ["failed"]
        assert session.get_one(User, ana.id).password_hash == ""


def test_invoices_keep_what_they_say(ana: User) -> None:
    set_up_company()
    issued = invoice(principal_of(make_user(make_partner())))
    blocked(ana)
    erased(ana)
    with transaction(SYSTEM) as session:
        kept = session.execute(
            text("select seller, buyer, issuer_name from document where id = :id"), {"id": issued.id}
        )
        assert kept.one() == (issued.seller, issued.buyer, issued.issuer_name)


def test_of_two_with_one_name_the_other_stays(ana: User) -> None:
    with transaction(SYSTEM) as session:
        other = create_user(session, "alta.ana@client.example", NAME, "buyer", NOON, partner_id=ana.partner_id)
        record(session, "user_renamed", NOON, by=other.id, user=other.id, name=["Ana P.", NAME])
    blocked(ana)
    erased(ana)
    assert {"app_user", "event"} <= set(everywhere(NAME))


def test_who_can_still_log_in_is_not_erased(ana: User) -> None:
    with pytest.raises(StillLetIn):
        erased(ana)
    assert "app_user" in everywhere(EMAIL)


@pytest.mark.parametrize("role", ["sales", "accounting", "analyst", "warehouse"])
def test_staff_are_erased_by_an_administrator_only(database: str, role: str) -> None:
    colleague = make_user(active=False, role="sales")
    with pytest.raises(NotAllowed):
        erased(colleague, make_staff(role=role))
    erased(colleague, make_staff())


def test_nobody_erases_themselves_or_somebody_elses_colleague(ana: User) -> None:
    blocked(ana)
    owner = principal_of(make_user(make_partner()))
    with pytest.raises(NotFound):
        erased(ana, owner)
    admin = make_staff()
    with transaction(SYSTEM) as session:
        user = session.get_one(User, admin.user_id)
        session.expunge_all()
    with pytest.raises(NotYourself):
        erased(user, admin)


def test_a_recorded_event_cannot_be_changed_but_by_erasing_and_then_not_what_happened(ana: User) -> None:
    for statement in (
        "update event set data = '{}'",
        "set local rampa.erasing = 'on'; update event set kind = 'user_renamed'",
        "set local rampa.erasing = 'on'; update event set at = now()",
        "set local rampa.erasing = 'on'; delete from event",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            did(*statement.split("; "))


def test_the_door_is_shut_again_in_the_same_transaction(ana: User) -> None:
    blocked(ana)
    with transaction(SYSTEM) as session:
        erase(session, ana.id, NOON)
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text("update event set data = '{}'"))


def data(user: User, who: Principal | None = None) -> dict[str, Any]:
    with transaction(who or principal_of(user), wall=False) as session:
        found = personal_data(session, user.id, NOON + timedelta(hours=1))
    return json.loads(json.dumps(found))  # it is handed out as JSON


def test_a_person_gets_all_that_is_kept_and_no_secret(ana: User) -> None:
    found = data(ana)
    assert found["person"]["email"] == EMAIL
    assert found["person"]["has_password"] is True
    assert found["sessions"][0]["address"] == "198.51.100.7"
    assert found["mails"][0]["subject"] == "Bună, Ana Popescu"
    assert {"user_created", "new_sign_in", "user_renamed"} <= {event["kind"] for event in found["what_was_done"]}
    with transaction(SYSTEM) as session:
        secrets = [
            session.get_one(User, ana.id).password_hash,
            *session.scalars(text("select token_hash from login_session")),
        ]
    assert not [secret for secret in secrets if secret in json.dumps(found)]


def test_who_manages_a_person_gets_their_data_and_nobody_else_does(ana: User) -> None:
    owner = make_user(make_partner())
    with pytest.raises(Refusal):
        data(ana, principal_of(owner))
    with pytest.raises(Refusal):
        data(ana, make_staff(role="analyst"))
    assert data(ana, make_staff())["person"]["name"] == NAME


def test_every_table_that_names_a_person_is_looked_at_or_answered_for(database: str) -> None:
    """A new table with a person in it must be thought of here: what is handed out, what is erased, what stays."""
    with transaction(SYSTEM) as session:
        found = set(session.scalars(_POINTING))
    assert found == EMPTIED | AS_SOMEBODYS


_POINTING = text("""
    select distinct conrelid::regclass::text from pg_constraint
    where contype = 'f' and confrelid = 'app_user'::regclass
""")
EMPTIED = {
    "access_link", "favourite", "known_browser", "login_session", "login_ticket", "mail", "quick_draft",
    "recovery_code",
}  # fmt: skip
AS_SOMEBODYS = {
    "allocation", "anaf_connection", "annulment", "bank_csv_mapping", "bank_statement", "cart", "delivery",
    "dispute", "document", "export_run", "import_run", "issue_run", "limit_pass", "message", "message_read",
    "message_reminder", "orders", "payment", "proposal", "reminder", "saved_export", "stock_wait",
    "taken_price_list", "terms", "terms_acceptance", "thread_entry", "thread_seen",
}  # fmt: skip
