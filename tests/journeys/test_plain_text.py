"""What people typed is shown as they typed it: no link, heading, icon or formula comes of it."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from core.config import ROOT
from workers.locks import wait_until

pytestmark = pytest.mark.browser

NASTY = [
    "https://evil.example", "HTTP://Evil.example/a?b=c&d", "www.x.ro", "WWW.x.ro/a", "http://www.a@b.ro",
    "a@b.c", "mailto:ana.pop@firma.ro", "xmpp:a@b.ro", "x@y@z.ro", "a@-- b",
    ":material/delete:", ":material_delete:", "\\:material/delete\\:", "x:material/y", ":streamlit:", ":smile:", ":+1:",
    "a\n===\nb", "a\n---\nb", "a  \nb\r\n\r\n    c", "| a | b |\n|---|---|\n| 1 | 2 |",
    "&lt;b&gt; &amp; &copy;", "<b>x</b>", "<script>alert(1)</script>", "<https://x.ro>",
    "![i](https://x/y.png)", "[a](https://x.ro)", "[^1] x", "[x]: https://y.ro", "$a$ $$b$$", "`c`", "**b** _i_ ~~s~~",
    "# h", "- li", "1. li", "1) x", "> q", ":red[x]", ":red-badge[x]", "::name[x]{a=b}", ":help[x]",
    "A -> B", "<-> <- -> -- >= <= ~=", "a\\", "C:\\dir\\file", "    code",
]  # fmt: skip
APP = """
import sys
sys.path.insert(0, {root!r})
import streamlit as st
from pages.ui.frame import plain
for number, text in enumerate({texts!r}):
    with st.container(key=f"case-{{number}}"):
        st.markdown(plain(text))
        st.subheader(plain(text), anchor=False)
        st.error(f"**{{plain(text)}}**")
        st.text_input(plain(text), key=f"field-{{number}}")
        st.caption(f":small[{{plain(text)}}]")
st.markdown("the end")
"""
FOUND = """place => [...place.querySelectorAll('[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]')]
    .map(shown => shown.textContent)"""
MARKUP = (
    "a, img, h1, h2, h4, table, li, code, pre, hr, del, em, sup, blockquote, .katex, .stMarkdownBadge, "
    "[class^=stMarkdownColored], [data-testid=stMarkdownContainer] [role=img]"
)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A page that shows the texts in every kind of place where the portal does."""
    (tmp_path / "app.py").write_text(APP.format(root=str(ROOT), texts=NASTY))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options, "--browser.gatherUsageStats=false"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT)
    try:
        assert wait_until(lambda: answers(port), seconds=60), (tmp_path / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_what_people_typed_is_shown_letter_by_letter(url: str, page: Page) -> None:
    page.goto(url)
    page.get_by_text("the end").wait_for()
    page.wait_for_load_state("networkidle")
    for number, text in enumerate(NASTY):
        case = page.locator(f".st-key-case-{number}")
        case.locator("[data-testid=stTextInput]").wait_for()
        shown = {" ".join(found.split()) for found in case.evaluate(FOUND)}
        assert shown == {" ".join(text.split())}, text
        assert case.locator(MARKUP).count() == 0, text
