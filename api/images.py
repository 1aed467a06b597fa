"""`GET /images/{id}/small` and `/large`: a product's picture for who may see the product.

A picture never changes under its id, so a browser keeps it: a page of the catalogue asks for each one once.
"""

from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import answers
from api.headers import signed_in
from core.catalog.pictures import may_see_picture, picture
from core.db import transaction
from core.errors import NotAllowed
from core.i18n import N_
from core.permissions import may
from core.principal import Principal

LOGIN_NEEDED = N_("Log in to see this picture.")
SIZES = ("small", "large")
# For nobody else, also of those who log in with this browser after: their cookie is another.
KEPT = {"cache-control": "private, max-age=604800, immutable", "vary": "cookie"}


class Asked(NamedTuple):
    """A picture, and whether the browser has it already."""

    id: int
    small: bool
    known: bool


async def image(request: Request) -> Response:
    """The WebP. One that is not there and one of a product that is not offered to who asks are answered the same."""
    image_id, size = answers.number_in(request), request.path_params["size"]
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, LOGIN_NEEDED)
    if not may(principal, "catalog.see", "products.see"):
        return answers.refused(NotAllowed(), principal, 403)
    if image_id is None or size not in SIZES:
        return answers.not_found(principal)
    tag = f'"{image_id}-{size}"'
    known = tag in request.headers.get("if-none-match", "")
    content = await run_in_threadpool(_content, principal, Asked(image_id, size == "small", known))
    if content is None:
        return answers.not_found(principal)
    headers = KEPT | {"etag": tag}
    return Response(status_code=304, headers=headers) if known else Response(content, 200, headers, "image/webp")


def _content(principal: Principal, asked: Asked) -> bytes | None:
    """The bytes, none of which are read for a browser that has them; None for what is not for the principal."""
    with transaction(principal) as session:
        if asked.known:
            return b"" if may_see_picture(session, asked.id) else None
        return picture(session, asked.id, small=asked.small)
