"""The distributor's own words: each sentence of each mail can be put differently, per language, and put back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import babel_extract
from jinja2.runtime import Context
from markupsafe import Markup, escape
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.config import ROOT
from core.errors import NotFound, Refusal
from core.events import record
from core.i18n import LANGUAGES, N_, translate
from core.notifications.models import MailWords
from core.permissions import authorize
from core.search import without_nul

TEMPLATES = ROOT / "core" / "notifications" / "templates"
PARTS = ("subject.txt", "body.html", "body.txt")
LONGEST = 2000


class UnknownPlaceholder(Refusal):
    message = N_("“{found}” cannot stand in this sentence. In braces you can write {known}.")


class NoPlaceholders(Refusal):
    message = N_("“{found}” cannot stand in this sentence: it has nothing to put in. Leave the braces out.")


class WordsMissing(Refusal):
    message = N_("A sentence cannot be empty. Write what it is to say, or go back to the standard words.")


class WordsTooLong(Refusal):
    message = N_("A sentence can have {most} characters at most. Make it shorter.")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a mail: `message` names it, `standard` are the portal's words and `own` the distributor's, or ''.

    Placeholders stand in braces in both; `parts` are the files of the template that hold it.
    """

    message: str
    standard: str
    own: str
    parts: frozenset[str]

    @property
    def placeholders(self) -> list[str]:
        """The names that may stand in braces."""
        return _names(self.message)


def templates() -> list[str]:
    """The names of all mails, which are those of their folders."""
    return sorted(folder.name for folder in TEMPLATES.iterdir() if folder.is_dir())


def sentences(session: Session, template: str, language: str) -> list[Sentence]:
    """What can be put differently in a mail, the subject first. Raises NotAllowed, NotFound for no such mail."""
    authorize(session, "settings.edit")
    own = own_words(session, template, language)
    return [
        Sentence(message, braced(translate(message, language)), own.get(message, ""), parts)
        for message, parts in _known(template, language).items()
    ]


def changed_templates(session: Session) -> set[tuple[str, str]]:
    """Mail and language of those that say something in the distributor's own words. Raises NotAllowed."""
    authorize(session, "settings.edit")
    return {(row.template, row.language) for row in session.execute(_CHANGED)}


def change_words(session: Session, template: str, language: str, typed: Mapping[str, str], as_of: datetime) -> int:
    """Put sentences (message → words) of a mail differently; what is typed as the standard goes back to it.

    Returns how many changed, and records `mail_words_changed` if any did. Raises NotAllowed, NotFound for a sentence
    that the mail does not have, UnknownPlaceholder, NoPlaceholders, WordsMissing, WordsTooLong; nothing changes then.
    """
    authorize(session, "settings.edit")
    known = _known(template, language)
    if not typed.keys() <= known.keys():
        raise NotFound
    wanted = {message: checked(message, words) for message, words in typed.items()}
    standard = {message: braced(translate(message, language)) for message in wanted}
    before = own_words(session, template, language)
    changes = {message: words for message, words in wanted.items() if words != before.get(message, standard[message])}
    for message, words in changes.items():
        _keep(session, template, language, message, "" if words == standard[message] else words)
    if changes:
        told = {message: [before.get(message, standard[message]), words] for message, words in changes.items()}
        record(session, "mail_words_changed", as_of, template=template, language=language, changes=told)
    return len(changes)


def back_to_standard(session: Session, template: str, language: str, as_of: datetime) -> int:
    """All of a mail says again what the portal came with; how many sentences changed. Raises NotAllowed, NotFound."""
    standard = {each.message: each.standard for each in sentences(session, template, language)}
    return change_words(session, template, language, standard, as_of)


def checked(message: str, typed: str) -> str:
    """Words that can stand for `message`. Raises UnknownPlaceholder, NoPlaceholders, WordsMissing, WordsTooLong."""
    words = without_nul(typed).replace("\r\n", "\n").strip()
    if not words:
        raise WordsMissing
    if len(words) > LONGEST:
        raise WordsTooLong(most=LONGEST)
    names = _names(message)
    for match in _IN_BRACES.finditer(words):
        if not names:
            raise NoPlaceholders(found=match[0])
        if match[1] not in names:
            raise UnknownPlaceholder(found=match[0], known=", ".join(f"{{{name}}}" for name in names))
    return words


def own_words(session: Session, template: str, language: str) -> dict[str, str]:
    """Message → the distributor's own words for it, in one mail."""
    wanted = select(MailWords.message, MailWords.words).filter_by(template=template, language=language)
    return {message: words for message, words in session.execute(wanted)}


def speaking(environment: Environment, own: Mapping[str, str]) -> Callable[..., str]:
    """A `gettext` for the templates of `environment` that prefers the distributor's own words, escaped in HTML."""
    standard = environment.globals["gettext"]

    @pass_context
    def gettext(context: Context, message: str, **values: Any) -> str:
        if message not in own:
            said: str = context.call(standard, message, **values)  # type: ignore[arg-type,assignment]
            return said
        if not context.eval_ctx.autoescape:
            return filled(own[message], values)
        words = str(escape(own[message])).replace("\n", "<br>")
        return Markup(filled(words, {name: escape(value) for name, value in values.items()}))  # noqa: S704 (escaped)

    return gettext


def filled(words: str, values: Mapping[str, Any]) -> str:
    """`words` with what stands in braces put in, as it is: braces in a value stay what they are."""
    return _IN_BRACES.sub(lambda match: str(values.get(match[1] or "", match[0])), words)


def braced(translated: str) -> str:
    """`%(number)s` as people write it: `{number}`."""
    return _PERCENT.sub(r"{\1}", translated).replace("%%", "%")


def _keep(session: Session, template: str, language: str, message: str, words: str) -> None:
    where = {"template": template, "language": language, "message": message}
    if not words:
        session.execute(delete(MailWords).filter_by(**where))
        return
    row = insert(MailWords).values(**where, words=words)
    session.execute(row.on_conflict_do_update(index_elements=list(where), set_={"words": words}))


def _known(template: str, language: str) -> dict[str, frozenset[str]]:
    if template not in templates() or language not in LANGUAGES:
        raise NotFound
    return _messages(template)


@cache
def _messages(template: str) -> dict[str, frozenset[str]]:
    """Message → the parts of the template that say it, in the order in which they stand there."""
    found: dict[str, set[str]] = {}
    for part in PARTS:
        for message in _extracted(TEMPLATES / template / part):
            found.setdefault(message, set()).add(part)
    return {message: frozenset(parts) for message, parts in found.items()}


def _extracted(path: Path) -> list[str]:
    options = {"newstyle_gettext": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
    with path.open("rb") as source:
        # One with placeholders comes with the places of their values, which are none.
        found = [message for _, _, message, _ in babel_extract(source, ["_"], [], options)]
    return [str(message[0]) if isinstance(message, tuple) else str(message) for message in found]


def _names(message: str) -> list[str]:
    return list(dict.fromkeys(_PERCENT.findall(message)))


_CHANGED = select(MailWords.template, MailWords.language).distinct()
_PERCENT = re.compile(r"%\((\w+)\)s")
# A brace that is alone counts too: it is a placeholder that somebody did not finish.
_IN_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
