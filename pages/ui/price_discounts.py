"""Discounts on the staff's page: the list, a new one, and one of them with what it meets."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core import clock
from core.db import transaction
from core.i18n import N_
from core.imports import fields
from core.permissions import may
from core.pricing.discount_list import OWNERS, PAGE_SIZE, STATES, DiscountRow, Terms, discount, discount_page
from core.pricing.discounts import change_discount, delete_discount, end_discount
from core.pricing.overlaps import Met, Overlap, met_by
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, editable, end_form, form_key, read
from pages.ui.frame import plain
from pages.ui.price_new_discount import offer_discount
from pages.ui.price_words import (
    ask_first,
    condition_fields,
    days,
    from_words,
    owner_words,
    percent,
    target_words,
    today,
)
from pages.ui.text import _, language, quantity

OWNER_NAMES = {"everybody": N_("Everybody"), "list": N_("Price lists"), "partner": N_("Partners")}
STATE_NAMES = {"holds": N_("Holds"), "coming": N_("Coming"), "past": N_("Past")}


def show_discounts(principal: Principal, partner_id: int | None, price_list_id: int | None = None) -> None:
    """The list with its filters, and the way to a new one. `partner_id`, `price_list_id`: only this one's."""
    if may(principal, "prices.edit"):
        offer_discount(principal, partner_id)
    with st.container(key="discount_filters"):
        box, whose, which = st.columns([4, 3, 2], vertical_alignment="bottom")
    hint = _("Partner, list, SKU, brand or category")
    search = box.text_input(_("Search"), placeholder=hint, icon=":material/search:", key="discount_search")
    owner = whose.selectbox(
        _("For whom"), OWNERS, None, placeholder=_("All"), format_func=lambda name: _(OWNER_NAMES[name]),
        key="discount_owner",
    )  # fmt: skip
    state = which.selectbox(
        _("State"), STATES, None, placeholder=_("All"), format_func=lambda name: _(STATE_NAMES[name]),
        key="discount_state",
    )  # fmt: skip
    page = st.session_state.get(pages_key := f"discounts {search} {owner} {state} {partner_id} {price_list_id}", 1)
    with transaction(principal) as session:
        rows, total = discount_page(
            session, today(), search=search, owner=owner, state=state, partner_id=partner_id,
            price_list_id=price_list_id, page=page,
        )  # fmt: skip
    if not rows:
        filtered = search or owner or state
        words = _("No discount matches. Try fewer words, or other filters.") if filtered else _(
            "No discounts yet: who has no price list and no prices of their own pays the list price."
        )  # fmt: skip
        st.info(words, icon=":material/search_off:" if filtered else ":material/percent:")
        return
    if opened := _table(rows):
        st.query_params["discount"] = str(opened)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Discounts: {count}").format(count=quantity(total)))
        st.pagination(-(-total // PAGE_SIZE), key=pages_key)


def show_discount(principal: Principal, discount_id: int) -> None:
    """One discount: what it is, what it meets, and for who may, the form to change or end it."""
    with transaction(principal) as session:
        row = discount(session, discount_id, today())
        met = met_by(session, discount_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        title = f"{owner_words(row)}: {target_words(row.sku, row.terms.brand, row.category)}"
        st.subheader(plain(title), anchor=False, width="content")
        st.badge(_(STATE_NAMES[row.state]), color=_colour(row.state))
    if row.product:
        st.caption(plain(row.product))
    if may(principal, "prices.edit"):
        _edit(principal, row)
    else:
        facts = [percent(row.terms.percent), from_words(row.terms.condition.from_quantity), _days(row)]
        st.markdown(plain(" · ".join(fact for fact in facts if fact)))
    _show_met(row, met)


def _colour(state: str) -> Any:
    return {"holds": "green", "coming": "blue", "past": "gray"}[state]


def _table(rows: list[DiscountRow]) -> int | None:
    text = st.column_config.TextColumn
    config = {
        "whose": text(_("For whom"), width=230),
        "target": text(_("For what"), width=260),
        "percent": text(_("Discount"), alignment="right", width=80),
        "from": text(_("From quantity"), alignment="right", width=105),
        "days": text(_("Days"), width=165),
        "state": text(_("State"), width=80),
    }
    data = [
        {
            "whose": owner_words(row),
            "target": " · ".join(filter(None, [target_words(row.sku, row.terms.brand, row.category), row.product])),
            "percent": percent(row.terms.percent),
            "from": quantity(row.terms.condition.from_quantity) if row.terms.condition.from_quantity else "",
            "days": _days(row),
            "state": _(STATE_NAMES[row.state]),
        }
        for row in rows
    ]
    table = st.dataframe(
        data, column_config=config, hide_index=True, on_select="rerun", selection_mode="single-row",
        key=f"discounts-{language()}-{hash(tuple(row.id for row in rows))}",
    )  # fmt: skip
    selected = [at for at in table.selection.rows if at < len(rows)]
    return rows[selected[0]].id if selected else None


def _days(row: DiscountRow) -> str:
    return days(row.terms.condition.valid_from, row.terms.condition.valid_until)


def _edit(principal: Principal, row: DiscountRow) -> None:
    form = form_key(about := f"discount-{row.id}")
    shown = as_shown(f"{form}-percent", row.terms)
    with st.form(form):
        first, *others = st.columns([1, 1, 1, 1])
        typed = first.text_input(_("Discount, %"), editable(shown.percent), key=f"{form}-percent", max_chars=10)
        condition = condition_fields(others, form, shown.condition)
        saved = st.form_submit_button(_("Save"), type="primary")
    if saved:
        with refusals():
            with transaction(principal) as session:
                share = read(_("Discount"), typed, fields.discount)
                terms = _merged(Terms(share, condition.read()), shown, row.terms)
                change_discount(session, row.id, terms, clock.now())
                end_form(_("The discount was saved. Placed orders keep their prices."), form=about)
            st.rerun()
    with st.container(horizontal=True):
        _offer_end(principal, row, about)
        if ask_first(f"discount-{row.id}", _("Delete"), _("It goes at once, for everybody it is for.")):
            with refusals():
                with transaction(principal) as session:
                    delete_discount(session, row.id, clock.now())
                    st.query_params.pop("discount", None)
                    end_form(_("The discount was deleted."))
                st.rerun()


def _merged(typed: Terms, shown: Terms, now: Terms) -> Terms:
    """What was typed, but for a field left as it was shown what there is now: a colleague may have changed it."""
    condition = {
        name: getattr(typed.condition, name) if getattr(typed.condition, name) != getattr(shown.condition, name)
        else getattr(now.condition, name)
        for name in ("from_quantity", "valid_from", "valid_until")
    }  # fmt: skip
    share = typed.percent if typed.percent != shown.percent else now.percent
    return Terms(share, replace(now.condition, **condition))


def _offer_end(principal: Principal, row: DiscountRow, about: str) -> None:
    until = row.terms.condition.valid_until
    if row.state != "holds" or (until and until <= today()):
        return
    if not st.button(_("Let it end today"), icon=":material/event_busy:", key=f"end-{row.id}"):
        return
    with refusals():
        with transaction(principal) as session:
            end_discount(session, row.id, today(), clock.now())
            end_form(_("Today is its last day."), form=about)
        st.rerun()


def _show_met(row: DiscountRow, met: Met) -> None:
    lines = [_overlap_words(other, row) for other in met.overlaps]
    if met.own_prices:
        words = _("Net prices go before it: {count} of its products have one.")
        lines.append(words.format(count=quantity(met.own_prices)))
    if met.above:
        words = _("Partners with a discount of their own on everything, whom it never reaches: {count}.")
        lines.append(words.format(count=quantity(met.above)))
    if lines:
        title = _("What it meets")
        st.markdown(f"**{title}**")
        st.markdown("\n".join(f"- {plain(line)}" for line in lines))


def _overlap_words(other: Overlap, row: DiscountRow) -> str:
    """A sentence about a discount for some of the same products."""
    what = {
        "other": f"{target_words(other.sku, other.brand, other.category)} {percent(other.percent)}",
        "mine": f"{target_words(row.sku, row.terms.brand, row.category)} {percent(row.terms.percent)}",
    }
    when = " · ".join(filter(None, [from_words(other.from_quantity), days(other.valid_from, other.valid_until)]))
    if when:
        what["other"] += f" ({when})"
    if other.same:
        return _("{other} is for the same: where both hold, the higher one counts.").format(**what)
    if other.first and other.percent < row.terms.percent:
        return _("{other} goes before {mine}, although it is less: the narrower one decides.").format(**what)
    if other.first:
        return _("{other} goes before {mine}: the narrower one decides.").format(**what)
    if other.percent > row.terms.percent:
        return _("{mine} goes before {other}, although it is less: the narrower one decides.").format(**what)
    return _("{mine} goes before {other}: the narrower one decides.").format(**what)
