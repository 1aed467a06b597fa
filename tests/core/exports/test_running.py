"""Exports in the background: made once, as who asked, kept for them alone and for a week."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from core import db
from core.auth.models import User
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.exports import running, saving
from core.exports.asking import Asked, NoColumns
from core.exports.models import ExportRun
from core.exports.running import GIVEN_UP, LEASE, TooManyRuns, finished, make_next, piece, runs, start
from core.principal import SYSTEM, Principal
from tests.core.notifications import steps as mails
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

ORDERS = Asked("orders", ("order", "partner"))


def ask(who: Principal, asked: Asked = ORDERS, form: str = "plain", as_of=NOON) -> int:
    with transaction(who) as session:
        return start(session, asked, form, as_of)


def content(who: Principal, run: int, as_of=NOON) -> bytes:
    with transaction(who) as session:
        finished(session, run, as_of)
        parts = []
        while part := piece(session, run, len(parts)):
            parts.append(part)
        return b"".join(parts)


def mine(who: Principal, as_of=NOON) -> list[running.Run]:
    with transaction(who) as session:
        return runs(session, as_of)


@pytest.fixture
def staff() -> Principal:
    mails.open_company()
    return make_staff(role="sales")


def test_a_file_is_made_once_in_pieces_and_its_owner_hears_of_it(staff: Principal, monkeypatch) -> None:
    monkeypatch.setattr(running, "PIECE", 7)
    number = steps.order(make_buyer(name="Instal SRL"), {make_product(stock=5).id: 1})
    run = ask(staff)
    assert [(each.state, each.total) for each in mine(staff)] == [("waiting", None)]
    assert sorted(at_once([lambda: make_next(NOON)] * 3)) == [False, False, True]
    rows = list(csv.reader(io.StringIO(content(staff, run).decode())))
    assert rows == [["order", "partner"], [str(number), "Instal SRL"]]
    assert [(each.state, each.rows, each.total) for each in mine(staff)] == [("done", 1, 1)]
    mails.handle_all()
    assert mails.only_mail(template="export_ready").recipient == staff.email


def test_a_partners_file_holds_its_own_rows_and_is_nobody_elses(staff: Principal) -> None:
    product = make_product(stock=9)
    buyer, other = make_buyer(name="A"), make_buyer(name="B")
    steps.order(buyer, {product.id: 1})
    steps.order(other, {product.id: 1})
    run = ask(buyer)
    make_next(NOON)
    assert content(buyer, run).decode().splitlines()[1:] == [f"{steps.scalar('select min(id) from orders')},A"]
    colleague = principal_of(make_user(steps_partner(buyer)))
    for stranger in (other, colleague, staff):
        with pytest.raises(NotFound):
            content(stranger, run)
        assert mine(stranger) == []
    with transaction(other) as session:
        assert piece(session, run, 0) is None


def steps_partner(buyer: Principal):
    from core.partners.models import Partner

    with transaction(SYSTEM) as session:
        return session.get_one(Partner, buyer.partner_id)


def test_a_file_dies_with_the_right_to_it_and_after_a_week(staff: Principal) -> None:
    run = ask(staff, Asked("documents", ("number",)))
    make_next(NOON)
    assert content(staff, run, NOON + timedelta(days=7) - timedelta(seconds=1))
    with pytest.raises(NotFound):
        content(staff, run, NOON + timedelta(days=7))
    with transaction(SYSTEM) as session:
        session.get_one(User, staff.user_id).role = "warehouse"
    with pytest.raises(NotAllowed):
        content(Principal("staff", staff.user_id, name="x", role="warehouse"), run)
    with transaction(SYSTEM) as session:
        running.forget_old(session, NOON + timedelta(days=7))
    assert steps.scalar("select count(*) from export_piece") == 0


def test_who_was_blocked_or_lost_the_right_meanwhile_gets_a_sentence_and_no_file(staff: Principal) -> None:
    blocked, demoted = staff, make_staff(role="sales")
    ask(blocked)
    ask(demoted, Asked("documents", ("number",)))
    with transaction(SYSTEM) as session:
        session.get_one(User, blocked.user_id).active = False
        session.get_one(User, demoted.user_id).role = "warehouse"
    assert [make_next(NOON), make_next(NOON), make_next(NOON)] == [True, True, False]
    assert {each.state for each in (*mine(blocked), *mine(demoted))} == {"failed"}
    assert "Nu mai aveți dreptul" in mine(blocked)[0].said
    assert steps.scalar("select count(*) from export_piece") == 0


def test_a_run_whose_worker_died_is_made_again_after_a_while(staff: Principal) -> None:
    run = ask(staff)
    with transaction(SYSTEM) as session:
        row = session.get_one(ExportRun, run)
        row.state, row.until = "running", NOON + LEASE
    assert not make_next(NOON + LEASE - timedelta(seconds=1))
    assert make_next(NOON + LEASE)
    assert content(staff, run)


def test_what_no_worker_can_end_is_given_up_and_what_takes_too_long_has_failed(
    staff: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, slow = ask(staff), ask(staff, as_of=NOON + GIVEN_UP)
    with transaction(SYSTEM) as session:
        row = session.get_one(ExportRun, dead)
        row.state, row.until = "running", NOON + LEASE
    monkeypatch.setattr(db, "_REPORT_TIME", text("select set_config('statement_timeout', '1ms', true)"))
    make_product()
    with transaction(SYSTEM) as session:
        session.execute(text("insert into event (at, kind) select now(), 'x' from generate_series(1, 20000)"))
        kept = session.get_one(ExportRun, slow)
        kept.asked = saving.as_json(Asked("audit", ("entry", "data", "who")))
        session.get_one(User, staff.user_id).role = "admin"
    assert make_next(NOON + GIVEN_UP)
    assert {each.id: each.state for each in mine(staff, NOON + GIVEN_UP)} == {dead: "failed", slow: "failed"}
    assert not make_next(NOON + GIVEN_UP)
    assert all("mai scurtă" in each.said for each in mine(staff, NOON + GIVEN_UP))


def test_what_cannot_be_asked_for_leaves_nothing(staff: Principal) -> None:
    viewer = Principal("partner", staff.user_id, make_partner().id, name="x", role="viewer")
    with pytest.raises(NoColumns):
        ask(staff, Asked("orders", ()))
    with pytest.raises(NotFound):
        ask(staff, form="exe")
    with pytest.raises(NotAllowed):
        ask(viewer)
    for _ in range(running.MOST_OPEN):
        ask(staff)
    with pytest.raises(TooManyRuns):
        ask(staff)
    assert steps.scalar("select count(*) from export_run") == running.MOST_OPEN


def test_an_export_is_kept_under_a_name_and_shared_with_colleagues_who_may_take_it_out(staff: Principal) -> None:
    colleague, warehouse = make_staff(role="accounting"), make_staff(role="warehouse")
    documents = Asked("documents", ("number", "gross"), NOON.date(), None, {"kind": ("invoice",)})
    with transaction(staff) as session:
        saving.save(session, " Invoices ", documents, NOON, shared=True)
        saving.save(session, "Mine", ORDERS, NOON)
        saving.save(session, "Mine", Asked("orders", ("order",)), NOON)
    assert kept(staff) == {"Invoices": documents, "Mine": Asked("orders", ("order",))}
    assert kept(colleague) == {"Invoices": documents}
    assert kept(warehouse) == {}
    with transaction(colleague) as session:
        (row, whose), *_ = saving.saved(session)
        assert whose == staff.name
        with pytest.raises(NotFound):
            saving.forget(session, row.id)


def test_partners_keep_exports_for_themselves() -> None:
    buyer = make_buyer()
    with transaction(buyer) as session:
        saving.save(session, "Mine", ORDERS, NOON, shared=True)
        with pytest.raises(saving.NameMissing):
            saving.save(session, " ", ORDERS, NOON)
        with pytest.raises(NotFound):
            saving.save(session, "Stock", Asked("stock", ("sku",)), NOON)
    assert kept(buyer) == {"Mine": ORDERS}
    assert kept(make_buyer()) == kept(make_staff()) == {}


def kept(who: Principal) -> dict[str, Asked]:
    with transaction(who) as session:
        return {row.name: saving.from_json(row.asked) for row, _ in saving.saved(session)}


def test_what_is_read_cannot_write(staff: Principal) -> None:
    from sqlalchemy.exc import InternalError

    from core.db import reading

    with pytest.raises(InternalError, match="read-only"), reading(staff) as session:
        session.execute(text("update company set name = 'x'"))
