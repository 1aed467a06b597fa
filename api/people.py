"""`GET /people/{id}/data.json`: what is kept of a person, for that person and for who manages them."""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import answers
from api.headers import signed_in
from core import clock
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.i18n import N_
from core.permissions import may
from core.principal import Principal
from core.privacy.taking_out import personal_data

LOGIN_NEEDED = N_("Log in to get this file.")


async def data(request: Request) -> Response:
    """The file, saved under a name with today's date. Somebody else's and nobody's are answered the same."""
    user_id = answers.number_in(request)
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED)
    if not may(principal, "account.own"):
        return answers.refused(NotAllowed(), principal, 403)
    found = await run_in_threadpool(_data, principal, user_id) if user_id else None
    if found is None:
        return answers.not_found(principal)
    name = f"date-personale-{user_id}-{clock.now():%Y-%m-%d}.json"
    shown = {"content-disposition": f'attachment; filename="{name}"'}
    content = json.dumps(found, ensure_ascii=False, indent=2)
    return Response(content, media_type="application/json", headers=answers.NOT_KEPT | shown)


def _data(principal: Principal, user_id: int) -> dict[str, Any] | None:
    with transaction(principal, wall=False) as session:
        try:
            return personal_data(session, user_id, clock.now())
        except (NotFound, NotAllowed):
            return None
