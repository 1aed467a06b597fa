"""Raising or lowering a list: what is meant, what would happen, and the button that does it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import streamlit as st

from core import clock
from core.db import transaction
from core.errors import Refusal
from core.i18n import N_
from core.imports import fields
from core.pricing.lists import PriceListRow
from core.pricing.raising import EXAMPLES, Outlook, Raise, outlook, raise_prices
from core.pricing.selecting import Part
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key, read
from pages.ui.frame import plain
from pages.ui.price_list_fields import part_fields, read_signed, rounding_fields
from pages.ui.price_list_saved import in_percent
from pages.ui.price_words import PERIOD, from_words, today
from pages.ui.text import _, counted, day, price, quantity

UNITS = {"percent": N_("by a percentage"), "amount": N_("by an amount")}
TIMES = {"now": N_("at once"), "later": N_("from a day on")}


class NoDay(Refusal):
    message = N_("Choose the day from which the new prices hold.")


def show_raising(principal: Principal, row: PriceListRow) -> None:
    """The form and, once it was sent, what it would do."""
    form = form_key(about := f"raise-{row.id}")
    with st.form(form):
        unit, value, time, chosen = _by_fields(form)
        rounding = rounding_fields(st.columns(2), form)
        st.caption(_("Which prices; with nothing chosen, all of the list that hold on the day."))
        part = part_fields(principal, form)
        left, right = st.columns(2)
        hint = _("any")
        least = left.text_input(_("Price from"), placeholder=hint, max_chars=20, key=f"{form}-least")
        most = right.text_input(_("Price up to"), placeholder=hint, max_chars=20, key=f"{form}-most")
        if st.form_submit_button(_("Show what would happen"), icon=":material/preview:"):
            st.session_state[f"{form}-shown"] = True
    if not st.session_state.get(f"{form}-shown"):
        return
    with refusals():
        number = read_signed(_("Raise by"), value)
        by = Raise(rounding=rounding, **{unit: number})
        part = replace(part, least=_optional(_("Price from"), least), most=_optional(_("Price up to"), most))
        if time == "later" and chosen is None:
            raise NoDay
        _show_outlook(principal, row, about, part, by, chosen if time == "later" else None)


def _by_fields(form: str) -> tuple[str, str, str, date | None]:
    """Percentage or amount, how much, when (a key of TIMES), and the day."""
    left, middle, right, last = st.columns(4, vertical_alignment="bottom")
    unit = left.selectbox(_("Change"), list(UNITS), format_func=lambda name: _(UNITS[name]), key=f"{form}-unit")
    value = middle.text_input(
        _("Raise by"), placeholder=_("5, or -5 to lower"), max_chars=20, key=f"{form}-value",
    )  # fmt: skip
    time = right.selectbox(_("When"), list(TIMES), format_func=lambda name: _(TIMES[name]), key=f"{form}-time")
    tomorrow = today() + timedelta(days=1)
    chosen = last.date_input(
        _("First day"), _next_month(tomorrow), min_value=tomorrow, format=PERIOD, key=f"{form}-day",
        help=_("Counts only with “{choice}”.").format(choice=_(TIMES["later"])),
    )  # fmt: skip
    return unit, value, time, chosen


def _next_month(first: date) -> date:
    """The first of a month, that day or after it."""
    return first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def _optional(field: str, typed: str) -> Decimal | None:
    return read(field, typed, fields.price) if typed.strip() else None


def _show_outlook(
    principal: Principal, row: PriceListRow, about: str, part: Part, by: Raise, first_day: date | None
) -> None:
    with transaction(principal) as session:
        found = outlook(session, row.id, part, by, first_day or today())
    changed, low, high = st.columns(3)
    changed.metric(
        _("Prices that change"), quantity(found.changed), border=True,
        help=_("of {prices}; products: {products}").format(
            prices=quantity(found.prices), products=quantity(found.products)
        ),
    )  # fmt: skip
    if found.smallest is not None and found.largest is not None and found.least is not None and found.most is not None:
        low.metric(_("Smallest new price"), price(found.smallest, row.currency), border=True)
        high.metric(_("Largest new price"), price(found.largest, row.currency), border=True)
        words = _("The differences are between {least} and {most}.")
        told = {"least": price(found.least, row.currency), "most": price(found.most, row.currency)}
        st.caption(plain(words.format(**told)))
    _show_warnings(found)
    if not found.changed:
        words = _("No price would change. Choose another part of the list, another amount or another rounding.")
        st.info(words, icon=":material/info:")
        return
    _offer(principal, row, about, part, by, first_day, found)
    _show_examples(row, found)


def _show_warnings(found: Outlook) -> None:
    if found.to_zero:
        words = _(
            "{count:price|prices} would be zero or less, the first of {sku}. Leave them out by their price, or lower "
            "by less."
        )
        told = {"count": counted(found.to_zero), "sku": plain(found.first_to_zero or "")}
        st.error(words.format(**told), icon=":material/block:")
    if found.above:
        words = _("Prices that would pass above the base list price: {count}.")
        st.warning(words.format(count=quantity(found.above)), icon=":material/warning:")
    if found.below:
        words = _("Prices that would fall below the base list price: {count}.")
        st.info(words.format(count=quantity(found.below)), icon=":material/info:")
    if found.later:
        words = _("Prices that begin after that day and stay as they are: {count}.")
        st.info(words.format(count=quantity(found.later)), icon=":material/info:")


def _offer(
    principal: Principal,
    row: PriceListRow,
    about: str,
    part: Part,
    by: Raise,
    first_day: date | None,
    found: Outlook,
) -> None:
    words = _("Plan it for {day}") if first_day else _("Change {count:price|prices} now")
    label = words.format(count=counted(found.changed), day=day(first_day or today()))
    # The key belongs to what is shown: a click cannot do something else that was chosen meanwhile.
    key = f"raise-{row.id}-{found.digest}-{first_day}"
    if not st.button(label, type="primary", disabled=bool(found.to_zero), key=key):
        return
    with transaction(principal) as session:
        count = raise_prices(session, row.id, part, by, clock.now(), first_day, found)
        said = _("Planned. Prices: {count}.") if first_day else _("Changed. Prices: {count}.")
        end_form(said.format(count=quantity(count)), form=about)
    st.rerun()


def _show_examples(row: PriceListRow, found: Outlook) -> None:
    rows = [
        {
            "sku": example.sku, "name": example.name, "from": from_words(example.from_quantity),
            "old": price(example.old, row.currency), "new": price(example.new, row.currency),
            "percent": in_percent((example.new / example.old - 1) * 100 if example.old else None),
            "base": price(example.base, row.currency),
        }
        for example in found.examples
    ]  # fmt: skip
    config = {
        "sku": st.column_config.TextColumn(_("SKU"), width=120),
        "name": st.column_config.TextColumn(_("Name"), width="medium"),
        "from": st.column_config.TextColumn(_("Quantity"), width=90),
        "old": st.column_config.TextColumn(_("Before"), alignment="right"),
        "new": st.column_config.TextColumn(_("After"), alignment="right"),
        "percent": st.column_config.TextColumn(_("Difference"), alignment="right"),
        "base": st.column_config.TextColumn(_("Base list price"), alignment="right"),
    }
    st.dataframe(rows, column_config=config, hide_index=True)
    if found.changed > EXAMPLES:
        st.caption(_("The {count} with the largest differences are shown.").format(count=EXAMPLES))
