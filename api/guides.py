"""`GET /guide-pictures/{language}/{name}.webp`: a picture of a guide, for whoever is logged in."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api import answers
from api.headers import signed_in
from core.guides.reading import picture_path
from core.i18n import N_

PICTURE_LOGIN = N_("Log in to see this picture.")
KEPT = {"cache-control": "private, max-age=3600", "vary": "cookie"}


async def picture(request: Request) -> Response:
    """The WebP."""
    principal = await signed_in(request)
    if principal is None:
        return answers.login_first(request, PICTURE_LOGIN)
    path = picture_path(request.path_params["name"], request.path_params["language"])
    if path is None:
        return answers.not_found(principal)
    return FileResponse(path, headers=KEPT, media_type="image/webp")
