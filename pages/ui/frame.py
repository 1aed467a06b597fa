"""What stands around every page: whose portal it is, who is signed in, the language, the way out."""

import re
from collections.abc import Callable

import streamlit as st

from core.auth.account import set_language
from core.company import company
from core.config import ROOT
from core.db import transaction
from core.i18n import LANGUAGES
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from pages.ui.guard import leave_view, sign_out, signed_in
from pages.ui.roles import ROLE_NAMES
from pages.ui.streamlit_words import show_streamlit_words
from pages.ui.text import _, clock_time, language, use_language
from pages.ui.theme import set_look

SWITCH_KEY = "language_switch"
MARKUP = frozenset("\\`*_{}[]()#+-.!|~<>:$&=")
# Where addresses become links, :names: icons and -> arrows: that is done to the finished text, past all escapes.
JOINTS = re.compile(r"(?<=:)(?=//|[\w+-]+[:/])|(?<=www)(?=\.)|(?<=@)(?=[\w-])|(?<=[<>~-])(?=[->=])", re.IGNORECASE)
NOTHING = ":small[]"


def set_style() -> None:
    """The distributor's logo or ours, what the theme has no setting for, and Streamlit in the reader's language."""
    icon = str(ROOT / "pages/ui/favicon.svg")
    if theirs := company_logo():
        st.logo(theirs, size="large", icon_image=icon)
        if st.context.theme.type == "dark":  # most logos are made for paper
            st.html("<style>[data-testid=stSidebarLogo] { background: white; border-radius: 0.3rem; }</style>")
    else:
        st.logo(str(ROOT / "pages/ui/logo.svg"), size="large", icon_image=icon)
    set_look()
    show_streamlit_words()


def show_sidebar(principal: Principal) -> None:
    """The signed-in user, their company and role, the language switch and the log-out button."""
    with st.sidebar:
        whose = plain(company_name(None if principal.in_place else principal.partner_id))
        lines = [f":material/person: **{plain(principal.name)}**"]
        if whose:
            lines.append(f":small[{whose}]")
        if principal.role in ROLE_NAMES:
            lines.append(f":small[{_(ROLE_NAMES[principal.role])}]")
        st.markdown("  \n".join(lines))
        if not principal.in_place:
            language_switch(_keep_language)
        if st.button(_("Log out"), icon=":material/logout:", key="log_out"):
            sign_out()


def show_portal_name() -> None:
    """Above the log-in form: the portal's name, whose it is, and the language switch."""
    with st.container(horizontal=True, vertical_alignment="center", key="portal_name"):
        st.title("Rampa", anchor=False, width="content")
        st.space("stretch")
        language_switch(lambda: use_language(st.session_state[SWITCH_KEY]))
    if name := company_name(None):
        st.caption(_("The partner portal of {company}").format(company=plain(name)))


def language_switch(on_change: Callable[[], None]) -> None:
    """The choice of language; the callback reads it from the session state."""
    st.session_state[SWITCH_KEY] = language()
    st.segmented_control(
        _("Language"),
        list(LANGUAGES),
        required=True,
        format_func=lambda code: LANGUAGES[code],
        key=SWITCH_KEY,
        label_visibility="collapsed",
        on_change=on_change,
    )


def _keep_language() -> None:
    """A callback, run before the page: the user is asked for again."""
    principal = signed_in()
    if principal is None:
        use_language(st.session_state[SWITCH_KEY])
        return
    with transaction(principal, wall=False) as session:
        set_language(session, st.session_state[SWITCH_KEY])


def show_viewing(principal: Principal) -> None:
    """Above every page, for staff in a partner's place: whose it is, until when, and the way back."""
    if principal.viewing:
        words = _("You see the portal as {partner} sees it, until {time}. You can look around but not change anything.")
        icon, way_back = "visibility", _("End the view")
    else:
        words = _(
            "You order for {partner}, at its prices and within its limits, until {time}. The order bears your name."
        )
        icon, way_back = "support_agent", _("Stop ordering")
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="viewing"):
        partner = plain(company_name(principal.partner_id))
        until = clock_time(principal.viewing_until) if principal.viewing_until else ""
        st.markdown(f":material/{icon}: " + words.format(partner=f"**{partner}**", time=until), width="stretch")
        if st.button(way_back, key="end_view"):
            leave_view(principal)


@st.cache_data(ttl=60, show_spinner=False)
def company_logo() -> bytes | None:
    """The distributor's logo, PNG or JPEG; a change shows within a minute."""
    with transaction(SYSTEM) as session:
        return company(session).logo


@st.cache_data(ttl=60, show_spinner=False)
def company_name(partner_id: int | None) -> str:
    """The name of a partner's company, or of the distributor; a change shows within a minute."""
    with transaction(SYSTEM) as session:
        return session.get_one(Partner, partner_id).name if partner_id else company(session).name


def plain(text: str) -> str:
    """Somebody's text as it is, on one line: Markdown would make links, headings and icons of it.

    Empty markup keeps the two sides of a joint apart, and unlike an invisible character is not copied with the text.
    """
    line = re.sub(r"\s*[\r\n]\s*", " ", text).strip()
    return NOTHING.join(_escaped(part) for part in JOINTS.split(line))


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in MARKUP else sign for sign in text)
