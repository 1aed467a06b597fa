"""After a change of SECRET_KEY: what was sealed with the one before is sealed anew, so that it can be forgotten."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.anaf.tokens import PURPOSE as ANAF
from core.auth.second_factor import SEALED as SECOND_FACTOR
from core.imports.feeds import PURPOSE as IMPORT_SOURCE
from core.notifications.mail_server import PURPOSE as MAIL_SERVER
from core.sealing import seal, unseal

PLACES = {
    ("anaf_connection", "access_token"): ANAF,
    ("anaf_connection", "client_secret"): ANAF,
    ("anaf_connection", "refresh_token"): ANAF,
    ("app_user", "totp_secret"): SECOND_FACTOR,
    ("import_source", "password"): IMPORT_SOURCE,
    ("mail_server", "password"): MAIL_SERVER,
}
"""Where sealed texts are kept: table and column, and the purpose that they were sealed for."""


def reseal(session: Session) -> int:
    """Seal everything with the secret that seals now; how many texts there were.

    Outside the wall (core.db). Nobody else changes the rows meanwhile. Raises Unreadable, and changes nothing, if one
    was sealed with a secret that is no longer known.
    """
    count = 0
    for (table, column), purpose in PLACES.items():
        found = session.execute(text(f"select id, {column} as sealed from {table} where {column} <> '' for update"))
        for row in found.all():
            change = {"id": row.id, "sealed": seal(purpose, unseal(purpose, row.sealed))}
            session.execute(text(f"update {table} set {column} = :sealed where id = :id"), change)
            count += 1
    return count
