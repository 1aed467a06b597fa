"""The words, and the fields, that rules of prices share: quantity, days, whose they are and what for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import clock
from core.imports import fields
from core.pricing.conditions import Condition
from core.pricing.discount_list import DiscountRow
from pages.ui.forms import editable, read
from pages.ui.text import _, day, quantity, time_zone

PERIOD = "DD.MM.YYYY"


@dataclass(frozen=True, slots=True)
class TypedCondition:
    """What was typed into the fields of a condition."""

    from_quantity: str
    valid_from: date | None
    valid_until: date | None

    def read(self) -> Condition:
        """Raises WrongInput for a quantity that is none; an empty one is 0."""
        least = self.from_quantity.strip()
        reached = read(_("From quantity"), least, fields.stock) if least else Decimal(0)
        return Condition(reached, self.valid_from, self.valid_until)


def condition_fields(places: list[DeltaGenerator], form: str, condition: Condition) -> TypedCondition:
    """The three fields of a condition, each in a place of its own."""
    least, first, last = places
    held = editable(condition.from_quantity) if condition.from_quantity else ""
    typed = least.text_input(_("From quantity"), held, placeholder=_("any"), key=f"{form}-from", max_chars=20)
    since = first.date_input(_("First day"), condition.valid_from, format=PERIOD, key=f"{form}-since")
    until = last.date_input(_("Last day"), condition.valid_until, format=PERIOD, key=f"{form}-until")
    return TypedCondition(typed, since, until)


def days(valid_from: date | None, valid_until: date | None) -> str:
    """`01.12.2026–31.12.2026`, `from 01.12.2026`, `until 31.12.2026`; empty for always."""
    if valid_from and valid_until:
        return f"{day(valid_from)}–{day(valid_until)}"
    if valid_from:
        return _("from {day}").format(day=day(valid_from))
    return _("until {day}").format(day=day(valid_until)) if valid_until else ""


def from_words(from_quantity: Decimal) -> str:
    """`from 24`; empty for any quantity."""
    return _("from {quantity}").format(quantity=quantity(from_quantity)) if from_quantity else ""


def percent(value: Decimal) -> str:
    """`12,5 %`."""
    return f"{quantity(value)} %"


def owner_words(row: DiscountRow) -> str:
    """Whose a discount is."""
    return row.partner or (_("List {name}").format(name=row.price_list) if row.price_list else _("Everybody"))


def target_words(sku: str | None, brand: str | None, category: str | None) -> str:
    """What a discount is for."""
    if sku:
        return sku
    if brand:
        return _("Brand {name}").format(name=brand)
    return category or _("Everything")


def today() -> date:
    """The distributor's day."""
    return clock.now().astimezone(time_zone()).date()


def ask_first(key: str, label: str, words: str) -> bool:
    """A button that asks once more before something goes; True when it was meant."""
    with st.popover(label, icon=":material/delete:", key=f"ask-{key}"):
        st.markdown(words)
        return st.button(label, type="primary", key=f"do-{key}")


def asked(name: str) -> int | None:
    """The id that the address of the page names, if it names one."""
    value = st.query_params.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else None
