"""Sources whose files come by themselves: what staff enter, who may, and what nobody reads again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.imports import feeds, sources
from core.imports.addresses import NotAnAddress, PasswordInAddress
from core.imports.feeds import (
    Feed,
    LoginTooLong,
    NameMissing,
    NameTaken,
    PasswordAgain,
    PatternTaken,
    Wanted,
    look_now,
    remove,
    set_feed,
    stop,
)
from core.imports.fetching import PasswordUnsafe
from core.imports.folder import BadPattern, NoFolder
from core.principal import SYSTEM, Principal
from core.sealing import unseal
from tests.core.imports.feed_steps import NOON, URL, a_feed, audit, one
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("watched")


def listed(who: Principal) -> list[Feed]:
    with transaction(who) as session:
        return feeds.feeds(session)


def change(who: Principal, source_id: int | None = None, as_of: datetime = NOON, **wanted: Any) -> int:
    with transaction(who) as session:
        return set_feed(session, Wanted(**{"kind": "stock", "name": "Furnizor"} | wanted), as_of, source_id)


@pytest.fixture
def admin(database: str) -> Principal:
    return make_staff(role="admin")


def test_a_source_is_entered_and_its_next_time_is_on_the_timetable(admin: Principal) -> None:
    change(admin, url=f" {URL} ", every="quarter")
    (feed,) = listed(admin)
    assert (feed.kind, feed.name, feed.url, feed.active) == ("stock", "Furnizor", URL, True)
    assert feed.next_at == NOON + timedelta(minutes=15)
    assert (feed.result("ro"), feed.failures, feed.run_id) == ("", 0, None)


def test_what_is_known_of_the_columns_of_a_source_is_kept(admin: Principal) -> None:
    with transaction(SYSTEM) as session:
        known = sources.remember(session, "stock", "Furnizor", {"sku": "Cod"}, ["Cod", "Stoc"])
    assert change(admin, pattern="stoc*.csv") == known
    assert one("select mapping, headers from import_source") == ({"sku": "Cod"}, ["cod", "stoc"])
    with transaction(admin) as session:
        remove(session, known, NOON)
    assert listed(admin) == []
    assert one("select mapping, every, active from import_source") == ({"sku": "Cod"}, "", False)


def test_one_that_was_only_a_place_goes_altogether(admin: Principal) -> None:
    source = a_feed(url=URL)
    with transaction(admin) as session:
        remove(session, source, NOON)
    assert one("select count(*) from import_source") == (0,)


@pytest.mark.parametrize(("wanted", "refusal"), [
    ({"url": "file:///etc/passwd"}, NotAnAddress), ({"url": ""}, NotAnAddress), ({"name": "", "url": URL}, NameMissing),
    ({"url": "https://ana:secret@furnizor.example/"}, PasswordInAddress), ({"pattern": "../stoc.csv"}, BadPattern),
    ({"pattern": ""}, BadPattern), ({"url": "http://furnizor.example/", "login": "ana"}, PasswordUnsafe),
    ({"url": URL, "login": "a:b"}, LoginTooLong), ({"url": URL, "kind": "invoices"}, NotFound),
    ({"url": URL, "every": "minute"}, NotFound), ({"url": URL, "every": "day", "at_hour": 24}, NotFound),
])  # fmt: skip
def test_what_cannot_be_is_refused(admin: Principal, wanted: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        change(admin, **wanted)
    assert one("select count(*) from import_source") == (0,)


def test_names_and_patterns_are_taken_once(admin: Principal) -> None:
    change(admin, pattern="stoc*.csv")
    with pytest.raises(NameTaken):
        change(admin, url=URL)
    with pytest.raises(PatternTaken, match="Furnizor"):
        change(admin, name="Altul", pattern="STOC*.csv")
    other = change(admin, name="Altul", pattern="lista*.csv")
    with pytest.raises(NameTaken):
        change(admin, other, pattern="lista*.csv")


def test_without_a_watched_folder_none_can_be_entered(admin: Principal, no_folder: None) -> None:
    with pytest.raises(NoFolder):
        change(admin, pattern="stoc*.csv")


def test_a_password_is_sealed_stays_where_it_belongs_and_is_written_nowhere(
    admin: Principal, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "parola-furnizorului"
    source = change(admin, url=URL + "?key=CHEIE", login="ana", password=secret)
    (sealed,) = one("select password from import_source")
    assert secret not in sealed
    assert unseal(feeds.PURPOSE, sealed) == secret
    change(admin, source, url=URL + "/alta.csv", login="ana")
    assert one("select password from import_source") == (sealed,)
    with pytest.raises(PasswordAgain):
        change(admin, source, url="https://altul.example/", login="ana")
    change(admin, source, url="https://altul.example/")  # without a login there is none
    assert one("select login, password from import_source") == ("", "")
    written = str(listed(admin)) + str([(event.kind, event.data) for event in audit()]) + caplog.text
    written += "".join(capsys.readouterr()) + repr(Wanted("stock", "a", password=secret))
    assert secret not in written
    assert sealed not in written
    assert "CHEIE" not in str([event.data for event in audit()])


def test_the_audit_tells_what_changed(admin: Principal) -> None:
    source = change(admin, url=URL, every="day", at_hour=6, login="ana", password="p")
    change(admin, source, url=URL, every="day", at_hour=7, login="ana")
    change(admin, source, url=URL, every="day", at_hour=7, login="ana")
    with transaction(admin) as session:
        stop(session, source, NOON)
        remove(session, source, NOON)
    first, hour, stopped, gone = audit()
    assert {event.user_id for event in (first, hour, stopped, gone)} == {admin.user_id}
    assert first.data["changes"] == {"place": ["", URL], "login": ["", "ana"], "every": ["", "day"],
                                     "at_hour": ["", "6"], "active": ["False", "True"]}  # fmt: skip
    assert first.data["new_password"] is True
    assert (hour.data["changes"], hour.data["new_password"]) == ({"at_hour": ["6", "7"]}, None)
    assert stopped.data["changes"] == {"active": ["True", "False"]}
    assert (gone.kind, gone.data["place"]) == ("import_source_removed", URL)


def test_another_place_begins_anew(admin: Principal) -> None:
    source = a_feed(url=URL)
    with transaction(SYSTEM) as session:
        session.execute(text("""update import_source set etag = '"1"', failures = 3, said_at = next_at,
                                said = '{"message": "x", "params": {}}'"""))  # fmt: skip
    change(admin, source, url=URL, every="day", at_hour=0)
    assert one("select etag, failures from import_source") == ('"1"', 3)
    change(admin, source, url=URL + "2")
    assert one("select etag, failures, said from import_source") == ("", 0, None)


@pytest.mark.parametrize("role", ["sales", "warehouse", "accounting", "analyst"])
def test_only_who_changes_settings_says_where_files_come_from(role: str) -> None:
    source, who = a_feed(url=URL), make_staff(role=role)
    with pytest.raises(NotAllowed):
        change(who, source, url=URL + "2")
    for verb in (stop, remove):
        with pytest.raises(NotAllowed), transaction(who) as session:
            verb(session, source, NOON)


def test_who_may_import_files_of_a_kind_sees_its_sources_and_has_them_fetched() -> None:
    stock, partners = a_feed(url=URL), a_feed(kind="partners", url=URL)
    sales, warehouse = make_staff(role="sales"), make_staff(role="warehouse")
    assert [feed.id for feed in listed(warehouse)] == [stock]
    assert [feed.id for feed in listed(sales)] == [partners]
    assert listed(make_staff(role="accounting")) == []
    with pytest.raises(NotAllowed):
        listed(make_staff(role="analyst"))
    with transaction(warehouse) as session:
        look_now(session, stock, NOON)
    assert one("select next_at from import_source where id = :id", id=stock) == (NOON,)
    with pytest.raises(NotAllowed), transaction(warehouse) as session:
        look_now(session, partners, NOON)


def test_one_that_was_stopped_is_not_fetched(admin: Principal) -> None:
    source = a_feed(url=URL)
    with transaction(admin) as session:
        stop(session, source, NOON)
    with pytest.raises(NotFound), transaction(admin) as session:
        look_now(session, source, NOON)


@pytest.mark.parametrize("columns", [
    {"pattern": "a.csv", "url": URL}, {"pattern": "a/b"}, {"pattern": "a\\b"}, {"pattern": ".a"}, {"url": "file:///a"},
    {"login": "ana"}, {"url": URL, "password": "p"}, {"every": "minute"}, {"every": "day"}, {"at_hour": 3},
    {"every": "day", "at_hour": 24, "url": URL}, {"url": URL}, {"active": True}, {"sha256": b"1"}, {"failures": -1},
    {"every": "hour", "url": URL, "active": True}, {"every": "hour", "url": URL, "next_at": NOON},
])  # fmt: skip
def test_the_database_keeps_the_rules_too(columns: dict[str, Any]) -> None:
    names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    with pytest.raises(IntegrityError, match="ck_import_source"), transaction(SYSTEM) as session:
        session.execute(
            text(f"insert into import_source (kind, name, {names}) values ('stock', 'A', {values})"), columns
        )
