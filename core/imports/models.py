"""Imports that are looked at, loaded and undone, and what is known of where their files come from."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

STATES = (
    "new", "looking", "looked", "waiting", "loading", "illustrating", "done", "failed", "undo", "undoing", "undone",
)  # fmt: skip
"""One after the other, but for failed (`said` tells why) and illustrating (the pictures of a ZIP are taken)."""
AT_WORK = "('looking', 'loading', 'illustrating', 'undoing')"
LOADED = "('illustrating', 'done', 'undo', 'undoing', 'undone')"


class ImportSource(Base):
    """Where files of a kind come from, a supplier or a program, and which of its columns means what there.

    `mapping` is our column → the name in the file's header, '' where the file has none; `headers` are the names that
    the file had, folded and sorted: a file with the same ones is recognised by them.
    """

    __tablename__ = "import_source"
    __table_args__ = (
        CheckConstraint("name <> '' and name = btrim(name)", name="name_is_trimmed"),
        UniqueConstraint("kind", "name"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    headers: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))


class ImportRun(Base):
    """One file on its way in. `rows` of `total` are done in the step it is in; a worker that has not moved by `until`
    has died. `preview` is what looking at it found (core.imports.runs). Without a user the system runs it."""

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state_known"),
        CheckConstraint(f"(state in {AT_WORK}) = (until is not null)", name="work_has_a_limit"),
        CheckConstraint(f"(state in {LOADED}) = (loaded_at is not null)", name="loaded_at_a_time"),
        CheckConstraint("(state = 'undone') = (undone_at is not null)", name="undone_at_a_time"),
        Index("ix_import_run_user_id", "user_id", "id"),
        Index("ix_import_run_source_id", "source_id", postgresql_where=text("source_id is not null")),
        Index("ix_import_run_open", "id", postgresql_where=text(
            "state in ('new', 'looking', 'waiting', 'loading', 'illustrating', 'undo', 'undoing')"
        )),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("import_source.id", ondelete="SET NULL"))
    file_name: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    state: Mapped[str] = mapped_column(server_default="new")
    step: Mapped[str] = mapped_column(server_default="")
    rows: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created: Mapped[int] = mapped_column(server_default="0")
    changed: Mapped[int] = mapped_column(server_default="0")
    unchanged: Mapped[int] = mapped_column(server_default="0")
    said: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    asked_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    loaded_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class ImportPiece(Base):
    """A part of a run's file, until it is loaded: a file is larger than a value should be."""

    __tablename__ = "import_piece"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class ImportStaged(Base):
    """A part of a file's rows as they were understood (compressed, as the database copies them), until it is loaded."""

    __tablename__ = "import_staged"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class ImportChange(Base):
    """A row that an import made, changed or removed: what undoing it starts from.

    Of a changed one the columns that differ, as they were and as they became; of a removed one all it was; of one that
    was made `after` is the digest of it.
    """

    __tablename__ = "import_change"
    __table_args__ = (
        CheckConstraint("num_nonnulls(before, after) > 0", name="something_changed"),
        Index("ix_import_change_run_id", "run_id", "place", "row_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    place: Mapped[str]
    row_id: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
