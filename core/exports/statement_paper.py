"""The statement of account as a PDF, with the distributor's head."""

from datetime import date

from core.company import Company
from core.documents.look import look_of
from core.documents.order_papers import paper
from core.errors import Refusal
from core.i18n import N_
from core.receivables.statement import Statement
from core.receivables.words import entry_in_words

MOST_ON_PAPER = 3000
"""Entries; the table of as many is some eighty pages."""


class TooLongForStatement(Refusal):
    message = N_("There is too much in this period for a PDF. Choose a shorter one, or take the XLSX file.")


def statement_pdf(statement: Statement, company: Company, made_on: date, language: str) -> bytes:
    """A4, in a language of core.i18n.LANGUAGES, as made on the local day `made_on`. Raises TooLongForStatement."""
    if len(statement.entries) > MOST_ON_PAPER:
        raise TooLongForStatement
    facts = {
        "company": company,
        "look": look_of(company),
        "partner": statement.partner,
        "statement": statement,
        "made_on": made_on,
        "what": lambda entry: entry_in_words(entry.kind, entry.method, entry.reference, language),
    }
    return paper("statement.html", language, facts)
