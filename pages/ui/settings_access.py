"""The settings of logging in, of languages, and of how long things are kept."""

from typing import Any

import streamlit as st

from core.company import Company
from core.i18n import LANGUAGES
from pages.ui.rule_fields import read_rule, rule_fields
from pages.ui.settings_form import title
from pages.ui.text import _

SESSIONS, KEPT = ("idle_hours", "session_days"), ("purge_days", "export_days", "mail_days")


def show_access(row: Company, form: str) -> dict[str, Any]:
    """The fields; what was typed, by name of the column."""
    title(_("How long one stays logged in"))
    typed: dict[str, Any] = rule_fields(form, SESSIONS, row)
    st.page_link("pages/staff/users.py", label=_("Who needs a second step to log in"), icon=":material/lock:")
    title(_("Language"))
    typed["default_language"] = st.selectbox(
        _("Language of new people and of the log-in page"), list(LANGUAGES),
        list(LANGUAGES).index(row.default_language), format_func=LANGUAGES.__getitem__, key=f"{form}-default_language",
        help=_("Everybody changes it for themselves in the menu; mails come in the same language."),
    )  # fmt: skip
    title(_("How long things are kept"))
    st.caption(_("Invoices, payments, orders that went through and the audit stay: the law wants the first, and nobody "
                 "may change the last."))  # fmt: skip
    return typed | rule_fields(form, KEPT, row)


def read_access(typed: dict[str, Any]) -> dict[str, Any]:
    """The values to keep. Raises WrongInput for the first field that cannot be read."""
    return typed | {name: read_rule(name, typed[name]) for name in (*SESSIONS, *KEPT)}
