"""What saving prices of a list did, or would do, and what is wrong with the rows."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from core.pricing.setting import MOST_TOLD, Saved
from core.pricing.staging import Fault
from pages.ui.frame import plain
from pages.ui.price_words import days, from_words
from pages.ui.text import _, language, price, quantity

SAVED_KEY = "prices-saved"
MOST_FAULTS = 200


def keep_saved(saved: Saved) -> None:
    """For `show_kept`, on the page as it is after it."""
    st.session_state[SAVED_KEY] = saved


def show_kept(currency: str) -> None:
    """What was saved a moment ago, once."""
    if saved := st.session_state.pop(SAVED_KEY, None):
        with st.container(border=True, key="prices_saved"):
            st.markdown(f":material/check_circle: **{_('Saved.')}** {counts_in_words(saved)}")
            show_changes(saved, currency)


def counts_in_words(saved: Saved) -> str:
    """`Added: 3 · changed: 12 · ...`."""
    told = {
        _("added"): saved.added, _("changed"): saved.changed, _("removed"): saved.removed,
        _("the same as before"): saved.unchanged,
    }  # fmt: skip
    return plain(" · ".join(f"{words}: {quantity(count)}" for words, count in told.items() if count) or _("nothing"))


def show_changes(saved: Saved, currency: str) -> None:
    """The first changes with old and new prices, and what deserves a look."""
    if saved.changes:
        rows = [
            {
                "sku": change.sku, "from": from_words(change.from_quantity), "old": _money(change.old, currency),
                "new": _money(change.new, currency), "percent": _difference(change.old, change.new),
                "days": days(change.valid_from, change.valid_until) or _("always"),
            }
            for change in saved.changes
        ]  # fmt: skip
        right = {"alignment": "right"}
        config = {
            "sku": st.column_config.TextColumn(_("SKU")),
            "from": st.column_config.TextColumn(_("Quantity")),
            "old": st.column_config.TextColumn(_("Before"), **right),
            "new": st.column_config.TextColumn(_("After"), **right),
            "percent": st.column_config.TextColumn(_("Difference"), **right),
            "days": st.column_config.TextColumn(_("Valid")),
        }
        st.dataframe(rows, column_config=config, hide_index=True, height="content")
        if saved.added + saved.changed + saved.removed > len(saved.changes):
            st.caption(_("The first {count} are shown.").format(count=quantity(MOST_TOLD)))
    if free := [change.sku for change in saved.changes if change.new == 0]:
        words = _("At a price of 0 these are free: {skus}")
        st.warning(words.format(skus=plain(", ".join(free))), icon=":material/money_off:")
    if saved.shortened:
        words = _("Other prices for the same quantity gave up the days that the new ones hold on: {count}.")
        st.info(words.format(count=quantity(saved.shortened)), icon=":material/info:")
    if saved.beaten:
        words = _("A price from a larger quantity on is no lower than the one before it, so it does nothing: {skus}")
        st.warning(words.format(skus=plain(", ".join(saved.beaten))), icon=":material/warning:")


def show_faults(faults: Sequence[Fault], skus: dict[int, str] | None = None) -> None:
    """What is wrong, row by row; nothing was saved."""
    words = _("Nothing was saved. Rows with mistakes: {count}.")
    st.error(words.format(count=quantity(len(faults))), icon=":material/block:")
    rows = [
        {"row": fault.row, "sku": (skus or {}).get(fault.row, ""), "reason": fault.text(language())}
        for fault in faults[:MOST_FAULTS]
    ]
    config = {
        "row": st.column_config.NumberColumn(_("Row"), width="small", format="%d"),
        "sku": st.column_config.TextColumn(_("SKU"), width=110) if skus else None,
        "reason": st.column_config.TextColumn(_("What is wrong"), width=700),
    }
    st.dataframe(rows, column_config=config, hide_index=True)


def _money(value: Decimal | None, currency: str) -> str:
    return "–" if value is None else price(value, currency)


def _difference(old: Decimal | None, new: Decimal | None) -> str:
    return in_percent((new / old - 1) * 100) if old and new is not None else ""


def in_percent(value: Decimal | None) -> str:
    """`+4,5 %`; empty for none."""
    if value is None:
        return ""
    rounded = round(value, 2) + Decimal(0)
    return f"{'+' if rounded > 0 else ''}{quantity(rounded)} %"
