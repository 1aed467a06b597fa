"""Exports that are kept under a name, and files that are made in the background and kept for a week."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

FORMS = ("xlsx", "csv", "plain", "parquet")
"""XLSX, CSV for Excel, plain CSV, Parquet."""


class SavedExport(Base):
    """What somebody takes out again and again: a table (`asked` is core.exports.asking.Asked as JSON) or a pivot
    (core.reports.pivot.Pivot); `shared` ones are for all colleagues, each of whom gets by it what they may see. With
    `every` its owner gets a file (`form`) each day, week or month, the next on the local day `next_on`
    (core.exports.repeating)."""

    __tablename__ = "saved_export"
    __table_args__ = (
        CheckConstraint("name <> ''", name="has_a_name"),
        CheckConstraint("what in ('table', 'pivot')", name="what_known"),
        CheckConstraint(f"form in {FORMS}", name="form_known"),
        CheckConstraint("every in ('', 'day', 'week', 'month')", name="every_known"),
        CheckConstraint("(every = '') = (next_on is null)", name="repeats_on_a_day"),
        UniqueConstraint("user_id", "what", "name"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    what: Mapped[str]
    name: Mapped[str]
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    shared: Mapped[bool] = mapped_column(server_default=text("false"))
    form: Mapped[str] = mapped_column(server_default="xlsx")
    every: Mapped[str] = mapped_column(server_default="")
    next_on: Mapped[date | None]


class ExportRun(Base):
    """A file that is made in the background: waiting → running → done | failed, then `said` says why, in the asker's
    language. `rows` grows while it runs, towards `total`; a worker that has not moved by `until` has died. `what` and
    `asked` as in SavedExport, of a pivot with its days; `name`: of what comes by itself, under which it is kept."""

    __tablename__ = "export_run"
    __table_args__ = (
        CheckConstraint(f"form in {FORMS}", name="form_known"),
        CheckConstraint("what in ('table', 'pivot')", name="what_known"),
        CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state_known"),
        CheckConstraint("(state in ('done', 'failed')) = (ended_at is not null)", name="end_has_a_time"),
        Index("ix_export_run_user_id", "user_id", "id"),
        Index("ix_export_run_waiting", "id", postgresql_where=text("state in ('waiting', 'running')")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    what: Mapped[str] = mapped_column(server_default="table")
    name: Mapped[str] = mapped_column(server_default="")
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    form: Mapped[str]
    language: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    rows: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int | None]
    said: Mapped[str] = mapped_column(server_default="")
    asked_at: Mapped[datetime]
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ExportPiece(Base):
    """A part of a run's file: a file is larger than a value should be."""

    __tablename__ = "export_piece"

    run_id: Mapped[int] = mapped_column(ForeignKey("export_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]
