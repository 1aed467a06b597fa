"""How each page works, in a few sentences behind one button that every page has in the same place."""

from html import escape

import streamlit as st

from core.config import ROOT
from core.guides.reading import title_of
from pages.ui.help_entering import ENTERING
from pages.ui.help_partner import PARTNER
from pages.ui.help_staff import STAFF
from pages.ui.help_steering import STEERING
from pages.ui.text import _, language

HELP = PARTNER | STAFF | STEERING | ENTERING
"""A page's address → its help; `login` is the form that stands before every page."""


def show_help(url: str, *, with_guide: bool = True) -> None:
    """The button, and what it opens: drawn before the page, as the first thing that the keyboard reaches there.

    The browser's own popover: it opens at once, closes with Escape, and what is in it follows the button for keyboards
    and screen readers. Streamlit's lies at the end of the document, out of their way.
    """
    told = HELP[url]
    steps = "".join(f"<li>{escape(_(step))}</li>" for step in told.steps)
    last = f'<p class="how-last">{escape(_(told.last))}</p>' if told.last else ""
    more = _link(told.guide) if told.guide and with_guide else ""
    label = escape(_("How this works"))
    with st.container(key="page_help"):
        st.html(ROOT / "pages/ui/help.css")
        st.html(
            f'<button type="button" class="how" popovertarget="how-told">{label}</button>'
            f'<div id="how-told" popover role="region" aria-label="{label}">'
            f"<p><strong>{escape(_(told.purpose))}</strong></p><ol>{steps}</ol>{last}{more}</div>"
        )


def _link(name: str) -> str:
    """The way to a guide, in a tab of its own: what was begun on the page stays."""
    words = _("The guide: {title}").format(title=title_of(name, language()))
    return f'<p><a href="/guides?guide={name}" target="_blank">{escape(words)}</a></p>'
