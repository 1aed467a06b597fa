"""The Romanian catalogue: nothing is missing, broken or left over, and every text for people can be found."""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
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
PLACEHOLDER = re.compile(r"{(\w*)(?::([^}]*))?}|%\((\w+)\)s")


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
        return sorted(match[1] or match[3] or "" for match in PLACEHOLDER.finditer(text))

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


@pytest.mark.parametrize(
    ("number", "romanian", "english"),
    [
        (1, "1 produs", "1 product"), (2, "2 produse", "2 products"), (0, "0 produse", "0 products"),
        (19, "19 produse", "19 products"), (20, "20 de produse", "20 products"),
        (100, "100 de produse", "100 products"), (101, "101 produse", "101 products"),
        (119, "119 produse", "119 products"), (120, "120 de produse", "120 products"),
    ],
)  # fmt: skip
def test_a_number_goes_with_the_right_form_of_its_noun(number: int, romanian: str, english: str) -> None:
    message = "Add {count:product|products}"
    assert fill(message, "ro", {"count": number}) == f"Adaugă {romanian}"
    assert fill(message, "en", {"count": number}) == f"Add {english}"


def test_every_noun_that_is_counted_has_all_forms_of_its_language() -> None:
    wrong = [
        text
        for catalogue, forms in ((translated().values(), 3), (translated().keys(), 2))
        for text in catalogue
        for match in PLACEHOLDER.finditer(text)
        if match[2] is not None and match[2].count("|") != forms - 1
    ]
    assert wrong == []


def test_no_widget_of_the_pages_says_something_that_is_not_translated() -> None:
    """Literals where people read them: labels, helps, sentences. What is the same in every language stands below."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}: {said}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "pages") or path.name == "Home.py"
        for call, said in literals_shown(path)
        if said not in THE_SAME_EVERYWHERE
    ]
    assert found == []


THE_SAME_EVERYWHERE = {
    "IBAN", "Rampa", "Electro Ardelia <portal@example.ro>", "mail.example.ro", "FCT-CJ", "Cluj-Napoca", "RO 12345678",
    "stoc*.csv",
}  # fmt: skip
SHOWING = frozenset({
    "title", "header", "subheader", "caption", "markdown", "write", "info", "warning", "error", "success", "toast",
    "button", "text_input", "text_area", "number_input", "selectbox", "multiselect", "radio", "checkbox", "toggle",
    "date_input", "time_input", "file_uploader", "form_submit_button", "download_button", "link_button", "expander",
    "popover", "metric", "pills", "segmented_control", "slider", "color_picker", "dialog", "badge", "spinner",
    "progress", "TextColumn", "NumberColumn", "CheckboxColumn", "DateColumn", "LinkColumn", "ImageColumn",
    "SelectboxColumn",
})  # fmt: skip
SHOWN_KEYWORDS = frozenset({"label", "help", "placeholder", "alt", "caption"})
MARKUP = re.compile(r":material/\w*:?|-?\w+\[|\]\([^)]*\)?|https?:\S+|<[^>]*>|&\w+;|:\w+:")


def literals_shown(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Calls that show text, with each literal with a word in it that they are given directly."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        first = node.args[:1] if node.func.attr in SHOWING and not is_log(node.func) else []
        for given in [*first, *(keyword.value for keyword in node.keywords if keyword.arg in SHOWN_KEYWORDS)]:
            for literal in literals(given):
                if re.search(r"[^\W\d_]{2,}", MARKUP.sub(" ", literal)):
                    yield node, literal


def is_log(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id == "log"


def literals(node: ast.expr) -> Iterator[str]:
    """The texts that an expression is made of, but for those that are looked up."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    parts: list[ast.expr] = []
    if isinstance(node, ast.JoinedStr | ast.BoolOp):
        parts = node.values
    elif isinstance(node, ast.List | ast.Tuple):
        parts = node.elts
    elif isinstance(node, ast.BinOp):
        parts = [node.left, node.right]
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    for part in parts:
        yield from literals(part)


def test_what_is_refused_is_said_in_words_that_are_translated() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "message" for target in node.targets)
        and isinstance(node.value, ast.Constant | ast.JoinedStr)
        and path.is_relative_to(ROOT / "core")
    ]
    assert bare == []
