"""Guides: what people do most often, told step by step with pictures. One Markdown file each in both languages.

A file begins with its title and a sentence of what it is about; a `##` begins each step, a picture is named after the
guide (`![what is seen](first-order-cart)`: the WebP of that name in `pictures/` of the language), and the last part
answers questions.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from PIL import Image

from core.config import ROOT
from core.i18n import LANGUAGES

FOLDER = ROOT / "core" / "guides"
Side = Literal["partner", "staff"]
GUIDES: dict[str, Side] = {
    "first-order": "partner",
    "quick-order": "partner",
    "documents": "partner",
    "claim-queue": "staff",
    "invoices": "staff",
    "prices": "staff",
    "partners": "staff",
    "messages": "staff",
}
"""In the order in which they are listed: name → for whom."""
SHARPNESS = 1.5
"""How many points of a picture stand for one on the page."""


class Guide(NamedTuple):
    """A guide in one language; `html` is safe to show and holds everything after the title."""

    name: str
    side: Side
    title: str
    about: str
    html: str


@lru_cache(maxsize=len(GUIDES) * len(LANGUAGES))
def title_of(name: str, language: str) -> str:
    """A guide's title, which other pages name; raises KeyError if there is none of this name."""
    return guide(name, language).title


def guide(name: str, language: str) -> Guide:
    """A guide; raises KeyError if there is none of this name."""
    side = GUIDES[name]
    source = text_of(name, language)
    title, about, _steps = (part.strip() for part in re.split(r"\n\s*\n", source, maxsplit=2))
    html: str = _parser().render(source.partition("\n")[2], {"language": language})
    return Guide(name, side, title.removeprefix("# "), about, html)


def text_of(name: str, language: str) -> str:
    """The Markdown as it was written."""
    return (FOLDER / language / f"{name}.md").read_text()


def picture_path(name: str, language: str) -> Path | None:
    """Where the picture of this name is, if there is one; for names that anybody may have made up."""
    if language not in LANGUAGES or not re.fullmatch(r"[a-z][a-z-]{1,60}", name):
        return None
    path = FOLDER / language / "pictures" / f"{name}.webp"
    return path if path.is_file() else None


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False}).enable(["emphasis", "heading", "image", "link", "list"])
    parser.add_render_rule("image", _image)
    return parser


def _image(_renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: object, env: dict[str, str]) -> str:
    """With its size, so that nothing moves when it has come; on a telephone a tap opens it large."""
    name, language = str(tokens[at].attrs["src"]), env["language"]
    path = picture_path(name, language)
    if path is None:
        return ""
    with Image.open(path) as picture:
        width, height = (round(side / SHARPNESS) for side in picture.size)
    address = f"/guide-pictures/{language}/{name}.webp"
    return (
        f'<a href="{address}" target="_blank"><img src="{address}" alt="{escape(tokens[at].content)}" '
        f'width="{width}" height="{height}" loading="lazy"></a>'
    )
