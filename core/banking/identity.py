"""What makes an entry itself, so that loading it again adds nothing.

The bank's reference with the day and the amount, where it gives one: banks number anew each day, or give a payment and
its reversal one number, so the reference alone would let money be taken for what is known already. Else the day, the
amount, the currency and the text. The same several times in a file: each has its place among them.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

from core.banking.entries import EntryRead
from core.search import fold


def identities(entries: Sequence[EntryRead], known: Counter[str] | None = None) -> list[str]:
    """The identities of entries of one account, in their order; `known` counts what stood before in the same file."""
    counts: Counter[str] = Counter() if known is None else known
    found = []
    for entry in entries:
        key = _key(entry)
        counts[key] += 1
        found.append(hashlib.sha256(f"{key}\n{counts[key]}".encode()).hexdigest())
    return found


def _key(entry: EntryRead) -> str:
    reference = re.sub("[^a-z0-9]", "", fold(entry.reference))
    what = f"ref {reference}" if reference else "text " + re.sub("[^a-z0-9]", "", fold(entry.details))
    return f"{entry.booked_on} {entry.amount:.2f} {entry.currency} {what}"
