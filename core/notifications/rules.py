"""Who hears of an event, in which language, by which template."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.auth.models import User
from core.auth.sessions import MAY_SIGN_IN
from core.company import company
from core.documents.models import Document
from core.events import Event
from core.messages.telling import told_again, told_of_entry, told_of_message
from core.notifications.addresses import listed
from core.notifications.choices import choice_of
from core.notifications.order_addresses import addresses_for_order
from core.orders.models import Order
from core.partners.models import Partner
from core.permissions import ACCOUNTANT, ADMIN, OWNER, PERMISSIONS
from core.receivables.notices import still_owed
from core.receivables.thanking import still_stands

log = structlog.get_logger()

STAFF_LANGUAGE = "ro"
STRANGERS_LANGUAGE = "ro"
"""Of addresses that belong to nobody here."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address, and what it is sent: `template` is a folder in templates/. `user_id` is whose address it is, if it
    is that of a user; `daily`: they want it with others, once a day."""

    address: str
    language: str
    template: str
    user_id: int | None = None
    daily: bool = False


Rule = Callable[[Session, Event], Iterable[Recipient]]


def recipients(session: Session, event: Event) -> list[Recipient]:
    """Everybody who must hear of `event`, each address once (the first rule that names it wins).

    Nobody hears anything through a blocked user or one whose partner may not enter, nor what they switched off.
    Raises KeyError for a kind without rules: a kind in core.events.NOTIFYING needs them.
    """
    found: dict[str, Recipient] = {}
    for recipient in who_want_it(session, list(RULES[event.kind](session, event))):
        found.setdefault(recipient.address, recipient)
    if not found:
        log.info("nobody_to_tell", event_id=event.id, kind=event.kind)
    return list(found.values())


def _order_placed(session: Session, event: Event) -> Iterable[Recipient]:
    yield from _distributor(session, "order_received")
    for address in addresses_for_order(session, event.order_id or 0):
        yield Recipient(address, STAFF_LANGUAGE, "order_received")
    yield from _who_ordered(session, event, "order_confirmed")


def _order_assigned(session: Session, event: Event) -> Iterable[Recipient]:
    """Who takes an order for themselves knows."""
    return [] if event.data["user"] == event.user_id else _user(session, event, "order_assigned")


def _order_waiting_long(session: Session, event: Event) -> Iterable[Recipient]:
    if event.data["clock"] == "pay":
        yield from _who_ordered(session, event, "order_unpaid")
        return
    yield from _distributor(session, "order_escalation")
    yield from _who_ordered(session, event, "order_waiting")


def _order_part_cancelled(session: Session, event: Event) -> Iterable[Recipient]:
    """The other side hears of it."""
    doer = session.get(User, event.user_id) if event.user_id else None
    if doer is not None and doer.kind == "partner":
        return _distributor(session, "order_reduced")
    return _who_ordered(session, event, "order_part_cancelled")


def _goods_left(session: Session, event: Event) -> Iterable[Recipient]:
    """An order that ends without a last delivery (its rest was given up) is no news of goods."""
    return _who_ordered(session, event, "order_shipped") if event.data.get("lines") else []


def _order_revived(session: Session, event: Event) -> Iterable[Recipient]:
    yield from _distributor(session, "order_back")
    yield from _who_ordered(session, event, "order_revived")


def _change_answered(session: Session, event: Event) -> Iterable[Recipient]:
    claimed_by = session.get_one(Order, event.order_id).claimed_by
    user = _who_may_enter(session, claimed_by) if claimed_by else None
    if user is None:
        return _distributor(session, "change_answered")
    return [Recipient(user.email, user.language, "change_answered")]


def _invoice_issued(session: Session, event: Event) -> Iterable[Recipient]:
    """The partner's own address is where its invoices go; without one, those of its people who see them."""
    document = session.get_one(Document, event.document_id)
    found = listed(session.get_one(Partner, document.partner_id).email)
    if not found:
        return _people(session, document.partner_id, "invoice_issued", OWNER, ACCOUNTANT)
    user = session.get_one(User, session.get_one(Order, document.order_id).user_id) if document.order_id else None
    language = user.language if user else STRANGERS_LANGUAGE
    return [Recipient(address, language, "invoice_issued") for address in found]


def _as_invoices(template: str) -> Rule:
    """To whom an invoice would go; who wants no mails about invoices wants none about these."""
    return lambda session, event: [
        replace(recipient, template=template) for recipient in _invoice_issued(session, event)
    ]


def _reminder_sent(session: Session, event: Event) -> Iterable[Recipient]:
    """Nobody, if all of it was paid or disputed while the event waited."""
    owed = still_owed(session, event.data["reminder"])
    return money_readers(session, event.partner_id or 0, "reminder_sent") if owed else []


def money_readers(session: Session, partner_id: int, template: str) -> list[Recipient]:
    """The partner's people who see its documents; its own address where there are none, as of a closed partner."""
    people = _people(session, partner_id, template, OWNER, ACCOUNTANT)
    return people or _partner(session, partner_id, template, STRANGERS_LANGUAGE)


def _user_password_changed(session: Session, event: Event) -> Iterable[Recipient]:
    """The first password is no change: its owner has just set it."""
    return [] if event.data["first"] else _user(session, event, "user_password_changed")


def _email_change_asked(session: Session, event: Event) -> Iterable[Recipient]:
    """The link goes to the new address only: it proves that it is the user's. The old one may be a victim's."""
    user = _who_may_enter(session, event.data["user"])
    if user is not None:
        yield Recipient(event.data["email"], user.language, "email_change_asked")
        yield Recipient(user.email, user.language, "email_change_notice")


def _user_email_changed(session: Session, event: Event) -> Iterable[Recipient]:
    user = _who_may_enter(session, event.data["user"])
    return [Recipient(event.data["old"], user.language, "user_email_changed")] if user else []


def _approval_asked(session: Session, event: Event) -> Iterable[Recipient]:
    return _people(session, event.partner_id, "approval_asked", OWNER)


def _partner_refused(_: Session, event: Event) -> Iterable[Recipient]:
    """To who asked, and has no user: the address is taken as it was typed, and never as several."""
    address: str = event.data["email"].strip().lower()
    return [Recipient(address, STRANGERS_LANGUAGE, "partner_refused")] if address else []


def _message_posted(session: Session, event: Event) -> Iterable[Recipient]:
    return [Recipient(*told) for told in told_of_message(session, event.data["message"])]


def _message_reminded(session: Session, event: Event) -> Iterable[Recipient]:
    return [Recipient(*told) for told in told_again(session, event.data["message"], event.data["users"])]


def _thread_written(session: Session, event: Event) -> Iterable[Recipient]:
    """The other side; the distributor's addresses until somebody of its staff has written."""
    found = [Recipient(*told) for told in told_of_entry(session, event.data["entry"])]
    if found:
        return found
    doer = session.get(User, event.user_id) if event.user_id else None
    return _distributor(session, "thread_received") if doer is not None and doer.kind == "partner" else []


def _distributor(session: Session, template: str) -> list[Recipient]:
    row = company(session)
    found = listed(" ".join(row.order_emails)) or listed(row.email)
    return [Recipient(address, STAFF_LANGUAGE, template) for address in found]


def _who_ordered(session: Session, event: Event, template: str) -> list[Recipient]:
    """The user who placed the order; somebody who has left is stood in for by the partner's own address.

    Of an order that staff placed for the partner, its owners hear, and its own address where there are none.
    """
    order = session.get_one(Order, event.order_id)
    user = session.get_one(User, order.user_id)
    if user.kind == "staff":
        owners = _people(session, order.partner_id, template, OWNER)
        return owners or _partner(session, order.partner_id, template, STRANGERS_LANGUAGE)
    if _who_may_enter(session, user.id) is None:
        return _partner(session, order.partner_id, template, user.language)
    return [Recipient(user.email, user.language, template)]


def _partner(session: Session, partner_id: int, template: str, language: str) -> list[Recipient]:
    found = listed(session.get_one(Partner, partner_id).email)
    return [Recipient(address, language, template) for address in found]


def _user(session: Session, event: Event, template: str) -> list[Recipient]:
    """The user whom the event is about."""
    user = _who_may_enter(session, event.data["user"])
    return [Recipient(user.email, user.language, template)] if user else []


def _people(session: Session, partner_id: int | None, template: str, *roles: str) -> list[Recipient]:
    """The partner's people in these roles, each in their own language."""
    theirs = User.partner_id == partner_id, User.role.in_(roles), MAY_SIGN_IN
    people = session.scalars(select(User).join(Partner).where(*theirs).order_by(User.id))
    return [Recipient(user.email, user.language, template) for user in people]


def _who_may_enter(session: Session, user_id: int) -> User | None:
    return session.scalar(select(User).outerjoin(Partner).where(User.id == user_id, MAY_SIGN_IN))


def who_want_it(session: Session, told: list[Recipient]) -> Iterable[Recipient]:
    """As their users chose: without those who switched this mail off, and once a day for who wants it so. What
    somebody chose who is blocked by now does not count."""
    addresses = {recipient.address for recipient in told}
    users = {user.email: user for user in session.scalars(select(User).where(User.email.in_(addresses), User.active))}
    for recipient in told:
        user, choice = users.get(recipient.address), choice_of(recipient.template)
        if user is None:
            yield recipient
        elif choice not in user.muted:
            yield replace(recipient, user_id=user.id, daily=choice in user.gathered)


def _payment_received(session: Session, event: Event) -> Iterable[Recipient]:
    """Money that came in; what was taken back meanwhile, given back or written off is none."""
    stands = still_stands(session, event.data["payment_id"])
    return money_readers(session, event.partner_id or 0, "payment_received") if stands else []


def _job_failed(session: Session, _: Event) -> Iterable[Recipient]:
    """Who can do something about it: the administrators."""
    admins = select(User).outerjoin(Partner).where(User.role == ADMIN, MAY_SIGN_IN).order_by(User.id)
    return [Recipient(user.email, user.language, "job_failed") for user in session.scalars(admins)]


def _import_failed(session: Session, event: Event) -> Iterable[Recipient]:
    """Who may load the file once it is mended: `action` is what that takes."""
    return _staff(session, "import_failed", PERMISSIONS["imports.run"] & PERMISSIONS[event.data["action"]])


def _staff(session: Session, template: str, roles: frozenset[str]) -> list[Recipient]:
    """The distributor's people in these roles, each in their own language."""
    staff = select(User).outerjoin(Partner).where(User.kind == "staff", User.role.in_(roles), MAY_SIGN_IN)
    return [Recipient(user.email, user.language, template) for user in session.scalars(staff.order_by(User.id))]


def _to_who_may(action: str, template: str) -> Rule:
    return lambda session, _: _staff(session, template, PERMISSIONS[action])


def _mail_tried(session: Session, event: Event) -> Iterable[Recipient]:
    user = _who_may_enter(session, event.data["user"])
    return [Recipient(user.email, event.data["language"], event.data["template"])] if user else []


def _to_user(template: str) -> Rule:
    return lambda session, event: _user(session, event, template)


def _to_who_ordered(template: str) -> Rule:
    return lambda session, event: _who_ordered(session, event, template)


RULES: dict[str, Rule] = {
    "order_placed": _order_placed,
    "order_assigned": _order_assigned,
    "order_waiting_long": _order_waiting_long,
    "order_part_shipped": _goods_left,
    "order_shipped": _goods_left,
    "order_part_cancelled": _order_part_cancelled,
    "order_cancelled": _to_who_ordered("order_cancelled"),
    "order_lapsed": _to_who_ordered("order_lapsed"),
    "order_claimed": _to_who_ordered("order_claimed"),
    "order_revived": _order_revived,
    "change_proposed": _to_who_ordered("change_proposed"),
    "change_answered": _change_answered,
    "backorder_filled": _to_who_ordered("backorder_filled"),
    "stock_back": _to_user("stock_back"),
    "invoice_issued": _invoice_issued,
    "proforma_issued": _as_invoices("proforma_issued"),
    "storno_issued": _as_invoices("storno_issued"),
    "reminder_sent": _reminder_sent,
    "statement_sent": lambda session, event: money_readers(session, event.partner_id or 0, "statement_sent"),
    "approval_asked": _approval_asked,
    "approval_refused": _to_user("approval_refused"),
    "partner_proposed": lambda session, _: _distributor(session, "partner_proposed"),
    "partner_refused": _partner_refused,
    "user_invited": _to_user("user_invited"),
    "password_reset_asked": _to_user("password_reset_asked"),
    "user_password_changed": _user_password_changed,
    "login_failures": _to_user("login_failures"),
    "email_change_asked": _email_change_asked,
    "user_email_changed": _user_email_changed,
    "second_factor_set_up": _to_user("second_factor_set_up"),
    "second_factor_removed": _to_user("second_factor_removed"),
    "new_sign_in": _to_user("new_sign_in"),
    "payment_recorded": _payment_received,
    "stock_low": lambda session, _: _distributor(session, "stock_low"),
    "job_failed": _job_failed,
    "mails_gathered": _to_user("daily_mail"),
    "mail_tried": _mail_tried,
    "export_ready": _to_user("export_ready"),
    "import_failed": _import_failed,
    "anaf_refused": _to_who_may("anaf.send", "anaf_refused"),
    "anaf_late": _to_who_may("anaf.send", "anaf_late"),
    "anaf_lost": _to_who_may("settings.edit", "anaf_lost"),
    "message_posted": _message_posted,
    "message_reminded": _message_reminded,
    "thread_written": _thread_written,
}
