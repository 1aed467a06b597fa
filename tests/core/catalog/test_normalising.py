"""What becomes of the pictures that people send, the hostile ones among them."""

import io
import random

import pytest
import weasyprint  # noqa: F401 (it has Pillow read files that were cut off; here nothing may come of that)
from PIL import Image

from core.catalog import normalising
from core.catalog.normalising import Animated, NotAPicture, PictureTooLarge, TooManyPixels, normalised
from core.errors import Refusal
from tests.core.catalog.files import opened, picture, png_that_claims, saved


def turned() -> Image.Exif:
    """EXIF that says: turn me, and where I was taken."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "at home"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_small_and_smaller_as_webp(kind: str) -> None:
    made = normalised(picture(3000, 1500, kind=kind))
    assert (opened(made.content).format, opened(made.content).size) == ("WEBP", (1200, 600))
    assert (opened(made.small).format, opened(made.small).size) == ("WEBP", (128, 64))


def test_a_small_picture_is_not_made_larger() -> None:
    assert opened(normalised(picture(20, 10)).content).size == (20, 10)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_upright_and_tells_nothing_about_where_it_was_taken(kind: str) -> None:
    data = picture(200, 100, kind=kind, exif=turned())
    assert b"at home" in data
    made = normalised(data)
    assert opened(made.content).size == (100, 200)
    for kept in (made.content, made.small):
        assert b"at home" not in kept
        assert not opened(kept).getexif()


def test_texts_and_colour_profiles_inside_are_left_out() -> None:
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Comment", "secret")
    made = normalised(picture(pnginfo=told, icc_profile=b"profile" * 20))
    assert b"secret" not in made.content
    assert b"profile" not in made.content


@pytest.mark.parametrize(("mode", "kept"), [
    ("1", "RGB"), ("L", "RGB"), ("LA", "RGBA"), ("P", "RGB"), ("RGBA", "RGBA"), ("I;16", "RGB"),
])  # fmt: skip
def test_every_usual_kind_of_pixel_is_read(mode: str, kept: str) -> None:
    assert opened(normalised(saved(Image.new(mode, (30, 20)), "PNG")).content).mode == kept


def test_print_colours_and_sixteen_bits_are_seen_as_they_are() -> None:
    assert opened(normalised(saved(Image.new("CMYK", (30, 20)), "JPEG")).content).mode == "RGB"
    grey = opened(normalised(saved(Image.new("I;16", (30, 20), 0x8000), "PNG")).content)
    assert grey.getpixel((5, 5)) == (128, 128, 128)


def test_of_a_camera_file_with_a_preview_behind_it_the_picture_is_taken() -> None:
    first, preview = Image.new("RGB", (400, 300), "red"), Image.new("RGB", (40, 30), "blue")
    data = saved(first, "MPO", save_all=True, append_images=[preview])
    assert opened(normalised(data).content).size == (400, 300)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_what_moves_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    with pytest.raises(Animated):
        normalised(saved(frames[0], kind, save_all=True, append_images=frames[1:]))


@pytest.mark.parametrize("data", [
    b"", b"picture", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    picture(kind="GIF"), picture(kind="BMP"), picture(kind="TIFF"), picture(kind="ICO"), b"%PDF-1.7",
    png_that_claims(0, 5), b"\xff\xd8\xff\xe0" + bytes(100),
])  # fmt: skip
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        normalised(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_was_cut_off_is_refused(kind: str) -> None:
    data = saved(Image.effect_noise((300, 200), 90).convert("RGB"), kind)
    with pytest.raises(NotAPicture):
        normalised(data[: len(data) // 2])


@pytest.mark.parametrize("side", [7_072, 20_000, 60_000, 2**31 - 1])
def test_a_decompression_bomb_is_refused_unread(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("its pixels were read")

    monkeypatch.setattr(Image.Image, "load", read)
    with pytest.raises(TooManyPixels):
        normalised(png_that_claims(side, side))


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(PictureTooLarge):
        normalised(bytes(normalising.MOST_MB * 1024 * 1024 + 1))


def test_a_text_bomb_in_a_png_is_refused_or_left_out() -> None:
    import struct
    import zlib

    text = b"Comment\0\0" + zlib.compress(bytes(100_000_000))
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    whole = picture()
    with pytest.raises(NotAPicture):
        normalised(whole[:33] + chunk + whole[33:])


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_whatever_bytes_come_the_answer_is_a_picture_or_a_refusal() -> None:
    rng = random.Random(7)
    seeds = [picture(kind="JPEG", exif=turned()), picture(), picture(kind="WEBP", exif=turned())]
    for _ in range(600):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.choice((1, 3, 12))):
            data[rng.randrange(len(data))] = rng.choice((0, 255, rng.randrange(256)))
        try:
            made = normalised(bytes(data))
        except Refusal:
            continue
        Image.open(io.BytesIO(made.small)).load()
