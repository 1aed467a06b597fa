"""How the routes for files answer: never kept by a browser, in words, and with a way to the log-in."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from api.headers import is_navigation
from core.errors import NotFound, Refusal
from core.i18n import translate
from core.principal import Principal

NOT_KEPT = {"cache-control": "private, no-store"}
STRANGERS_LANGUAGE = "ro"
LARGEST_ID = 2**31 - 1  # an address may name any number; the database would refuse to compare a larger one


def number_in(request: Request) -> int | None:
    """The id in the address; None for what is no id of anything."""
    digits: str = request.path_params["id"]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):  # of thousands of digits Python makes none
        return None
    return int(digits) if 0 < int(digits) <= LARGEST_ID else None


def refused(refusal: Refusal, principal: Principal | None, status: int) -> Response:
    """Why not, in the language of who asks."""
    language = principal.language if principal else STRANGERS_LANGUAGE
    return PlainTextResponse(refusal.text(language), status, NOT_KEPT)


def not_found(principal: Principal | None = None) -> Response:
    return refused(NotFound(), principal, 404)


def login_first(request: Request, words: str, back_to: str | None = None) -> Response:
    """A person is sent to the log-in, and from there to `back_to` (a path; else back here); a program reads `words`."""
    if is_navigation(request.headers):
        return RedirectResponse("/?" + urlencode({"next": back_to or request.url.path}), 303, NOT_KEPT)
    return PlainTextResponse(translate(words, STRANGERS_LANGUAGE), 401, NOT_KEPT)


def pdf(content: bytes, filename: str) -> Response:
    """A PDF, shown in the browser. The general policy's object-src would stop those whose viewer is a plug-in."""
    shown = {
        "content-disposition": f'inline; filename="{filename}"',
        "content-security-policy": "frame-ancestors 'none'",
    }
    return Response(content, media_type="application/pdf", headers=NOT_KEPT | shown)


def xml(content: bytes, filename: str) -> Response:
    """An XML, always as a download: a browser has nothing to show of it."""
    download = {"content-disposition": f'attachment; filename="{filename}"'}
    return Response(content, media_type="application/xml", headers=NOT_KEPT | download)
