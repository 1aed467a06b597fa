"""The first steps as the administrator reads them: what each is for, what is there now, and the way to it."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import streamlit as st

from core import clock
from core.config import settings
from core.db import transaction
from core.i18n import N_
from core.notifications.mail_server import leaves_by
from core.notifications.smtp import FOLDER
from core.notifications.trying import send_to_me
from core.onboarding.steps import Step, are_open, bring_back
from core.permissions import may
from core.principal import Principal
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.import_report import show_columns
from pages.ui.steps import drawn, pop_told, say, take_once
from pages.ui.text import _, language, quantity

PAGE = "pages/staff/start.py"
LEADS_TO = frozenset({
    "staff-settings", "staff-imports", "staff-products", "staff-mails", "staff-partners", "staff-queue", "staff-orders",
})  # fmt: skip
"""Addresses of the pages that have a way back."""
COUNT, REFUSED = "first_steps", "first_steps_refused"
TRIED = "order_confirmed"
"""The mail that is sent as a test."""


class Words(NamedTuple):
    """A step's name, what it is for, and the link to the page that does it."""

    name: str
    why: str
    link: str
    file: str


WORDS = {
    "company": Words(
        N_("Your company"),
        N_("It stands on invoices and in mails, and says who hears of new orders."),
        N_("Fill in the settings"),
        "pages/staff/settings.py",
    ),
    "products": Words(
        N_("Products"),
        N_("What partners can order. One file from Excel or from your accounting brings all, with prices and stock."),
        N_("Import products"),
        "pages/staff/imports.py",
    ),
    "prices": Words(
        N_("Prices"),
        N_("Every partner pays the list price less its discount, or a price of its own."),
        N_("See the products and their prices"),
        "pages/staff/products.py",
    ),
    "stock": Words(
        N_("Stock"),
        N_("Only what is there can be ordered; an order holds it from the first second."),
        N_("Import the stock"),
        "pages/staff/imports.py",
    ),
    "mails": Words(
        N_("Mails"),
        N_("Invitations, confirmations and invoices leave through your mail server."),
        N_("Enter the mail server"),
        "pages/staff/settings.py",
    ),
    "partner": Words(
        N_("The first partner"),
        N_("A company that may order, with its terms of payment and its discount."),
        N_("Enter a partner"),
        "pages/staff/partners.py",
    ),
    "invitation": Words(
        N_("The invitation"),
        N_("Every person of a partner logs in with an own address and password. In the partner's tab “Users”, “New "
           "person” makes a link for choosing the password."),
        N_("Invite its people"),
        "pages/staff/partners.py",
    ),
    "order": Words(
        N_("The first order"),
        N_("The partner finds its catalogue after the log-in and orders; you claim the order here. On the partner's "
           "page you can also see the portal as it does, or order for it."),
        N_("Orders to claim"),
        "pages/staff/claim_queue.py",
    ),
}  # fmt: skip
MISSING = {
    "name": N_("Company name"),
    "cui": N_("CUI"),
    "address": N_("Address"),
    "city": N_("City"),
    "county": N_("County"),
    "iban": N_("IBAN"),
    "order_emails": N_("who is told of new orders (tab “Orders and deadlines”)"),
}


def steps_open(principal: Principal | None) -> bool:
    """Do the first steps stand in the menu of who is there?"""
    if principal is None or principal.kind != "staff" or not may(principal, "settings.edit"):
        return False
    with transaction(principal) as session:
        return are_open(session)


def show_way_back(address: str) -> None:
    """On the pages that the steps lead to, while they are open."""
    if address in LEADS_TO:
        st.page_link(PAGE, label=_("Back to the first steps"), icon=":material/arrow_back:")


def show_step(number: int, step: Step, next_one: bool) -> None:
    """One step; the next one to do has the button that stands out."""
    words = WORDS[step.name]
    icon = ":green[:material/check_circle:]" if step.done else ":gray[:material/radio_button_unchecked:]"
    with st.container(border=True, key=f"step-{step.name}"):
        st.markdown(f"{icon} **{number}. {_(words.name)}**  \n{_(words.why)}")
        st.markdown(f":small[{NOW[step.name](step)}]")
        if step.name == "products" and not step.done:
            _show_file()
        if step.name == "mails":
            _show_mails()
        if step.name == "invitation":
            _show_address()
        with st.container(horizontal=True, vertical_alignment="center"):
            whom = step.counts.get("first_partner")
            query = {"partner": str(whom)} if step.name == "invitation" and whom else None
            label = f"**{_(words.link)}**" if next_one else _(words.link)
            st.page_link(words.file, label=label, icon=":material/arrow_forward:", query_params=query)
            if step.name == "mails":
                st.button(
                    _("Send me a test mail"), icon=":material/send:", key="try_mail", on_click=_try_mail,
                    args=(drawn(COUNT),),
                )  # fmt: skip


def show_bring_back(principal: Principal) -> None:
    """On the settings page, while the first steps are put away."""
    if steps_open(principal):
        return
    st.button(_("Show the first steps again"), icon=":material/flag:", key="steps_back", on_click=_bring_back,
              args=(drawn(COUNT),))  # fmt: skip


def show_refused() -> None:
    """Why the last step was refused, if it was."""
    if told := pop_told(REFUSED):
        st.error(told, icon=":material/block:")


def _bring_back(at: int) -> None:
    me = require("staff", "settings.edit")
    said = _("The first steps stand in the menu again.")
    take_once(me, COUNT, at, REFUSED, lambda session: bring_back(session, clock.now()), lambda _done: say(said))


def _try_mail(at: int) -> None:
    def tell(address: str) -> None:
        say(_("A test mail to {email} goes out within a minute.").format(email=plain(address)))

    me = require("staff", "settings.edit")
    take_once(me, COUNT, at, REFUSED, lambda session: send_to_me(session, TRIED, language(), clock.now()), tell)


def _show_file() -> None:
    with st.expander(_("The file: its columns, and an example"), icon=":material/table:"):
        show_columns("products")


def _show_mails() -> None:
    if leaves_by():
        return
    words = _(
        "No mail server is set: mails are written as files to {folder}, and the links of invitations are shown to you, "
        "to hand over yourself. To have them sent, enter your mail server in the settings, in the tab “Mail server”."
    )
    folder = settings().data_dir / FOLDER
    st.info(words.format(folder=plain(str(folder))), icon=":material/info:")


def _company(step: Step) -> str:
    if step.done:
        return _("All that documents and order mails need is there.")
    return _("Still missing: {fields}").format(fields=", ".join(_(MISSING[name]) for name in step.missing))


def _show_address() -> None:
    """Where the links lead, if nobody but this machine gets there."""
    if urlsplit(settings().public_url).hostname not in ("localhost", "127.0.0.1"):
        return
    words = _(
        "Links begin with {address}, which works on this computer only. For people elsewhere put PUBLIC_URL, the "
        "portal's address, into the file .env, and start it again."
    )
    st.info(words.format(address=plain(settings().public_url)), icon=":material/info:")


def _mails(step: Step) -> str:
    host = leaves_by()
    if not host:
        return _("Mails do not leave yet.")
    words = _("Server: {host}. Test mails that it has taken: {tried}.")
    return words.format(host=plain(host), tried=quantity(step.counts["tried"]))  # type: ignore[arg-type]


def _counted(words: str) -> Callable[[Step], str]:
    """What is there, in numbers; `words` has the names of the counts in braces."""
    return lambda step: _(words).format(**{name: f"**{count}**" for name, count in step.counts.items()})


NOW: dict[str, Callable[[Step], str]] = {
    "company": _company,
    "products": _counted(N_("Products on sale: {products}, not on sale: {hidden}")),
    "prices": _counted(N_("Products on sale: {products}, without a price: {unpriced}")),
    "stock": _counted(N_("Products on sale: {products}, with stock: {stocked}")),
    "mails": _mails,
    "partner": _counted(N_("Partners: {partners}, asking for access: {asking}")),
    "invitation": _counted(N_("Invited and not here yet: {invited}, with a password: {accepted}")),
    "order": _counted(N_("Orders: {orders}, to claim: {waiting}")),
}
"""Step → what is there now, as Markdown."""
