"""The people who log in: of a partner, or the staff. Who they are, how they stand, and the way to what can be done."""

from typing import Literal

import streamlit as st

from core import clock
from core.auth.people import Person, people_of
from core.auth.sessions import ENTERING
from core.db import transaction
from core.partners.queries import partner
from core.principal import Principal
from core.search import fold
from pages.ui.errors import refusals
from pages.ui.frame import plain
from pages.ui.guard import require
from pages.ui.person import change_person, new_person, state_of
from pages.ui.person_forms import NEW, close_dialog, open_dialog, opened, show_password
from pages.ui.roles import ROLE_NAMES
from pages.ui.text import _, amount, moment

PAGE_SIZE = 20
MANAGING = ("colleagues.manage", "partner_users.manage", "staff.manage")


def show_people(principal: Principal, partner_id: int | None) -> None:
    """The people of a partner, or the staff for None, for who manages them; others read that they may not."""
    show_password()
    with refusals():
        with transaction(principal, wall=False) as session:
            people = people_of(session, partner_id, clock.real_now())
        enters = _enters(principal, partner_id)
        _show_head(partner_id, people, enters)
        for person in _page(partner_id, people):
            _show_person(principal, partner_id, person)
        _show_dialog(principal, partner_id, people)


def _enters(principal: Principal, partner_id: int | None) -> bool:
    """May the people of this partner log in at all? To others no link is mailed."""
    if partner_id is None or principal.kind == "partner":
        return True
    with transaction(principal) as session:
        return partner(session, partner_id).status in ENTERING


def _show_head(partner_id: int | None, people: list[Person], enters: bool) -> None:
    if not enters:
        _say_closed()
    elif not people:
        st.info(_("Nobody can log in here yet. Begin with the first person."), icon=":material/info:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("People: {count}").format(count=len(people)), width="stretch")
        if enters:
            st.button(
                _("New person"), icon=":material/person_add:", type="primary", key=f"new-{partner_id}",
                on_click=open_dialog, args=(partner_id, NEW),
            )  # fmt: skip


def _say_closed() -> None:
    words = _("Nobody of this partner can log in: it is closed, or not approved yet. Change that first.")
    st.warning(words, icon=":material/lock:")


def _page(partner_id: int | None, people: list[Person]) -> list[Person]:
    """The people to show; a search and pages only where there are many."""
    if len(people) <= PAGE_SIZE:
        return people
    label, placeholder = _("Search"), _("Name or e-mail")
    search = st.text_input(label, placeholder=placeholder, icon=":material/search:", key=f"search-{partner_id}")
    words = fold(search).split()
    found = [person for person in people if all(word in fold(f"{person.name} {person.email}") for word in words)]
    if not found:
        st.info(_("Nobody matches. Try fewer letters."), icon=":material/search_off:")
    elif len(found) > PAGE_SIZE:
        page = st.pagination(-(-len(found) // PAGE_SIZE), key=f"page-{partner_id}-{search}")
        return found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return found


def _show_person(principal: Principal, partner_id: int | None, person: Person) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"person-{person.id}"):
        lines = [_title(person), plain(person.email), f":gray[:small[{_traces(person)}]]"]
        st.markdown("  \n".join(lines), width="stretch")
        if person.id == principal.user_id:
            st.page_link("pages/both/account.py", label=_("My account"), icon=":material/manage_accounts:")
        else:
            st.button(
                _("Change"), icon=":material/edit:", key=f"open-{person.id}", on_click=open_dialog,
                args=(partner_id, person.id),
            )  # fmt: skip


def _title(person: Person) -> str:
    """Name, role, how it stands, and whether there is a second factor: one line of Markdown."""
    role = _(ROLE_NAMES[person.role])
    if person.spending_limit is not None:
        role = _("{role}, orders up to {amount}").format(role=role, amount=amount(person.spending_limit))
    colour, words = state_of(person)
    badges = [f":gray-badge[{plain(role)}]", f":{colour}-badge[{plain(words)}]"]
    if person.bounced_at:
        returned = plain(_("Mails come back"))
        badges.append(f":red-badge[:material/mail_off: {returned}]")
    if person.has_second_factor:
        second_step = plain(_("Second step"))
        badges.append(f":green-badge[:material/verified_user: {second_step}]")
    return " ".join([f"**{plain(person.name)}**", *badges])


def _traces(person: Person) -> str:
    """When the person was here, and what is still open: Markdown."""
    known = [at for at in (person.last_seen_at, person.last_signed_in) if at]
    said = [_("Last seen {time}").format(time=moment(max(known))) if known else _("Has never logged in")]
    if person.sessions:
        said.append(_("browsers logged in now: {count}").format(count=person.sessions))
    if person.has_password and person.invited_until:
        said.append(_("a link for a new password works until {time}").format(time=moment(person.invited_until)))
    if person.bounced_at:
        words = _("the last mail came back on {time}: {answer}")
        said.append(words.format(time=moment(person.bounced_at), answer=person.bounce))
    return " · ".join(plain(part) for part in said)


def _show_dialog(principal: Principal, partner_id: int | None, people: list[Person]) -> None:
    """What was opened stays open, whatever makes the page run again, until it is closed or done."""
    titles = {person.id: plain(person.name) for person in people if person.id != principal.user_id}
    titles[NEW] = _("New person")
    whom = opened(partner_id)
    if whom in titles:
        dialog = st.dialog(titles[whom], width="medium", on_dismiss=lambda: close_dialog(partner_id))
        dialog(_inside)(principal.kind, partner_id, whom)


def _inside(side: Literal["partner", "staff"], partner_id: int | None, whom: int) -> None:
    """A click in a dialog runs this without the page around it: who is there, and how people stand, is asked again."""
    me = require(side, *MANAGING)
    with refusals():
        with transaction(me, wall=False) as session:
            people = people_of(session, partner_id, clock.real_now())
        enters = _enters(me, partner_id)
        if not enters:
            _say_closed()
        elif whom == NEW:
            new_person(me, partner_id, others=bool(people))
        for person in people:
            if person.id == whom:
                change_person(me, partner_id, person, enters)
