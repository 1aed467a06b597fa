"""What a page's help consists of."""

from typing import NamedTuple


class Help(NamedTuple):
    """Texts of the catalogue: what a page is for, what to do and what happens then, and what cannot be undone."""

    purpose: str
    steps: tuple[str, ...]
    last: str = ""
    guide: str = ""
    """The guide that tells more (a name of core.guides)."""
