"""The connection to ANAF: begun by a person, kept by itself, and lost in a way that everybody can see."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.anaf import client, connecting, sending, tokens
from core.anaf.models import AnafConnection
from core.db import transaction
from core.errors import NotAllowed
from core.principal import SYSTEM, Principal
from tests.anaf_fake import Anaf
from tests.core.anaf.steps import (
    DAY,
    HOUR,
    MINUTE,
    came_back,
    connected,
    connection,
    days_pass,
    events,
    minute,
    ready,
    send_all,
    states,
)
from tests.core.orders.steps import NOON
from tests.factories import make_staff
from tests.threads import at_once

SOON = NOON + 84 * DAY
"""The access token is good for 90 days."""


def keep_fresh(as_of=SOON) -> bool:
    with transaction(SYSTEM) as session:
        return tokens.keep_fresh(session, as_of)


@contextmanager
def set_up(admin: Principal) -> Iterator[Session]:
    with transaction(admin) as session:
        connecting.set_connection(session, "prod", "client-1", "secret-1", NOON)
        yield session


def test_an_administrator_connects_and_the_tokens_are_kept_sealed(anaf: Anaf) -> None:
    admin = make_staff()
    with set_up(admin):
        pass
    code, state = came_back(anaf, admin)
    with transaction(admin) as session:
        connecting.connect(session, code, state, NOON)
    row = connection()
    assert (row.environment, row.connected_by) == ("prod", admin.user_id)
    assert row.access_until == NOON + 90 * DAY
    kept = f"{row.access_token} {row.refresh_token} {row.client_secret}"
    assert not any(secret in kept for secret in (anaf.access, anaf.renew, "secret-1"))
    with transaction(SYSTEM) as session:
        access = tokens.access(session, NOON)
        assert access is not None
        assert access.token == anaf.access
        said = session.execute(text("select string_agg(data::text, ' ') from event")).scalar_one()
    assert not any(secret in said for secret in (anaf.access, anaf.renew, "secret-1", code))
    assert anaf.access not in repr(access)


def test_nobody_else_may_connect(anaf: Anaf) -> None:
    with set_up(make_staff()):
        pass
    for step in (
        lambda session: connecting.start_url(session),
        lambda session: connecting.connection(session),
        lambda session: connecting.connect(session, "code", "state", NOON),
        lambda session: connecting.disconnect(session, NOON),
        lambda session: connecting.set_connection(session, "prod", "a", "b", NOON),
    ):
        with pytest.raises(NotAllowed), transaction(make_staff(role="accounting")) as session:
            step(session)


def test_an_answer_that_somebody_else_began_is_not_taken(anaf: Anaf) -> None:
    """An attacker's code must not connect the portal to an attacker's company."""
    admin, other = make_staff(), make_staff()
    with set_up(admin):
        pass
    code, state = came_back(anaf, other)
    for wrong in (state, "", "x", state[:-3] + "AAA"):
        with pytest.raises(connecting.NotOurs), transaction(admin) as session:
            connecting.connect(session, code, wrong, NOON)
    assert connection().connected_at is None


def test_an_answer_that_comes_much_too_late_is_not_taken(anaf: Anaf, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = make_staff()
    with set_up(admin):
        pass
    code, state = came_back(anaf, admin)
    real = clock.real_now()
    monkeypatch.setattr(clock, "real_now", lambda: real + HOUR)
    with pytest.raises(connecting.NotOurs), transaction(admin) as session:
        connecting.connect(session, code, state, NOON)


def test_a_code_that_anaf_does_not_know_leaves_everything_as_it_was(anaf: Anaf) -> None:
    admin = make_staff()
    with set_up(admin):
        pass
    _, state = came_back(anaf, admin)
    with pytest.raises(connecting.AnafSaidNo, match="not active"), transaction(admin) as session:
        connecting.connect(session, "invented", state, NOON)
    assert connection().connected_at is None


def test_tokens_are_renewed_days_before_they_end_and_not_sooner(anaf: Anaf) -> None:
    connected(anaf)
    assert not keep_fresh(NOON + 82 * DAY)
    assert keep_fresh()
    assert connection().access_until == SOON + 90 * DAY
    assert not keep_fresh()
    assert anaf.calls["token"] == 1


def test_of_two_workers_one_renews(anaf: Anaf) -> None:
    connected(anaf)
    assert sorted(at_once([keep_fresh] * 4)) == [False, False, False, True]
    assert anaf.calls["token"] == 1


def test_without_the_lock_two_workers_lose_the_connection(anaf: Anaf) -> None:
    """The control: of two who renew with the same token, the second is told that it is worth nothing."""
    connected(anaf)
    app, token = client.App("client-1", "secret-1"), anaf.renew

    def renew() -> str:
        return client.refresh(app, token).access

    found = at_once([renew, renew])
    assert sorted(type(each).__name__ for each in found) == ["Rejected", "str"]


def test_a_renewed_pair_that_was_lost_on_the_way_asks_for_a_person_and_loses_no_invoice(anaf: Anaf) -> None:
    documents = ready(2)
    connected(anaf)
    anaf.token_mode = "lost"
    assert not keep_fresh()
    assert events("anaf_lost") == []
    anaf.token_mode = ""
    assert not keep_fresh(SOON + tokens.AGAIN)
    assert "not active" in connection().error
    assert len(events("anaf_lost")) == 1
    assert not keep_fresh(SOON + DAY)
    send_all(SOON + DAY)
    assert states(documents) == ["queued", "queued"]  # the old access token is worth nothing either
    admin = make_staff()
    code, state = came_back(anaf, admin)
    with transaction(admin) as session:
        connecting.connect(session, code, state, SOON + DAY)
    days_pass(SOON + DAY + MINUTE, 1, HOUR)
    assert states(documents) == ["accepted", "accepted"]
    assert len(events("anaf_lost")) == 1


def test_a_worker_that_dies_with_the_new_pair_in_its_hands_has_lost_it(anaf: Anaf) -> None:
    connected(anaf)
    with pytest.raises(KeyboardInterrupt), transaction(SYSTEM) as session:
        _renew_and_die(session)
    assert not keep_fresh(SOON + MINUTE)
    assert connection().refresh_token == ""
    assert [event.kind for event in events("anaf_lost")] == ["anaf_lost"]


def _renew_and_die(session: Session) -> None:
    assert tokens.keep_fresh(session, SOON)
    raise KeyboardInterrupt


def test_a_login_server_that_is_down_loses_nothing(anaf: Anaf) -> None:
    connected(anaf)
    anaf.token_mode = "500"
    assert not keep_fresh()
    assert not keep_fresh(SOON + MINUTE)
    assert anaf.calls["token"] == 1
    anaf.token_mode = ""
    assert keep_fresh(SOON + tokens.AGAIN)
    assert events("anaf_lost") == []


def test_a_token_that_anaf_keeps_refusing_is_told_of_once_and_does_not_hammer_it(anaf: Anaf) -> None:
    documents = ready(1)
    connected(anaf, as_of=NOON - DAY)
    anaf.broken = "403 no right"
    days_pass(NOON, 1, 10 * MINUTE)
    assert states(documents) == ["queued"]
    assert len(events("anaf_lost")) == 1
    assert anaf.calls["upload"] < 30
    anaf.broken = ""
    days_pass(NOON + DAY, 1, HOUR)
    assert states(documents) == ["accepted"]


def test_who_disconnects_stops_the_sending_and_forgets_the_tokens(anaf: Anaf) -> None:
    documents = ready(1)
    connected(anaf)
    with transaction(make_staff()) as session:
        connecting.disconnect(session, NOON)
    minute(NOON)
    assert states(documents) == ["queued"]
    assert (connection().access_token, connection().refresh_token) == ("", "")
    assert events("anaf_disconnected")


def test_tokens_sealed_with_another_key_ask_for_a_person(anaf: Anaf) -> None:
    documents = ready(1)
    connected(anaf)
    with transaction(SYSTEM) as session:
        session.get_one(AnafConnection, 1).access_token = "sealed elsewhere"
        session.get_one(AnafConnection, 1).refresh_token = "sealed elsewhere"
    minute(SOON)
    assert states(documents) == ["queued"]
    assert len(events("anaf_lost")) == 1


@pytest.mark.parametrize(("client_id", "secret"), [("", "x"), ("a b", "x"), ("a", ""), ("a\n", "x"), ("a" * 300, "x")])
def test_what_cannot_be_a_client_is_refused(database: str, client_id: str, secret: str) -> None:
    client_id = client_id if client_id != "a\n" else "a\nb"
    with pytest.raises(connecting.BadClient), transaction(SYSTEM) as session:
        connecting.set_connection(session, "prod", client_id, secret, NOON)


def test_a_demo_never_calls_anaf_itself(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(1)
    with transaction(SYSTEM) as session:
        connecting.set_connection(session, "prod", "client-1", "secret-1", NOON)
        row = session.get_one(AnafConnection, 1)
        tokens.store(row, tokens.Tokens("a", "r", 0), NOON)
        row.connected_at = NOON
    monkeypatch.setattr(clock, "in_demo", lambda: True)
    with transaction(SYSTEM) as session:
        assert sending.take_next(session, NOON) is None
        assert not tokens.keep_fresh(session, SOON)
