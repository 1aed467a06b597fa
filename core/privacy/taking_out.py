"""What is kept of a person, as the person may have it (GDPR, articles 15 and 20)."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core.auth.models import User
from core.auth.users import manages
from core.db import actor
from core.errors import NotAllowed, NotFound


def personal_data(session: Session, user_id: int, as_of: datetime) -> dict[str, Any]:
    """All that is kept of a person: their own, or of who one manages. Instants in UTC, as ISO 8601; amounts in lei.

    Secrets (password, second step, cookies) are told of, not told. Outside the wall. Raises NotFound, NotAllowed.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    if user_id != actor(session).user_id and not manages(session, user.partner_id):
        raise NotAllowed
    found = {
        name: [_told(row) for row in session.execute(statement, {"user": user_id, "email": user.email}).mappings()]
        for name, statement in _TABLES.items()
    }
    return {"made_at": as_of.isoformat(), "person": found.pop("person")[0], **found}


def _told(row: RowMapping) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


_TABLES = {
    name: text(statement)
    for name, statement in {
        "person": """
            select app_user.id, app_user.email, app_user.name, role, app_user.language, active, partner.name as company,
                   app_user.created_at, password_hash <> '' as has_password,
                   totp_secret <> '' as has_second_step, spending_limit::text as spending_limit, muted, gathered
            from app_user left join partner on partner.id = partner_id where app_user.id = :user""",
        "sessions": """
            select created_at, last_seen_at, address, browser
            from login_session where user_id = :user order by created_at""",
        "known_browsers": """
            select seen_at from known_browser where user_id = :user order by seen_at""",
        "orders": """
            select id as number, placed_at, gross::text as gross, status, note, reference
            from orders where user_id = :user order by id""",
        "favourites": """
            select product.sku, product.name from favourite join product on product.id = product_id
            where user_id = :user order by product.sku""",
        "messages_to_everybody": """
            select created_at, title, body from message where created_by = :user order by id""",
        "messages": """
            select thread.order_id as about_order, entry.at, entry.body
            from thread_entry entry join thread on thread.id = entry.thread_id
            where entry.by = :user order by entry.id""",
        "terms_accepted": """
            select terms_id as version, accepted_at as at from terms_acceptance where user_id = :user
            order by accepted_at""",
        "mails": """
            select created_at, recipient, subject, body_text, state
            from mail where user_id = :user or recipient = :email order by id""",
        "what_was_done": """
            select at, kind, address, data from event
            where user_id = :user or data ->> 'user' = cast(:user as text) order by id""",
    }.items()
}
