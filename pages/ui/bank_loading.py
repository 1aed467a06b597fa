"""Loading bank statements: one or several files at once, each by itself, and what came of them."""

from dataclasses import dataclass

import streamlit as st

from core import clock
from core.banking.importing import ColumnsUnknown, Loaded, load
from core.banking.reading import LIMIT_MB, TYPES
from core.db import transaction
from core.errors import Refusal
from core.principal import Principal
from pages.ui.clicks import hold_clicks
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.receivables_steps import COUNT_KEY, REFUSED_KEY
from pages.ui.steps import note_done
from pages.ui.text import _, amount, counted, language

ROUND_KEY, LOADED_KEY, PENDING_KEY = "bank_round", "bank_loaded", "bank_pending"


@dataclass(frozen=True, slots=True)
class File:
    """A file that waits for somebody to say what its columns are."""

    name: str
    data: bytes


def offer_loading(_principal: Principal) -> None:
    """Where files are dropped: they are loaded at once, since loading books nothing."""
    key = f"bank-files-{st.session_state.get(ROUND_KEY, 0)}"
    st.file_uploader(
        _("Bank statements: MT940, CAMT.053, CSV or XLSX"), TYPES, accept_multiple_files=True, key=key,
        max_upload_size=LIMIT_MB, on_change=_take, args=(key,),
        help=_("Loading books nothing, and the same entry is never there twice."),
    )  # fmt: skip


def _take(key: str) -> None:
    """A callback."""
    files = [File(one.name, one.getvalue()) for one in st.session_state.get(key) or ()]
    if files:
        load_files(files)
        st.session_state[ROUND_KEY] = st.session_state.get(ROUND_KEY, 0) + 1  # the uploader is empty again


def load_files(files: list[File]) -> None:
    """For callbacks: load each in a transaction of its own; leave what came of them, and those with unknown columns."""
    staff = require("staff", "payments.record")
    told: list[tuple[str, Loaded | Refusal]] = []
    pending: list[File] = []
    for file in files:
        with refusals(REFUSED_KEY):
            done = hold_clicks(lambda file=file: _loaded(staff, file))  # type: ignore[misc]
            if isinstance(done, ColumnsUnknown):
                pending.append(file)
            else:
                told.append((file.name, done))

    def leave() -> None:
        st.session_state[LOADED_KEY] = told
        st.session_state[PENDING_KEY] = pending
        note_done(COUNT_KEY, load_files)

    hold_clicks(leave)


def _loaded(staff: Principal, file: File) -> Loaded | Refusal:
    try:
        with transaction(staff) as session:
            return load(session, file.data, file.name, clock.now())
    except Refusal as refusal:
        return refusal


def show_loaded() -> None:
    """What came of the files that were loaded last, until it is put away."""
    told: list[tuple[str, Loaded | Refusal]] = st.session_state.get(LOADED_KEY, [])
    if not told:
        return
    with st.container(border=True, key="bank-loaded"):
        for name, came in told:
            if isinstance(came, Loaded):
                _show_one(name, came)
            else:
                st.error(f"**{plain(name)}**  \n{plain(came.text(language()))}", icon=":material/block:")
        st.button(_("Put away"), icon=":material/close:", type="tertiary", key="bank-put-away", on_click=_put_away)


def _put_away() -> None:
    """A callback."""
    st.session_state.pop(LOADED_KEY, None)


def _show_one(name: str, came: Loaded) -> None:
    words = _("{entries:entry|entries}, of which {new} new.")
    told = [words.format(entries=counted(came.entries), new=counted(came.new))]
    if came.entries and not came.new:
        told = [_("{entries:entry|entries}, all known already: nothing has changed.").format(
            entries=counted(came.entries))]  # fmt: skip
    if came.debit_count:
        words = _("{count:payment of ours or fee|payments of ours and fees}, {amount} in all, left out.")
        told.append(words.format(count=counted(came.debit_count), amount=amount(came.debits)))
    if came.foreign:
        told.append(_("{count:entry is|entries are} in another currency.").format(count=counted(came.foreign)))
    if came.reversals:
        told.append(_("{count:entry takes|entries take} an earlier one back.").format(count=counted(came.reversals)))
    st.markdown(f":material/check_circle: **{plain(name)}**: " + plain(" ".join(told)))
    for warning in came.warnings:
        st.warning(plain(warning.text(language())), icon=":material/warning:")
