"""A partner's limits: its own beside the general ones, how far they are used, and one order let through."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import streamlit as st

from core import clock
from core.company_rules import RULES
from core.db import transaction
from core.imports import fields
from core.orders.limits import LimitState, standing
from core.orders.waiving import LIFE, LONGEST_REASON, LimitPassRow, grant, passes, withdraw
from core.partners.models import Partner
from core.partners.rules import OwnRule, PartnerRules, change_rules, rules
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, read, touched
from pages.ui.frame import plain
from pages.ui.rule_fields import (
    EXPLAINED,
    HOURS_TO,
    MONEY,
    OPEN,
    SHARES,
    SIZES,
    for_field,
    label_of,
    read_rule,
    rule_in_words,
)
from pages.ui.text import _, amount, moment


def show_limits(principal: Principal, partner: Partner) -> None:
    """What holds for the partner's orders; for who may, the forms to change it and to let one order through."""
    now = clock.now()
    with transaction(principal) as session:
        found, used = rules(session, partner.id), standing(session, partner.id, now)
        let_through = passes(session, partner.id, now)
    _show_standing(used)
    if may(principal, "limits.manage"):
        _edit_rules(principal, partner, found)
        st.subheader(_("Let one order through"), anchor=False)
        _show_passes(principal, let_through)
        _grant_pass(principal, partner)
        return
    _show_rules(found)
    if let_through:
        st.subheader(_("One order let through"), anchor=False)
        _show_passes(principal, let_through)


def _show_standing(used: list[LimitState]) -> None:
    """How far the limits that earlier orders use up are used."""
    if not used:
        return
    lines = []
    for limit in used:
        name, now, most = RULES[limit.kind].name, rule_words(limit.kind, limit.used), rule_words(limit.kind, limit.most)
        colour = "red" if limit.used >= limit.most else "gray"
        share = _("{used} of {most}").format(used=plain(now), most=plain(most))
        lines.append(f"{_(name)}: :{colour}[{share}]")
    title = _("Used now")
    st.markdown(f"**{title}**  \n" + "  \n".join(lines))


def rule_words(name: str, value: Any) -> str:
    """A number of a rule, 0 as a number."""
    return rule_in_words(name, value) if value else for_field(name, value)


def _edit_rules(principal: Principal, partner: Partner, found: PartnerRules) -> None:
    form = form_key(about := f"rules-{partner.id}")
    shown = as_shown(f"{form}-prepay", found)
    with st.form(form, border=False):
        typed: dict[str, Any] = {
            "prepay": st.toggle(_("Pays before delivery"), shown.prepay, key=f"{form}-prepay"),
        }
        st.caption(_("Its new orders lapse unless they are paid within the hours to pay, claimed or not."))
        st.caption(_("A number here is this partner's own. Empty: the general one holds. 0: no limit, or never."))
        for names in (HOURS_TO, SIZES, OPEN, MONEY, SHARES):
            for place, name in zip(st.columns(len(names)), names, strict=True):
                with place:
                    typed[name] = _own_field(form, name, shown.rules[name])
        if not st.form_submit_button(_("Save"), type="primary"):
            return
    with refusals():
        with transaction(principal) as session:
            values = touched(_read(typed), _flat(shown), _flat(found))
            change_rules(session, partner.id, values.pop("prepay"), values, clock.now())
            words = _("The limits and terms of {name} were saved. They hold from the next order on.")
            end_form(words.format(name=plain(partner.name)), form=about)
        st.rerun()


def _own_field(form: str, name: str, rule: OwnRule) -> str:
    general = _("General: {value}").format(value=rule_in_words(name, rule.general))
    typed: str = st.text_input(
        label_of(name),
        "" if rule.own is None else for_field(name, rule.own),
        max_chars=20,
        placeholder=general,
        help=_(EXPLAINED[name]),
        key=f"{form}-{name}",
    )
    if rule.own is not None:
        st.caption(plain(general))
    return typed


def _read(typed: dict[str, Any]) -> dict[str, Any]:
    """The values to keep. Raises WrongInput."""
    return typed | {name: read_rule(name, typed[name]) if typed[name].strip() else None for name in RULES}


def _flat(found: PartnerRules) -> SimpleNamespace:
    return SimpleNamespace(prepay=found.prepay, **{name: rule.own for name, rule in found.rules.items()})


def _show_rules(found: PartnerRules) -> None:
    """The rules for who does not change them."""
    pays = _("Pays before delivery") if found.prepay else _("Pays after delivery")
    lines = [pays]
    for name, rule in found.rules.items():
        whose = _("general") if rule.own is None else _("own")
        lines.append(f"{plain(_(RULES[name].name))}: {plain(rule_in_words(name, rule.effective))} :gray[({whose})]")
    st.markdown("  \n".join(lines))


def _show_passes(principal: Principal, let_through: list[LimitPassRow]) -> None:
    for row in let_through:
        if row.order_id is None:
            _show_waiting(principal, row)
        else:
            words = _("Used by order {order}: up to {amount}. {reason}")
            used = {"order": row.order_id, "amount": plain(amount(row.up_to)), "reason": plain(row.reason)}
            st.caption(words.format(**used))


def _show_waiting(principal: Principal, row: LimitPassRow) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"pass-{row.id}"):
        words = _("One order of up to {amount} may pass the limits until {moment}. Reason: {reason} ({who})")
        told = {
            "amount": f"**{plain(amount(row.up_to))}**", "moment": plain(moment(row.expires_at)),
            "reason": plain(row.reason), "who": plain(row.granted_by),
        }  # fmt: skip
        st.markdown(words.format(**told), width="stretch")
        if may(principal, "limits.manage") and st.button(_("Take back"), key=f"withdraw-{row.id}"):
            _withdraw(principal, row.id, clock.now())


def _withdraw(principal: Principal, pass_id: int, as_of: datetime) -> None:
    with refusals():
        with transaction(principal) as session:
            withdraw(session, pass_id, as_of)
            end_form(_("Taken back: the limits hold for every order again."))
        st.rerun()


def _grant_pass(principal: Principal, partner: Partner) -> None:
    form = form_key(about := f"pass-{partner.id}")
    with st.form(form):
        words = _(
            "The next order that is above a limit may be placed all the same, once, within {days} days. A new "
            "permission takes the place of one that waits."
        )
        st.caption(words.format(days=LIFE.days))
        left, right = st.columns([1, 2])
        up_to = left.text_input(_("Up to, lei, VAT included"), max_chars=20, key=f"{form}-up_to")
        reason = right.text_input(_("Reason"), max_chars=LONGEST_REASON, key=f"{form}-reason")
        if not st.form_submit_button(_("Let one order through")):
            return
    with refusals():
        with transaction(principal) as session:
            most = read(_("Up to"), up_to, fields.amount)
            grant(session, partner.id, most, reason, clock.now())
            end_form(_("The partner's next order may pass the limits."), form=about)
        st.rerun()
