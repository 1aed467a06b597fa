"""Imports that are looked at, loaded and undone, and where their files come from, also by themselves."""

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
EVERY = ("quarter", "hour", "day")
"""How often one looks for a file that comes by itself: each quarter of an hour, each hour, each day at an hour."""


class ImportSource(Base):
    """Where files of a kind come from, a supplier or a program, and which of its columns means what there.

    `mapping` is our column → the name in the file's header, '' where the file has none; `headers` are the names that
    the file had, folded and sorted: a file with the same ones is recognised by them.

    Its files come by themselves (a feed) where there is a `pattern` of names in the watched folder, or an `url`:
    while `active`, `every` so often, next at `next_at`. `password` is sealed (core.sealing). `sha256`, `etag` and
    `modified` are of the last file that was loaded. `said` is what came of the last try that found anything: a message
    and its parameters; `failures` counts those in a row that came to nothing, and `told` is the digest of the faults
    that staff heard of last.
    """

    __tablename__ = "import_source"
    __table_args__ = (
        CheckConstraint("name <> '' and name = btrim(name)", name="name_is_trimmed"),
        UniqueConstraint("kind", "name"),
        CheckConstraint("pattern = '' or url = ''", name="comes_from_one_place"),
        CheckConstraint("pattern !~ '[/\\\\]|^[.]'", name="pattern_is_no_path"),
        CheckConstraint("url = '' or url ~ '^https?://'", name="url_is_of_the_web"),
        CheckConstraint("login = '' or url <> ''", name="login_belongs_to_a_url"),
        CheckConstraint("password = '' or login <> ''", name="password_belongs_to_a_login"),
        CheckConstraint(f"every in ('', {', '.join(map(repr, EVERY))})", name="every_known"),
        CheckConstraint("(every = 'day') = (at_hour is not null)", name="only_days_have_an_hour"),
        CheckConstraint("at_hour between 0 and 23", name="hour_is_one"),
        CheckConstraint("(pattern = '' and url = '') = (every = '')", name="feeds_have_a_timetable"),
        CheckConstraint("active = (next_at is not null)", name="active_ones_have_a_time"),
        CheckConstraint("every <> '' or not active", name="only_feeds_are_active"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256_is_one"),
        CheckConstraint("failures >= 0", name="failures_are_counted"),
        Index("ix_import_source_next_at", "next_at", postgresql_where=text("active")),
        Index("uq_import_source_pattern", text("lower(pattern)"), unique=True, postgresql_where=text("pattern <> ''")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    headers: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    pattern: Mapped[str] = mapped_column(server_default="")
    url: Mapped[str] = mapped_column(server_default="")
    login: Mapped[str] = mapped_column(server_default="")
    password: Mapped[str] = mapped_column(server_default="")
    every: Mapped[str] = mapped_column(server_default="")
    at_hour: Mapped[int | None]
    active: Mapped[bool] = mapped_column(server_default=text("false"))
    next_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    said: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    said_at: Mapped[datetime | None]
    sha256: Mapped[bytes | None]
    etag: Mapped[str] = mapped_column(server_default="")
    modified: Mapped[str] = mapped_column(server_default="")
    failures: Mapped[int] = mapped_column(server_default="0")
    told: Mapped[bytes | None]


class ImportRun(Base):
    """One file on its way in. `rows` of `total` are done in the step it is in; a worker that has not moved by `until`
    has died. `preview` is what looking at it found (core.imports.runs). Without a user the system runs it. What came by
    itself is not `settled` until what became of it was dealt with (core.imports.feeding)."""

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state_known"),
        CheckConstraint(f"(state in {AT_WORK}) = (until is not null)", name="work_has_a_limit"),
        CheckConstraint(f"(state in {LOADED}) = (loaded_at is not null)", name="loaded_at_a_time"),
        CheckConstraint("(state = 'undone') = (undone_at is not null)", name="undone_at_a_time"),
        Index("ix_import_run_user_id", "user_id", "id"),
        Index("ix_import_run_source_id", "source_id", postgresql_where=text("source_id is not null")),
        Index("ix_import_run_unsettled", "id", postgresql_where=text("not settled")),
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
    settled: Mapped[bool] = mapped_column(server_default=text("true"))


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
