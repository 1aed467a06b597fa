"""ANAF's errors in plain words: what is wrong, and which field to mend.

The rules and their numbers are those of CIUS-RO 1.0.9 and EN 16931; which party one is about, its own text says.
"""

import re
from dataclasses import dataclass

from core.i18n import N_, translate

BUYER = N_("The partner's page: name, address and tax numbers")
SELLER = N_("Settings, “Your company”")
PRODUCT = N_("The product's page, or the line of the invoice")
TAX = N_("The VAT of the product or of the partner")
DATES = N_("The dates of the invoice")
PAYMENT = N_("The due date of the invoice; the IBAN under Settings, “Your company”")
NUMBER = N_("The series of the invoice, or the number of the one that it refers to")
CONNECTION = N_("Settings, “e-Factura”")
NOWHERE = ""
PARTY = "party"
"""The buyer or the seller: whom ANAF's text names."""


STATE_NAMES = {
    "queued": N_("Not sent yet"), "sending": N_("Being sent"), "uploaded": N_("With ANAF, no answer yet"),
    "accepted": N_("Accepted by ANAF"), "refused": N_("Refused by ANAF"),
    "unknown": N_("Unclear: it is looked for at ANAF"), "held": N_("Not sent: issued without e-Factura"),
    "not_needed": N_("Not for e-Factura"),
}  # fmt: skip
"""How an invoice stands with ANAF; translated where it is shown."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What is wrong, and where it is mended; '' where it cannot be mended here."""

    message: str
    place: str

    def words(self, language: str) -> str:
        """What is wrong, for a reader of this language."""
        return translate(self.message, language)

    def where(self, language: str) -> str:
        """Where it is mended."""
        return translate(self.place, language)


# In this order: the first that is found in an error says it.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (r"BR-RO-(08|09)0\b", N_("Street or city is missing in an address."), PARTY),
    (r"BR-RO-100\b", N_("In Bucharest the city is written as the sector: SECTOR1 to SECTOR6."), PARTY),
    (r"BR-RO-110\b", N_("The county is missing, or is none of Romania's."), PARTY),
    (r"BR-RO-2[01]0\b", N_("City or county of the delivery address is missing."), BUYER),
    (r"BR-RO-120\b", N_("The buyer's tax number is missing."), BUYER),
    (r"BR-RO-065\b|BR-CO-(09|26)\b|BR-S-0[234]\b",
     N_("Your company's tax number is missing, or RO before it."), SELLER),
    (r"BR-RO-L\d+", N_("A text is longer than e-Factura takes; ANAF's message says which."), PRODUCT),
    (r"BR-RO-010\b|BR-02\b", N_("The invoice's number has no digit."), NUMBER),
    (r"BR-55\b", N_("The number of the invoice that this one refers to is missing."), NUMBER),
    (r"BR-RO-(030|Z2)\b|BR-DEC-\d+|BR-53\b",
     N_("Currency or decimals are not as e-Factura asks. This is a fault of the program: report it."), NOWHERE),
    (r"BR-CO-25\b|BR-(50|61)\b", N_("Something is to be paid, but there is no due date or no bank account."), PAYMENT),
    (r"BR-CO-1[0-7]\b|BR-(S|Z|E|AE|O|IC|G)-(08|09)\b", N_("Lines, VAT and totals do not come to the same."), TAX),
    (r"BR-(S|Z|E|AE|O|IC|G)-\d+\b|BR-CL-1[78]\b",
     N_("Rate and category of VAT do not fit each other, or the reason for no VAT is missing."), TAX),
    (r"BR-CL-23\b", N_("A unit of measure is none that e-Factura knows."), PRODUCT),
    (r"BR-2[1-8]\b", N_("A line lacks its name, quantity, unit or price, or its price is below zero."), PRODUCT),
    (r"BR-RO-DT\d+|BR-(03|29|30)\b|BR-CO-0[34]\b", N_("A date is missing, or is not possible."), DATES),
    (r"BR-0[67]\b|BR-0[89]\b|BR-1[01]\b", N_("Name, address or country of a party is missing."), PARTY),
    (r"(?i)drept", N_("ANAF does not let this connection act for the company: give it the right in SPV."), CONNECTION),
    (r"(?i)\bcif\b|codul fiscal",
     N_("The seller's tax number is not that of a company which this connection may act for."), SELLER),
    (r"BR-RO-|BR-[A-Z]*-?\d|(?i:structur|schema|cvc-|xml)",
     N_("The file is not built as e-Factura asks. This is a fault of the program: report it."), NOWHERE),
)  # fmt: skip
_NOT_THE_INVOICES = re.compile(r"(?i)drept in spv|s-au facut deja|limita de|token|indisponibil|temporar|mentenan")


def is_the_invoices(text: str) -> bool:
    """Is it this invoice that ANAF refuses, rather than us, or everybody, for a while? Another try changes nothing."""
    return "BR-" in text or _NOT_THE_INVOICES.search(text) is None


def explained(text: str) -> list[Explained]:
    """What ANAF's text (a line for each error) comes to, each thing once; empty where nothing is recognised."""
    found = [_explained(line) for line in text.splitlines()]
    return list(dict.fromkeys(each for each in found if each))


def _explained(line: str) -> Explained | None:
    for pattern, message, place in _KNOWN:
        if re.search(pattern, line):
            if place == PARTY:
                place = BUYER if re.search(r"(?i)cump[aă]r[aă]tor|buyer", line) else SELLER
            return Explained(message, place)
    return None
