"""The file of a run, and its rows as they were understood: kept in pieces until they are loaded."""

import zlib
from collections.abc import Iterable, Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.imports.models import ImportPiece, ImportStaged
from core.imports.staging import staged

PIECE = 1 << 20


def keep_file(session: Session, run_id: int, data: bytes) -> None:
    """Keep the file of a new run."""
    for position in range(0, len(data), PIECE):
        piece = data[position : position + PIECE]
        session.add(ImportPiece(run_id=run_id, position=position // PIECE, content=piece))


def content(session: Session, run_id: int) -> bytes:
    """The file of a run that the caller may see; empty once it is loaded."""
    pieces = session.scalars(select(ImportPiece.content).filter_by(run_id=run_id).order_by(ImportPiece.position))
    return b"".join(pieces)


def keep_staged(session: Session, run_id: int) -> None:
    """Keep what is staged in this transaction, in the place of what was kept before."""
    session.execute(_DROP_STAGED, {"run": run_id})
    for position, piece in enumerate(_in_pieces(staged(session))):
        session.execute(_KEEP_STAGED, {"run": run_id, "position": position, "content": zlib.compress(piece, 1)})


def kept_staged(session: Session, run_id: int) -> Iterator[bytes]:
    """What was staged, for `staging.stage_again`."""
    pieces = session.scalars(select(ImportStaged.content).filter_by(run_id=run_id).order_by(ImportStaged.position))
    return map(zlib.decompress, pieces.all())


def forget_file(session: Session, run_id: int) -> None:
    """What is loaded is in the database; undoing it starts from the changes."""
    session.execute(_DROP_STAGED, {"run": run_id})
    session.execute(_DROP_FILE, {"run": run_id})


def _in_pieces(parts: Iterable[bytes]) -> list[bytes]:
    """All of it first: while a copy runs, the connection takes nothing else."""
    pieces, rest = list[bytes](), bytearray()
    for part in parts:
        rest += part
        if len(rest) >= PIECE:
            pieces.append(bytes(rest))
            rest.clear()
    return [*pieces, bytes(rest)]


_DROP_FILE = text("delete from import_piece where run_id = :run")
_DROP_STAGED = text("delete from import_staged where run_id = :run")
_KEEP_STAGED = text("insert into import_staged (run_id, position, content) values (:run, :position, :content)")
