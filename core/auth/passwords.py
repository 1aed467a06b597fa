"""Passwords: how they are made, kept and compared."""

import re
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

import bcrypt
from zxcvbn import zxcvbn

from core.errors import Refusal
from core.i18n import N_

MIN_LENGTH = 10
LONGEST = 200
"""Characters. Normalising and judging cost more than in proportion to the length, and whoever logs in is a stranger."""
MIN_SCORE = 2  # of zxcvbn: more than 10^6 guesses
JUDGED = 32  # characters; judging takes ever longer the more there are, and no common password is so long
COST = 12
GROUPS, GROUP_LENGTH = 3, 5
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without what looks alike: l I O o 0 1

# The hash of a password nobody knows: compared where there is no user, so that the answer takes as long.
NOBODY = b"$2b$12$WIGpxYgqJcCw32deBiICtu3TvOawWtOdmq5zNS5w8PF8hYG24UbNu"


class PasswordTooShort(Refusal):
    message = N_("The password is too short: use at least {length} characters.")


class PasswordTooLong(Refusal):
    message = N_("The password is too long: use at most {length} characters.")


class PasswordTooEasy(Refusal):
    message = N_(
        "This password is among the first that would be guessed. Take three or four words that do not belong together."
    )


def hash_password(password: str, about: Sequence[str] = ()) -> str:
    """The bcrypt hash to keep of a password that `require_strong` accepts; raises what that raises."""
    require_strong(password, about)
    return bcrypt.hashpw(_prehash(password), bcrypt.gensalt(COST)).decode()


def require_strong(password: str, about: Sequence[str] = ()) -> None:
    """`about` are words of the user's own (name, e-mail, company) that make a bad password.

    Raises PasswordTooShort under MIN_LENGTH characters, PasswordTooLong over LONGEST, and PasswordTooEasy for one that
    the lists of common passwords, names and keyboard rows of the zxcvbn package lead to within a million guesses.
    """
    if len(password) > LONGEST:
        raise PasswordTooLong(length=LONGEST)
    typed = _typed(password)
    if len(typed) < MIN_LENGTH:
        raise PasswordTooShort(length=MIN_LENGTH)
    words = [word for phrase in about for word in re.split(r"\W+", phrase) if len(word) > 2]
    if zxcvbn(typed[:JUDGED], user_inputs=[*about, *words, "rampa"])["score"] < MIN_SCORE:
        raise PasswordTooEasy


def matches(password: str, password_hash: str | None) -> bool:
    """Is it this password? Takes the same time when there is no user (None) or no password yet (an empty hash)."""
    usable = password_hash is not None and password_hash.startswith("$2b$")
    kept = password_hash.encode() if password_hash and usable else NOBODY
    too_long = len(password) > LONGEST
    return bcrypt.checkpw(_prehash("" if too_long else password), kept) and usable and not too_long


def generate_password() -> str:
    """A random password of about 86 bits that can be read out over the telephone."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def _typed(password: str) -> str:
    """As the log-in form hands it over (without outer blanks), however the keyboard composed its diacritics."""
    return unicodedata.normalize("NFKC", password).strip()


def _prehash(password: str) -> bytes:
    """44 bytes, whatever the length: bcrypt reads no more than 72."""
    return b64encode(sha256(_typed(password).encode()).digest())
