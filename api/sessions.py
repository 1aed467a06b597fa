"""The two routes that set and clear the session cookie; the log-in form and the log-out button lead here."""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.headers import client_address, needs_tls
from core import clock
from core.auth import browsers, sessions
from core.auth.cookies import browser_cookie, known_cookie, session_cookie
from core.db import transaction
from core.principal import SYSTEM, visitor

TRY_AGAIN = "/?" + urlencode({"login": "again"})


async def enter(request: Request) -> Response:
    """`GET /auth/session?t=…`: exchange the ticket for a session cookie and go where the user wanted to."""
    ticket = request.query_params.get("t", "")
    entered = await run_in_threadpool(_enter, ticket, request)
    if entered is None:
        return RedirectResponse(TRY_AGAIN, 303)
    next_path, cookie, known = entered
    response = RedirectResponse(next_path, 303)
    for name, value, lives in (
        (session_cookie(), cookie, sessions.LONGEST_LIFE),  # when it is over, the database says
        (known_cookie(), known, browsers.REMEMBERED),
    ):
        response.set_cookie(
            name, value, max_age=int(lives.total_seconds()), httponly=True, samesite="lax", secure=needs_tls(request)
        )
    response.delete_cookie(browser_cookie(), secure=needs_tls(request))  # the next page sets a fresh one
    return response


async def signed_out(request: Request) -> Response:
    """`GET /auth/signed-out`: forget the cookie, and end its session if the page that led here has not done it."""
    await run_in_threadpool(_leave, request.cookies.get(session_cookie(), ""))
    response = RedirectResponse("/", 303)
    response.delete_cookie(session_cookie(), httponly=True, samesite="lax", secure=needs_tls(request))
    return response


def _leave(cookie: str) -> None:
    with transaction(SYSTEM) as session:
        sessions.end_session(session, cookie)


def _enter(ticket: str, request: Request) -> tuple[str, str, str] | None:
    """Where to go, and the values of the session cookie and of the one that makes the browser known."""
    now, browser = clock.real_now(), request.cookies.get(browser_cookie(), "")
    calls_itself = request.headers.get("user-agent", "")
    with transaction(visitor(client_address(request))) as session:
        redeemed = sessions.redeem_ticket(session, ticket, browser, now)
        if redeemed is None:
            return None
        sessions.end_session(session, request.cookies.get(session_cookie(), ""))
        known = browsers.recognise(
            session, redeemed.user_id, request.cookies.get(known_cookie(), ""), calls_itself, now
        )
        cookie = sessions.open_session(session, redeemed.user_id, now, calls_itself)
        return redeemed.next_path, cookie, known
