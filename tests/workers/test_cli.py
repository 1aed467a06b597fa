"""The command line, as a person at a terminal gets it."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from core.config import ROOT
from core.db import transaction
from core.principal import SYSTEM
from tests.core.orders.steps import scalar
from tests.factories import make_product

pytestmark = pytest.mark.usefixtures("database")


def rampa(*arguments: str, database: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command on the test's own database; the environment names the servers."""
    another = [f"DATABASE_URL={database}"] if database else []
    command = ["env", *another, sys.executable, "-m", "workers.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_an_import_tells_what_it_did_and_its_faults_by_line_and_column(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("sku,name,list_price\nA,Cablu,1.5\na,Cablu,2\n", encoding="utf-8")
    bad.write_text("sku,name,list_price,stock\nB,Doză,3,1\n,Priză,4,1\nC,Tub,abc,-3\n", encoding="utf-8")
    loaded, refused = rampa("import", "products", str(good)), rampa("import", "products", str(bad))
    assert (loaded.returncode, refused.returncode) == (0, 1)
    assert "2 created, 0 changed" in loaded.stdout
    assert [line.partition(":")[0] for line in refused.stderr.splitlines()] == [
        "line 3 sku", "line 4 list_price", "line 4 stock", "Nothing was loaded",
    ]  # fmt: skip
    assert scalar("select count(*) from product") == 2


def test_an_import_is_tried_with_told_columns_remembered_and_undone(tmp_path: Path) -> None:
    file, errors = tmp_path / "oferta.csv", tmp_path / "erori.xlsx"
    file.write_text("Ident;Ce este;Bani\nA;Cablu;1,5\n", encoding="utf-8")
    columns = ["--column", "sku=Ident", "--column", "name=Ce este", "--column", "list_price=Bani"]
    tried = rampa("import", "products", str(file), "--dry-run", *columns)
    assert (tried.returncode, "1 new, 0 to change" in tried.stdout) == (0, True)
    assert scalar("select count(*) from product") == 0
    assert rampa("import", "products", str(file), *columns, "--supplier", "Furnizor").returncode == 0
    file.write_text("Ident;Ce este;Bani\nA;Cablu;mult\n", encoding="utf-8")
    refused = rampa("import", "products", str(file), "--supplier", "Furnizor", "--errors", str(errors))
    assert (refused.returncode, errors.read_bytes()[:2]) == (1, b"PK")
    undone = rampa("undo-import", "2")
    assert (undone.returncode, undone.stdout) == (0, "products: oferta.csv is undone\n")
    assert scalar("select count(*) from product") == 0
    assert rampa("undo-import", "2").returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "products", "nowhere.csv"),
        ("import", "nonsense", str(ROOT / "README.md")),
        ("import", "stock", str(ROOT / "README.md"), "--column", "nonsense"),
        ("undo-import", "77"),
    ],
)
def test_a_slip_is_answered_in_one_line(arguments: tuple[str, ...]) -> None:
    answer = rampa(*arguments)
    assert answer.returncode != 0
    assert len(answer.stderr.splitlines()) == 1


def test_a_database_that_does_not_answer_is_named_in_a_line() -> None:
    done = rampa("check", database="postgresql://nobody@127.0.0.1:1/nowhere")
    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer")
    assert len(done.stderr.splitlines()) == 1


def test_check_fails_and_says_what_is_wrong() -> None:
    product = make_product(stock=5, sku="BROKEN")
    assert rampa("check").returncode == 0
    with transaction(SYSTEM) as session:
        session.execute(text("update stock set on_hand = 6"))
    answer = rampa("check")
    assert answer.returncode == 1
    assert "FAILED: on hand is the sum of the movements" in answer.stdout
    assert f"product {product.id}: on hand 6" in answer.stdout


def test_a_new_member_of_staff_gets_a_password_once() -> None:
    first, again = (rampa("user", "ana@firma.example", "--name", "Ana Pop") for _ in range(2))
    assert first.returncode == 0
    assert first.stdout.startswith("ana@firma.example can log in with the password ")
    assert again.returncode == 1
    assert "Traceback" not in again.stderr
