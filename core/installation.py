"""What this installation knows of itself: how it was set up, and whether it holds the demo company."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base


class Installation(Base):
    """One row, id 1, made by a migration.

    `setup_hash`: SHA-256 of the token that the first administrator comes in with; empty when nobody waits for one.
    `steps_open`: the first steps stand in the administrator's menu. `demo_since` is set while the database holds the
    demo company; only then may the clock be `clock_moved` ahead. `before_demo` has what stood in the database before a
    demo that was loaded from the portal, see core.demo.visiting.
    """

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("demo_since is not null or clock_moved = interval '0'", name="only_a_demo_moves_the_clock"),
        CheckConstraint("demo_since is not null or before_demo is null", name="only_a_demo_was_loaded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    setup_hash: Mapped[str] = mapped_column(server_default="")
    steps_open: Mapped[bool] = mapped_column(server_default=text("true"))
    demo_since: Mapped[datetime | None]
    clock_moved: Mapped[timedelta] = mapped_column(server_default=text("'0'"))
    before_demo: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)


def installation(session: Session, *, lock: bool = False) -> Installation:
    """The row as it is now; `lock` to change it."""
    return session.get_one(Installation, 1, with_for_update=lock or None, populate_existing=lock)
