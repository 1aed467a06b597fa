"""What became of products that went into the cart together: only what is other than it was wanted is told."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import streamlit as st

from core.orders.filling import LineAnswer
from pages.ui.frame import plain
from pages.ui.steps import pop_told
from pages.ui.text import _, counted, quantity

ANSWERS = "line_answers"


def keep_answers(answers: Iterable[LineAnswer], names: Mapping[int, str]) -> None:
    """For a callback: `show_answers` tells them on the page. `names` by product id."""
    st.session_state[ANSWERS] = [(names.get(answer.product_id, ""), answer) for answer in answers]


def show_answers() -> None:
    """How many are in the cart, and each that is not as it was wanted."""
    kept: list[tuple[str, LineAnswer]] | None = pop_told(ANSWERS)
    if kept is None:
        return
    there = sum(answer.quantity > 0 for _name, answer in kept)
    words = _("In the cart now: {count} of {all:product|products}.")
    lines = [f"- {plain(name)}: {said}" for name, answer in kept if (said := answer_words(answer))]
    tell = st.warning if lines else st.success
    tell("\n".join([words.format(count=quantity(there), all=counted(len(kept))), "", *lines]),
         icon=":material/shopping_cart:")  # fmt: skip


def answer_words(answer: LineAnswer) -> str:
    """What is other than it was wanted, as Markdown; nothing where all is well."""
    match answer.kind:
        case "rounded":
            return raised_words(answer.least, answer.multiple, answer.quantity)
        case "short" if answer.available is not None:
            return _("only {available} left").format(available=quantity(max(answer.available, Decimal(0))))
        case "short":
            return _("not enough in stock")
        case "gone":
            return _("no longer sold")
        case "bad":
            return _("cannot be ordered so")
    return ""


def raised_words(least: Decimal | None, multiple: Decimal | None, raised: Decimal, total: Decimal | None = None) -> str:
    """Why a quantity was brought up to `raised`; `total` is what stands in the cart then, if that is more."""
    if multiple == 1 and (total or raised) > (least or 0):
        return _("whole units only: {quantity}").format(quantity=quantity(raised))
    if multiple and multiple != 1:
        return _("multiple of {multiple}: {quantity}").format(multiple=quantity(multiple), quantity=quantity(raised))
    return _("at least {least}").format(least=quantity(least or raised))
