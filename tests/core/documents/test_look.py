import base64
import io
import re

import pytest
from PIL import Image

from core.documents.look import DEFAULT_COLOUR, LOGO_SIZE, make_look


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> bytes:
    drawn = io.BytesIO()
    Image.new(mode, size).save(drawn, kind)
    return drawn.getvalue()


def logo_of(content: bytes) -> Image.Image:
    address = make_look(DEFAULT_COLOUR, content).logo
    assert address.startswith("data:image/png;base64,")
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))


@pytest.mark.parametrize("colour", ["", "red", "#12345", "#0f766e; } body { display: none", "#0f766e\n", "url(x)"])
def test_what_is_no_colour_is_not_taken(colour: str) -> None:
    assert make_look(colour) == make_look(DEFAULT_COLOUR)


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert make_look("#1D4ED8").colour == "#1d4ed8"


@pytest.mark.parametrize("colour", ["#ffffff", "#ffe600", "#7dd3fc"])
def test_a_colour_too_light_to_read_is_darkened(colour: str) -> None:
    shown = make_look(colour).colour
    red, green, blue = (int(shown[place : place + 2], 16) / 255 for place in (1, 3, 5))
    assert re.fullmatch("#[0-9a-f]{6}", shown)
    assert 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.19


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGB"), ("PNG", "LA"), ("PNG", "P"), ("JPEG", "CMYK"), ("JPEG", "L")]
)
def test_logos_of_every_kind_of_colours_come_out_as_what_an_archive_may_hold(kind: str, mode: str) -> None:
    assert logo_of(picture(kind, mode)).mode in ("RGB", "RGBA")


def test_a_large_logo_is_made_smaller_and_keeps_its_shape() -> None:
    width, height = logo_of(picture("PNG", size=(3600, 900))).size
    assert width <= LOGO_SIZE[0]
    assert width == 4 * height


@pytest.mark.parametrize(
    "content",
    [
        None, b"", b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", b"GIF89a",
        picture("GIF"), picture("BMP"), picture("PNG")[:20], picture("PNG", "1", (6000, 5000)),
    ],
)  # fmt: skip
def test_what_is_no_picture_that_may_be_printed_is_left_out(content: bytes | None) -> None:
    assert make_look(DEFAULT_COLOUR, content).logo == ""
