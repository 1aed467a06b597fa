"""What is kept of the person who is signed in, for how long, and how to get it."""

import streamlit as st

from core.company import Company, company
from core.db import transaction
from core.principal import Principal
from pages.ui.account_frame import section
from pages.ui.text import _, counted


def show_privacy(principal: Principal) -> None:
    """Every kind of data with its time, and the file with all of it."""
    words = _("What the portal keeps of you, and for how long. The file holds all of it, for you to read or take away.")
    with section(_("What is kept of you"), words):
        with transaction(principal) as session:
            kept = what_is_kept(company(session))
        st.markdown("\n".join(f"- {line}" for line in kept))
        st.caption(_("To be erased, ask the distributor: your name and address go, what the law wants kept stays."))
        address = f"/people/{principal.user_id}/data.json"
        st.link_button(_("Download my data"), address, icon=":material/download:")


def what_is_kept(row: Company) -> list[str]:
    """A line for each kind of data, with the times that the distributor has set."""
    mails = (
        _("What mails to you said: {days:day|days} after they were sent.").format(days=counted(row.mail_days))
        if row.mail_days
        else _("What mails to you said: as long as your account.")
    )
    return [
        _("Name, e-mail address, role and settings: as long as your account."),
        _("Password and second step: sealed or as a fingerprint, never to be read by anybody."),
        _("Where you are logged in (address, browser, times): {days:day|days} at most.").format(
            days=counted(row.session_days)
        ),
        _("What you did (orders, changes, log-ins, and from where): kept, without your name once you are erased."),
        mails,
        _("Files that you had made: {days:day|days}.").format(days=counted(row.export_days)),
        _("Orders, invoices, receipts and messages about them: as long as accounting law asks, with your name."),
    ]
