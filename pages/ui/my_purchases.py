"""What a partner bought: by month, category and product; and what larger quantities would save."""

from datetime import date

import pandas as pd
import streamlit as st

from core.db import transaction
from core.permissions import may
from core.principal import Principal
from core.reports.own import MOST_PRODUCTS, Saving, bought_by_category, bought_by_month, bought_products, savings
from core.reports.periods import Period
from pages.ui.reports_charts import show_bars, show_over_time
from pages.ui.reports_words import change, lei, metric, show_table, signed
from pages.ui.text import _, amount, day, price, quantity

CHARTED = 8


def show_bought(principal: Principal, period: Period) -> None:
    """What was bought in the period, beside the year before."""
    with transaction(principal) as session:
        months, categories = bought_by_month(session, period), bought_by_category(session, period)
        products = bought_products(session, period)
    now, before = sum(months["net"]), sum(months["before"])
    if not now and not before:
        st.info(
            _("Nothing was bought in these days. Choose another period, or place an order."), icon=":material/inbox:"
        )
        return
    with st.container(horizontal=True):
        metric(_("Bought, net"), amount(now), signed(change(now, before)))
    _show_months(months, period)
    if products.empty:
        return
    left, right = st.columns([2, 1], gap="medium")
    with left:
        _show_products(products)
    with right:
        title = _("Bought by category")
        st.markdown(f"**{title}**")
        top = categories.head(CHARTED)
        show_bars([name or _("No category") for name in top["name"]], [float(net) for net in top["net"]],
                  [lei(net) for net in top["net"]], "purchases-categories", title)  # fmt: skip


def _show_months(months: pd.DataFrame, period: Period) -> None:
    frame = months.assign(start=months["month"], end=[_end(month, period) for month in months["month"]])
    show_over_time(frame, "month", f"purchases-{period}", _("Bought by month, beside the year before"))


def _end(month: date, period: Period) -> date:
    after = (month.replace(day=28) + pd.Timedelta(days=4)).replace(day=1)
    return min(after - pd.Timedelta(days=1), period.last)


def _show_products(products: pd.DataFrame) -> None:
    title = _("Products on which you spent most")
    st.markdown(f"**{title}**")
    column = st.column_config
    config = {
        "name": column.TextColumn(_("Product"), width="medium", pinned=True),
        "net": column.NumberColumn(_("Net, lei")),
        "quantity": column.NumberColumn(_("Quantity")),
        "unit": column.TextColumn(_("Unit")),
        "times": column.NumberColumn(_("Times")),
        "last": column.Column(_("Last ordered")),
        "sku": column.TextColumn(_("SKU")),
    }
    formats = {"net": lei, "quantity": quantity, "last": day}
    show_table(products, config, "purchases-products", formats, about=title, opens=False)
    if len(products) == MOST_PRODUCTS:
        st.caption(_("The first {count}.").format(count=MOST_PRODUCTS))


def show_savings(principal: Principal, today: date) -> None:
    """What larger quantities would have saved; nothing for who does not order."""
    if not may(principal, "catalog.see"):
        return
    with transaction(principal) as session:
        found = savings(session, today)
    st.subheader(_("What you could save with larger quantities"), anchor=False)
    if not found:
        words = _(
            "Nothing to save here: of what you bought in the last 12 months, no larger quantity that you would use up "
            "costs less."
        )
        st.info(words, icon=":material/savings:")
        return
    total = sum((one.saving for one in found), found[0].saving * 0)
    words = _("Ordered less often and in larger quantities, what you bought in the last 12 months would cost {saving} "
              "less at the prices of today.")  # fmt: skip
    st.success(words.format(saving=f"**{amount(total)}**"), icon=":material/savings:")
    chosen = _show_savings(found)
    st.caption(_("Only quantities that you use up in half a year. Select a row to open the product."))
    if chosen is not None:
        st.switch_page("pages/partner/product.py", query_params={"product": str(found[chosen].product_id)})


def _show_savings(found: list[Saving]) -> int | None:
    column = st.column_config
    frame = pd.DataFrame({
        "name": one.name, "saving": one.saving, "usual": one.usual, "usual_price": one.usual_price,
        "quantity": one.quantity, "price": one.price, "unit": one.unit, "bought": one.bought, "times": one.times,
        "sku": one.sku,
    } for one in found)  # fmt: skip
    config = {
        "name": column.TextColumn(_("Product"), width="medium", pinned=True),
        "saving": column.NumberColumn(_("Saving, lei")),
        "usual": column.NumberColumn(_("You order")),
        "usual_price": column.NumberColumn(_("At")),
        "quantity": column.NumberColumn(_("From quantity")),
        "price": column.NumberColumn(_("It costs")),
        "unit": column.TextColumn(_("Unit")),
        "bought": column.NumberColumn(_("In 12 months")),
        "times": column.NumberColumn(_("Times")),
        "sku": column.TextColumn(_("SKU")),
    }
    formats = {"saving": lei, "usual": quantity, "usual_price": price, "quantity": quantity, "price": price,
               "bought": quantity}  # fmt: skip
    return show_table(frame, config, "purchases-savings", formats, about=_("What you could save"))
