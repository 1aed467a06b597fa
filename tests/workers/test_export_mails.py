"""The mails about files: of what comes by itself they carry the file, if it is not too large and still allowed."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from core import clock
from core.auth.models import User
from core.db import transaction
from core.exports import mailing
from core.exports.asking import Asked
from core.exports.repeating import ask_next
from core.exports.running import make_next, runs, start
from core.exports.saving import save, save_pivot
from core.principal import SYSTEM, Principal
from core.reports.pivot import Pivot
from tests.core.notifications import steps as mails
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of
from tests.workers.mails import left_now

FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 5, tzinfo=UTC)
ORDERS = Asked("orders", ("order", "partner"))


@pytest.fixture(autouse=True)
def _morning(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mails.open_company()
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


def repeated(who: Principal, form: str = "csv", name: str = "Orders of the week") -> None:
    with transaction(who) as session:
        save(session, name, ORDERS, FRIDAY, form=form, every="week")


def make_all() -> None:
    while ask_next(MONDAY):
        pass
    while make_next(MONDAY):
        pass


def only_one() -> EmailMessage:
    (message,) = left_now(MONDAY, "export_ready")
    return message


def body(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


@pytest.mark.parametrize(
    ("form", "kind", "ending"),
    [
        ("csv", "text/csv", "csv"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ("parquet", "application/vnd.apache.parquet", "parquet"),
    ],
)
def test_a_file_that_comes_by_itself_lies_in_its_mail(form: str, kind: str, ending: str) -> None:
    buyer = principal_of(make_user(make_partner(name="Instal SRL"), language="en"))
    number = steps.order(buyer, {make_product(stock=5).id: 1}, FRIDAY)
    repeated(buyer, form)
    make_all()
    message = only_one()
    assert (message["To"], message["Subject"]) == (buyer.email, "“Orders of the week” is ready")
    (file,) = message.iter_attachments()
    assert file.get_content_type() == kind
    assert file.get_filename() == f"orders-2026-11-30-{run_of(buyer)}.{ending}"
    assert "The file is attached." in body(message)
    assert "Orders · From: 23.11.2026 · Until: 29.11.2026" in body(message)
    assert "/exports" in body(message)
    if form == "csv":
        assert f"{number};Instal SRL" in file.get_payload(decode=True).decode()  # type: ignore[union-attr]


def run_of(who: Principal) -> int:
    with transaction(who) as session:
        return runs(session, MONDAY)[0].id


def test_a_pivot_without_sales_says_so_in_its_mail_and_is_attached_too() -> None:
    analyst = make_staff(role="analyst", language="en")
    with transaction(analyst) as session:
        save_pivot(session, "Brands", Pivot(("brand",), "month", "net"), FRIDAY, every="day")
    make_all()
    message = only_one()
    assert len(list(message.iter_attachments())) == 1
    assert "Pivot · Net value, lei · Brand × Month · 29.11.2026 - 29.11.2026" in body(message)
    assert "The file has no rows: there was nothing to take out." in body(message)


def test_one_that_is_too_large_is_only_linked_and_the_mail_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    staff = make_staff(role="sales", language="en")
    steps.order(make_buyer(), {make_product(stock=5).id: 1}, FRIDAY)
    repeated(staff)
    make_all()
    size = steps.scalar("select sum(octet_length(content)) from export_piece")
    monkeypatch.setattr(mailing, "MOST_ATTACHED", size - 1)
    message = only_one()
    assert list(message.iter_attachments()) == []
    assert "too large to be attached" in body(message)
    assert "/staff-exports" in body(message)


def test_what_was_asked_for_once_is_only_linked() -> None:
    staff = make_staff(role="sales", language="en")
    with transaction(staff) as session:
        start(session, ORDERS, "csv", MONDAY)
    make_next(MONDAY)
    message = only_one()
    assert message["Subject"] == "Your export is ready"
    assert list(message.iter_attachments()) == []
    assert "attached" not in body(message)


@pytest.mark.parametrize("change", [{"role": "warehouse"}, {"active": False}])
def test_a_mail_that_leaves_after_the_right_is_gone_carries_nothing(change: dict[str, object]) -> None:
    analyst = make_staff(role="analyst", language="en")
    with transaction(analyst) as session:
        save_pivot(session, "Brands", Pivot(("brand",), "", "net"), FRIDAY, every="day")
    make_all()
    mails.handle_all(MONDAY)
    with transaction(SYSTEM) as session:
        for name, value in change.items():
            setattr(session.get_one(User, analyst.user_id), name, value)
    assert list(only_one().iter_attachments()) == []


def test_a_mail_that_is_written_after_the_right_is_gone_does_not_promise_a_file() -> None:
    staff = make_staff(role="sales", language="en")
    with transaction(staff) as session:
        save(session, "Documents", Asked("documents", ("number",)), FRIDAY, every="day")
    make_all()
    with transaction(SYSTEM) as session:
        session.get_one(User, staff.user_id).role = "warehouse"
    message = only_one()
    assert list(message.iter_attachments()) == []
    assert "attached" not in body(message)


def test_one_that_could_not_be_made_says_so_and_one_that_is_gone_breaks_no_mail() -> None:
    staff = make_staff(role="analyst", language="en")
    with transaction(staff) as session:
        save_pivot(session, "Brands", Pivot(("brand",), "", "net"), FRIDAY, every="day")
    while ask_next(MONDAY):
        pass
    with transaction(SYSTEM) as session:
        session.get_one(User, staff.user_id).role = "warehouse"
    make_all()
    message = only_one()
    assert message["Subject"] == "“Brands” could not be made"
    mails.happens("export_ready", user=staff.user_id, run=999, state="done", as_of=MONDAY + timedelta(1))
    assert len(left_now(MONDAY + timedelta(1), "export_ready")) == 2
