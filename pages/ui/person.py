"""What is done for one person who logs in, or will: made, changed, let in, kept out. Shown in a dialog."""

import streamlit as st

from core import clock
from core.auth.passwords import generate_password
from core.auth.people import Person
from core.auth.users import (
    create_user,
    invite,
    remove_second_factor,
    revoke_invitation,
    set_active,
    set_password,
    set_role,
)
from core.db import transaction
from core.i18n import LANGUAGES, N_
from core.partners.queries import partner
from core.permissions import BUYER, OWNER, SALES
from core.principal import Principal
from core.privacy.erasing import erase
from pages.ui.errors import refusals
from pages.ui.forms import as_shown, end_form, form_key, touched
from pages.ui.frame import plain
from pages.ui.person_forms import (
    choose_role,
    hand_over,
    leave,
    link_sent,
    mails_leave,
    read_limit,
    type_limit,
    type_password,
)
from pages.ui.roles import ROLE_NAMES
from pages.ui.text import _, clock_time, moment

LINK, GENERATED, TYPED = "link", "generated", "typed"
WAYS = {
    LINK: (N_("Send a link by mail"), N_("The person chooses a password with it.")),
    GENERATED: (N_("Generate a password"), N_("It is shown once, for you to hand over.")),
    TYPED: (N_("Type a password"), N_("You choose one and hand it over.")),
}

BY_HAND = N_("Make a link"), N_("It is shown once, for you to hand over. The person chooses a password with it.")
"""The first way where no mail leaves."""


def state_of(person: Person) -> tuple[str, str]:
    """A colour of badges, and in words whether the person can log in."""
    if not person.active:
        return "red", _("Blocked")
    if not person.has_password and person.invited_until:
        return "blue", _("Invited, the link works until {time}").format(time=moment(person.invited_until))
    if not person.has_password:
        return "orange", _("Has no password, and no link that works")
    if person.locked_until:
        return "orange", _("Wrong passwords: waits until {time}").format(time=clock_time(person.locked_until))
    return "green", _("Active")


def new_person(me: Principal, partner_id: int | None, others: bool) -> None:
    """The form for somebody new; `others` tells that there are people already."""
    form = form_key(about := f"person-{partner_id}")
    usual = (BUYER if others else OWNER) if partner_id else SALES
    role, way = choose_role(partner_id, usual, form), _choose_way(form)
    first_email, first_name = ("", "") if others or partner_id is None else _contact(me, partner_id)
    with st.form(form, border=False):
        left, right = st.columns(2)
        email = left.text_input(_("E-mail"), first_email, max_chars=254, key=f"{form}-email")
        name = right.text_input(_("The person's name"), first_name, max_chars=200, key=f"{form}-name")
        left, right = st.columns(2)
        with left:
            speaks = st.selectbox(
                _("Language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key=f"{form}-language"
            )
        with right:
            limit = type_limit(role, None, form)
        password = type_password(form) if way == TYPED else None
        if not st.form_submit_button(_("Create"), icon=":material/person_add:", type="primary"):
            return
    with refusals():
        amount, now = read_limit(limit), clock.real_now()
        if way == GENERATED:
            password = generate_password()
        with transaction(me, wall=False) as session:
            user = create_user(
                session, email, name, role, now, partner_id=partner_id, password=password, language=speaks
            )
            if amount is not None:
                set_role(session, user.id, role, now, spending_limit=amount)
            if password is None:
                link_sent(session, user.email, invite(session, user.id, now), about)
            else:
                _say_created(user.email, way, password, about)
        leave(partner_id)


def _choose_way(form: str) -> str:
    ways = WAYS if mails_leave() else WAYS | {LINK: BY_HAND}
    return st.radio(
        _("How does the person get in?"),
        list(ways),
        format_func=lambda key: _(ways[key][0]),
        captions=[_(explained) for _name, explained in ways.values()],
        key=f"{form}-way",
    )


def _contact(me: Principal, partner_id: int) -> tuple[str, str]:
    """What is known of who will be the first to log in for a partner: e-mail and name."""
    with transaction(me) as session:
        known = partner(session, partner_id)
    return known.email, known.contact_name


def _say_created(email: str, way: str, password: str, form: str) -> None:
    if way == GENERATED:
        hand_over(email, password, form)
    else:
        words = _("{email} can log in with the password you typed. Hand it over, and not by mail.")
        end_form(words.format(email=plain(email)), form)


def change_person(me: Principal, partner_id: int | None, person: Person, enters: bool) -> None:
    """Everything that can be done for somebody who is there; no way in where nobody of the partner `enters`."""
    colour, words = state_of(person)
    st.markdown(f"{plain(person.email)} :{colour}-badge[{plain(words)}]")
    _change_role(me, partner_id, person)
    if person.active and enters:
        st.markdown("**" + _("Getting in") + "**")
        _change_link(me, partner_id, person)
        with st.expander(_("Give a password instead"), icon=":material/key:"):
            _change_password(me, partner_id, person)
    st.markdown("**" + _("Access") + "**")
    _keep_out(me, partner_id, person)
    _show_data(me, partner_id, person)


def _change_role(me: Principal, partner_id: int | None, person: Person) -> None:
    form = form_key(about := f"role-{person.id}")
    shown = as_shown(f"{form}-role", person)
    role = choose_role(partner_id, shown.role, form)
    with st.form(form, border=False):
        limit = type_limit(role, shown.spending_limit, form)
        if not st.form_submit_button(_("Save the role"), icon=":material/check:"):
            return
    with refusals():
        typed = touched({"role": role, "spending_limit": read_limit(limit)}, shown, person)
        with transaction(me, wall=False) as session:
            set_role(session, person.id, typed["role"], clock.real_now(), spending_limit=typed["spending_limit"])
            words, role = _("{name}, role: {role}. It takes effect at the person's next click."), typed["role"]
            end_form(words.format(name=plain(person.name), role=_(ROLE_NAMES[role])), about)
        leave(partner_id)


def _change_link(me: Principal, partner_id: int | None, person: Person) -> None:
    """The mailed link: sent, sent again, taken back."""
    if person.invited_until:
        st.caption(_("A link to set a password works until {time}.").format(time=moment(person.invited_until)))
    send = _("Send the link again") if person.invited_until else _("Send a link to set a password")
    if not mails_leave():
        send = _("Make a link to set a password")
    with st.container(horizontal=True):
        sends = st.button(send, icon=":material/mail:", key=f"invite-{person.id}")
        revokes = person.invited_until and st.button(
            _("Revoke the link"), icon=":material/link_off:", key=f"revoke-{person.id}"
        )
    with refusals():
        if sends:
            with transaction(me, wall=False) as session:
                link_sent(session, person.email, invite(session, person.id, clock.real_now()))
            leave(partner_id)
        if revokes:
            with transaction(me, wall=False) as session:
                revoke_invitation(session, person.id, clock.real_now())
                end_form(_("The link of {email} no longer opens anything.").format(email=plain(person.email)))
            leave(partner_id)


def _change_password(me: Principal, partner_id: int | None, person: Person) -> None:
    """A generated or a typed one: both log the person out everywhere."""
    st.caption(_("The person is logged out everywhere, and a link that was sent no longer works."))
    generates = st.button(_("Generate a password"), icon=":material/casino:", key=f"generate-{person.id}")
    form = form_key(about := f"password-{person.id}")
    with st.form(form, border=False):
        typed = type_password(form)
        types = st.form_submit_button(_("Set this password"))
    with refusals():
        if generates or types:
            password = generate_password() if generates else typed
            with transaction(me, wall=False) as session:
                set_password(session, person.id, password, clock.real_now())
                if generates:
                    hand_over(person.email, password, about)
                else:
                    words = _("{email} has the password you typed. Hand it over, and not by mail.")
                    end_form(words.format(email=plain(person.email)), about)
            leave(partner_id)


def _keep_out(me: Principal, partner_id: int | None, person: Person) -> None:
    """Block or let in again, and the second factor of somebody who lost the telephone."""
    with st.container(horizontal=True):
        # What it does in the key: a click on “Block” is none on “Unblock” when a colleague was faster.
        label, icon = (_("Block"), ":material/block:") if person.active else (_("Unblock"), ":material/lock_open:")
        blocks = st.button(label, icon=icon, key=f"{'block' if person.active else 'unblock'}-{person.id}")
        removes = person.has_second_factor and st.button(
            _("Remove the second step"), icon=":material/phonelink_erase:", key=f"second-factor-{person.id}"
        )
    with refusals():
        if blocks:
            with transaction(me, wall=False) as session:
                set_active(session, person.id, not person.active, clock.real_now())
                words = _("{email} is blocked and logged out.") if person.active else _("{email} can log in again.")
                end_form(words.format(email=plain(person.email)))
            leave(partner_id)
        if removes:
            with transaction(me, wall=False) as session:
                remove_second_factor(session, person.id, clock.real_now())
                words = _("The password alone is enough for {email} now, until a second step is set up anew.")
                end_form(words.format(email=plain(person.email)))
            leave(partner_id)


def _show_data(me: Principal, partner_id: int | None, person: Person) -> None:
    """What is kept of the person, for who asks for it; and an end of it, for who is blocked and asks for that."""
    st.markdown("**" + _("Personal data") + "**")
    with st.container(horizontal=True):
        address = f"/people/{person.id}/data.json"
        st.link_button(_("Download the person's data"), address, icon=":material/download:")
        if not person.active:
            with st.popover(_("Erase the person"), icon=":material/delete_forever:"):
                _offer_erasing(me, partner_id, person)
    if person.active:
        st.caption(_("Somebody who is to be forgotten is blocked first; then the person can be erased here."))


def _offer_erasing(me: Principal, partner_id: int | None, person: Person) -> None:
    st.markdown(
        _(
            "Name, e-mail address, log-ins and the text of mails are removed for good. Orders, invoices and messages "
            "stay, as the law wants. Nothing brings the person back."
        )
    )
    erases = st.button(_("Erase for good"), icon=":material/delete_forever:", type="primary", key=f"erase-{person.id}")
    with refusals():
        if erases:
            with transaction(me, wall=False) as session:
                erase(session, person.id, clock.real_now())
                end_form(_("The person was erased."))
            leave(partner_id)
