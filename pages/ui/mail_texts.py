"""The words of each mail: changed in place, looked at, sent to oneself, put back to the standard."""

import streamlit as st

from core import clock
from core.db import transaction
from core.i18n import LANGUAGES
from core.notifications.composing import preview
from core.notifications.names import NAME_OF, NAMES
from core.notifications.trying import send_to_me
from core.notifications.wording import (
    LONGEST,
    Sentence,
    back_to_standard,
    change_words,
    changed_templates,
    sentences,
)
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import end_form, form_key
from pages.ui.frame import plain
from pages.ui.text import _, language

SHORT = 28
"""Words of a mail that are no longer than this are mostly names of facts, and stand apart."""
ONE_LINE = 50


def show_texts(principal: Principal) -> None:
    """Choose a mail and a language; its sentences on the left, the mail as it arrives on the right."""
    with transaction(principal) as session:
        changed = changed_templates(session)
    template, spoken = _choose(changed)
    left, right = st.columns(2, gap="large")
    with left:
        _show_sentences(principal, template, spoken, changed=(template, spoken) in changed)
    with right:
        _show_preview(principal, template, spoken)


def _choose(changed: set[tuple[str, str]]) -> tuple[str, str]:
    group_of = {template: group for group, mails in NAMES.items() for template in mails}
    edited = {template for template, _spoken in changed}

    def named(template: str) -> str:
        mark = " ✎" if template in edited else ""
        return f"{_(group_of[template])}: {_(NAME_OF[template])}{mark}"

    which, spoken = st.columns([3, 1], vertical_alignment="bottom")
    template = which.selectbox(_("Mail"), list(NAME_OF), format_func=named, key="mail_texts_template")
    code = spoken.segmented_control(
        _("Language"), list(LANGUAGES), default=language(), format_func=lambda each: LANGUAGES[each], required=True,
        key="mail_texts_language",
    )  # fmt: skip
    return template, code or language()


def _show_sentences(principal: Principal, template: str, spoken: str, changed: bool) -> None:
    with transaction(principal) as session:
        found = sentences(session, template, spoken)
    about = f"mail-texts-{template}-{spoken}"
    form = form_key(about)
    long = [each for each in found if len(each.standard) > SHORT or "subject.txt" in each.parts]
    with st.form(form, border=False, enter_to_submit=False):
        st.caption(_("Words in braces, as {number}, are filled in. You can leave them out or move them."))
        typed = {each.message: _field(each, form) for each in long}
        short = [each for each in found if each not in long]
        if short:
            with st.expander(_("Names of facts and buttons"), icon=":material/label:"):
                typed |= {each.message: _field(each, form) for each in short}
        saving = st.form_submit_button(_("Save"), type="primary")
    if saving:
        with refusals():
            with transaction(principal) as session:
                count = change_words(session, template, spoken, typed, clock.now())
                words = _("The words of this mail are saved.") if count else _("Nothing was different.")
                end_form(words, form=about)
            st.rerun()
    if changed and st.button(_("Back to the standard texts"), icon=":material/restart_alt:", key=f"{form}-back"):
        with refusals():
            with transaction(principal) as session:
                back_to_standard(session, template, spoken, clock.now())
                end_form(_("This mail has its standard texts again."), form=about)
            st.rerun()


def _field(each: Sentence, form: str) -> str:
    """The words as they are now; above them only what they would not say themselves."""
    subject = "subject.txt" in each.parts
    label = _("Subject") if subject else each.standard
    if each.own and not subject:
        label = _("Changed: {standard}").format(standard=each.standard)
    now, key = each.own or each.standard, f"{form}-{each.message}"
    shown = {
        "label": plain(label if len(label) <= 80 else f"{label[:79]}…"),
        "label_visibility": "visible" if subject or each.own else "collapsed",
    }
    if len(now) <= ONE_LINE and "\n" not in now:
        return st.text_input(**shown, value=now, max_chars=LONGEST, key=key)  # type: ignore[arg-type]
    return st.text_area(**shown, value=now, max_chars=LONGEST, height="content", key=key)  # type: ignore[arg-type]


def _show_preview(principal: Principal, template: str, spoken: str) -> None:
    with transaction(principal) as session:
        content = preview(session, template, spoken)
    st.caption(_("As it arrives, about something invented"))
    st.markdown(f"**{plain(content.subject)}**")
    formatted, text = st.tabs([_("As sent"), _("Plain text")])
    formatted.html(content.html)
    text.code(content.text, language=None, wrap_lines=True)
    if st.button(_("Send it to me"), icon=":material/send:", key=f"try-{template}-{spoken}"):
        with refusals():
            with transaction(principal) as session:
                address = send_to_me(session, template, spoken, clock.now())
                end_form(_("It is on its way to {address}.").format(address=plain(address)))
            st.rerun()
