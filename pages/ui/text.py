"""Words, numbers and dates as the user of this browser reads them."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import streamlit as st
from babel.dates import format_date, format_datetime

from core.company import company
from core.db import transaction
from core.i18n import LANGUAGES, Counted, translate
from core.money import format_amount, format_quantity
from core.principal import SYSTEM
from pages.ui.run import this_run

DAY = "dd.MM.yyyy"
MOMENT = "dd.MM.yyyy, HH:mm"
LANGUAGE_KEY = "language"


def language() -> str:
    """The language of this browser session: the signed-in user's, or the one chosen on the log-in page."""
    run = this_run()
    if run is None:
        return _chosen_language()
    if LANGUAGE_KEY not in run:  # a page asks for every word of it
        run[LANGUAGE_KEY] = _chosen_language()
    code: str = run[LANGUAGE_KEY]
    return code


def _chosen_language() -> str:
    chosen = st.session_state.get(LANGUAGE_KEY)
    return chosen if chosen in LANGUAGES else usual_language()


@st.cache_data(ttl=60, show_spinner=False)
def usual_language() -> str:
    """The language of who has not chosen one; a change shows within a minute."""
    with transaction(SYSTEM) as session:
        return company(session).default_language


def use_language(code: str) -> None:
    """From here on this browser session is in `code`."""
    st.session_state[LANGUAGE_KEY] = code
    if (run := this_run()) is not None:
        run.pop(LANGUAGE_KEY, None)


def _(message: str) -> str:
    """`message` in the language of this browser session."""
    return translate(message, language())


def amount(value: Decimal, currency: str = "RON", decimals: int = 2) -> str:
    """`1.234,50 lei`."""
    return format_amount(value, language(), currency, decimals)


def price(value: Decimal, currency: str = "RON") -> str:
    """A unit price: two decimals, or all four where the last two count."""
    return amount(value, currency, decimals=4 if value * 100 % 1 else 2)


def quantity(value: Decimal) -> str:
    """`1.250` or `2,5`."""
    return format_quantity(value, language())


def counted(number: int | Decimal) -> Counted:
    """A number for a sentence with a placeholder like `{count:product|products}`."""
    return Counted(number, language(), quantity(Decimal(number)))


def day(value: date) -> str:
    """A calendar day, `23.11.2026`; for an instant use `moment`."""
    return format_date(value, DAY, locale=language())


def moment(value: datetime) -> str:
    """An aware instant on the distributor's clock, `23.11.2026, 14:05`."""
    return format_datetime(value, MOMENT, tzinfo=time_zone(), locale=language())


def clock_time(value: datetime) -> str:
    """An aware instant of today on the distributor's clock, `14:05`."""
    return format_datetime(value, "HH:mm", tzinfo=time_zone(), locale=language())


@st.cache_resource(ttl=60, show_spinner=False)
def time_zone() -> ZoneInfo:
    """Where the distributor is; a change in the settings shows within a minute."""
    with transaction(SYSTEM) as session:
        return ZoneInfo(company(session).time_zone)
