"""The two routes that set and clear the session cookie; the log-in form and the log-out button lead here."""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.headers import BROWSER_COOKIE, SESSION_COOKIE, needs_tls
from core import clock
from core.auth import sessions
from core.db import transaction
from core.principal import SYSTEM

TRY_AGAIN = "/?" + urlencode({"login": "again"})


async def enter(request: Request) -> Response:
    """`GET /auth/session?t=…`: exchange the ticket for a session cookie and go where the user wanted to."""
    ticket = request.query_params.get("t", "")
    entered = await run_in_threadpool(
        _enter, ticket, request.cookies.get(BROWSER_COOKIE, ""), request.cookies.get(SESSION_COOKIE, "")
    )
    if entered is None:
        return RedirectResponse(TRY_AGAIN, 303)
    next_path, cookie = entered
    response = RedirectResponse(next_path, 303)
    response.set_cookie(
        SESSION_COOKIE,
        cookie,
        max_age=int(sessions.SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=needs_tls(request),
    )
    response.delete_cookie(BROWSER_COOKIE)  # the next page sets a fresh one
    return response


async def signed_out(_request: Request) -> Response:
    """`GET /auth/signed-out`: forget the cookie; the session itself was ended before."""
    response = RedirectResponse("/", 303)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    return response


def _enter(ticket: str, browser: str, old_cookie: str) -> tuple[str, str] | None:
    now = clock.now()
    with transaction(SYSTEM) as session:
        redeemed = sessions.redeem_ticket(session, ticket, browser, now)
        if redeemed is None:
            return None
        sessions.end_session(session, old_cookie)
        return redeemed.next_path, sessions.open_session(session, redeemed.user_id, now)
