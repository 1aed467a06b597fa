"""A message as its readers see it: its picture, its text, and the button to what it leads to."""

from html import escape

import streamlit as st

from core.i18n import N_
from core.messages.formatting import as_html
from core.messages.queries import MessageView
from pages.ui.text import _, day

LEVELS = {"plain": N_("Plain"), "important": N_("Important"), "confirm": N_("Must be confirmed")}
ICONS = {"plain": "mail", "important": "priority_high", "confirm": "verified"}
COLOURS = {"plain": "gray", "important": "orange", "confirm": "red"}


def show_text(title: str, body: str, picture: str | None, heading: bool = True) -> None:
    """The picture (an address) and the text. Nothing in the text is markup but what core.messages.formatting allows."""
    image = f'<img class="message-picture" src="{escape(picture, quote=True)}" alt="">' if picture else ""
    top = f"<h3>{escape(title)}</h3>" if heading else ""
    st.html(f'<div class="message">{image}{top}{as_html(body)}</div>')


def show_message(view: MessageView, heading: bool = True) -> None:
    """A message on the page, and the way to what it leads to."""
    show_text(view.title, view.body, f"/messages/{view.id}/picture" if view.picture else None, heading)
    if view.leads_to == "product":
        st.page_link("pages/partner/product.py", label=_("To the product"), icon=":material/package_2:",
                     query_params={"product": str(view.product_id)})  # fmt: skip
    elif view.leads_to == "promotion":
        st.page_link("pages/partner/catalog.py", label=_("To the products on promotion"), icon=":material/sell:",
                     query_params={"only": "promotions"})  # fmt: skip


def badge(level: str) -> None:
    """How important a message is; nothing for a plain one."""
    if level != "plain":
        st.badge(_(LEVELS[level]), icon=f":material/{ICONS[level]}:", color=COLOURS[level])  # type: ignore[arg-type]


def period(view: MessageView) -> str:
    """`23.11.2026`, or with its last day `23.11.2026 – 30.11.2026`."""
    first = day(view.valid_from)
    return f"{first} – {day(view.valid_until)}" if view.valid_until else first
