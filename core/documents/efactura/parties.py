"""Seller and buyer of a document, and where its goods went, as elements of its XML."""

from typing import Any

from core.documents.efactura.nodes import cut, leaf, node, one_line
from core.documents.efactura.places import HOME, Place, place_in, place_of
from core.documents.models import Document

LONGEST_STREET, LONGEST_STREET_MORE = 150, 100
VAT_PREFIXES = {"GR": "EL"}
"""Country → what its VAT numbers begin with, where that is not the country's own code."""


def seller(document: Document, with_vat: bool) -> str:
    """The distributor; `with_vat`: no tax number stands where VAT has no place (category O)."""
    party = document.seller
    capital = one_line(party.get("share_capital") or "")
    said = [] if with_vat and party["vat_payer"] else [one_line(party.get("reg_com") or "")]
    said += [f"Capital social: {capital} lei"] if capital and float(capital) else []
    legal_form = leaf("cbc:CompanyLegalForm", ", ".join(filter(None, said)))
    return node("cac:AccountingSupplierParty", _party(party, with_vat, legal_form))


def buyer(document: Document, with_vat: bool) -> str:
    """The partner."""
    return node("cac:AccountingCustomerParty", _party(document.buyer, with_vat, ""))


def delivery(document: Document) -> str:
    """When the goods left, and where they went if that is an address that can be told for sure."""
    place = place_in(document.deliver_to)
    return node(
        "cac:Delivery",
        leaf("cbc:ActualDeliveryDate", f"{document.delivered_on:%Y-%m-%d}" if document.delivered_on else ""),
        node("cac:DeliveryLocation", _address("cac:Address", place)) if place else "",
    )


def vat_number(party: dict[str, Any]) -> str:
    """The tax number with the country before it, as of VAT payers."""
    country, number = place_of(party).country, one_line(party["cui"])
    prefix = VAT_PREFIXES.get(country, country)
    return number if number.startswith((prefix, country)) else prefix + number


def _party(party: dict[str, Any], with_vat: bool, legal_form: str) -> str:
    """Who pays no VAT is known to ANAF by the tax number alone, in the place of the number at the trade register."""
    name, registered = one_line(party["name"]), with_vat and party["vat_payer"]
    number = registered and one_line(party.get("reg_com") or "")
    scheme = node("cac:TaxScheme", leaf("cbc:ID", "VAT"))
    return node(
        "cac:Party",
        node("cac:PartyName", leaf("cbc:Name", name)),
        _address("cac:PostalAddress", place_of(party)),
        node("cac:PartyTaxScheme", leaf("cbc:CompanyID", vat_number(party)), scheme) if registered else "",
        node(
            "cac:PartyLegalEntity",
            leaf("cbc:RegistrationName", name),
            leaf("cbc:CompanyID", number or one_line(party["cui"])),
            legal_form,
        ),
        _contact(party),
    )


def _contact(party: dict[str, Any]) -> str:
    """What is longer than e-Factura takes is left out: nobody needs it for the invoice."""
    phone, email = (one_line(party.get(name) or "") for name in ("phone", "email"))
    return node(
        "cac:Contact",
        leaf("cbc:Telephone", phone if len(phone) <= 100 else ""),
        leaf("cbc:ElectronicMail", email if len(email) <= 100 else ""),
    )


def _address(name: str, place: Place) -> str:
    street, more = cut(place.street, LONGEST_STREET)
    return node(
        name,
        leaf("cbc:StreetName", street),
        leaf("cbc:AdditionalStreetName", cut(more, LONGEST_STREET_MORE)[0]),
        leaf("cbc:CityName", place.city),
        leaf("cbc:CountrySubentity", place.county),
        node("cac:Country", leaf("cbc:IdentificationCode", place.country or HOME)),
    )
