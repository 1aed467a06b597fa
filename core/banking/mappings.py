"""What the columns of a bank's table are: guessed by their names, corrected once, remembered for that header."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.banking.ibans import own_accounts
from core.banking.models import BankCsvMapping
from core.banking.problems import BankFileRefused
from core.banking.tables import COLUMNS, NO_AMOUNT, account_in, headers, look, read
from core.company import company
from core.db import actor
from core.errors import NotFound
from core.events import record
from core.imports.problems import Fault
from core.permissions import authorize


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: its names, which of them ours are (name of ours → name in the file), its first rows, the
    account it is of, and whether somebody has said so before."""

    names: list[str]
    mapping: dict[str, str]
    cells: list[list[str]]
    account: str
    known: bool


def columns_of(session: Session, data: bytes) -> Columns:
    """What a table is understood as. Raises NotAllowed, BankFileRefused."""
    authorize(session, "payments.record")
    own = own_accounts(company(session))
    try:
        seen = look(data)
        for kept in session.scalars(select(BankCsvMapping).order_by(BankCsvMapping.id.desc())):
            other = seen if headers(seen.names) == kept.headers else look(data, kept.mapping)
            if headers(other.names) == kept.headers:
                account = account_in(data, own) or kept.account
                return Columns(other.names, dict(kept.mapping), other.cells, account, known=True)
    except Fault as fault:
        raise BankFileRefused(fault) from fault
    account = account_in(data, own) or (own[0] if own else "")
    return Columns(seen.names, seen.mapping, seen.cells, account, known=False)


def remember(session: Session, data: bytes, mapping: Mapping[str, str], account: str, as_of: datetime) -> None:
    """Keep what the columns of this table, and of all with the same header, are: ours → the name in the file, empty
    for none. It must be possible to read the file so. Records `bank_mapping_saved`. Raises NotAllowed, NotFound for an
    account that is not ours, BankFileRefused."""
    authorize(session, "payments.record")
    own = own_accounts(company(session))
    if account and account not in own:
        raise NotFound
    known = {column.name for column in COLUMNS}
    told = {name: header for name, header in mapping.items() if name in known and header}
    if not {"amount", "credit"} & set(told):
        raise BankFileRefused(Fault(NO_AMOUNT))
    whole = {column.name: told.get(column.name, "") for column in COLUMNS}
    try:
        read(data, whole, account, frozenset(own))
        names = look(data, whole).names
    except Fault as fault:
        raise BankFileRefused(fault) from fault
    values = {"mapping": whole, "account": account, "saved_at": as_of, "saved_by": actor(session).user_id}
    keep = insert(BankCsvMapping).values(headers=headers(names), **values)
    session.execute(keep.on_conflict_do_update(index_elements=["headers"], set_=values))
    record(session, "bank_mapping_saved", as_of, columns=", ".join(sorted(told.values())))
