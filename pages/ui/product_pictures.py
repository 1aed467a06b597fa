"""The pictures of a product: more of them, in another order, or fewer."""

from collections.abc import Callable

import streamlit as st

from core import clock
from core.catalog.normalising import MOST_MB, SIDE, normalised
from core.catalog.pictures import add_picture, delete_picture, order_pictures, pictures_of
from core.catalog.queries import ProductRow
from core.db import transaction
from core.errors import Refusal
from core.principal import Principal
from pages.ui.errors import refusals
from pages.ui.forms import form_key, say_and_rerun
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.steps import drawn, take_once
from pages.ui.text import _, language, quantity

ENDINGS = ["jpg", "jpeg", "png", "webp"]
REPORT_KEY = "pictures-refused"
TOLD_KEY = "picture-told"
GONE = "pictures-gone"


def show_pictures(principal: Principal, row: ProductRow) -> None:
    """The pictures with what can be done with each, and the place for new ones."""
    with transaction(principal) as session:
        ids = pictures_of(session, row.id)
    if told := st.session_state.pop(TOLD_KEY, None):
        st.error(told, icon=":material/block:")
    if ids:
        st.caption(_("The first one stands in lists."))
        with st.container(horizontal=True, key="product_pictures"):
            for place, image_id in enumerate(ids):
                _show_picture(row.id, ids, place, image_id)
    else:
        st.info(_("No pictures yet."), icon=":material/image:")
    _show_uploader(principal, row)


def _show_picture(product_id: int, ids: list[int], place: int, image_id: int) -> None:
    with st.container(border=True, width=170, gap="xsmall"):
        alt = _("Picture {number}").format(number=place + 1)
        link = f'<a href="/images/{image_id}/large" target="_blank">'
        style = "width: 100%; height: 128px; object-fit: contain"
        st.html(f'{link}<img src="/images/{image_id}/small" alt="{alt}" style="{style}"></a>')
        with st.container(horizontal=True, horizontal_alignment="center", gap="xxsmall"):
            for step, icon, label in ((-1, "arrow_back", _("Further to the front")),
                                      (1, "arrow_forward", _("Further to the back"))):  # fmt: skip
                st.button(
                    f":material/{icon}:", key=f"move-{image_id}-{step}", help=label, type="tertiary",
                    disabled=not 0 <= place + step < len(ids), on_click=_move, args=(product_id, ids, place, step),
                )  # fmt: skip
            with st.popover(":material/delete:", help=_("Delete"), type="tertiary"):
                st.button(_("Delete for good"), key=f"delete-{image_id}", on_click=_delete,
                          args=(drawn(f"{GONE} {image_id}"), image_id))  # fmt: skip


def _move(product_id: int, ids: list[int], place: int, step: int) -> None:
    """A callback: exchange a picture with its neighbour."""
    wanted = list(ids)
    wanted[place], wanted[place + step] = wanted[place + step], wanted[place]
    with refusals(TOLD_KEY), transaction(require("staff", "products.edit")) as session:
        order_pictures(session, product_id, wanted, clock.now())


def _delete(at: int, image_id: int) -> None:
    """A callback."""
    staff = require("staff", "products.edit")
    take_once(
        staff, f"{GONE} {image_id}", at, TOLD_KEY, lambda session: delete_picture(session, image_id, clock.now()), bool
    )


def _show_uploader(principal: Principal, row: ProductRow) -> None:
    key = form_key(about := f"pictures-{row.id}")
    label = _("New pictures: JPEG, PNG or WebP, up to {size} MB each").format(size=MOST_MB)
    files = st.file_uploader(label, ENDINGS, accept_multiple_files=True, max_upload_size=MOST_MB, key=key)
    st.caption(
        _("They are kept upright and at most {side} pixels a side; where and when they were taken is not kept.").format(
            side=quantity(SIDE)
        )
    )
    for sentence in st.session_state.pop(f"{REPORT_KEY}-{row.id}", []):
        st.error(sentence, icon=":material/block:")
    if not files or not st.button(_("Add the pictures"), type="primary", icon=":material/add_photo_alternate:"):
        return
    progress, refused = st.progress(0.0), []
    for number, file in enumerate(files, 1):
        if reason := take(principal, row.id, file.name, file.getvalue):
            refused.append(f"{plain(file.name)}: {plain(reason)}")
        progress.progress(number / len(files))
    st.session_state[f"{REPORT_KEY}-{row.id}"] = refused
    words = _("Pictures added: {count}")
    say_and_rerun(words.format(count=quantity(len(files) - len(refused))), form=about)


def take(principal: Principal, product_id: int, name: str, read: Callable[[], bytes]) -> str | None:
    """Make what `read` gives one of the product's pictures, in a transaction of its own; why not, where it is not."""
    try:
        made = normalised(read())
        with transaction(principal) as session:
            add_picture(session, product_id, made, name, clock.now())
    except Refusal as refusal:
        return refusal.text(language())
    return None
