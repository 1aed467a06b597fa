"""The form of a message to partners, with what partners will see beside it."""

import base64
from dataclasses import dataclass, replace
from datetime import date

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.catalog.normalising import MOST_MB, Picture, normalised
from core.db import transaction
from core.errors import Refusal
from core.i18n import N_
from core.messages.drafts import LONGEST_BODY, LONGEST_TITLE, Draft
from core.messages.listing import Targets, Written, product_of_sku, sku_of, targets
from core.messages.models import LEVELS as LEVEL_NAMES
from core.messages.posting import change, post
from core.principal import Principal
from pages.ui.forms import WrongInput
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.message_card import LEVELS, badge, show_text
from pages.ui.messages_steps import drawn, step_key, take_step
from pages.ui.text import _, language

AUDIENCES = {"everyone": N_("Everyone"), "groups": N_("Groups"), "partners": N_("Single partners")}
LINKS = {"none": N_("Nowhere"), "product": N_("A product"), "promotion": N_("A promotion")}
MEANINGS = {
    "plain": N_("Counted in the partners' menu."),
    "important": N_("Above every page until it is read; also by mail."),
    "confirm": N_("Before everything else until each person has confirmed it; also by mail."),
}
PERIOD = "DD.MM.YYYY"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: the SKU is not looked up yet."""

    draft: Draft
    sku: str


def show_new(staff: Principal) -> None:
    """The empty form."""
    _show_form(staff, None, None)


def show_change(staff: Principal, message_id: int, now: Written) -> None:
    """The form with a message that no partner has seen yet."""
    _show_form(staff, message_id, now)


def _show_form(staff: Principal, message_id: int | None, now: Written | None) -> None:
    with transaction(staff) as session:
        offered = targets(session, clock.now())
        sku = sku_of(session, now.draft.product_id) if now and now.draft.product_id else ""
    form, preview = st.columns([3, 2], gap="large")
    with form:
        typed = _fields(message_id or 0, now.draft if now else Draft("", "", valid_from=today()), offered, sku)
        picture = _picture_field(message_id or 0)
        keep = bool(now and now.picture) and st.checkbox(
            _("Keep the picture it has"), True, key=step_key("keep", message_id), disabled=picture is not None
        )
        st.button(
            _("Save the message") if now else _("Post the message"), type="primary", icon=":material/campaign:",
            key=step_key("post", message_id or 0), on_click=_post, args=(drawn(), message_id, typed, picture, keep),
        )  # fmt: skip
    with preview:
        _show_preview(typed.draft, picture, f"/messages/{message_id}/picture" if keep else None)


def _fields(about: int, draft: Draft, offered: Targets, sku: str) -> Typed:
    title = st.text_input(_("Title"), draft.title, max_chars=LONGEST_TITLE, key=step_key("title", about))
    body = st.text_area(
        _("Text"), draft.body, height=220, max_chars=LONGEST_BODY, key=step_key("body", about),
        help=_("**bold**, *italics*, “- ” or “1. ” before the lines of a list, [words](https://address) for a link"),
    )  # fmt: skip
    level = st.radio(
        _("Importance"), LEVEL_NAMES, LEVEL_NAMES.index(draft.level), format_func=lambda name: _(LEVELS[name]),
        captions=[_(MEANINGS[name]) for name in LEVEL_NAMES], key=step_key("level", about),
    )  # fmt: skip
    by_mail = level == "plain" and st.checkbox(_("Also by mail"), draft.by_mail, key=step_key("by-mail", about))
    audience, chosen = _audience_fields(about, draft, offered)
    since, until = _day_fields(about, draft)
    typed_sku, promotion = _link_fields(about, draft, offered, sku)
    made = Draft(title, body, level, audience, chosen, since, until, None, promotion, by_mail)
    return Typed(made, typed_sku)


def _audience_fields(about: int, draft: Draft, offered: Targets) -> tuple[str, frozenset[int]]:
    audience = st.segmented_control(
        _("For whom"), list(AUDIENCES), default=draft.audience, required=True,
        format_func=lambda name: _(AUDIENCES[name]), key=step_key("audience", about),
    )  # fmt: skip
    if audience == "everyone" or audience is None:
        return "everyone", frozenset()
    names = offered.groups if audience == "groups" else offered.partners
    held = [one for one in names if audience == draft.audience and one in draft.chosen]
    chosen = st.multiselect(
        _(AUDIENCES[audience]), list(names), held, format_func=names.__getitem__, placeholder=_("Choose"),
        key=step_key(f"chosen-{audience}", about),
    )  # fmt: skip
    return audience, frozenset(chosen)


def _day_fields(about: int, draft: Draft) -> tuple[date, date | None]:
    first, last = st.columns(2)
    since = first.date_input(_("First day"), max(draft.valid_from, today()), min_value=today(), format=PERIOD,
                             key=step_key("since", about))  # fmt: skip
    until = last.date_input(_("Last day"), draft.valid_until, min_value=today(), format=PERIOD,
                            key=step_key("until", about), help=_("Empty: until you withdraw it"))  # fmt: skip
    return since or today(), until


def _link_fields(about: int, draft: Draft, offered: Targets, sku: str) -> tuple[str, int | None]:
    """The SKU and the promotion: one of them, or neither."""
    held = "product" if draft.product_id else "promotion" if draft.promotion_id else "none"
    leads = st.segmented_control(
        _("It leads to"), list(LINKS), default=held, required=True, format_func=lambda name: _(LINKS[name]),
        key=step_key("link", about),
    )  # fmt: skip
    if leads == "product":
        return st.text_input(_("SKU"), sku, key=step_key("sku", about), max_chars=100), None
    if leads == "promotion":
        names = offered.promotions
        at = list(names).index(draft.promotion_id) if draft.promotion_id in names else None
        return "", st.selectbox(_("Promotion"), list(names), at, format_func=names.__getitem__,
                                placeholder=_("Choose"), key=step_key("promotion", about))  # fmt: skip
    return "", None


def _picture_field(about: int) -> Picture | None:
    file = st.file_uploader(_("Picture"), ["png", "jpg", "jpeg", "webp"], max_upload_size=MOST_MB,
                            key=step_key("picture", about))  # fmt: skip
    if file is None:
        return None
    try:
        return _normalised(file.getvalue())
    except Refusal as refusal:
        st.error(plain(refusal.text(language())), icon=":material/block:")
        return None


@st.cache_data(max_entries=4, show_spinner=False, scope="session")
def _normalised(content: bytes) -> Picture:
    """Once for a picture, not at every change of the form."""
    return normalised(content)


def _show_preview(draft: Draft, picture: Picture | None, kept: str | None) -> None:
    address = f"data:image/webp;base64,{base64.b64encode(picture.content).decode()}" if picture else kept
    st.caption(_("As partners see it"))
    with st.container(border=True):
        badge(draft.level)
        show_text(draft.title or _("Title"), draft.body or _("Text"), address)


def _post(at: int, message_id: int | None, typed: Typed, picture: Picture | None, keep: bool) -> None:
    """A callback: the new message is shown with its receipts, one that was changed with what it is now."""

    def step(session: Session) -> None:
        draft = replace(typed.draft, product_id=_product(session, typed.sku))
        if message_id is not None:
            change(session, message_id, draft, picture, keep, clock.now())
            return
        st.query_params["message"] = str(post(session, draft, picture, clock.now()))

    take_step("staff", at, step, _("The message is saved."))


def _product(session: Session, sku: str) -> int | None:
    """Raises WrongInput for a SKU that is none."""
    found = product_of_sku(session, sku) if sku.strip() else None
    if sku.strip() and found is None:
        raise WrongInput(field=_("SKU"), reason=_("There is no product with this SKU."))
    return found
