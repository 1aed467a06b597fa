"""Invoices of many orders at once: asked for in a form, issued in the background, followed by a bar."""

import streamlit as st
from redis.exceptions import RedisError

from core import clock, queue
from core.db import transaction
from core.documents.bulk import Progress, latest_run, start_run, to_invoice
from core.i18n import N_
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.invoices import today
from pages.ui.text import _, language, moment

FORM = "issue-run"
WHAT = {False: N_("All claimed and shipped orders"), True: N_("Only what was shipped")}
SECONDS = 1.0


def show_bulk(staff: Principal) -> None:
    """The form to start a run, how many invoices it would make, and how the last one stands."""
    with transaction(staff) as session:
        last = latest_run(session)
    if last is not None and not last.over:
        _follow()
        return
    form = form_key(FORM)
    shipped_only = st.radio(
        _("What is invoiced"), list(WHAT), format_func=lambda key: _(WHAT[key]), key=f"{form}-what", horizontal=True
    )
    with transaction(staff) as session:
        count = to_invoice(session, shipped_only)
    st.caption(
        _("Orders with something to invoice: {count}. What waits for a payment or for goods is left out.").format(
            count=count
        )
    )
    with st.form(form, border=False):
        issued_on = st.date_input(
            _("Date of issue"), today(), max_value=today(), format="DD.MM.YYYY", key=f"{form}-day", width=200
        )
        if st.form_submit_button(
            _("Issue the invoices"), type="primary", icon=":material/receipt_long:", disabled=not count
        ):
            with refusals():
                with transaction(staff) as session:
                    start_run(session, issued_on, shipped_only, language(), clock.now())
                    end_form(_("The invoices are being issued."), form=FORM)
                _hurry()
                st.rerun()
    if last is not None:
        _tell(last)


def _hurry() -> None:
    """Without the queue the timetable finds the run within a minute."""
    try:
        queue.enqueue("workers.jobs.issue_invoices", [], f"issue-{clock.now():%Y%m%d%H%M%S%f}")
    except RedisError:
        st.toast(_("The background worker cannot be reached; it starts as soon as it is back."))


@st.fragment(run_every=SECONDS)
def _follow() -> None:
    """Asks who is there anew: the session may have ended since."""
    with transaction(require("staff", "documents.see")) as session:
        run = latest_run(session)
    if run is None or run.over:
        st.rerun()
        return
    done = run.issued + len(run.refused)
    words = _("{done} of {total} invoices").format(done=done, total=run.total)
    st.progress(done / max(run.total, 1), words)


def _tell(run: Progress) -> None:
    st.caption(
        _("Last run: {moment}, {name}. Issued: {issued}, refused: {refused}.").format(
            moment=moment(run.started_at), name=plain(run.starter_name), issued=run.issued, refused=len(run.refused)
        )
    )
    for order_id, why in run.refused[:20]:
        st.markdown(f"- [{order_id}](/staff-orders?order={order_id}) · {plain(why)}")
