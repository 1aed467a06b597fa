"""The browsers of a user: what they call themselves, and which of them were used before."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from core.auth.models import KnownBrowser
from core.auth.sessions import hash_token
from core.events import record

REMEMBERED = timedelta(days=400)
"""How long a browser is known after its last log-in; browsers keep no cookie for longer."""

# What a browser calls itself holds the names of others too: the first that fits is the right one.
_BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet", "Firefox/": "Firefox", "FxiOS/": "Firefox",
    "CriOS/": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
TELEPHONES = ("iPhone", "iPad", "Android")
_SYSTEMS = {
    **{name: name for name in TELEPHONES},
    "Windows": "Windows", "CrOS": "ChromeOS", "Mac OS X": "macOS", "Linux": "Linux",
}  # fmt: skip


def browser_name(user_agent: str) -> str:
    """The User-Agent header as people would say it, `Firefox, Windows`; empty for one that tells nothing."""
    told = (next((name for sign, name in names.items() if sign in user_agent), None) for names in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in told if name)


def recognise(session: Session, user_id: int, token: str, user_agent: str, as_of: datetime) -> str:
    """The user is about to get a session in the browser that holds `token` (or ''): the value that it is known by.

    Records `new_sign_in` if the user has logged in before, but never in this browser. Call it before `open_session`.
    """
    known = session.execute(_SEEN, {"user": user_id, "hash": hash_token(token), "as_of": as_of}).one_or_none()
    if token and known:
        return token
    if partner := session.execute(_BEFORE, {"user": user_id}).one_or_none():
        record(
            session, "new_sign_in", as_of, partner_id=partner.partner_id, by=user_id, user=user_id,
            browser=browser_name(user_agent),
        )  # fmt: skip
    # Several people may use one browser: it keeps the value it has, and each of them is known by it.
    value = token or secrets.token_urlsafe(32)
    session.add(KnownBrowser(user_id=user_id, token_hash=hash_token(value), seen_at=as_of))
    session.flush()
    return value


def forget_old(session: Session, as_of: datetime) -> None:
    """Forget the browsers that were not used to log in for REMEMBERED."""
    session.execute(delete(KnownBrowser).where(KnownBrowser.seen_at < as_of - REMEMBERED))


_SEEN = text("""
    update known_browser set seen_at = :as_of where user_id = :user and token_hash = :hash returning user_id
""")
_BEFORE = text("""
    select partner_id from app_user
    where id = :user and exists (select from event where user_id = :user and kind = 'user_signed_in')
""")
