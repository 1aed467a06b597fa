"""Promotions on the staff's page: the list, a new one, and one of them with its days and its audience."""

from datetime import timedelta
from typing import Any

import streamlit as st

from core import clock
from core.db import transaction
from core.i18n import N_
from core.partners.groups import groups, partners_by_group
from core.permissions import may
from core.pricing.promotions import (
    LONGEST_NAME,
    PAGE_SIZE,
    STATES,
    PromotionRow,
    Terms,
    add_promotion,
    change_promotion,
    copy_promotion,
    delete_promotion,
    promotion,
    promotion_page,
)
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, touched
from pages.ui.frame import plain
from pages.ui.price_offers import show_offers
from pages.ui.price_words import PERIOD, ask_first, days, today
from pages.ui.text import _, language, quantity

STATE_NAMES = {"running": N_("Running"), "coming": N_("Coming"), "past": N_("Past")}
COLOURS: dict[str, Any] = {"running": "green", "coming": "blue", "past": "gray"}
USUAL_LENGTH = timedelta(days=13)


def show_promotions(principal: Principal) -> None:
    """The list with its filters, and the way to a new one."""
    if may(principal, "prices.edit"):
        _offer_new(principal)
    box, which = st.columns([3, 2], vertical_alignment="bottom")
    search = box.text_input(
        _("Search"), placeholder=_("Name, group or partner"), icon=":material/search:", key="promotion_search"
    )
    state = which.pills(
        _("State"), STATES, format_func=lambda name: _(STATE_NAMES[name]), key="promotion_state"
    )  # fmt: skip
    page = st.session_state.get(pages_key := f"promotions {search} {state}", 1)
    with transaction(principal) as session:
        rows, total = promotion_page(session, today(), search=search, state=state, page=page)
    if not rows:
        if search or state:
            st.info(_("No promotion matches. Try fewer words, or another state."), icon=":material/search_off:")
        else:
            words = _("No promotions yet. One lowers prices from day to day, for everybody or for some partners.")
            st.info(words, icon=":material/sell:")
        return
    if opened := _table(rows):
        st.query_params["promotion"] = str(opened)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Promotions: {count}").format(count=quantity(total)))
        st.pagination(-(-total // PAGE_SIZE), key=pages_key)


def show_promotion(principal: Principal, promotion_id: int) -> None:
    """One promotion: its days and audience, its prices and, for who may, the forms to change them."""
    with transaction(principal) as session:
        row = promotion(session, promotion_id, today())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(row.terms.name), anchor=False, width="content")
        st.badge(_(STATE_NAMES[row.state]), color=COLOURS[row.state])
    st.markdown(plain(f"{days(row.terms.valid_from, row.terms.valid_until)} · {_audience(row)}"))
    if may(principal, "prices.edit"):
        with st.container(horizontal=True):
            _offer_change(principal, row)
            _offer_copy(principal, row)
            _offer_delete(principal, row)
    show_offers(principal, row)


def _audience(row: PromotionRow) -> str:
    if row.partner_group:
        return _("Group {name}").format(name=row.partner_group)
    return row.partner or _("Everybody")


def _table(rows: list[PromotionRow]) -> int | None:
    text = st.column_config.TextColumn
    config = {
        "name": text(_("Name"), width=330),
        "days": text(_("Days"), width=170),
        "audience": text(_("For whom"), width=230),
        "items": text(_("Prices"), alignment="right", width=70),
        "state": text(_("State"), width=90),
    }
    data = [
        {
            "name": row.terms.name,
            "days": days(row.terms.valid_from, row.terms.valid_until),
            "audience": _audience(row),
            "items": quantity(row.items),
            "state": _(STATE_NAMES[row.state]),
        }
        for row in rows
    ]
    table = st.dataframe(
        data, column_config=config, hide_index=True, on_select="rerun", selection_mode="single-row",
        key=f"promotions-{language()}-{hash(tuple(row.id for row in rows))}",
    )  # fmt: skip
    selected = [at for at in table.selection.rows if at < len(rows)]
    return rows[selected[0]].id if selected else None


def _fields(principal: Principal, form: str, terms: Terms, audience: str = "") -> Terms:
    """The fields of a promotion and what was typed into them. `audience` names whom it is for now: that can be chosen
    also when it is for a partner that is closed, or it would become everybody's without a word."""
    with transaction(principal) as session:
        names: dict[tuple[str, int], str] = {
            ("group", group.id): _("Group {name}").format(name=group.name) for group in groups(session)
        }
        names |= {("partner", member.id): f"{member.code} · {member.name}" for member in partners_by_group(session)}
    name = st.text_input(_("Name"), terms.name, max_chars=LONGEST_NAME, key=f"{form}-name")
    first, last = st.columns(2)
    since = first.date_input(_("First day"), terms.valid_from, format=PERIOD, key=f"{form}-since")
    until = last.date_input(_("Last day"), terms.valid_until, format=PERIOD, key=f"{form}-until")
    held = ("group", terms.group_id) if terms.group_id else ("partner", terms.partner_id or 0)
    if held[1]:
        names.setdefault(held, audience)
    options = [None, *names]
    whom = st.selectbox(
        _("For whom"), options, options.index(held) if held in names else 0,
        format_func=lambda key: names[key] if key else _("Everybody"), key=f"{form}-whom",
    )  # fmt: skip
    kind, chosen = whom or ("", None)
    return Terms(
        name, since or terms.valid_from, until or terms.valid_until, chosen if kind == "group" else None,
        chosen if kind == "partner" else None,
    )  # fmt: skip


def _offer_new(principal: Principal) -> None:
    form = form_key(about := "new-promotion")
    with (
        st.expander(_("Plan a promotion"), icon=":material/add:", key=f"{form}-open"),
        st.form(form, border=False),
    ):
        typed = _fields(principal, form, Terms("", today(), today() + USUAL_LENGTH))
        if not st.form_submit_button(_("Plan it, then add prices"), type="primary"):
            return
        with refusals():
            with transaction(principal) as session:
                made = add_promotion(session, typed, clock.now())
                st.query_params["promotion"] = str(made)
                end_form(_("The promotion is planned. Now add its prices."), form=about)
            st.rerun()


def _offer_change(principal: Principal, row: PromotionRow) -> None:
    form = form_key(about := f"promotion-{row.id}")
    with st.popover(_("Change"), icon=":material/edit:", key=f"change-{form}"):
        seen = as_shown(f"{form}-name", row)
        with st.form(form, border=False):
            typed = _fields(principal, form, seen.terms, _audience(seen))
            if not st.form_submit_button(_("Save"), type="primary"):
                return
        with refusals():
            with transaction(principal) as session:
                values = {name: getattr(typed, name) for name in Terms.__slots__}
                change_promotion(session, row.id, Terms(**touched(values, seen.terms, row.terms)), clock.now())
                end_form(_("The promotion was saved. Placed orders keep their prices."), form=about)
            st.rerun()


def _offer_copy(principal: Principal, row: PromotionRow) -> None:
    form = form_key(about := f"copy-{row.id}")
    with st.popover(_("Copy"), icon=":material/content_copy:", key=f"ask-{form}"), st.form(form, border=False):
        length = row.terms.valid_until - row.terms.valid_from
        name = _("{name} (copy)").format(name=row.terms.name)[:LONGEST_NAME]
        terms = Terms(name, today(), today() + length, row.terms.group_id, row.terms.partner_id)
        typed = _fields(principal, form, terms, _audience(row))
        if not st.form_submit_button(_("Copy with all its prices"), type="primary"):
            return
        with refusals():
            with transaction(principal) as session:
                made = copy_promotion(session, row.id, typed, clock.now())
                st.query_params["promotion"] = str(made)
                end_form(_("This is the copy."), form=about)
            st.rerun()


def _offer_delete(principal: Principal, row: PromotionRow) -> None:
    words = _("It goes at once with its prices. To end it earlier, change its last day.")
    if not ask_first(f"promotion-{row.id}", _("Delete"), words):
        return
    with refusals():
        with transaction(principal) as session:
            delete_promotion(session, row.id, clock.now())
            st.query_params.pop("promotion", None)
            end_form(_("The promotion was deleted."))
        st.rerun()
