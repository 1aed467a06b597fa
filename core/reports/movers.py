"""What sells best, and what falls most against the year before: products and partners."""

from typing import Literal

import pandas as pd
from sqlalchemy.orm import Session

from core.reports.periods import Period
from core.reports.sales import breakdown

MOST = 50
"""Rows of a list of movers."""
Which = Literal["top", "falling", "rising", "lost", "new"]


def movers(session: Session, period: Period, by: Literal["product", "partner"], which: Which) -> pd.DataFrame:
    """Up to MOST rows of core.reports.sales.breakdown, with `change` (lei) against the year before.

    'top': most sold; 'falling' and 'rising': least and most change, of those that sold in both; 'lost': sold only a
    year before; 'new': sold only now. Raises NotAllowed.
    """
    found = breakdown(session, period, by)
    found["change"] = found["net"] - found["before"]
    both = (found["net"] != 0) & (found["before"] != 0)
    chosen = {
        "top": lambda: found[found["net"] > 0],
        "falling": lambda: found[both & (found["change"] < 0)].sort_values("change", kind="stable"),
        "rising": lambda: found[both & (found["change"] > 0)].sort_values("change", ascending=False, kind="stable"),
        "lost": lambda: found[(found["net"] == 0) & (found["before"] > 0)],
        "new": lambda: found[(found["net"] > 0) & (found["before"] == 0)],
    }[which]()
    return chosen.head(MOST).reset_index(drop=True)
