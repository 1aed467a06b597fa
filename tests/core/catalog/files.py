"""Pictures and ZIPs for tests, also such as nobody should send."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image


def picture(width: int = 40, height: int = 30, colour: str = "teal", kind: str = "PNG", **options: Any) -> bytes:
    return saved(Image.new("RGB", (width, height), colour), kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
              for name, data in parts)  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target
