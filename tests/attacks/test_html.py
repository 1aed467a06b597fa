"""Where what somebody typed could become markup: every place that makes some is known, and was looked at."""

import ast
import re
from collections.abc import Iterator

import pytest

from core.config import ROOT
from core.messages.formatting import as_html

PAGES = {
    "pages/both/guides.py", "pages/partner/quick_order.py",
    "pages/ui/catalog_product_facts.py", "pages/ui/conversation.py", "pages/ui/frame.py", "pages/ui/help.py",
    "pages/ui/message_card.py", "pages/ui/my_paying.py", "pages/ui/product_forms.py", "pages/ui/product_pictures.py",
    "pages/ui/quick_lines.py", "pages/ui/reports_charts.py", "pages/ui/theme.py",
}  # fmt: skip
"""Files that hand HTML to the browser. What people typed is escaped there (html.escape), is Markdown without HTML
(core.messages.formatting), or does not occur in it: texts of ours, colours of six digits, ids."""
MAKES_HTML = ("st.html", "components.html", "st.iframe")
MARKED_SAFE = {
    "core/notifications/facts.py", "core/notifications/samples.py", "core/notifications/wording.py",
}  # fmt: skip
SCRIPTS = sorted((ROOT / "pages").rglob("*.js"))


def calls(folder: str) -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield str(path.relative_to(ROOT)), node


def test_every_page_that_makes_html_was_looked_at() -> None:
    makes = {
        file
        for file, call in calls("pages")
        if ast.unparse(call.func).endswith(MAKES_HTML) or any(word.arg == "unsafe_allow_html" for word in call.keywords)
    }
    assert makes == PAGES


def test_nothing_is_called_safe_in_a_template_or_beside_it_that_nobody_looked_at() -> None:
    assert {
        file for part in ("core", "api") for file, call in calls(part) if ast.unparse(call.func) == "Markup"
    } == MARKED_SAFE
    templates = [*(ROOT / "core").rglob("*.html"), *(ROOT / "pages").rglob("*.html")]
    assert templates
    assert not [path for path in templates if re.search(r"\|\s*safe\b|autoescape false", path.read_text())]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_of_ours_makes_markup_of_a_text(script: object) -> None:
    made = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment"
    assert not re.search(made, script.read_text())  # type: ignore[attr-defined]


def test_there_are_scripts_to_look_at() -> None:
    assert len(SCRIPTS) > 3


@pytest.mark.parametrize("text", [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html,x)", "[a](//elsewhere.example)", "[a](https://x.example\" onclick=\"alert(1))",
    "![a](https://x.example/a.png)", "<https://x.example/>", "[a]: https://x.example", "&lt;script&gt;",
    "[a](vbscript:x)", "[a](https:&#x2F;&#x2F;x\"><svg onload=1>)", "`<b>`", "<!-- x -->", "\0<b>",
])  # fmt: skip
def test_a_message_makes_no_markup_but_its_own(text: str) -> None:
    html = as_html(text)
    tags = re.findall(r"<(/?[a-z!][^>]*)>", html)
    ours = r'/?(p|ul|ol|li|strong|em)|br ?/?|/a|a href="https://[^"<>]*" target="_blank" rel="[a-z ]*"'
    assert all(re.fullmatch(ours, tag) for tag in tags), html
