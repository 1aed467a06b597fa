"""How much of the stock a partner is told."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.i18n import N_, translate
from core.money import format_quantity
from core.permissions import AGENT, authorize
from core.principal import Principal

ShownKind = Literal["quantity", "over", "yes", "no", "green", "yellow", "red", "nothing"]

DISPLAY = "coalesce(partner.stock_display, company.stock_display) as stock_display, company.stock_cap"
"""SQL for the columns that a Display is made of; with `partner` and `company` in the statement."""

TOLD = "(cast(:sees_all as bool) or coalesce(buyer.stock_display, company.stock_display) <> 'nothing')"
"""SQL: is `buyer` told anything of the stock? With `company` and the parameter of core.pricing.quoting.sight."""

WORDS = {
    "yes": N_("in stock"), "no": N_("out of stock"),
    "green": N_("in stock"), "yellow": N_("few left"), "red": N_("out of stock"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownStock:
    """`quantity` is the stock for the kind 'quantity', and for 'over' what there is at least; else None."""

    kind: ShownKind
    quantity: Decimal | None = None

    def words(self, language: str) -> str:
        """`12`, `10+`, `in stock`; empty where nothing is said."""
        if self.quantity is None:
            return translate(WORDS.get(self.kind, ""), language)
        return format_quantity(self.quantity, language) + ("+" if self.kind == "over" else "")


@dataclass(frozen=True, slots=True)
class Display:
    """What a partner is told: `kind` is one of core.company.STOCK_DISPLAYS, `cap` the quantity from which on "10+" and
    a green light stand for the rest."""

    kind: str
    cap: Decimal

    @classmethod
    def of(cls, principal: Principal, kind: str, cap: Decimal) -> "Display":
        """For who looks: staff who order for a partner are told the quantity."""
        return cls("quantity" if principal.role == AGENT else kind, cap)

    def show(self, available: Decimal) -> ShownStock:
        """What is said of this much stock."""
        there, much = available > 0, available >= self.cap
        match self.kind:
            case "quantity":
                return ShownStock("quantity", max(available, Decimal(0)))
            case "capped":
                return ShownStock("over", self.cap) if much else ShownStock("quantity", max(available, Decimal(0)))
            case "yes_no":
                return ShownStock("yes" if there else "no")
            case "light":
                return ShownStock("green" if much else "yellow" if there else "red")
        return ShownStock("nothing")

    def told(self, available: Decimal) -> Decimal | None:
        """The available quantity where the partner may know it, else None."""
        shown = self.show(available)
        return shown.quantity if shown.kind == "quantity" else None


def stock_told(session: Session) -> bool:
    """Is the signed-in partner told anything of the stock? Raises NotAllowed."""
    me = authorize(session, "catalog.see")
    return Display.of(me, *session.execute(_DISPLAY, {"partner": me.partner_id}).one()).kind != "nothing"


_DISPLAY = text(f"select {DISPLAY} from partner cross join company where partner.id = :partner")
