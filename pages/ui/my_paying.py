"""Where to pay, and what to write on the transfer."""

import streamlit as st

from core.company import Company, company
from core.db import transaction
from core.principal import Principal
from core.receivables.listing import documents_page
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.text import _, amount

MOST_NAMED = 5


def show_paying(principal: Principal) -> None:
    """The account, and the numbers of the invoices that are open, the oldest first."""
    with transaction(principal) as session:
        seller = company(session)
        unpaid = documents_page(session, today(), state="unpaid", page_size=200)
    oldest = sorted(unpaid.rows, key=lambda row: (row.due_on, row.id))[:MOST_NAMED]
    if not oldest:
        st.success(_("Nothing is to be paid now."), icon=":material/check_circle:")
        show_account(seller, "")
        return
    rows = [f"- {row.number}: {amount(row.open)}" for row in oldest]
    st.markdown("\n".join([_("To pay, the oldest first:"), *rows]))
    if unpaid.total > len(oldest):
        st.caption(_("There are more; all of them are under Documents, Unpaid."))
    show_account(seller, ", ".join(row.number for row in oldest))


def show_account(seller: Company, write: str, code: str = "") -> None:
    """Holder, bank and account to copy, the words for the transfer, and the code to scan where there is one."""
    if not seller.iban:
        st.info(_("The distributor has entered no bank account. Ask it how you can pay."), icon=":material/help:")
        return
    left, right = st.columns([3, 1]) if code else (st.container(), None)
    with left:
        st.caption(_("Beneficiary"))
        st.markdown(plain(seller.name) + (" · " + _("CUI") + f" {plain(seller.cui)}" if seller.cui else ""))
        st.caption(_("Bank account") + (f" · {plain(seller.bank)}" if seller.bank else ""))
        st.code(grouped(seller.iban), language=None)
        if write:
            st.caption(_("Write on the transfer"))
            st.code(write, language=None, wrap_lines=True)
            st.caption(_("With these words the distributor finds your payment at once."))
    if right is not None:
        with right:
            st.html(f'<img src="{code}" alt="" style="width: 9rem; max-width: 100%; background: white;'
                    ' padding: 0.6rem; border-radius: 0.5rem">')  # fmt: skip
            st.caption(_("Account, amount and number, for a telephone to read"))


def grouped(iban: str) -> str:
    """`RO49 AAAA 1B31 …`, as it stands on paper; banks take it with and without blanks."""
    digits = "".join(iban.split())
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
