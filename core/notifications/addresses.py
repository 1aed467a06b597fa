"""E-mail addresses as people type them, and as a mail can carry them."""

import re

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_USABLE = re.compile(rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def listed(field: str) -> list[str]:
    """What looks like an address in a field that people fill in: 'a@x.ro; B@x.ro' gives both, in lower case.

    It need not be usable: a mail that fails on the staff's page tells more than one that was never written.
    """
    return [part.lower() for part in re.split(r"[;,\s]+", field) if "@" in part]


def is_usable(address: str) -> bool:
    """True if `address` can be put into a header and given to a mail server as it is (plain ASCII, no quoting)."""
    return _USABLE.fullmatch(address) is not None
