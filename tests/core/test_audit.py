"""The audit: what it finds, who may look, and that everything recorded has words and nothing recorded is a secret."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, text

from core.audit import Filters, audit_page
from core.audit_fields import FIELDS, HIDDEN
from core.audit_words import GROUPS, KINDS, Detail, details
from core.auth import account, second_factor, users
from core.auth.links import address_of_link
from core.auth.models import AccessLink, User
from core.auth.sessions import issue_ticket, open_session
from core.company import Company
from core.config import ROOT
from core.db import transaction
from core.errors import NotAllowed
from core.events import Event, record
from core.exports import asking, running
from core.partners.models import Partner
from core.permissions import ROLES
from core.principal import SYSTEM, Principal, visitor
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def happened(kind: str, who: Principal = SYSTEM, at: datetime = NOON, **values: Any) -> int:
    """Record an event; its id."""
    with transaction(who) as session:
        return record(session, kind, at, **values).id


def found(admin: Principal, **filters: Any) -> list[int]:
    """The ids of the events that the filters leave, newest first."""
    with transaction(admin) as session:
        return [row.id for row in audit_page(session, Filters(**filters)).rows]


@pytest.fixture
def admin(database: str) -> Principal:
    return make_staff(name="Ioana Șerban", email="ioana@rampa.example")


def test_pages_go_from_the_newest_event_to_the_oldest(admin: Principal) -> None:
    ids = [happened("user_signed_in", at=NOON - timedelta(days=n)) for n in range(5)]
    seen, before, more = [], None, True
    while more:
        with transaction(admin) as session:
            page = audit_page(session, Filters(), before, size=2)
        seen += [row.id for row in page.rows]
        before, more = page.rows[-1].id, page.more
    assert seen == ids[::-1]


def test_a_row_tells_who_did_what_to_whom_and_from_where(admin: Principal) -> None:
    partner = make_partner(name="Instal Țurcanu SRL", code="P77")
    about = make_user(partner, name="Mihai", email="mihai@instal.example")
    product = make_product(sku="CAB-3X2")
    who = Principal("staff", admin.user_id, role="admin", address="192.0.2.7")
    happened("own_price_removed", who, partner_id=partner.id, product=product.id, user=about.id, number="FCT 00012")
    with transaction(admin) as session:
        (row,) = audit_page(session, Filters()).rows
    assert (row.at, row.who, row.who_email, row.address) == (NOON, "Ioana Șerban", "ioana@rampa.example", "192.0.2.7")
    assert (row.about, row.about_email, row.partner, row.partner_code) == (
        "Mihai", "mihai@instal.example", "Instal Țurcanu SRL", "P77",
    )  # fmt: skip
    assert (row.sku, row.number) == ("CAB-3X2", "FCT 00012")


@pytest.mark.parametrize("mark", ["nobody", "99999999999999999999", -1, None, {"id": 1}])
def test_ids_in_the_data_that_are_none_are_nobody(admin: Principal, mark: Any) -> None:
    event = happened("user_created", user=mark, product=mark)
    assert found(admin) == [event]


def test_days_are_those_of_the_distributor_and_both_ends_count(admin: Principal) -> None:
    late = happened("order_claimed", at=datetime(2026, 11, 22, 21, 59, tzinfo=UTC))
    early = happened("order_claimed", at=datetime(2026, 11, 22, 22, 0, tzinfo=UTC))  # midnight in Bucharest
    assert found(admin, since=date(2026, 11, 23)) == [early]
    assert found(admin, until=date(2026, 11, 22)) == [late]
    assert found(admin, since=date(2026, 11, 22), until=date(2026, 11, 23)) == [early, late]
    assert found(admin, since=date(2026, 11, 23), until=date(2026, 11, 22)) == []
    assert found(admin, since=date.min, until=date.max) == [early, late]


def test_groups_of_kinds_are_told_apart(admin: Principal) -> None:
    login, order = happened("user_signed_in"), happened("order_placed")
    unknown = happened("of_a_later_version")
    assert found(admin, groups=("logins",)) == [login]
    assert found(admin, groups=("logins", "orders")) == [order, login]
    assert found(admin) == [unknown, order, login]


def test_a_person_is_found_as_who_did_it_and_as_whom_it_was_done_to(admin: Principal) -> None:
    other = make_staff(name="Radu Pop", email="radu@rampa.example")
    did = happened("settings_changed", by=admin.user_id)
    was = happened("user_blocked", by=other.user_id, user=admin.user_id)
    happened("settings_changed", by=other.user_id)
    assert found(admin, person="serban ioana") == found(admin, person="IOANA@rampa") == [was, did]
    assert found(admin, person="nobody of this name") == []


def test_a_partner_is_found_by_words_of_its_name_or_code(admin: Principal) -> None:
    partner = make_partner(name="Instal Țurcanu SRL", code="P77")
    event = happened("partner_changed", partner_id=partner.id)
    happened("partner_changed", partner_id=make_partner().id)
    assert found(admin, partner="turcanu") == found(admin, partner="p77") == [event]
    assert found(admin, partner="nobody of this name") == []


@pytest.mark.parametrize("words", [
    "1004", "01004", "10.1.2.", "FCT 00012", "fct", "12", "cab-3x2,5", "RENUNTAT", "renunțat client", "100%",
    "(urgent)", "121.50", "\0client",
])  # fmt: skip
def test_words_are_found_however_they_are_typed(admin: Principal, words: str) -> None:
    where = visitor("10.1.2.3")
    event = happened(
        "order_cancelled", where, order_id=1004, number="FCT 00012", sku="CAB-3X2,5", amount="121.50",
        reason="Clientul a renunțat 100% (urgent)",
    )  # fmt: skip
    happened("order_cancelled", order_id=1005)
    assert found(admin, words=words) == [event]


@pytest.mark.parametrize("words", ["100", "10045", "77", "reason", "user", "1004 nothing", ".*", "121", "1", "_", "\\"])
def test_words_do_not_find_parts_of_numbers_ids_names_of_fields_or_patterns(admin: Principal, words: str) -> None:
    happened("order_cancelled", order_id=1004, reason="said so", amount="121.50", user=77)
    assert found(admin, words=words) == []


@pytest.mark.parametrize("words", ["a\0b", "x" * 500_000, "1\0"], ids=["nul", "endless", "number"])
def test_words_that_no_database_takes_break_nothing(admin: Principal, words: str) -> None:
    with transaction(admin) as session:
        assert audit_page(session, Filters(words=words)) is not None


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_nobody_but_an_administrator_looks_at_the_audit_or_takes_it_out(database: str, role: str) -> None:
    partner_id = make_partner().id if role in ("owner", "buyer", "accountant", "viewer") else None
    who = Principal("partner" if partner_id else "staff", 1, partner_id, role=role)
    with transaction(who) as session, pytest.raises(NotAllowed):
        audit_page(session, Filters())
    with transaction(who) as session, pytest.raises((NotAllowed, asking.UnknownTable)):
        asking.query(session, asking.Asked("audit", ("entry",)), NOON)


def test_taking_it_out_is_an_entry_itself_with_its_filters(admin: Principal) -> None:
    asked = asking.Asked("audit", ("entry",), date(2026, 11, 1), None, {"groups": ("logins",), "words": ("10.1",)})
    with transaction(admin) as session:
        running.start(session, asked, "csv", NOON)
    with transaction(SYSTEM) as session:
        event = session.scalars(select(Event).filter_by(kind="export_asked")).one()
    assert event.user_id == admin.user_id
    filters = "De la: 01.11.2026 · Feluri de înregistrări: Autentificări · Caută: 10.1"
    assert event.data == {"table": "audit", "format": "csv", "filters": filters}


def test_an_order_that_is_placed_tells_from_where(admin: Principal) -> None:
    buyer = make_buyer()
    where = Principal("partner", buyer.user_id, buyer.partner_id, role="owner", address="192.0.2.9")
    steps.order(where, {make_product(stock=1).id: 1})
    with transaction(admin) as session:
        (row,) = audit_page(session, Filters(groups=("orders",))).rows
    assert (row.kind, row.who_email, row.address) == ("order_placed", buyer.email, "192.0.2.9")


@pytest.mark.parametrize(("kind", "data", "told"), [
    ("settings_changed", {"changes": {"city": ["", "Cluj"], "claim_hours": ["24", "48"]}},
     [Detail("city", "", "Cluj"), Detail("claim_hours", "24", "48")]),
    ("settings_changed", {"changes": {"two_factor_roles": ["[]", "['admin', 'sales']"]}},
     [Detail("two_factor_roles", "", "admin, sales")]),
    ("user_role_changed", {"user": 5, "role": ["buyer", "buyer"], "limit": [None, "100.00"]},
     [Detail("limit", "", "100.00")]),
    ("user_renamed", {"user": 5, "old": "Ana", "new": "Ana Pop"}, [Detail("name", "Ana", "Ana Pop")]),
    ("user_email_changed", {"user": 5, "old": "a@x.ro", "new": "b@x.ro"}, [Detail("email", "a@x.ro", "b@x.ro")]),
    ("partner_status_changed", {"old": "active", "new": "on_hold", "reason": ""},
     [Detail("status", "active", "on_hold")]),
    ("user_mails_chosen", {"user": 5, "muted": ["invoice_issued", "order_lapsed"]},
     [Detail("muted", None, "invoice_issued, order_lapsed")]),
    ("user_invited", {"user": 5, "link": "some id"}, []),
    ("order_cancelled", {"reason": "['so] he said"}, [Detail("reason", None, "['so] he said")]),
    ("order_part_shipped", {"delivery": 7, "lines": [{"sku": "A", "name": "Cablu", "unit": "m", "quantity": "2.5"}]},
     [Detail("lines", None, "A: 2.5 m")]),
    ("order_revived", {"short": [{"sku": "A", "name": "Cablu", "unit": "m", "wanted": "3", "available": "1"},
                                 {"sku": "B", "name": "Doză", "unit": "buc", "wanted": "2", "available": "0"}]},
     [Detail("short", None, "A: 1/3 m, B: 0/2 buc")]),
])  # fmt: skip
def test_data_is_told_without_what_is_empty_or_stayed_as_it_was(
    kind: str, data: dict[str, Any], told: list[Detail]
) -> None:
    assert details(kind, data) == told


def test_every_kind_that_is_recorded_has_words_and_no_others_have() -> None:
    assert KINDS.keys() == set(recorded_kinds())


def test_every_kind_is_in_one_group_only() -> None:
    assert sum(map(len, GROUPS.values())) == len(KINDS)


def test_every_field_of_an_event_has_a_name() -> None:
    taken = {"at", "by", "partner_id", "order_id", "document_id", "changes", "old", "new"}
    written = {word.arg for call in calls_of_record() for word in call.keywords if word.arg}
    changed = {column.name for table in (Company, Partner) for column in table.__table__.columns} - {"id", "created_at"}
    assert written | changed | set(Filters.__dataclass_fields__) <= FIELDS.keys() | HIDDEN | taken


def test_nothing_that_opens_anything_lies_in_the_audit(admin: Principal) -> None:
    given = "the first password 24"
    with transaction(admin) as session:
        user = users.create_user(session, "ana@rampa.example", "Ana", "sales", NOON, password=given)
        users.invite(session, user.id, NOON)
        link = session.scalars(select(AccessLink)).one()
        invitation = (address_of_link(session, link.id, NOON) or "").partition("?t=")[2]
    with transaction(visitor("192.0.2.7")) as session:
        account.use_link(session, invitation, "the second password 24", NOON)
        cookie = open_session(session, user.id, NOON)
    ana = Principal("staff", user.id, role="sales", email=user.email)
    with transaction(ana) as session:
        secret = second_factor.new_setup(session, "Rampa").secret
        codes = second_factor.turn_on(session, secret, pyotp.TOTP(secret).at(NOON), NOON)
        account.ask_email_change(session, "the second password 24", "ana.pop@rampa.example", NOON)
        change = session.scalars(select(AccessLink)).one()
        ticket = issue_ticket(session, session.get_one(User, user.id), "a browser", "/", NOON)
        second_factor.show_code(session, ticket, codes[0], "a browser", NOON)
        token = (address_of_link(session, change.id, NOON) or "").partition("?t=")[2]
        kept = session.scalars(select(User.password_hash)).all()
        told = session.scalar(text("select string_agg(event::text, ' ') from event")) or ""
    secrets = [given, "the second password 24", cookie, ticket, secret, *codes, *kept]
    seals = [whole.removeprefix(link_id.hex) for whole, link_id in ((invitation, link.id), (token, change.id))]
    assert all(len(seal) > 20 for seal in seals)
    assert [word for word in secrets + seals if word != "-" and word in told] == []
    assert {"user_created", "user_invited", "user_password_changed", "recovery_code_used"} <= set(
        re.findall(r"\w+", told)
    )


def trees() -> Iterator[ast.Module]:
    for folder in ("core", "api", "pages", "workers"):
        yield from (ast.parse(path.read_text()) for path in (ROOT / folder).rglob("*.py"))


def calls_of_record(within: ast.AST | None = None) -> list[ast.Call]:
    nodes = ast.walk(within) if within else (node for tree in trees() for node in ast.walk(tree))
    return [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "record"]


def recorded_kinds() -> Iterator[str]:
    """Of every call of record() in the sources and of every event that is written in plain SQL."""
    for tree in trees():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for call in calls_of_record(function):
                    yield from kinds_of(call.args[1], function)
        for part in ast.walk(tree):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield from re.findall(r"insert into event\b[^']*'(\w+)'", part.value)


def kinds_of(kind: ast.expr, function: ast.FunctionDef) -> list[str]:
    """The kind as written, or all that the variable is ever given in this function."""
    if isinstance(kind, ast.Name):
        given = [value for value in assigned(kind.id, function) if value is not None]
        assert given, f"{function.name}: nobody can tell what kind of event this records"
        return [word for value in given for word in texts(value)]
    if isinstance(kind, ast.Subscript):
        table = ast.unparse(kind.value)
        return [word for tree in trees() for value in constants(tree, table) for word in texts(value)]
    return texts(kind)


def constants(tree: ast.Module, name: str) -> Iterator[ast.expr]:
    """The values of a module's table with this name."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            assert isinstance(statement.value, ast.Dict)
            yield from statement.value.values


def assigned(name: str, function: ast.FunctionDef) -> Iterator[ast.expr | None]:
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign):
            (target,) = statement.targets
            pairs = (
                zip(target.elts, statement.value.elts, strict=True)
                if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple)
                else [(target, statement.value)]
            )
            yield from (value for goal, value in pairs if ast.unparse(goal) == name)


def texts(value: ast.expr) -> list[str]:
    branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
    return [branch.value for branch in branches if isinstance(branch, ast.Constant)]
