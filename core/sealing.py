"""What must be kept and read again, but by nobody who only has the database."""

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken

from core.config import settings


class Unreadable(ValueError):
    """It was sealed with another SECRET_KEY."""


def seal(purpose: str, text: str) -> str:
    """The text, encrypted with a key made of SECRET_KEY for this purpose."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """What `seal` was given for the same purpose. Raises Unreadable."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _box(purpose: str) -> Fernet:
    key = sha256(f"{purpose}:{settings().secret_key.get_secret_value()}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
