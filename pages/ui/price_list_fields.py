"""Fields that several changes of a price list share: which part of it, and how it is rounded."""

from decimal import Decimal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.catalog.queries import all_category_paths
from core.db import transaction
from core.i18n import N_
from core.imports import fields
from core.pricing.rounding import STEPS, WAYS, Rounding
from core.pricing.selecting import Part, brands
from core.principal import Principal
from pages.ui.forms import read
from pages.ui.text import _

STEP_NAMES = {
    "0.0001": N_("not rounded (4 decimals)"),
    "0.01": N_("to 0.01"),
    "0.05": N_("to 0.05"),
    "0.10": N_("to 0.10"),
    "0.50": N_("to 0.50"),
    "1": N_("to 1"),
    ".99": N_("ending in .99"),
}
WAY_NAMES = {"half_up": N_("to the nearest, a half up"), "up": N_("always up"), "down": N_("always down")}


def part_fields(principal: Principal, form: str, *, disabled: bool = False) -> Part:
    """Category and brand, chosen from those there are; empty is all."""
    with transaction(principal) as session:
        paths, names = all_category_paths(session), brands(session)
    left, right = st.columns(2)
    category = left.selectbox(
        _("Category"), paths, None, placeholder=_("All categories"), key=f"{form}-category", disabled=disabled
    )
    brand = right.selectbox(
        _("Brand"), names, None, placeholder=_("All brands"), key=f"{form}-brand", disabled=disabled
    )
    return Part(category, brand)


def rounding_fields(places: list[DeltaGenerator], form: str) -> Rounding:
    """To which step, and which way; each in a place of its own."""
    step, way = places
    to = step.selectbox(
        _("Rounded"), list(STEPS), list(STEPS).index("0.01"), format_func=lambda name: _(STEP_NAMES[name]),
        key=f"{form}-step",
    )  # fmt: skip
    which = way.selectbox(_("Which way"), list(WAYS), format_func=lambda name: _(WAY_NAMES[name]), key=f"{form}-way")
    return Rounding(to, which)


def copy_rounding_fields(places: list[DeltaGenerator], form: str) -> Rounding | None:
    """As `rounding_fields`, but nothing chosen to begin with: None."""
    step, way = places
    to = step.selectbox(
        _("Rounded"), list(STEPS), None, format_func=lambda name: _(STEP_NAMES[name]), placeholder=_("as they are"),
        key=f"{form}-step",
    )  # fmt: skip
    which = way.selectbox(_("Which way"), list(WAYS), format_func=lambda name: _(WAY_NAMES[name]), key=f"{form}-way")
    return Rounding(to, which) if to else None


def read_signed(field: str, typed: str) -> Decimal:
    """A number that may be below 0; a percent sign may follow. Raises WrongInput."""
    bare = typed.strip().removesuffix("%").rstrip()
    sign = -1 if bare[:1] in ("-", "−") else 1
    return sign * read(field, bare.lstrip("+-− "), fields.price)
