"""The company's logo, as an upload is accepted."""

import io

from PIL import Image
from sqlalchemy.orm import Session

from core import clock
from core.company import company
from core.documents.look import LOGO_FORMATS, MOST_LOGO_PIXELS
from core.errors import Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize

MOST_KB = 500


class BadLogo(Refusal):
    message = N_("This is no PNG or JPEG picture, or it is too large ({size} kB at most). The logo stays as it is.")


def set_logo(session: Session, content: bytes | None) -> None:
    """Take another logo (the bytes of a PNG or JPEG), or none. Raises NotAllowed, BadLogo."""
    authorize(session, "settings.edit")
    if content is not None:
        _check(content)
    row = company(session)
    row.logo = content
    record(session, "settings_changed", clock.now(), changes={"logo": ["", "1" if content else ""]})


def _check(content: bytes) -> None:
    """Only looked at as a picture of these formats, and never drawn before its size is known."""
    try:
        with Image.open(io.BytesIO(content), formats=LOGO_FORMATS) as picture:
            fits = len(content) <= MOST_KB * 1024 and picture.width * picture.height <= MOST_LOGO_PIXELS
            if fits:
                picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadLogo(size=MOST_KB) from error
    if not fits:
        raise BadLogo(size=MOST_KB)
