"""Setting up how ANAF is reached: the application's data, a person's certificate, and leaving again."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.anaf import client, tokens
from core.anaf.client import AnafError, App
from core.anaf.models import ENVIRONMENTS, AnafConnection
from core.config import settings
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.principal import Principal
from core.sealing import Unreadable, seal, unseal

PATH = "/anaf/callback"
STATE_PURPOSE = "anaf-state"
STATE_LIVES = timedelta(minutes=30)
"""So long a person may take at ANAF, with certificate and PIN."""


class BadClient(Refusal):
    message = N_("Enter client id and client secret exactly as ANAF gave them for the registered application.")


class BadEnvironment(Refusal):
    message = N_("Choose ANAF's test environment or the real one.")


class NotSetUp(Refusal):
    message = N_("Save client id and client secret first, then connect.")


class NotOurs(Refusal):
    message = N_("This answer of ANAF belongs to no connecting that you have begun. Connect again under Settings.")


class AnafSaidNo(Refusal):
    message = N_("ANAF did not let us in: {reason}. Connect again under Settings.")


@dataclass(frozen=True, slots=True)
class Connection:
    """What staff may see of it. `until`: when the access that was given ends, if nothing renews it; `lost`: somebody
    must connect again."""

    environment: str
    client_id: str
    has_secret: bool
    connected_at: datetime | None
    until: datetime | None
    lost: bool
    error: str
    error_at: datetime | None


def connection(session: Session) -> Connection | None:
    """How ANAF is reached; None where nobody has set it up. Raises NotAllowed."""
    authorize(session, "settings.edit")
    row = session.get(AnafConnection, 1)
    if row is None:
        return None
    lost = row.connected_at is not None and not row.refresh_token
    return Connection(row.environment, row.client_id, bool(row.client_secret), row.connected_at, row.access_until, lost,
                      row.error, row.error_at)  # fmt: skip


def set_connection(session: Session, environment: str, client_id: str, client_secret: str, as_of: datetime) -> None:
    """Keep the data of the registered application; an empty secret leaves the one that is kept. Another application
    must be connected anew; another environment begins afresh: what was sent to `test` counts for nothing.

    Raises NotAllowed, BadEnvironment, BadClient. Records `settings_changed` without the secret.
    """
    authorize(session, "settings.edit")
    client_id, client_secret = client_id.strip(), client_secret.strip()
    row = session.get(AnafConnection, 1, with_for_update=True)
    if environment not in ENVIRONMENTS:
        raise BadEnvironment
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", client_id) or not re.fullmatch(r"[\x21-\x7e]{0,500}", client_secret):
        raise BadClient
    if row is None and not client_secret:
        raise BadClient
    before = {"anaf_environment": row.environment, "anaf_client": row.client_id} if row else {}
    if row is None:
        row = AnafConnection(id=1, client_id=client_id, client_secret="", environment=environment)
        session.add(row)
    if client_id != row.client_id:
        _forget_tokens(row)
    row.environment, row.client_id = environment, client_id
    if client_secret:
        row.client_secret = seal(tokens.PURPOSE, client_secret)
    session.flush()
    if row.connected_at is not None and before.get("anaf_environment") != environment:
        _begin_afresh(session, environment)
    after = {"anaf_environment": environment, "anaf_client": client_id}
    changed = {name: [before.get(name, ""), value] for name, value in after.items() if before.get(name) != value}
    if client_secret:
        changed["anaf_secret"] = ["", ""]
    if changed:
        record(session, "settings_changed", as_of, changes=changed)


def start_url(session: Session) -> str:
    """Where the browser goes to connect: ANAF's page, with what tells on the way back that this person began it.

    Raises NotAllowed, NotSetUp.
    """
    principal = authorize(session, "settings.edit")
    row = session.get(AnafConnection, 1)
    if row is None:
        raise NotSetUp
    state = seal(STATE_PURPOSE, f"{_who(principal)}:{clock.real_now().timestamp():.0f}:{secrets.token_urlsafe(9)}")
    return client.authorize_url(row.client_id, redirect_uri(), state)


def redirect_uri() -> str:
    """The address that must be registered with ANAF."""
    return settings().public_url.rstrip("/") + PATH


def connect(session: Session, code: str, state: str, as_of: datetime) -> None:
    """Exchange the code that ANAF gave the browser, and keep the tokens. Where nobody was connected, what already waits
    is looked for at ANAF first: people may have handed it in themselves. Records `anaf_connected`.

    Raises NotAllowed, NotSetUp, NotOurs, AnafSaidNo.
    """
    principal = authorize(session, "settings.edit")
    if not _is_ours(state, principal):
        raise NotOurs
    row = session.get(AnafConnection, 1, with_for_update=True)
    if row is None:
        raise NotSetUp
    try:
        app = App(row.client_id, unseal(tokens.PURPOSE, row.client_secret))
        given = client.exchange(app, code, redirect_uri())
    except Unreadable as error:
        raise NotSetUp from error
    except AnafError as error:
        raise AnafSaidNo(reason=error.text or type(error).__name__) from error
    first = row.connected_at is None
    tokens.store(row, given, clock.real(as_of))
    row.connected_at, row.connected_by = as_of, principal.user_id
    row.error, row.error_at, row.failures, row.paused_until = "", None, 0, None
    session.flush()
    if first:
        _begin_afresh(session, row.environment)
    record(session, "anaf_connected", as_of, environment=row.environment)


def disconnect(session: Session, as_of: datetime) -> None:
    """Forget the tokens: from now on nothing is sent, and invoices wait. Raises NotAllowed. Records
    `anaf_disconnected`."""
    authorize(session, "settings.edit")
    row = session.get(AnafConnection, 1, with_for_update=True)
    if row is None or row.connected_at is None:
        return
    _forget_tokens(row)
    session.flush()
    record(session, "anaf_disconnected", as_of, environment=row.environment)


def _forget_tokens(row: AnafConnection) -> None:
    row.access_token = row.refresh_token = row.error = ""
    row.access_until = row.refresh_until = row.refresh_after = row.error_at = row.paused_until = None
    row.connected_at = row.connected_by = None
    row.failures = 0


def _begin_afresh(session: Session, environment: str) -> None:
    """Of ANAF's test environment nothing is ever twice, so nothing is looked for."""
    if environment == "prod":
        session.execute(_AFRESH)


def _who(principal: Principal) -> str:
    return f"{principal.user_id}/{principal.session_id}"


def _is_ours(state: str, principal: Principal) -> bool:
    """Was this sealed for the same person in the same session, not long ago?"""
    try:
        who, began, _ = unseal(STATE_PURPOSE, state).rsplit(":", 2)
    except (Unreadable, ValueError):
        return False
    age = clock.real_now().timestamp() - float(began)
    return who == _who(principal) and -1 <= age <= STATE_LIVES.total_seconds()


# As if each had been tried when it was issued: it is looked for in ANAF's list, and sent if it surely is not there.
_AFRESH = text("""
    update anaf_submission set state = 'unknown', environment = 'prod', upload_index = null,
           download_id = null, verdict = '', taken_until = null, looks = 0, ended_at = null, uploaded_at = null,
           tried_at = issued_at, next_try_at = issued_at
    from document
    where document.id = document_id
      and (state = 'queued' or (environment = 'test' and state <> 'not_needed'))
""")
