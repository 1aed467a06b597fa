"""Where files come from by themselves: what came of each source last, and the forms to change that."""

from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from core import clock
from core.db import transaction
from core.i18n import N_
from core.imports import feeds
from core.imports.feeds import LONGEST_LOGIN, LONGEST_PASSWORD, Feed, Wanted, look_now, remove, set_feed, stop
from core.imports.files import ACTIONS, LABELS
from core.imports.models import EVERY
from core.imports.sources import LONGEST_NAME
from core.permissions import may
from core.principal import Principal
from pages.ui import steps
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, show_said, touched
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.price_words import ask_first
from pages.ui.text import _, language, moment

COUNT, REFUSED = "import_feed_steps", "import_feed_refused"
EVERY_NAMES = {
    "quarter": N_("Every 15 minutes"), "hour": N_("Every hour"), "day": N_("Every day, at an hour"),
}  # fmt: skip
PLACES = {"folder": N_("The watched folder"), "web": N_("An address on the internet")}


def show_feeds(principal: Principal) -> None:
    """The whole section of the page; nothing where there are none and the reader may add none."""
    with transaction(principal) as session:
        found = feeds.feeds(session)
    edits = may(principal, "settings.edit")
    if not found and not edits:
        return
    show_said()
    st.divider()
    st.subheader(_("Comes by itself"), anchor=False)
    st.caption(
        _("Files that the portal fetches on a timetable. What has no error is loaded; of the rest you get a mail.")
    )
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(refused, icon=":material/block:")
    for feed in found:
        with st.container(border=True, key=f"feed-{feed.id}"):
            _show(feed)
            _offer(principal, feed, edits)
    if edits:
        with st.expander(_("Add a source"), icon=":material/add:", key=f"{form_key('feed-new')}-open"):
            _form(principal, None, "feed-new")


def _show(feed: Feed) -> None:
    colour, words = _state(feed)
    st.markdown(f"**{plain(feed.name)}** · {_(LABELS[feed.kind])} :{colour}-badge[{words}]")
    icon = "folder" if feed.pattern else "language"
    said = [f":material/{icon}: {plain(feed.place)}", _timetable(feed)]
    if feed.next_at:
        said.append(_("next at {moment}").format(moment=moment(feed.next_at)))
    st.caption(" · ".join(said))
    if feed.said_at:
        result = f"{moment(feed.said_at)}: {plain(feed.result(language()))}"
        if feed.run_id:
            label = _("Look at it")
            result += f" [{label}](/staff-imports?run={feed.run_id})"
        st.markdown(result)
    elif feed.tried_at:
        st.markdown(_("{moment}: there was no file.").format(moment=moment(feed.tried_at)))


def _state(feed: Feed) -> tuple[str, str]:
    if not feed.active:
        return "gray", _("Stopped")
    return ("red", _("Needs you")) if feed.failures else ("green", _("Active"))


def _timetable(feed: Feed) -> str:
    if feed.every == "day":
        return _("every day at {hour}").format(hour=f"{feed.at_hour:02}:00")
    return _(EVERY_NAMES[feed.every])


def _offer(principal: Principal, feed: Feed, edits: bool) -> None:
    with st.container(horizontal=True):
        if feed.active and may(principal, ACTIONS[feed.kind]):
            st.button(_("Fetch now"), icon=":material/sync:", key=f"feed-look-{feed.id}", on_click=_look,
                      args=(steps.drawn(COUNT), feed.id))  # fmt: skip
        if feed.active and edits:
            st.button(_("Stop"), icon=":material/pause:", key=f"feed-stop-{feed.id}", on_click=_stop,
                      args=(steps.drawn(COUNT), feed.id))  # fmt: skip
    if not edits:
        return
    about = f"feed-{feed.id}"
    with st.expander(_("Change"), icon=":material/edit:", key=f"{form_key(about)}-open"):
        _form(principal, feed, about)
        words = _("Its files will not come by themselves any more. What was loaded stays.")
        if ask_first(about, _("Remove"), words):
            with refusals():
                with transaction(principal) as session:
                    remove(session, feed.id, clock.now())
                    end_form(_("{name} was removed.").format(name=plain(feed.name)))
                st.rerun()


def _form(principal: Principal, feed: Feed | None, about: str) -> None:
    form = form_key(about)
    shown = as_shown(f"{form}-name", feed)
    where = st.segmented_control(
        _("Where the files come from"), list(PLACES), default="web" if shown is None or shown.url else "folder",
        required=True, format_func=lambda each: _(PLACES[each]), key=f"{form}-where",
    )  # fmt: skip
    with st.form(form, border=False, enter_to_submit=False):
        typed = _what_fields(shown, form) | (
            _web_fields(shown, form) if where == "web" else _folder_fields(shown, form)
        )
        typed |= _time_fields(shown, form)
        if not st.form_submit_button(_("Save"), type="primary", icon=":material/check:", key=f"{form}-save"):
            return
    if feed and shown:
        typed |= touched({name: typed[name] for name in typed if name not in ("kind", "password")}, shown, feed)
    with refusals():
        with transaction(principal) as session:
            set_feed(session, Wanted(**typed), clock.now(), feed.id if feed else None)
            end_form(_("Saved. Its files come by themselves from now on."), form=about)
        st.rerun()


def _what_fields(shown: Feed | None, form: str) -> dict[str, Any]:
    left, right = st.columns(2)
    name = left.text_input(
        _("From whom"), shown.name if shown else "", max_chars=LONGEST_NAME, key=f"{form}-name",
        help=_("A supplier or program. Under the name that you gave it when you loaded a file, its columns are known."),
    )  # fmt: skip
    if shown:
        return {"kind": shown.kind, "name": name}
    kind = right.selectbox(_("What is in the files"), list(LABELS), format_func=lambda each: _(LABELS[each]),
                           key=f"{form}-kind")  # fmt: skip
    return {"kind": kind, "name": name}


def _folder_fields(shown: Feed | None, form: str) -> dict[str, Any]:
    pattern = st.text_input(
        _("Names of the files"), shown.pattern if shown else "", max_chars=100, key=f"{form}-pattern",
        placeholder="stoc*.csv", help=_("* stands for anything, ? for one sign. Each file goes to “done” or “refused” "
                                        "within the folder, refused ones with the reason beside them."),
    )  # fmt: skip
    return {"pattern": pattern}


def _web_fields(shown: Feed | None, form: str) -> dict[str, Any]:
    url = st.text_input(_("Address"), shown.url if shown else "", max_chars=2000, key=f"{form}-url",
                        placeholder="https://furnizor.example/stoc.csv")  # fmt: skip
    left, right = st.columns(2)
    login = left.text_input(_("User name (empty: none)"), shown.login if shown else "", max_chars=LONGEST_LOGIN,
                            key=f"{form}-login", autocomplete="off")  # fmt: skip
    password = right.text_input(
        _("Password"), "", type="password", max_chars=LONGEST_PASSWORD, key=f"{form}-password",
        autocomplete="new-password", placeholder=_("unchanged") if shown and shown.has_password else "",
        help=_("Kept encrypted, and never shown again."),
    )  # fmt: skip
    return {"url": url, "login": login, "password": password}


def _time_fields(shown: Feed | None, form: str) -> dict[str, Any]:
    left, right = st.columns(2)
    every = left.selectbox(_("How often"), EVERY, EVERY.index(shown.every if shown else "hour"), key=f"{form}-every",
                           format_func=lambda each: _(EVERY_NAMES[each]))  # fmt: skip
    before = shown.at_hour if shown else None
    hour = right.selectbox(_("Hour, for each day"), range(24), 6 if before is None else before,
                           format_func=lambda each: f"{each:02}:00", key=f"{form}-hour")  # fmt: skip
    active = st.checkbox(_("Active"), shown.active if shown else True, key=f"{form}-active")
    return {"every": every, "at_hour": hour if every == "day" else None, "active": active}


def _look(at: int, source_id: int) -> None:
    """A callback."""

    def tell(_done: None) -> None:
        steps.say(_("The next file is fetched within a minute."))

    def step(session: Session) -> None:
        look_now(session, source_id, clock.now())

    steps.take_once(require("staff", "imports.run"), COUNT, at, REFUSED, step, tell)


def _stop(at: int, source_id: int) -> None:
    """A callback."""

    def tell(_done: None) -> None:
        steps.say(_("Stopped. To go on, make it active again under “Change”."))

    def step(session: Session) -> None:
        stop(session, source_id, clock.now())

    steps.take_once(require("staff", "settings.edit"), COUNT, at, REFUSED, step, tell)
