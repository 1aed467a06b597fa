"""The tokens that ANAF knows the portal by: kept sealed, and renewed in pairs, by one worker at a time.

A renewed pair is stored in the transaction that asked for it, under the lock of its row. Who dies in between has lost
it, since ANAF takes the old one no more: then somebody must connect again, and hears so. Nothing else is lost.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.anaf import client
from core.anaf.answers import Tokens
from core.anaf.client import Access, AnafError, App, Denied, Rejected
from core.anaf.models import AnafConnection
from core.events import record
from core.i18n import N_
from core.sealing import Unreadable, seal, unseal

log = structlog.get_logger(__name__)

PURPOSE = "anaf"
ACCESS_DAYS, REFRESH_DAYS = timedelta(days=90), timedelta(days=365)
AHEAD = timedelta(days=7)
"""A token is renewed so long before its end: whoever must connect again has that much time."""
SPARE = timedelta(minutes=5)
AGAIN = timedelta(minutes=15)
NEW = timedelta(hours=1)
PAUSES = [timedelta(minutes=minutes) for minutes in (2, 10, 30, 60)]
"""After tries in a row that came to nothing no invoice is sent for so long: in an outage few get into doubt."""
UNAUTHORIZED = "401"
SECRET_LOST = N_("What is kept of the connection cannot be read any more. Enter the client secret and connect again.")


def access(session: Session, as_of: datetime, *, to_send: bool = False) -> Access | None:
    """How ANAF may be called now; None where nobody has connected, the token has ended, or, `to_send` an invoice, ANAF
    is better left alone for a while."""
    row = session.get(AnafConnection, 1, populate_existing=True)
    if row is None or not row.connected_at or not row.access_token or (clock.in_demo() and client.is_anafs_own()):
        return None
    if row.access_until is None or row.access_until <= clock.real(as_of) + SPARE:
        return None
    if to_send and row.paused_until is not None and row.paused_until > as_of:
        return None
    try:
        return Access(row.environment, unseal(PURPOSE, row.access_token))
    except Unreadable:
        return None


def keep_fresh(session: Session, as_of: datetime) -> bool:
    """Renew the tokens when the first is about to end; True if that was done. The transaction is to be committed at
    once: ANAF takes the old pair no more.

    Where ANAF does not know them any more, `anaf_lost` is recorded and the connection waits for a person.
    """
    row = _to_renew(session, as_of)
    if row is None:
        return False
    try:
        app, token = App(row.client_id, unseal(PURPOSE, row.client_secret)), unseal(PURPOSE, row.refresh_token)
    except Unreadable:
        lose(session, row, SECRET_LOST, as_of)
        return False
    try:
        store(row, client.refresh(app, token), clock.real(as_of))
    except AnafError as error:
        if isinstance(error, Rejected) or error.text.startswith(UNAUTHORIZED):
            lose(session, row, error.text, as_of)
            return False
        log.warning("anaf tokens not renewed", error=type(error).__name__)
        row.refresh_after, row.error, row.error_at = clock.real(as_of) + AGAIN, error.text, as_of
        return False
    return True


def _to_renew(session: Session, as_of: datetime) -> AnafConnection | None:
    """The connection, locked, if its tokens are to be renewed and nobody else is at it."""
    real = clock.real(as_of)
    due = (
        AnafConnection.connected_at.is_not(None), AnafConnection.refresh_token != "",
        AnafConnection.access_until <= real + AHEAD,
        AnafConnection.refresh_after.is_(None) | (AnafConnection.refresh_after <= real),
    )  # fmt: skip
    if clock.in_demo() and client.is_anafs_own():
        return None
    return session.scalar(
        select(AnafConnection).where(*due).with_for_update(skip_locked=True).execution_options(populate_existing=True)
    )


def store(row: AnafConnection, tokens: Tokens, now: datetime) -> None:
    """Keep a pair that ANAF has just given, at the real instant `now`."""
    row.access_token, row.refresh_token = seal(PURPOSE, tokens.access), seal(PURPOSE, tokens.refresh)
    row.access_until = now + (timedelta(seconds=tokens.seconds) if tokens.seconds else ACCESS_DAYS)
    row.refresh_until = now + REFRESH_DAYS
    row.refresh_after = None if row.access_until > now + AHEAD else now + AGAIN


def lose(session: Session, row: AnafConnection, why: str, as_of: datetime) -> None:
    """Nothing can be renewed any more: somebody must connect again. Until the access token ends, it is used."""
    row.refresh_token, row.refresh_until, row.error, row.error_at = "", None, why, as_of
    session.flush()
    record(session, "anaf_lost", as_of, error=why)


def note_failure(session: Session, error: AnafError, as_of: datetime) -> None:
    """A call came to nothing: invoices wait a while, and staff see why."""
    row = _locked(session)
    if row is None:
        return
    denied_before = row.error[:2] == "40"
    row.error, row.error_at = error.text or type(error).__name__, as_of
    row.paused_until = as_of + PAUSES[min(row.failures, len(PAUSES) - 1)]
    row.failures += 1
    if isinstance(error, Denied):
        _denied(session, row, denied_before, as_of)


def _denied(session: Session, row: AnafConnection, before: bool, as_of: datetime) -> None:
    """A token that ANAF takes no more is renewed before its time, unless it is new. When nothing helps, people hear of
    it."""
    real = clock.real(as_of)
    if row.error.startswith(UNAUTHORIZED) and not row.refresh_token:
        row.access_token, row.access_until = "", None
    elif row.error.startswith(UNAUTHORIZED) and row.refresh_until and row.refresh_until - REFRESH_DAYS < real - NEW:
        row.access_until, row.refresh_after = real, None
    elif row.failures == len(PAUSES) or (row.failures > len(PAUSES) and not before):
        record(session, "anaf_lost", as_of, error=row.error)


def note_success(session: Session) -> None:
    """ANAF took an invoice: nothing stands in the way. As a rule nothing is to be changed, and no lock waited for."""
    well = {"failures": 0, "paused_until": None, "error": "", "error_at": None}
    session.execute(update(AnafConnection).where(AnafConnection.failures > 0).values(well))


def _locked(session: Session) -> AnafConnection | None:
    return session.get(AnafConnection, 1, with_for_update=True, populate_existing=True)
