"""What must be kept and read again, but by nobody who only has the database; and what must be known as our own.

The first of the installation's secrets seals and signs; what was sealed or signed with another of them is understood as
well, so that processes can be given a new one one after the other (docs/security.md).
"""

import base64
import hmac
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.config import settings


class Unreadable(ValueError):
    """It was sealed with a secret that is no longer known."""


def seal(purpose: str, text: str) -> str:
    """The text, encrypted with a key made of SECRET_KEY for this purpose."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """What `seal` was given for the same purpose. Raises Unreadable."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def sign(message: bytes) -> str:
    """What only who has SECRET_KEY can write under a message: 64 hexadecimal digits."""
    return _signature(settings().secrets[0], message)


def is_signed(message: bytes, signature: str) -> bool:
    """Was `signature`, or so much of it as is given (at least 32 digits), made of this message by `sign`?"""
    given = signature.encode()
    shorter = max(32, len(given))
    return any([
        hmac.compare_digest(_signature(secret, message)[:shorter].encode(), given) for secret in settings().secrets
    ])  # fmt: skip


def _signature(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, sha256).hexdigest()


def _box(purpose: str) -> MultiFernet:
    keys = (sha256(f"{purpose}:{secret}".encode()).digest() for secret in settings().secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
