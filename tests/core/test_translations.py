"""The Romanian catalogue: nothing is missing, broken or left over, and every text for people can be found."""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from core.config import ROOT
from core.i18n import fill

LOCALE = ROOT / "core" / "locale"
SOURCES = [
    ROOT / "Home.py",
    *(path for name in ("pages", "core", "api", "workers") for path in (ROOT / name).rglob("*.py")),
]
PLACEHOLDER = re.compile(r"{(\w*)}|%\((\w+)\)s")


@cache
def extracted() -> frozenset[str]:
    """Every text that the mapping finds in the sources."""
    with (LOCALE / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    return frozenset(found[2] for found in extract_from_dir(ROOT, methods, options))


@cache
def romanian() -> Catalog:
    with (LOCALE / "ro" / "LC_MESSAGES" / "rampa.po").open("rb") as source:
        return read_po(source, locale="ro", abort_invalid=True)


def translated() -> dict[str, str]:
    return {message.id: message.string for message in romanian() if message.id and not message.fuzzy}


def test_every_text_has_a_romanian_translation() -> None:
    done = translated()
    assert [text for text in sorted(extracted()) if not done.get(text)] == []


def test_every_translation_has_the_placeholders_of_its_source() -> None:
    def placeholders(text: str) -> list[str]:
        return sorted(match[0] for match in PLACEHOLDER.finditer(text))

    assert [text for text, ours in translated().items() if placeholders(text) != placeholders(ours)] == []


def test_the_catalogue_holds_no_text_that_is_gone() -> None:
    assert sorted(translated().keys() - extracted()) + [str(message) for message in romanian().obsolete] == []


def test_romanian_letters_have_the_comma_below() -> None:
    assert [ours for ours in translated().values() if re.search("[şţŞŢ]", ours)] == []


def test_a_number_in_a_sentence_has_the_decimal_mark_of_its_reader() -> None:
    assert fill("{value} is negative.", "ro", {"value": Decimal("-1234.500")}) == "-1234,5 este negativ."
    assert fill("{value} is negative.", "en", {"value": Decimal("-1234.500")}) == "-1234.5 is negative."


def test_every_marked_text_is_found_by_the_extraction() -> None:
    """Texts put together at run time, and those within an f-string, are not; what is looked up is marked elsewhere."""
    lost = [
        f"{path.relative_to(ROOT)}:{call.lineno}: {ast.unparse(text)}"
        for path in SOURCES
        for call, text in marked(path)
        if not (isinstance(text, ast.Name | ast.Attribute | ast.Subscript | ast.Call) or is_found(text))
    ]
    assert lost == []


def is_found(text: ast.expr) -> bool:
    return isinstance(text, ast.Constant) and text.value in extracted()


def marked(path: Path) -> Iterator[tuple[ast.Call, ast.expr]]:
    """The calls of `_` and `N_` with what they are given."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_"):
            yield node, node.args[0]
