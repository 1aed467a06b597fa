"""Every line of a quick order in its order, with its answer: a table, on a phone a card for each line."""

from html import escape

import streamlit as st

from core.quick.checking import Answer, Check
from pages.ui.quick_words import STATES, said, verdict
from pages.ui.text import _, amount, price, quantity

PAGE = 100
ICONS = {"fine": "✓", "wrong": "!", "aside": "·"}


def show_lines(checked: Check) -> None:
    """All lines, PAGE of them at a time."""
    answers = checked.answers
    pages = -(-len(answers) // PAGE)
    st.subheader(_("All lines"), anchor=False)
    number = 1
    if pages > 1:
        number = min(st.pagination(pages, key="quick_page"), pages)
    st.html(_table(answers[(number - 1) * PAGE : number * PAGE]))


def _table(answers: list[Answer]) -> str:
    names = [_("Line"), _("As written"), _("Product"), _("Quantity"), _("Price"), _("Net"), _("Answer")]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = "".join(_row(answer) for answer in answers)
    return f'<table class="quick-lines"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _row(answer: Answer) -> str:
    goods = answer.goods
    state = STATES[answer.kind]
    speaks = goods is not None and answer.kind in ("ok", "rounded")
    cells = {
        "number": quantity(answer.line.number),
        "written": escape(answer.line.text.replace("\t", "  ").strip()),
        "product": _product(answer),
        "quantity": escape(f"{quantity(goods.added)} {goods.unit}") if goods and speaks else "",
        "price": price(goods.unit_price) if goods and speaks else "",
        "net": amount(goods.net) if goods and speaks else "",
    }
    row = "".join(f'<td class="{name}">{html}</td>' for name, html in cells.items())
    words = said(answer)
    mark = f'<span class="mark" aria-hidden="true">{ICONS[state]}</span> <b>{escape(verdict(answer))}</b>'
    return f'<tr class="{state}">{row}<td class="answer">{mark}{" – " if words else ""}{escape(words)}</td></tr>'


def _product(answer: Answer) -> str:
    if answer.product is None:
        return ""
    by = {"own": _("your code"), "ean": _("by its bar code")}.get(answer.wish.by, "")
    note = f' <span class="by">{escape(by)}</span>' if by else ""
    return f"<b>{escape(answer.product.sku)}</b> {escape(answer.product.name)}{note}"
