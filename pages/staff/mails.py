"""Every mail of the portal: what became of it and sending it again; what mails say, and who hears of new orders."""

from functools import partial

import streamlit as st

from core import clock
from core.db import transaction
from core.notifications.delivery import send_again
from core.notifications.queries import PAGE_SIZE, MailsPage, count_by_state, mail_by_id, mails_page
from core.permissions import may
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import show_said
from pages.ui.guard import require
from pages.ui.mail_addresses import show_addresses
from pages.ui.mail_texts import show_texts
from pages.ui.mails import STATES, show_mail, show_mails
from pages.ui.steps import drawn, say, take_once
from pages.ui.text import _

REFUSED, COUNT = "mail_refused", "mail_steps"


def main() -> None:
    staff = require("staff", "mails.see")
    show_said()
    st.title(_("Mails"), anchor=False)
    if not may(staff, "settings.edit"):
        show_list(staff)
        return
    names = [_("Mails sent"), _("Texts"), _("New orders")]
    sent, texts, addresses = st.tabs(names, key="mails_tab", on_change="rerun")
    if sent.open:
        with sent:
            show_list(staff)
    if texts.open:
        with texts:
            show_texts(staff)
    if addresses.open:
        with addresses:
            show_addresses(staff)


def show_list(staff: Principal) -> None:
    """Every mail, and the chosen one."""
    show_waiting(staff)
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(refused, icon=":material/block:")
    page, key = choose_page(staff)
    if not page.rows:
        filtered = st.session_state.get("mail_search") or st.session_state.get("mail_state")
        words = _("No mail matches. Clear the search or choose another state.")
        st.info(words if filtered else _(
            "The portal has sent no mail yet. The first goes out with the first invitation or order."
        ), icon=":material/search_off:")  # fmt: skip
        return
    st.caption(_("Choose a row to read the mail."))
    chosen = show_mails(page.rows)
    st.caption(_("Mails found: {count}").format(count=page.total))
    if page.total > PAGE_SIZE:
        st.pagination(-(-page.total // PAGE_SIZE), key=key)
    if chosen is not None:
        read_mail(staff, chosen)


def read_mail(staff: Principal, mail_id: int) -> None:
    with refusals():
        with transaction(staff) as session:
            mail = mail_by_id(session, mail_id)
        show_mail(mail, partial(again, drawn(f"{COUNT} {mail_id}")))


def show_waiting(staff: Principal) -> None:
    """Whether a mail waits for a person."""
    with transaction(staff) as session:
        counts = count_by_state(session)
    if counts["failed"] or counts["uncertain"]:
        text = _("Mails that wait for you: {failed} failed, {uncertain} uncertain.")
        st.warning(text.format(**counts), icon=":material/mark_email_unread:")


def choose_page(staff: Principal) -> tuple[MailsPage, str]:
    """The filters, one page of what they leave, and the key under which its number is kept."""
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    search = left.text_input(
        _("Search"), placeholder=_("Address, subject or order number"), icon=":material/search:", key="mail_search"
    )
    state = right.pills(_("Show"), list(STATES), format_func=lambda name: _(STATES[name]), key="mail_state")
    key = f"mails_page {search} {state}"
    with transaction(staff) as session:
        return mails_page(session, state, search, st.session_state.get(key, 1)), key


def again(at: int, mail_id: int) -> None:
    """A callback: the list is drawn after it, with the mail in its new state."""

    def tell(_done: None) -> None:
        say(_("The mail goes out within a minute."))

    staff = require("staff", "mails.see")
    take_once(staff, f"{COUNT} {mail_id}", at, REFUSED, lambda session: send_again(session, mail_id, clock.now()), tell)


main()
