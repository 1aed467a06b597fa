"""Who acts: every transaction is opened for exactly one principal."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["partner", "staff", "system"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in user of a partner, a member of staff, or the system itself (jobs, imports, the launcher).

    `partner_id` is set for partner users only; `user_id` for everybody but the system.
    """

    kind: Kind
    user_id: int | None = None
    partner_id: int | None = None
    name: str = ""
    email: str = ""
    language: str = "ro"

    def __post_init__(self) -> None:
        if (self.kind == "partner") != (self.partner_id is not None):
            raise ValueError("a partner principal, and no other, belongs to a partner")


SYSTEM = Principal("system", name="Rampa")
