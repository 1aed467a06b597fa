"""Guides: what people of one's side do most often, step by step with pictures. Staff see the partners' too."""

import streamlit as st

from core.config import ROOT
from core.guides.reading import GUIDES, guide
from core.i18n import N_
from core.principal import Principal
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.text import _, language

PAGE = "pages/both/guides.py"
SIDES = {"staff": N_("For you and your colleagues"), "partner": N_("For partners, as they read them")}


def main(principal: Principal) -> None:
    st.html(ROOT / "pages/ui/guides.css")
    asked = st.query_params.get("guide")
    if asked is None:
        show_list(principal)
        return
    st.page_link(PAGE, label=_("All guides"), icon=":material/arrow_back:")
    if asked in readable(principal):
        show_guide(asked)
    else:
        st.title(_("There is no such guide"), anchor=False)
        st.write(_("Perhaps it has another name now. The list has all that there are."))


def readable(principal: Principal) -> list[str]:
    """The names of the guides that this side reads, in their order."""
    return [name for name, side in GUIDES.items() if principal.kind == "staff" or side == "partner"]


def show_list(principal: Principal) -> None:
    st.title(_("Guides"), anchor=False)
    names = readable(principal)
    for side in ("staff", "partner"):
        ours = [name for name in names if GUIDES[name] == side]
        if ours and principal.kind == "staff":
            st.subheader(_(SIDES[side]), anchor=False)
        for name in ours:
            show_entry(name)


def show_entry(name: str) -> None:
    told = guide(name, language())
    with st.container(key=f"guide-{name}", gap="xsmall"):
        st.page_link(PAGE, label=f"**{plain(told.title)}**", icon=":material/menu_book:", query_params={"guide": name})
        st.caption(plain(told.about))


def show_guide(name: str) -> None:
    st.query_params["guide"] = name  # a link within a page leaves the browser's address as it was
    told = guide(name, language())
    st.title(plain(told.title), anchor=False)
    st.html(f'<article class="guide">{told.html}</article>')


main(require("both", "orders.see"))
