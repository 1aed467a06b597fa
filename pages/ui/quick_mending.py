"""The lines that are not fine yet: what is wrong, what may have been meant, and a field to type it anew."""

import hashlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import streamlit as st

from core import clock
from core.db import transaction
from core.principal import Principal
from core.quick.checking import Answer, Check
from core.quick.goods import Goods
from core.quick.learning import NoCode, code_to_learn, learn, learn_retyped
from core.quick.lines import Line
from core.quick.mending import written
from core.quick.suggesting import suggest
from pages.ui.errors import refusals
from pages.ui.focus import go_on, show_focus
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.quick_text import PROBLEM, mend, this_tab
from pages.ui.quick_words import said
from pages.ui.text import _, counted, price, quantity

PAGE = 10
Choice = tuple[str, str, Callable[..., None], tuple[Any, ...]]
"""A button: what tells it from others, its label, its callback and the callback's arguments."""


def show_mending(principal: Principal, checked: Check) -> None:
    """The lines to mend, PAGE of them at a time."""
    wrong = [answer for answer in checked.to_mend if answer.line.number == (answer.lines or (answer.line.number,))[0]]
    if not wrong:
        show_focus("quick_add")
        return
    st.subheader(_("To mend: {count}").format(count=quantity(len(checked.to_mend))), anchor=False)
    pages = -(-len(wrong) // PAGE)
    number = min(st.pagination(pages, key="quick_mend_page"), pages) if pages > 1 else 1
    shown = wrong[(number - 1) * PAGE : number * PAGE]
    with transaction(principal) as session:
        suggested = suggest(session, [answer.wish for answer in shown], clock.now())
    for answer in shown:
        _show(checked, answer, suggested.get(answer.line.number, []))
    show_focus(f"mend-{_mark(shown[0])}")


def _mark(answer: Answer) -> str:
    return hashlib.sha256(f"{answer.line.number} {answer.line.text}".encode()).hexdigest()[:12]


def _show(checked: Check, answer: Answer, suggested: list[Goods]) -> None:
    mark = _mark(answer)
    with st.container(border=True, key=f"mend-{mark}"):
        left, right = st.columns([2, 3])
        with left.container(horizontal=True, vertical_alignment="bottom"):
            key, label = f"retype {mark}", _("Line {number}").format(number=quantity(answer.line.number))
            st.text_input(label, answer.line.text.replace("\n", " "), key=key, on_change=_retype, args=(answer, key))
            one = len(answer.lines) < 2
            st.button("" if one else _("Take out the lines {lines}").format(lines=_numbers(answer)),
                      icon=":material/close:", type="tertiary", key=f"drop {mark}", on_click=_change,
                      help=_("Take the line out") if one else None,
                      args=(dict.fromkeys(other.line for other in _same(checked, answer)),))  # fmt: skip
        about = f"{_named(answer.product)}: " if answer.product else ""
        together = "" if one else f" {_together(checked, answer)}"
        right.markdown(f"{about}{plain(said(answer))}{together}")
        for name, label, callback, args in _choices(checked, answer, suggested):
            right.button(label, key=f"{name} {mark}", on_click=callback, args=args, width="stretch")


def _choices(checked: Check, answer: Answer, suggested: list[Goods]) -> Iterator[Choice]:
    if answer.kind == "short" and answer.goods and answer.goods.takeable:
        label = _("Take {quantity}").format(quantity=f"{quantity(answer.goods.takeable)} {plain(answer.goods.unit)}")
        yield "take", label, _take, (checked, answer, answer.goods, answer.goods.takeable)
    elif answer.kind == "replaced":
        suggested = [goods for _option, goods in answer.options]
    elif answer.wish.parts:
        parts = answer.wish.parts
        label = _("Make {count:line|lines} of it").format(count=counted(len(parts)))
        yield "split", f"{label}: {plain(' | '.join(parts))}", _change, ({answer.line: "\n".join(parts)},)
        return
    elif answer.kind == "choose":
        products = {option.product_id for option, _goods in answer.options}
        for at, (option, goods) in enumerate(answer.options):
            label = f"{quantity(option.quantity)} {plain(goods.unit)} × {_named(goods)}"
            if len(products) == len(answer.options) > 1 and len({o.quantity for o, _g in answer.options}) == 1:
                yield f"choose {at}", label, _remember, (checked, answer, goods)
            else:
                yield f"choose {at}", label, _take, (checked, answer, goods, option.quantity)
        return
    for goods in suggested:
        yield f"is {goods.product_id}", _named(goods), _remember, (checked, answer, goods)


def _named(goods: Goods) -> str:
    return f"**{plain(goods.sku)}** {plain(goods.name)} · {price(goods.unit_price)}"


def _same(checked: Check, answer: Answer) -> list[Answer]:
    """The line, or all of its product where it speaks for several."""
    numbers = answer.lines or (answer.line.number,)
    return [other for other in checked.answers if other.line.number in numbers]


def _numbers(answer: Answer) -> str:
    return ", ".join(quantity(number) for number in answer.lines)


def _together(checked: Check, answer: Answer) -> str:
    total = sum((other.wish.quantity or Decimal(0) for other in _same(checked, answer)), Decimal(0))
    return _("Lines {lines}: together {quantity}.").format(lines=_numbers(answer), quantity=quantity(total))


def _take(checked: Check, answer: Answer, goods: Goods, wanted: Decimal) -> None:
    """A callback: the line is about this much of this product. It speaks for all lines of the product."""
    changes: dict[Line, str | None] = dict.fromkeys(other.line for other in _same(checked, answer))
    changes[answer.line] = written(answer.line, goods.sku, wanted, checked.columns, checked.delimiter)
    _change(changes)


def _change(changes: dict[Line, str | None]) -> None:
    """A callback."""
    mend(changes)
    go_on(field=False)


def _remember(checked: Check, answer: Answer, goods: Goods) -> None:
    """A callback: the line's code stands for this product, from now on."""
    code = code_to_learn(answer.wish)
    with refusals(PROBLEM):
        try:
            with transaction(require("partner", "orders.place")) as session:
                learned = learn(session, code, goods.product_id)
        except NoCode:  # a whole sentence: only this line is mended
            _take(checked, answer, goods, answer.wish.quantity or Decimal(1))
        else:
            this_tab().learned = learned
    go_on(field=False)


def _retype(answer: Answer, key: str) -> None:
    """A callback: the line as somebody typed it anew; an empty one goes. Its old code is learned."""
    principal, typed = require("partner", "orders.place"), st.session_state[key].strip()
    mend({answer.line: typed or None})
    go_on(field=True)
    with refusals(PROBLEM):
        with transaction(principal) as session:
            learned = learn_retyped(session, answer.wish, typed, clock.now())
        this_tab().learned = learned
