"""The company's logo and colour, made fit for paper: whatever somebody uploaded, a document can be rendered."""

import io
import re
from base64 import b64encode
from dataclasses import dataclass

from PIL import Image

from core.company import Company

DEFAULT_COLOUR = "#0f766e"
LOGO_FORMATS = ("PNG", "JPEG")
MOST_LOGO_PIXELS = 25_000_000
LOGO_SIZE = (900, 360)
"""In pixels: as sharp as 300 dots an inch in the space that the templates give it."""
LEAST_CONTRAST = 4.5
"""Of text on white, after WCAG 2 (AA): the colour is darkened until it can be read."""

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """What the templates take from the company: colours as `#rrggbb`, the logo as a `data:` address or empty."""

    colour: str = DEFAULT_COLOUR
    tint: str = "#eff6f6"
    logo: str = ""


def look_of(company: Company) -> Look:
    """The look as it is now. What is no colour or no picture is left out: a document must be issued all the same."""
    return make_look(company.colour, company.logo)


def make_look(colour: str, logo: bytes | None = None) -> Look:
    """`colour` as `#rrggbb`, for the text and its tint; `logo` as the bytes of a PNG or a JPEG."""
    rgb = _rgb(colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else DEFAULT_COLOUR)
    while _contrast_with_white(rgb) < LEAST_CONTRAST:
        rgb = _mixed(rgb, 0.95, 0)
    return Look(_hex(rgb), _hex(_mixed(rgb, 0.07, 1)), _logo(logo))


def _logo(content: bytes | None) -> str:
    """The picture drawn anew: no bytes of an upload reach the page, and no colours that PDF/A does not hold."""
    if not content:
        return ""
    try:
        with Image.open(io.BytesIO(content), formats=LOGO_FORMATS) as picture:
            if picture.width * picture.height > MOST_LOGO_PIXELS:
                return ""
            clean = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    clean.thumbnail(LOGO_SIZE)
    clean.info.clear()  # what a camera or a drawing program noted about itself
    drawn = io.BytesIO()
    clean.save(drawn, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(drawn.getvalue()).decode()}"


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(value * 255):02x}" for value in rgb)


def _mixed(rgb: Rgb, share: float, other: float) -> Rgb:
    """So much of the colour, the rest black (0) or white (1)."""
    red, green, blue = (value * share + other * (1 - share) for value in rgb)
    return red, green, blue


def _contrast_with_white(rgb: Rgb) -> float:
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in rgb]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
