"""Pictures of many products from a ZIP: what would come of it, and then what came of it, file by file."""

from functools import partial
from zipfile import ZipFile

import streamlit as st

from core.catalog.normalising import MOST_MB
from core.catalog.picture_zips import MOST_FILES, MOST_ZIP_MB, Entry, entries_of, open_zip, unpacked
from core.db import transaction
from core.errors import Refusal
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import form_key, say_and_rerun
from pages.ui.frame import plain
from pages.ui.product_pictures import take
from pages.ui.text import _, counted, language, quantity

ABOUT = "picture-zip"
REPORT_KEY = "picture-zip-report"
TOLD_KEY = "picture-zip-told"
Line = dict[str, str]


def show_zip(principal: Principal) -> None:
    """The place for a ZIP, and what is known of the last one."""
    st.markdown(
        _(
            "A ZIP of pictures (JPEG, PNG, WebP) whose names are those of the products: **SKU.jpg**, **SKU\\_2.jpg** "
            "for the second one, or **EAN.jpg**. Folders do not count, and neither does letter case where it is not "
            "needed; for signs that a file's name cannot have (/ : *) write \\_. You first see what fits. A picture "
            "that is there already is not taken twice, so the same ZIP can be given again."
        )
    )
    label = _("ZIP file, up to {size} MB, {count} files, {each} MB each").format(
        size=MOST_ZIP_MB, count=quantity(MOST_FILES), each=MOST_MB
    )
    uploaded = st.file_uploader(label, "zip", max_upload_size=MOST_ZIP_MB, key=form_key(ABOUT))
    if uploaded is None:
        _show_report()
        return
    st.session_state.pop(REPORT_KEY, None)
    try:
        with open_zip(uploaded) as archive:
            with transaction(principal) as session:
                entries = entries_of(session, archive)
            if _show_preview(entries):
                _take_all(principal, archive, entries)
    except Refusal as refusal:
        st.error(plain(refusal.text(language())), icon=":material/block:")


def _show_preview(entries: list[Entry]) -> bool:
    """What fits and what does not; was it said to go on?"""
    fits = [entry for entry in entries if entry.refusal is None]
    if not entries:
        st.info(_("There are no files in the ZIP."), icon=":material/folder_off:")
        return False
    products = len({entry.product_id for entry in fits})
    with st.container(horizontal=True, vertical_alignment="center"):
        clicked = st.button(
            _("Take the pictures that fit"), type="primary", icon=":material/add_photo_alternate:", disabled=not fits
        )
        words = _("Fit: {files:file|files} for {products:product|products}. Do not fit: {others}.")
        st.caption(
            words.format(
                files=counted(len(fits)), products=counted(products), others=quantity(len(entries) - len(fits))
            )
        )
    if not clicked:
        _show_lines([_line(entry, entry.refusal.text(language()) if entry.refusal else "") for entry in entries])
    return clicked


def _take_all(principal: Principal, archive: ZipFile, entries: list[Entry]) -> None:
    """One picture after the other, each kept as soon as it is taken: who goes away loses none of those before."""
    lines = [_line(entry, entry.refusal.text(language())) for entry in entries if entry.refusal]
    st.session_state[REPORT_KEY] = lines
    fits = [entry for entry in entries if entry.product_id is not None]
    progress, taken = st.progress(0.0), 0
    with refusals(TOLD_KEY):
        for number, entry in enumerate(fits, 1):
            reason = take(principal, entry.product_id or 0, entry.name, partial(unpacked, archive, entry))
            taken += reason is None
            lines.append(_line(entry, reason or _("Taken")))
            words = _("{number} of {count}: {name}").format(number=number, count=len(fits), name=plain(entry.name))
            progress.progress(number / len(fits), words)
    lines.sort(key=lambda line: line["result"] == _("Taken"))
    say_and_rerun(_("Pictures taken: {count}").format(count=quantity(taken)), form=ABOUT)


def _line(entry: Entry, result: str) -> Line:
    return {"file": entry.name, "sku": entry.sku, "result": result}


def _show_report() -> None:
    if told := st.session_state.pop(TOLD_KEY, None):
        st.error(told, icon=":material/block:")
    if lines := st.session_state.get(REPORT_KEY):
        st.caption(_("What became of the last ZIP"))
        _show_lines(lines)


def _show_lines(lines: list[Line]) -> None:
    text = st.column_config.TextColumn
    config = {
        "file": text(_("File"), width=260),
        "sku": text(_("SKU"), width=140),
        "result": text(_("Result"), width=560),
    }
    st.dataframe(lines, column_config=config, hide_index=True)
