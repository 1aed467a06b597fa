"""An XLSX or PDF price list, made in a process of its own: `python -m api.price_list_file`.

It is long work for a processor and takes memory; in the web process every page would wait for it. The job comes as JSON
on the standard input, the file goes to the standard output.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import IO

from core import log
from core.db import transaction
from core.exports.price_list import Format, Listing, lay_out, lines
from core.exports.taken import Keeper, keep, last_taken
from core.orders.browsing import CatalogRow
from core.orders.search_conditions import Filters
from core.principal import Principal

WHO = ("kind", "user_id", "partner_id", "name", "language", "role")


def job(form: Format, principal: Principal, listing: Listing) -> bytes:
    """What `main` reads: all that it needs to lay out the same list again."""
    who = {name: getattr(principal, name) for name in WHO}
    asked = {"form": form, "who": who, "filters": asdict(listing.filters), "as_of": listing.as_of.isoformat()}
    return json.dumps(asked).encode()


def main() -> None:
    """Make the file; it is remembered as taken once it is whole."""
    log.configure()
    asked = json.loads(sys.stdin.buffer.read())
    principal = Principal(**asked["who"])
    with transaction(principal) as session:
        listing = lay_out(session, Filters(**asked["filters"]), datetime.fromisoformat(asked["as_of"]))
    with os.fdopen(os.dup(1), "wb") as file:
        os.dup2(2, 1)  # whatever some library prints is none of the file
        kept = Keeper()
        (_write_pdf if asked["form"] == "pdf" else _write_xlsx)(file, principal, listing, kept)
    remember(principal, listing, kept)


def batches(principal: Principal, listing: Listing, kept: Keeper) -> Iterator[list[CatalogRow]]:
    """The rows of the list, each batch read in a transaction of its own; their prices go to the keeper."""
    for batch in listing.batches():
        with transaction(principal) as session:
            rows = lines(session, listing, batch)
        for row in rows:
            if row.unit_price is not None:
                kept.add(row.product_id, row.sku, row.name, row.unit_price)
        yield rows


def remember(principal: Principal, listing: Listing, kept: Keeper) -> None:
    """As the list that the user took out last; of staff who only look nothing is remembered."""
    if not principal.viewing:
        with transaction(principal) as session:
            keep(session, listing.query, kept.packed(), listing.as_of)


def _write_xlsx(file: IO[bytes], principal: Principal, listing: Listing, kept: Keeper) -> None:
    from core.exports.price_list_book import PriceListBook

    with transaction(principal) as session:
        taken = last_taken(session, listing.query, listing.as_of)
    book = PriceListBook(file, listing, principal.language, taken)
    for rows in batches(principal, listing, kept):
        book.add(rows)
    book.close()


def _write_pdf(file: IO[bytes], principal: Principal, listing: Listing, kept: Keeper) -> None:
    from core.exports.price_list_paper import price_list_pdf

    rows = [row for batch in batches(principal, listing, kept) for row in batch]
    file.write(price_list_pdf(listing, rows, principal.language))


if __name__ == "__main__":
    main()
