"""the way of each invoice to ANAF: made when its XML is kept, and kept from going twice"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

MINE = "(select current_setting('rampa.partner_id')::int)"
SETTINGS = "security definer set search_path = public, pg_temp"
CONNECTION_CHECKS = {
    "only_one": "id = 1",
    "environment_known": "environment in ('test', 'prod')",
    "complete": "client_id <> '' and client_secret <> ''",
    "access_has_an_end": "access_token = '' or access_until is not null",
    "refresh_has_an_end": "refresh_token = '' or refresh_until is not null",
}
SUBMISSION_CHECKS = {
    "state_known": "state in ('queued', 'sending', 'uploaded', 'accepted', 'refused', 'unknown', 'held', 'not_needed')",
    "environment_known": "environment in ('', 'test', 'prod')",
    "verdict_known": "verdict in ('', 'ok', 'nok')",
    "sending_is_leased": "(state = 'sending') = (taken_until is not null)",
    "tries_are_dated": (
        "state not in ('sending', 'unknown', 'uploaded', 'accepted') or (tried_at is not null and environment <> '')"
    ),
    "upload_has_index": "state not in ('uploaded', 'accepted') or upload_index is not null",
    "yes_has_answer": "state <> 'accepted' or (verdict = 'ok' and download_id is not null)",
    "no_says_why": "state <> 'refused' or message <> ''",
    "limits_kept": "statuses between 0 and 100 and downloads between 0 and 10",
}
FUNCTIONS = {
    # What was kept as XML when it was issued is on its way to ANAF from that moment on: nothing has to find it later.
    # What got its XML later may have gone there from another program: it is held until a person sends it.
    "xml_goes_to_anaf": """
        begin
          insert into anaf_submission (document_id, partner_id, state, queued_at, next_try_at)
          select id, partner_id,
                 case when coalesce(nullif(upper(buyer->>'country'), ''), 'RO') <> 'RO' then 'not_needed'
                      when new.made_at <> issued_at then 'held' else 'queued' end,
                 issued_at, issued_at
          from document where id = new.document_id;
          return null;
        end
    """,
    # An invoice that may be at ANAF has reached somebody: it is taken back by a storno, never annulled.
    "annulment_spares_anaf": """
        begin
          update anaf_submission set state = 'not_needed'
          where document_id = new.document_id and state in ('queued', 'refused', 'held');
          if exists (select from anaf_submission where document_id = new.document_id and state <> 'not_needed') then
            raise exception 'an invoice that ANAF may have is not annulled'
              using errcode = 'check_violation', constraint = 'annulment_spares_anaf';
          end if;
          return null;
        end
    """,
    # Only these steps, whoever takes them. What was sent to `test` counts for nothing, and begins again.
    "anaf_submission_goes_on": """
        begin
          if old.environment = 'test' and new.state in ('unknown', 'queued') then
            return new;
          end if;
          if (old.state, new.state) not in (
            ('queued', 'sending'), ('queued', 'unknown'), ('queued', 'uploaded'), ('queued', 'not_needed'),
            ('sending', 'uploaded'), ('sending', 'queued'), ('sending', 'refused'), ('sending', 'unknown'),
            ('unknown', 'uploaded'), ('unknown', 'queued'), ('unknown', 'refused'),
            ('uploaded', 'accepted'), ('uploaded', 'refused'),
            ('refused', 'queued'), ('refused', 'not_needed'), ('held', 'queued'), ('held', 'not_needed')
          ) then
            raise exception 'an invoice at ANAF does not go from % to %', old.state, new.state
              using errcode = 'check_violation', constraint = 'anaf_submission_goes_on';
          end if;
          if new.state = 'accepted' and new.environment = 'prod' and not exists (
            select from document_file where document_id = new.document_id and format = 'zip'
          ) then
            raise exception 'what ANAF accepted is kept as it signed it'
              using errcode = 'check_violation', constraint = 'anaf_accepted_is_kept';
          end if;
          return new;
        end
    """,
}


def upgrade() -> None:
    _format("'pdf', 'xml', 'zip'")
    _tables()
    op.execute("alter table anaf_submission enable row level security")
    op.execute("grant select (document_id, partner_id, state) on anaf_submission to rampa_partner")
    op.execute(f"create policy own_rows on anaf_submission to rampa_partner using (partner_id = {MINE})")
    for name, body in FUNCTIONS.items():
        op.execute(f"create function {name}() returns trigger language plpgsql {SETTINGS} as $$ {body} $$")
    op.execute("""
        create trigger xml_goes_to_anaf after insert on document_file
        for each row when (new.format = 'xml') execute function xml_goes_to_anaf()
    """)
    op.execute("""
        create trigger annulment_spares_anaf after insert on annulment
        for each row execute function annulment_spares_anaf()
    """)
    op.execute("""
        create trigger anaf_submission_goes_on before update on anaf_submission
        for each row when (old.state <> new.state) execute function anaf_submission_goes_on()
    """)


def _tables() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "anaf_connection",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("environment", sa.String(), server_default="test", nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("client_id", "client_secret")),
        *(
            sa.Column(name, sa.String(), server_default="", nullable=False)
            for name in ("access_token", "refresh_token", "error")
        ),
        *(
            sa.Column(name, moment, nullable=True)
            for name in ("access_until", "refresh_until", "refresh_after", "connected_at", "error_at", "paused_until")
        ),
        sa.Column("connected_by", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_anaf_connection_{name}"))
            for name, rule in CONNECTION_CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["connected_by"], ["app_user.id"], name=op.f("fk_anaf_connection_connected_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anaf_connection")),
    )
    op.create_table(
        "anaf_submission",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), server_default="queued", nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("upload_index", "download_id")),
        *(
            sa.Column(name, sa.String(), server_default="", nullable=False)
            for name in ("environment", "verdict", "message")
        ),
        *(sa.Column(name, sa.Date(), nullable=True) for name in ("due_on", "asked_on")),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("tries", "looks", "statuses", "downloads", "warned")
        ),
        *(sa.Column(name, moment, nullable=False) for name in ("queued_at", "next_try_at")),
        *(sa.Column(name, moment, nullable=True) for name in ("tried_at", "taken_until", "uploaded_at", "ended_at")),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_anaf_submission_{name}")) for name, rule in SUBMISSION_CHECKS.items()),
        sa.ForeignKeyConstraint(
            ["document_id", "partner_id"], ["document.id", "document.partner_id"],
            name=op.f("fk_anaf_submission_document_id_partner_id_document"),
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_anaf_submission")),
        sa.UniqueConstraint("environment", "upload_index", name=op.f("uq_anaf_submission_environment_upload_index")),
    )  # fmt: skip
    op.create_index(
        "ix_anaf_submission_waiting", "anaf_submission", ["next_try_at"],
        postgresql_where=sa.text("state in ('queued', 'sending', 'uploaded', 'unknown')"),
    )  # fmt: skip
    op.create_index(
        "ix_anaf_submission_open", "anaf_submission", ["due_on", "document_id"],
        postgresql_where=sa.text("state not in ('accepted', 'held', 'not_needed')"),
    )  # fmt: skip
    op.create_table(
        "anaf_message",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("environment", "upload_index", "download_id", "number", "seller", "sha256")
        ),
        sa.Column("seen_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("environment", "upload_index", name=op.f("pk_anaf_message")),
    )


def _format(known: str) -> None:
    op.drop_constraint(op.f("ck_document_file_format_known"), "document_file", type_="check")
    op.create_check_constraint(op.f("ck_document_file_format_known"), "document_file", f"format in ({known})")


def downgrade() -> None:
    for table, name in (
        ("document_file", "xml_goes_to_anaf"), ("annulment", "annulment_spares_anaf"),
        ("anaf_submission", "anaf_submission_goes_on"),
    ):  # fmt: skip
        op.execute(f"drop trigger {name} on {table}")
        op.execute(f"drop function {name}()")
    for table in ("anaf_message", "anaf_submission", "anaf_connection"):
        op.drop_table(table)
    op.execute("alter table document_file disable trigger user")
    op.execute("delete from document_file where format = 'zip'")
    op.execute("alter table document_file enable trigger user")
    _format("'pdf', 'xml'")
