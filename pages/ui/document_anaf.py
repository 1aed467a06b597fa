"""How an invoice stands with ANAF, on the distributor's page of the document, and sending it again."""

import streamlit as st

from core import clock
from core.anaf.queries import Standing, has_archive, standing
from core.anaf.sending import send_again
from core.anaf.wording import STATE_NAMES, explained
from core.db import transaction
from core.documents.viewing import DocumentView
from core.i18n import N_, fill
from core.permissions import may
from core.principal import Principal
from pages.ui.document_steps import drawn, key_of, take_document_step
from pages.ui.frame import plain
from pages.ui.text import _, day, language

LOOKS = {
    "queued": (st.info, ":material/schedule_send:"), "sending": (st.info, ":material/outgoing_mail:"),
    "uploaded": (st.info, ":material/hourglass_top:"), "accepted": (st.success, ":material/verified:"),
    "refused": (st.error, ":material/report:"), "unknown": (st.warning, ":material/help:"),
    "held": (st.info, ":material/pause_circle:"),
}  # fmt: skip
WHAT_NOW = {
    "queued": N_("It is sent by itself as soon as ANAF can be reached."),
    "uploaded": N_("ANAF has it and is working on it; its answer is fetched by itself."),
    "unknown": N_(
        "ANAF did not answer when it was sent. It is looked for in ANAF's list by itself, and sent again only when it"
        " surely is not there."
    ),
    "held": N_("It may have gone to ANAF from another program. Only if it did not, send it from here."),
    "refused": N_(
        "Mend the cause, take the invoice back with a storno and issue a new one. If the cause was elsewhere, send the"
        " same invoice again."
    ),
}
LEFT = N_("ANAF must have it by {day}: {left:working day|working days} left.")


def show_standing(staff: Principal, view: DocumentView) -> None:
    """State, time that is left, ANAF's reasons in plain words and in its own, and what can be done."""
    document_id = view.document.id
    with transaction(staff) as session:
        found = standing(session, document_id, clock.now())
        kept = found is not None and has_archive(session, document_id)
    if found is None or found.state == "not_needed":
        return
    box, icon = LOOKS[found.state]
    box(" ".join(_words(found)), icon=icon)
    _show_reasons(found)
    with st.container(horizontal=True):
        if kept:
            st.link_button(_("Signed by ANAF (ZIP)"), f"/documents/{document_id}/anaf.zip",
                           icon=":material/folder_zip:", type="tertiary")  # fmt: skip
        if found.again and may(staff, "anaf.send"):
            st.button(
                _("Send to ANAF") if found.state == "held" else _("Send to ANAF again"), icon=":material/replay:",
                key=key_of(view, "anaf-again"), on_click=_again, args=(document_id, drawn()),
                help=_("Look in SPV first whether it is there: sent twice, it counts twice.")
                if found.state in ("unknown", "held") else None,
            )  # fmt: skip


def _words(found: Standing) -> list[str]:
    words = [f"**e-Factura: {_(STATE_NAMES[found.state])}.**"]
    if found.in_test:
        words.append(_("Only in ANAF's test environment: it counts for nothing there."))
    if found.state in WHAT_NOW:
        words.append(_(WHAT_NOW[found.state]))
    if found.is_open:
        words.append(_time(found))
    return words


def _time(found: Standing) -> str:
    until = day(found.last_day)
    if found.days_left < 0:
        return _("The last day was {day}: it is late.").format(day=until)
    if found.days_left == 0:
        return _("Today, {day}, is the last day.").format(day=until)
    return fill(LEFT, language(), {"day": until, "left": found.days_left})


def _show_reasons(found: Standing) -> None:
    if not found.message:
        return
    if found.state == "refused":
        for each in explained(found.message):
            where = " " + _("To be mended at: {place}").format(place=each.where(language())) if each.place else ""
            st.markdown(f"- {each.words(language())}{where}")
    words = _("ANAF's own words: {words}") if found.state == "refused" else _("What went wrong last: {words}")
    st.caption(words.format(words=plain(_(found.message))))


def _again(document_id: int, at: int) -> None:
    """A callback."""
    take_document_step(
        at, lambda session: send_again(session, document_id, clock.now()), _("The invoice is sent again.")
    )
