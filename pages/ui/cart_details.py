"""What goes with an order besides its lines: typed in the cart, and shown to who is asked to approve it."""

import uuid

import streamlit as st

from core.db import transaction
from core.orders.addresses import delivery_addresses
from core.orders.cart import CartView
from core.orders.details import LONGEST_TEXT, Details
from core.principal import Principal
from pages.ui.forms import WrongInput
from pages.ui.frame import plain
from pages.ui.invoices import today
from pages.ui.text import _, day

SEAT, ANOTHER = "", "\n"
"""Choices of an address that are none of an earlier order; no address that is kept is a line break."""


def show_details_form(principal: Principal, cart: CartView, note_label: str) -> None:
    """The fields, as they were when approval was asked last; `typed_details` reads them."""
    left, right = st.columns(2, vertical_alignment="bottom")
    key = _key(cart.token, "reference")
    left.text_input(_("Your own order number"), cart.reference, max_chars=50, key=key, persist_state="page",
                    placeholder=_("optional"))  # fmt: skip
    _show_wished_day(right, cart)
    _show_address(principal, cart)
    key = _key(cart.token, "note")
    st.text_area(note_label, cart.note, max_chars=LONGEST_TEXT, key=key, height=80, persist_state="page")


def typed_details(token: uuid.UUID) -> Details:
    """What was typed for the cart with this token. Raises WrongInput for another address that is not given."""
    typed = {name: st.session_state.get(_key(token, name)) for name in ("note", "reference", "wished", "address")}
    address = typed["address"] or SEAT
    if address == ANOTHER:
        address = (st.session_state.get(_key(token, "another")) or "").strip()
        if not address:
            raise WrongInput(field=_("Another address"), reason=_("Enter a value."))
    return Details(typed["note"] or "", typed["reference"] or "", address, typed["wished"])


def show_given_details(cart: CartView) -> None:
    """What the buyer gave with a cart that waits for approval."""
    given = [
        (":material/tag:", _("Your own order number"), plain(cart.reference)),
        (":material/location_on:", _("Deliver to"), plain(cart.deliver_to)),
        (":material/event:", _("Wished day of delivery"), day(cart.wished_on) if cart.wished_on else ""),
        (":material/sticky_note_2:", _("Note"), plain(cart.note)),
    ]
    if lines := [f"{icon} {label}: **{value}**" for icon, label, value in given if value]:
        st.markdown("  \n".join(lines))


def _show_wished_day(place: st.delta_generator.DeltaGenerator, cart: CartView) -> None:
    key, first = _key(cart.token, "wished"), today()
    wished = cart.wished_on if cart.wished_on and cart.wished_on >= first else None
    if (typed := st.session_state.get(key)) and typed < first:
        st.session_state[key] = None  # the cart was open over midnight
    place.date_input(_("Wished day of delivery"), wished, min_value=first, format="DD.MM.YYYY", key=key,
                     persist_state="page")  # fmt: skip


def _show_address(principal: Principal, cart: CartView) -> None:
    with transaction(principal) as session:
        known = delivery_addresses(session)
    given = [cart.deliver_to] if cart.deliver_to else []
    choices = [SEAT, *dict.fromkeys([*given, *known.used]), ANOTHER]
    named = {SEAT: ": ".join(part for part in (_("Our seat"), known.seat) if part), ANOTHER: _("Another address")}
    chosen = st.selectbox(
        _("Deliver to"),
        choices,
        index=choices.index(cart.deliver_to),
        format_func=lambda address: named.get(address, " ".join(address.split())),
        key=_key(cart.token, "address"),
        persist_state="page",
    )
    if chosen == ANOTHER:
        key = _key(cart.token, "another")
        st.text_area(_("Another address"), max_chars=LONGEST_TEXT, key=key, height=80, persist_state="page")


def _key(token: uuid.UUID, name: str) -> str:
    """A cart that was placed has another token afterwards: its fields start empty."""
    return f"order {name} {token}"
