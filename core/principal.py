"""Who acts: every transaction is opened for exactly one principal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["partner", "staff", "system"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in user of a partner, a member of staff, or the system itself (jobs, imports, the launcher).

    `partner_id` is set on the partner's side only, `user_id` for everybody but the system. `role` is one of
    core.permissions.ROLES. A member of staff who looks at the portal as a partner, or orders for one, is on the
    partner's side with the role 'viewer' or 'agent' and the own `user_id`, until the instant `viewing_until`.
    `enrolling` tells that the role asks for a second factor which is not set up yet. `address` is where the request
    came from, for the audit.
    """

    kind: Kind
    user_id: int | None = None
    partner_id: int | None = None
    name: str = ""
    email: str = ""
    language: str = "ro"
    role: str = ""
    session_id: int | None = None
    address: str = ""
    enrolling: bool = False
    viewing_until: datetime | None = None

    def __post_init__(self) -> None:
        if (self.kind == "partner") != (self.partner_id is not None):
            raise ValueError("a partner principal, and no other, belongs to a partner")
        if (self.kind == "system") == bool(self.role):
            raise ValueError("every person has a role, the system has none")

    @property
    def in_place(self) -> bool:
        """Staff in a partner's place, to look or to order."""
        return self.role in ("viewer", "agent")

    @property
    def viewing(self) -> bool:
        """Staff who look as a partner: they see, and change nothing."""
        return self.role == "viewer"


SYSTEM = Principal("system", name="Rampa")


def visitor(address: str) -> Principal:
    """The system on behalf of somebody who is not signed in, at this IP address."""
    return Principal("system", address=address)
