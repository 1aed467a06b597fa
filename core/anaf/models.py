"""The way of each invoice to ANAF, and the connection that it takes."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

STATES = ("queued", "sending", "uploaded", "accepted", "refused", "unknown", "held", "not_needed")
ENVIRONMENTS = ("test", "prod")
"""ANAF's own names: what is sent to `test` counts for nothing."""
MOST_STATUSES, MOST_DOWNLOADS = 100, 10
"""ANAF's limits for one message in a day."""


class AnafConnection(Base):
    """How ANAF is reached; no row: nobody has set it up. `connected_at` is empty until somebody connects.

    Secrets are sealed (core.sealing). Both tokens change when they are renewed; an empty `refresh_token` with a
    `connected_at` means that somebody must connect again. Ends of tokens are instants of the real clock. After
    `failures` tries in a row that came to nothing, no invoice is sent until `paused_until`.
    """

    __tablename__ = "anaf_connection"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint(f"environment in {ENVIRONMENTS}", name="environment_known"),
        CheckConstraint("client_id <> '' and client_secret <> ''", name="complete"),
        CheckConstraint("access_token = '' or access_until is not null", name="access_has_an_end"),
        CheckConstraint("refresh_token = '' or refresh_until is not null", name="refresh_has_an_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    environment: Mapped[str] = mapped_column(server_default="test")
    client_id: Mapped[str]
    client_secret: Mapped[str]
    access_token: Mapped[str] = mapped_column(server_default="")
    refresh_token: Mapped[str] = mapped_column(server_default="")
    access_until: Mapped[datetime | None]
    refresh_until: Mapped[datetime | None]
    refresh_after: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]
    connected_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    error: Mapped[str] = mapped_column(server_default="")
    error_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    paused_until: Mapped[datetime | None]


class AnafSubmission(Base):
    """An invoice or storno on its way to ANAF: made by a trigger when its XML is kept (decision 0032).

    queued → sending → uploaded → accepted | refused; sending → queued (surely not taken) | unknown (nobody knows);
    unknown → uploaded (found in ANAF's list) | queued (surely not there). `held`: its XML was made after it was
    issued, and a person sends it (→ queued) if it did not go there otherwise. `not_needed`: the buyer is abroad, or the
    invoice was annulled. `due_on` is the last day in time, filled in by a job. `environment` is where it was sent to
    last, `verdict` what ANAF said of it before its file was fetched. `message` is ANAF's own text, or what went wrong
    last. `asked_on`, `statuses` and `downloads` count that day's calls, `looks` how often ANAF's list was read
    in vain, `warned` is the last stage of being late that people were told of.
    """

    __tablename__ = "anaf_submission"
    __table_args__ = (
        ForeignKeyConstraint(["document_id", "partner_id"], ["document.id", "document.partner_id"]),
        UniqueConstraint("environment", "upload_index"),
        CheckConstraint(f"state in {STATES}", name="state_known"),
        CheckConstraint("environment in ('', 'test', 'prod')", name="environment_known"),
        CheckConstraint("verdict in ('', 'ok', 'nok')", name="verdict_known"),
        CheckConstraint("(state = 'sending') = (taken_until is not null)", name="sending_is_leased"),
        CheckConstraint(
            "state not in ('sending', 'unknown', 'uploaded', 'accepted')"
            " or (tried_at is not null and environment <> '')",
            name="tries_are_dated",
        ),
        CheckConstraint("state not in ('uploaded', 'accepted') or upload_index is not null", name="upload_has_index"),
        CheckConstraint("state <> 'accepted' or (verdict = 'ok' and download_id is not null)", name="yes_has_answer"),
        CheckConstraint("state <> 'refused' or message <> ''", name="no_says_why"),
        CheckConstraint(
            f"statuses between 0 and {MOST_STATUSES} and downloads between 0 and {MOST_DOWNLOADS}", name="limits_kept"
        ),
        Index(
            "ix_anaf_submission_waiting", "next_try_at",
            postgresql_where=text("state in ('queued', 'sending', 'uploaded', 'unknown')"),
        ),
        Index(
            "ix_anaf_submission_open", "due_on", "document_id",
            postgresql_where=text("state not in ('accepted', 'held', 'not_needed')"),
        ),
    )  # fmt: skip

    document_id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="queued")
    due_on: Mapped[date | None]
    environment: Mapped[str] = mapped_column(server_default="")
    upload_index: Mapped[str | None]
    download_id: Mapped[str | None]
    verdict: Mapped[str] = mapped_column(server_default="")
    message: Mapped[str] = mapped_column(server_default="")
    tries: Mapped[int] = mapped_column(server_default="0")
    looks: Mapped[int] = mapped_column(server_default="0")
    queued_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    taken_until: Mapped[datetime | None]
    uploaded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    asked_on: Mapped[date | None]
    statuses: Mapped[int] = mapped_column(server_default="0")
    downloads: Mapped[int] = mapped_column(server_default="0")
    warned: Mapped[int] = mapped_column(server_default="0")


class AnafMessage(Base):
    """An invoice in ANAF's list that no submission was known to have brought: looked into once, and remembered.

    `number` and `seller` (digits) are what its XML says, `sha256` is that of the XML.
    """

    __tablename__ = "anaf_message"

    environment: Mapped[str] = mapped_column(primary_key=True)
    upload_index: Mapped[str] = mapped_column(primary_key=True)
    download_id: Mapped[str]
    number: Mapped[str]
    seller: Mapped[str]
    sha256: Mapped[str]
    seen_at: Mapped[datetime]
