"""What goes with an order besides its lines."""

from dataclasses import dataclass
from datetime import date

from core.errors import Refusal
from core.i18n import N_
from core.search import without_nul


class TextTooLong(Refusal):
    message = N_("A note, a reference or an address may have {most} characters at most. Make it shorter.")


class DateInThePast(Refusal):
    message = N_("The wished day of delivery is over already. Choose a later one, or none.")


LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Details:
    """What goes with an order besides its lines: a note, the partner's own order number, where and on which local day
    it wishes the goods to come (empty: to its seat, as soon as they can)."""

    note: str = ""
    reference: str = ""
    deliver_to: str = ""
    wished_on: date | None = None

    def checked(self, today: date) -> "Details":
        """In the form in which they are kept. Raises TextTooLong, DateInThePast."""
        note, reference, deliver_to = (without_nul(t).strip() for t in (self.note, self.reference, self.deliver_to))
        if max(len(note), len(reference), len(deliver_to)) > LONGEST_TEXT:
            raise TextTooLong(most=LONGEST_TEXT)
        if self.wished_on is not None and self.wished_on < today:
            raise DateInThePast
        return Details(note, reference, deliver_to, self.wished_on)


NO_DETAILS = Details()
