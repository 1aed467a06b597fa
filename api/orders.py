"""`GET /orders/{id}/confirmation.pdf` and `/orders/{id}/picking-list.pdf`: an order on paper, made when asked for."""

from collections.abc import Callable

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import answers
from api.headers import signed_in
from core.db import transaction
from core.documents.order_papers import NothingToPick, confirmation_pdf, picking_list_pdf
from core.errors import NotAllowed, NotFound
from core.i18n import N_
from core.principal import Principal

LOGIN_NEEDED = N_("Log in to see this order.")

Paper = Callable[[Session, int, str], bytes]


async def confirmation(request: Request) -> Response:
    """For the partner whose order it is, and for staff."""
    return await _answer(request, confirmation_pdf, "confirmation")


async def picking_list(request: Request) -> Response:
    """For staff who claim or ship."""
    return await _answer(request, picking_list_pdf, "picking-list")


async def _answer(request: Request, paper: Paper, name: str) -> Response:
    order_id = answers.number_in(request)
    if order_id is None:
        return answers.not_found()
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED)
    try:
        content = await run_in_threadpool(_made, paper, principal, order_id)
    except NotFound:
        return answers.not_found(principal)
    except NotAllowed as refusal:
        return answers.refused(refusal, principal, 403)
    except NothingToPick as refusal:
        return answers.refused(refusal, principal, 409)
    return answers.pdf(content, f"{name}-{order_id}.pdf")


def _made(paper: Paper, principal: Principal, order_id: int) -> bytes:
    with transaction(principal) as session:
        return paper(session, order_id, principal.language)
