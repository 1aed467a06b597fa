"""Partners: created or changed by code. One without a name gets its code for a name."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.imports.changes import Written
from core.imports.columns import PARTNERS
from core.imports.problems import Problem
from core.imports.staging import Kind, as_object

TYPES = {
    "code": "text", "name": "text", "cui": "text", "vat_payer": "boolean", "reg_com": "text", "address": "text",
    "city": "text", "county": "text", "country": "text", "email": "text", "phone": "text", "discount": "numeric",
    "payment_days": "int",
}  # fmt: skip

_FIELDS = [name for name in TYPES if name != "code"]
_DEFAULTS = {"name": "i.code", "vat_payer": "true", "country": "'RO'", "discount": "0", "payment_days": "30"}

_CHANGED = f"({' or '.join(f'i.{name} <> p.{name}' for name in _FIELDS)}) is true"
COUNT = f"""
    select count(*) filter (where p.id is null), count(*) filter (where {_CHANGED})
    from incoming i left join partner p on p.code = i.code
"""
COMPARE = f"""
    select i.line, i.code as name, {as_object({name: f"p.{name}" for name in _FIELDS})} as old,
           {as_object({name: f"i.{name}" for name in _FIELDS})} as new
    from incoming i join partner p on p.code = i.code where {_CHANGED}
"""

_PARTNERS = text(f"""
    insert into partner (code, {", ".join(_FIELDS)})
    select i.code, {", ".join(f"coalesce(i.{name}, p.{name}, {_DEFAULTS.get(name, chr(39) * 2)})" for name in _FIELDS)}
    from incoming i left join partner p on p.code = i.code
    order by i.line
    on conflict (code) do update set {", ".join(f"{name} = excluded.{name}" for name in _FIELDS)}
    where ({", ".join(f"partner.{name}" for name in _FIELDS)})
        is distinct from ({", ".join(f"excluded.{name}" for name in _FIELDS)})
""")


def _lock(session: Session) -> None:
    session.execute(text("lock table partner in share row exclusive mode"))


def _check(_: Session) -> list[Problem]:
    return []


def _write(session: Session, _: datetime) -> None:
    session.execute(_PARTNERS)


WRITES = (Written("partner", "t.code in (select code from incoming)", "t.code", alone=True),)
KIND = Kind(PARTNERS, ("code",), TYPES, _lock, _check, COUNT, _write, WRITES, COMPARE)
