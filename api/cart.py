"""`POST /cart/keep`: what was typed into the order grid goes to the cart, and how the cart stands is the answer.

The grid sends it as it is typed, again after a lost connection, and as a beacon when its tab closes.
"""

import json
import secrets
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api import answers
from api.headers import is_from_our_page, signed_in
from core import clock
from core.db import transaction
from core.errors import NotAllowed, Refusal
from core.i18n import N_, translate
from core.orders.cart import view_cart
from core.orders.keeping import NotUnderstood, SomebodyElses, answer_figures, cart_figures, keep_typed, typed
from core.principal import Principal

log = structlog.get_logger(__name__)
MOST_BYTES = 64 * 1024  # no browser sends a larger beacon
LOGIN_NEEDED = N_("Your session has ended. What you typed is kept in this browser for half an hour.")


async def keep(request: Request) -> Response:
    """For who may order, from our own pages only; refused in words that the page shows."""
    if not _from_our_page(request):
        return _refused(NotAllowed(), None, 403)
    body = await _body(request)
    principal = await signed_in(request)
    if principal is None:
        words = translate(LOGIN_NEEDED, answers.STRANGERS_LANGUAGE)
        return JSONResponse({"refused": words}, 401, answers.NOT_KEPT)
    try:
        kept = await run_in_threadpool(_keep, principal, body)
    except SomebodyElses as refusal:
        return _refused(refusal, principal, 409)
    except NotUnderstood as refusal:
        return _refused(refusal, principal, 422)
    except Refusal as refusal:
        return _refused(refusal, principal, 403)
    except OperationalError:  # the cart is locked, or the database is away: the page tries again
        return Response(status_code=503, headers=answers.NOT_KEPT)
    except Exception as error:  # in words of ours the page tells it from a proxy's trouble: one edit stops no other
        reference = secrets.token_hex(3).upper()
        log.error("what was typed was not kept", reference=reference, exc_info=error)
        return JSONResponse({"failed": reference}, 500, answers.NOT_KEPT)
    return JSONResponse(kept, headers=answers.NOT_KEPT)


def _keep(principal: Principal, body: bytes | None) -> dict[str, Any]:
    """Two transactions: what is read begins after what was written is there for all, and says from when it is."""
    try:
        message = typed(json.loads(body or b""), principal)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood from error
    with transaction(principal) as session:
        lines = keep_typed(session, message, clock.now()) if message.edits else []
    as_of = clock.now()
    with transaction(principal) as session:
        cart = cart_figures(view_cart(session, as_of), as_of)
    return {"cart": cart, "older": True} if lines is None else {"cart": cart, "lines": list(map(answer_figures, lines))}


def _from_our_page(request: Request) -> bool:
    """Browsers name in `Origin` the site whose page sends a POST, and no page can change that."""
    return "origin" in request.headers and is_from_our_page(request)


async def _body(request: Request) -> bytes | None:
    """What was sent; None if it is more than a page sends."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return body


def _refused(refusal: Refusal, principal: Principal | None, status: int) -> Response:
    language = principal.language if principal else answers.STRANGERS_LANGUAGE
    return JSONResponse({"refused": refusal.text(language)}, status, answers.NOT_KEPT)
