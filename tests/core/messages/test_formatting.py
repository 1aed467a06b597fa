"""The text of a message: a little Markdown, and never anything that runs or is loaded from elsewhere."""

import pytest

from core.messages.formatting import as_html, as_text

LINK = '<a href="https://rampa.example/a" target="_blank" rel="noopener noreferrer">'


@pytest.mark.parametrize(("source", "html"), [
    ("**bold** and *italics*", "<p><strong>bold</strong> and <em>italics</em></p>"),
    ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
    ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
    ("3. one\n4. two", '<ol start="3">\n<li>one</li>\n<li>two</li>\n</ol>'),
    ("[the site](https://rampa.example/a)", f"<p>{LINK}the site</a></p>"),
])  # fmt: skip
def test_bold_italics_lists_and_links_are_markup(source: str, html: str) -> None:
    assert as_html(source).strip() == html


@pytest.mark.parametrize("source", [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![picture](https://evil.example/a.png)",
    "[a](javascript:alert(1))", "[a](http://plain.example)", "[a](//evil.example)", "[a](data:text/html,x)",
    "[a](/documents/1.pdf)", "# no heading", "`no code`", "| no | table |", "> no quote", "<https://evil.example>",
    "https://no.link.example", "&lt;b&gt; <b>", ":material/home: $x^2$ :red[a]", "<!-- comment -->",
    "[a][b]\n\n[b]: https://evil.example", '[a](https://x.example/"onclick="alert(1))',
])  # fmt: skip
def test_nothing_else_is(source: str) -> None:
    html = as_html(source)
    for tag in ("<script", "<img", "<h1", "<code", "<table", "<blockquote", "<b>", "<!--", "javascript:alert(1)\"",
                'onclick="', 'href="http:', 'href="/', 'href="data'):  # fmt: skip
        assert tag not in html, source


def test_as_text_it_has_no_marks_and_tells_the_addresses() -> None:
    links = "[this](https://a.example) or [https://b.example](https://b.example)"
    source = f"Hello **all**,\nsee {links}:\n\n- one\n- *two*\n\n1. x"
    assert as_text(source) == (
        "Hello all,\nsee this (https://a.example) or https://b.example:\n\n- one\n- two\n\n1. x"
    )  # fmt: skip


def test_a_link_of_many_signs_and_lists_in_lists_break_nothing() -> None:
    deep = "\n".join("  " * n + "- x" for n in range(60))
    for source in (deep, "[" * 5000, "*" * 5000, "\\" * 99, "&#0;"):
        assert isinstance(as_html(source), str)
        assert isinstance(as_text(source), str)
