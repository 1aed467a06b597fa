"""A buyer who clicks until there is an answer: `python -m benchmarks.soak.buying CARTS`.

CARTS is a file with a line of JSON for each cart: user, partner, token. What became of each is written to the standard
output as it happens, a line of JSON each.
"""

import json
import sys
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from core import clock
from core.db import transaction
from core.errors import Refusal
from core.orders.placing import place
from core.principal import Principal

PATIENCE = 120.0
AGAIN_AFTER = 0.3


@dataclass(frozen=True, slots=True)
class Answer:
    """What a buyer was told of one cart: the order, or why not; and how many errors came before."""

    token: str
    order_id: int | None
    refusal: str
    errors: int


def submit(who: Principal, token: uuid.UUID, patience: float = PATIENCE) -> Answer:
    """Place the cart with this token. After an error the same token is submitted again, as who clicks again does it.

    Raises what the database said when `patience` seconds are over.
    """
    last, errors = time.monotonic() + patience, 0
    while True:
        try:
            with transaction(who) as session:
                placed = place(session, token, clock.now())
        except Refusal as refusal:
            return Answer(str(token), None, type(refusal).__name__, errors)
        except SQLAlchemyError as error:
            print(f"{token}: {error}", file=sys.stderr, flush=True)
            errors += 1
            if time.monotonic() > last:
                raise
            time.sleep(AGAIN_AFTER)
        else:
            return Answer(str(token), placed.order_id, "", errors)


def main() -> None:
    """Entry point."""
    for line in Path(sys.argv[1]).read_text().splitlines():
        cart = json.loads(line)
        who = Principal("partner", cart["user"], cart["partner"], role="owner")
        print(json.dumps(asdict(submit(who, uuid.UUID(cart["token"])))), flush=True)


if __name__ == "__main__":
    main()
