"""From a picture that somebody sent to the one that is kept: never larger than needed, and nothing else in it.

Whatever is in the file is read here by one process-wide hand at a time, and only after its size was found bearable.
"""

import hashlib
import io
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageFile, ImageOps

from core.errors import Refusal
from core.i18n import N_

MOST_MB = 15
MOST_MEGAPIXELS = 50
SIDE, SMALL_SIDE = 1200, 128
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82
EFFORT = 2
"""Of 0 to 6: a fifth faster than WebP's usual 4, for files that are 2 % larger."""

_ONE_AT_A_TIME = threading.Lock()
"""The largest picture takes 200 MB while it is made smaller: several at once could take all there is."""
# What Pillow's readers raise for files that are cut off, made up or mistaken, besides its own errors.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error,
           zlib.error)  # fmt: skip


class NotAPicture(Refusal):
    message = N_("This is not a picture that can be shown. Pictures are JPEG, PNG or WebP files.")


class PictureTooLarge(Refusal):
    message = N_("The picture has more than {largest} MB. Save it smaller: 1,200 pixels a side are enough.")


class TooManyPixels(Refusal):
    message = N_("The picture has more than {most} million pixels. Save it smaller: 1,200 pixels a side are enough.")


class Animated(Refusal):
    message = N_("The picture moves. Save one frame of it as JPEG or PNG.")


@dataclass(frozen=True, slots=True)
class Picture:
    """`content` (at most SIDE pixels a side) and `small` (SMALL_SIDE) as WebP; `sha256` of the file that was given."""

    sha256: bytes
    content: bytes
    small: bytes


def normalised(data: bytes) -> Picture:
    """The picture in a file: upright as its EXIF says, in RGB (with transparency where it has some), without metadata.

    Raises NotAPicture, PictureTooLarge, TooManyPixels, Animated.
    """
    if len(data) > MOST_MB * 1024 * 1024:
        raise PictureTooLarge(largest=MOST_MB)
    with _ONE_AT_A_TIME, _whole_files_only():
        try:
            image = _read(data)
        except Image.DecompressionBombError as error:  # so many that Pillow refuses it before we do
            raise TooManyPixels(most=MOST_MEGAPIXELS) from error
        except _BROKEN as error:
            raise NotAPicture from error
        content = _webp(image)
        image.thumbnail((SMALL_SIDE, SMALL_SIDE))
        return Picture(hashlib.sha256(data).digest(), content, _webp(image))


@contextmanager
def _whole_files_only() -> Iterator[None]:
    """WeasyPrint, once it is loaded, has Pillow read what is there of a file that was cut off: half a grey picture."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _read(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_MEGAPIXELS * 1_000_000:
            raise TooManyPixels(most=MOST_MEGAPIXELS)
        # Cameras put a preview behind a JPEG and call it MPO; the first picture is the one.
        if opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1:
            raise Animated
        image: Image.Image = opened
        if opened.mode not in ("RGB", "RGBA", "L", "CMYK", "YCbCr"):
            image = _in_colour(opened)  # what is not is made smaller badly, or not at all
        image.thumbnail((SIDE, SIDE))  # a JPEG is not even read at its full size
        return _in_colour(ImageOps.exif_transpose(image))


def _in_colour(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits a pixel: the upper eight are seen
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _webp(image: Image.Image) -> bytes:
    """WebP of the pixels alone: Pillow writes metadata only when it is asked to."""
    target = io.BytesIO()
    image.save(target, "WEBP", quality=QUALITY, method=EFFORT)
    return target.getvalue()
