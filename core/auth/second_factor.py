"""A second factor beside the password: six digits from the telephone (TOTP, RFC 6238), or a recovery code."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.auth.models import LoginTicket, RecoveryCode, User
from core.auth.passwords import ALPHABET
from core.auth.sessions import TICKET_LIFE, good_ticket, hash_token
from core.auth.throttling import LOGIN, count_try, forget_tries, key_of
from core.auth.users import forget_second_factor
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import N_
from core.permissions import authorize
from core.sealing import seal, unseal

STEP_SECONDS = 30
DRIFT = 1
"""A telephone's clock may be this many steps off."""
RECOVERY_CODES = 10
SEALED = "second-factor"


class WrongCode(Refusal):
    message = N_(
        "This code is wrong or was used already. Wait for the next one, and check the clock of your telephone."
    )


class TicketIsOver(Refusal):
    message = N_("The log-in took too long. Please start again with your password.")


@dataclass(frozen=True, slots=True)
class Setup:
    """A secret that is not in force yet, as text to type and as the address that a QR code carries."""

    secret: str
    uri: str


def new_setup(session: Session, issuer: str) -> Setup:
    """A fresh secret for the acting user; `issuer` is the name that the telephone shows beside the address."""
    me, secret = authorize(session, "account.own"), pyotp.random_base32()
    return Setup(secret, pyotp.TOTP(secret).provisioning_uri(name=me.email, issuer_name=issuer or "Rampa"))


def turn_on(session: Session, secret: str, code: str, as_of: datetime) -> list[str]:
    """Put the secret in force once the telephone shows the right code for it; the recovery codes, to be shown once.

    Replaces what was in force before; the user is told by mail. Ask for the password before the secret is shown.
    Raises WrongCode and NotAllowed.
    """
    user = _own(session)
    step = _step_of(secret, code, as_of)
    if step is None:
        raise WrongCode
    user.totp_secret, user.totp_step = seal(SEALED, secret), step
    record(session, "second_factor_set_up", as_of, partner_id=user.partner_id, user=user.id)
    return _renew_recovery_codes(session, user.id)


def turn_off(session: Session, as_of: datetime) -> None:
    """The acting user's password alone is enough again; ask for the password before."""
    user = _own(session)
    if user.totp_secret:
        forget_second_factor(session, user, as_of)


def renew_recovery_codes(session: Session, as_of: datetime) -> list[str]:
    """Ten new recovery codes for the acting user, to be shown once; the old ones open nothing any more.

    Ask for the password before. Raises NotFound without a second factor.
    """
    user = _own(session)
    if not user.totp_secret:
        raise NotFound
    record(session, "recovery_codes_renewed", as_of, partner_id=user.partner_id, user=user.id)
    return _renew_recovery_codes(session, user.id)


def recovery_codes_left(session: Session) -> int:
    """How many of the acting user's recovery codes are unused."""
    return session.query(RecoveryCode).filter_by(user_id=authorize(session, "account.own").user_id).count()


def count_code_attempt(session: Session, ticket: str, browser: str, as_of: datetime) -> None:
    """Count an attempt to show a code for this ticket. Commit it, then call `show_code`.

    Raises TooManyTries while the last ones are to be waited for, and TicketIsOver.
    """
    count_try(session, _key(_waiting(session, ticket, browser, as_of)), LOGIN, as_of)


def show_code(session: Session, ticket: str, code: str, browser: str, as_of: datetime) -> None:
    """Make a ticket that needs a code good for 30 s, if the code is right and new. Raises WrongCode, TicketIsOver."""
    user = session.get_one(User, _waiting(session, ticket, browser, as_of), with_for_update=True)
    # Recovery codes first: they work even where another SECRET_KEY has made the telephone's secret unreadable.
    if not (_use_recovery_code(session, user, code, as_of) or _use_code(user, code, as_of)):
        raise WrongCode
    forget_tries(session, _key(user.id))
    passed = update(LoginTicket).where(good_ticket(ticket, browser, as_of))
    session.execute(passed.values(needs_code=False, expires_at=as_of + TICKET_LIFE))


def _waiting(session: Session, ticket: str, browser: str, as_of: datetime) -> int:
    user_id = session.scalar(select(LoginTicket.user_id).where(good_ticket(ticket, browser, as_of)))
    if user_id is None:
        raise TicketIsOver
    return user_id


def _use_code(user: User, code: str, as_of: datetime) -> bool:
    """Never a code of a step that was used, or of one before it: somebody may have looked over a shoulder."""
    step = _step_of(unseal(SEALED, user.totp_secret), code, as_of) if user.totp_secret else None
    if step is None or step <= user.totp_step:
        return False
    user.totp_step = step
    return True


def _use_recovery_code(session: Session, user: User, code: str, as_of: datetime) -> bool:
    kept = hash_token(_compact(code))
    mine = RecoveryCode.user_id == user.id, RecoveryCode.code_hash == kept
    if not session.execute(delete(RecoveryCode).where(*mine).returning(RecoveryCode.user_id)).all():
        return False
    record(session, "recovery_code_used", as_of, partner_id=user.partner_id, by=user.id, user=user.id)
    return True


def _step_of(secret: str, code: str, as_of: datetime) -> int | None:
    """The time step whose code this is, within DRIFT of now."""
    now = int(as_of.timestamp()) // STEP_SECONDS
    totp, typed = pyotp.TOTP(secret), _compact(code)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def _renew_recovery_codes(session: Session, user_id: int) -> list[str]:
    session.query(RecoveryCode).filter_by(user_id=user_id).delete()
    codes = [f"{_random(5)}-{_random(5)}" for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=hash_token(_compact(code))) for code in codes)
    return codes


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _own(session: Session) -> User:
    me = authorize(session, "account.own")
    return session.get_one(User, me.user_id, with_for_update=True, populate_existing=True)


def _compact(code: str) -> str:
    return "".join(sign for sign in code if sign.isalnum())


def _key(user_id: int) -> str:
    return key_of("code", str(user_id))
