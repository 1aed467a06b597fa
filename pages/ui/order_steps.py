"""What the buttons of an order's page share: a step in a callback, words for what came of it, fresh forms after it."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Literal, TypeVar

import streamlit as st
from sqlalchemy.orm import Session
from streamlit.elements.lib.mutable_popover_container import PopoverContainer

from core.orders.contents import LineRow
from pages.ui import steps
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, language, quantity

REFUSED_KEY, NEWS_KEY, COUNT_KEY = "order_refused", "order_news", "order_steps"
T = TypeVar("T")


def step_key(order_id: int, name: str) -> str:
    """The key of a widget on an order's page. After every step it is another one: popovers close, and forms show what
    there is now. What was typed stays while a step is refused."""
    return f"{name}-{order_id}-{language()}-{drawn()}"


def drawn() -> int:
    """How many steps were done before the page was drawn: a button hands it to `take_step`."""
    return steps.drawn(COUNT_KEY)


def take_step(
    at: int, side: Literal["partner", "staff"], step: Callable[[Session], T], said: Callable[[T], str] | str
) -> None:
    """For callbacks: do the step for the signed-in user in a transaction, and say so for a moment, or say why not.

    `at` is what `drawn` was when the button was drawn: of two clicks on one button the second does nothing. Who may do
    it is asked by the step itself: who may not any more reads so on the page. `said` is Markdown, or makes it from
    what the step returned. The step reads the fields.
    """

    def tell(result: T) -> None:
        steps.say(said if isinstance(said, str) else said(result))

    steps.take_once(require(side, "orders.see"), COUNT_KEY, at, REFUSED_KEY, step, tell)


def show_outcome() -> None:
    """What was refused, and what a step had more to say of than a toast holds."""
    if refused := st.session_state.pop(REFUSED_KEY, None):
        st.warning(refused, icon=":material/block:")
    if news := steps.pop_told(NEWS_KEY):
        st.info(news, icon=":material/info:")


def goods(name: str, amount: Decimal, unit: str) -> str:
    """`3 buc Cablu`, as Markdown."""
    return _("{quantity} {unit} of {name}").format(quantity=quantity(amount), unit=plain(unit), name=plain(name))


def type_quantities(
    lines: Iterable[LineRow], most: Callable[[LineRow], Decimal], key: str, filled: bool = False
) -> None:
    """A number for each line, at most `most`, which it starts with if `filled`, else with nothing."""
    for line in lines:
        limit = most(line)
        label = _("{product}, at most {quantity} {unit}")
        st.number_input(
            label.format(product=plain(line.name), quantity=quantity(limit), unit=plain(line.unit)),
            min_value=0.0,
            max_value=float(limit),
            value=float(limit) if filled else 0.0,
            step=1.0,
            format="%g",
            key=f"{key}-{line.id}",
        )


def typed_quantities(lines: Iterable[LineRow], key: str) -> dict[int, Decimal]:
    """Line (id) → what was typed there, where it is more than nothing."""
    typed = {line.id: as_decimal(st.session_state.get(f"{key}-{line.id}")) for line in lines}
    return {line: value for line, value in typed.items() if value > 0}


def as_decimal(value: float | None) -> Decimal:
    """What a number field holds, to three decimals as quantities have them."""
    return Decimal(str(round(value or 0.0, 3)))


def drawer(order_id: int, name: str, label: str, icon: str, primary: bool = False) -> PopoverContainer | None:
    """A popover for one theme; None while it is closed: what is in it is only drawn for who opens it.

    `name` is its own among those of the page, `icon` the name of a Material symbol.
    """
    box = st.popover(
        label,
        icon=f":material/{icon}:",
        type="primary" if primary else "secondary",
        key=step_key(order_id, name),
        on_change="rerun",
    )
    return box if box.open else None
