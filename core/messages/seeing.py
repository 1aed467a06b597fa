"""Which messages are for whom: SQL that several statements share."""

from typing import Any

from sqlalchemy.orm import Session

from core.db import actor

FOR_PARTNER = """(message.audience = 'everyone' or exists (
    select from message_audience chosen where chosen.message_id = message.id
    and (chosen.partner_id = partner.id or chosen.group_id = partner.group_id)))"""
"""SQL: is `message` for `partner`, as its groups are now?"""

TODAY = "(cast(:as_of as timestamptz) at time zone company.time_zone)::date"
OVER = f"coalesce(message.valid_until < {TODAY}, false)"
OPEN = f"message.announced_at is not null and message.withdrawn_at is null and not {OVER}"
"""SQL: `message` is shown to those it is for, where `company` is joined."""

UNDONE = "case message.level when 'confirm' then read.confirmed_at is null else read.user_id is null end"
"""SQL: what `message` asks of its reader is still to be done; `read` is the reader's row, joined if it is there."""

MINE = f"""
    from message cross join company join partner on partner.id = :partner
    left join message_read read on read.message_id = message.id and read.user_id = :me
    where {FOR_PARTNER} and {OPEN}
"""
"""SQL: what the principal of `who_asks` is shown."""


def who_asks(session: Session) -> dict[str, Any]:
    """The parameters of MINE, but for `as_of`."""
    principal = actor(session)
    return {"partner": principal.partner_id, "me": principal.user_id}
