"""A message as it is written: its fields, and what they must be."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import NotFound, Refusal
from core.i18n import N_
from core.messages.models import AUDIENCES, LEVELS
from core.search import without_nul

LONGEST_TITLE, LONGEST_BODY = 150, 10_000


class NothingSaid(Refusal):
    message = N_("A message needs a title of {title} characters at most, and a text of {body} at most.")


class NobodyChosen(Refusal):
    message = N_("Choose at least one group or partner, or send the message to everyone.")


class DaysWrong(Refusal):
    message = N_("The last day of a message cannot be before its first, nor over already.")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be told to whom. `level` and `audience` as in core.messages.models; `chosen` are the ids of groups or
    partners, empty for everyone. It leads to a product or a promotion, or (neither) nowhere."""

    title: str
    body: str
    level: str = "plain"
    audience: str = "everyone"
    chosen: frozenset[int] = frozenset()
    valid_from: date = date.min
    valid_until: date | None = None
    product_id: int | None = None
    promotion_id: int | None = None
    by_mail: bool = False

    def checked(self, today: date) -> "Draft":
        """Tidy, and never beginning before `today`. Raises NothingSaid, NobodyChosen, DaysWrong, NotFound."""
        title, body = " ".join(without_nul(self.title).split()), without_nul(self.body).strip()
        if not (0 < len(title) <= LONGEST_TITLE and 0 < len(body) <= LONGEST_BODY):
            raise NothingSaid(title=LONGEST_TITLE, body=LONGEST_BODY)
        if self.level not in LEVELS or self.audience not in AUDIENCES or (self.product_id and self.promotion_id):
            raise NotFound
        if self.audience != "everyone" and not self.chosen:
            raise NobodyChosen
        first = max(self.valid_from, today)
        if self.valid_until and self.valid_until < first:
            raise DaysWrong
        chosen = frozenset[int]() if self.audience == "everyone" else self.chosen
        return replace(self, title=title, body=body, chosen=chosen, valid_from=first)


def require_there(session: Session, draft: Draft) -> None:
    """Raises NotFound unless the groups, partners, product and promotion of a draft are there."""
    tables = {"groups": "partner_group", "partners": "partner"}
    wanted: list[tuple[str, Collection[int]]] = [
        (tables.get(draft.audience, "partner"), draft.chosen),
        ("product", [draft.product_id] if draft.product_id else []),
        ("promotion", [draft.promotion_id] if draft.promotion_id else []),
    ]
    for table, ids in wanted:
        # Held until the commit: what a message is for, or leads to, cannot go meanwhile.
        found = session.execute(text(f"select id from {table} where id = any(:ids) for key share"), {"ids": list(ids)})
        if len(found.all()) != len(ids):
            raise NotFound
