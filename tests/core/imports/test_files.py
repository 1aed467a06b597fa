"""Whole files: what is loaded, what stays, what a second import does."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, text

from core import clock
from core.config import ROOT
from core.db import transaction
from core.errors import NotAllowed
from core.imports.files import KINDS, Preview, Report, apply, example, preview
from core.imports.problems import ImportRefused
from core.partners.models import Partner
from core.pricing.models import PartnerPrice
from core.pricing.quoting import explain
from core.principal import SYSTEM, Principal
from tests.factories import add, make_buyer, make_partner, make_price_list, make_product, make_staff

REAL = ROOT.parent / "shared" / "data" / "online_retail"

pytestmark = pytest.mark.usefixtures("database")


def load(kind: str, content: str | bytes, principal: Principal = SYSTEM) -> Report:
    data = content if isinstance(content, bytes) else content.encode()
    with transaction(principal) as session:
        return apply(session, kind, data, "test.csv")


def look(kind: str, content: str) -> Preview:
    with transaction(SYSTEM) as session:
        return preview(session, kind, content.encode())


def product(sku: str) -> dict[str, object]:
    query = """select p.*, c.path, s.on_hand from product p left join category c on c.id = p.category_id
               left join stock s on s.product_id = p.id where sku = :sku"""
    with transaction(SYSTEM) as session:
        return dict(session.execute(text(query), {"sku": sku}).mappings().one())


def count(table: str) -> int:
    with transaction(SYSTEM) as session:
        return int(session.scalar(text(f"select count(*) from {table}")) or 0)


def counts(report: Report) -> tuple[int, int, int]:
    return report.created, report.changed, report.unchanged


@pytest.fixture
def real() -> Callable[[str], Path]:
    if not REAL.is_dir():
        pytest.skip("the Online Retail files are not beside this checkout")
    return lambda name: REAL / name


def test_the_real_products_are_loaded_once_and_a_second_import_changes_nothing(real: Callable[[str], Path]) -> None:
    assert counts(load("products", real("products.csv").read_bytes())) == (3900, 0, 0)
    assert product("85123A")["name"] != ""
    assert product("85123a")["sku"] == "85123a"
    assert product("10002")["name"] == "INFLATABLE POLITICAL GLOBE"
    assert product("10002")["on_hand"] == 143
    movements = count("stock_movement")
    assert counts(load("products", real("products.csv").read_bytes())) == (0, 0, 3900)
    assert count("stock_movement") == movements
    assert count("event") == 2


def test_the_real_partners_are_loaded_with_their_code_for_a_name(real: Callable[[str], Path]) -> None:
    report = load("partners", real("partners.csv").read_bytes())
    assert counts(report) == (4334, 0, 0)
    assert [notice.params["header"] for notice in report.notices] == ["orders", "first_order"]
    with transaction(SYSTEM) as session:
        partner = session.scalars(select(Partner).where(Partner.code == "12347")).one()
    assert (partner.name, partner.country, partner.payment_days, partner.status) == ("12347", "IS", 30, "active")
    assert counts(load("partners", real("partners.csv").read_bytes())) == (0, 0, 4334)


def test_skus_that_differ_in_letter_case_are_two_products() -> None:
    assert load("products", "sku,name,list_price\n85123A,Upper,1\n85123a,Lower,2\n").created == 2
    assert (product("85123A")["name"], product("85123a")["name"]) == ("Upper", "Lower")


def test_all_columns_of_a_product_are_loaded() -> None:
    report = load(
        "products",
        "sku,ean,name,brand,category,unit,pack,vat,list_price,stock\n"
        " A1 ,5941234567899,  Cablu ,Electro,Electrice>Cabluri,m,100,11,12.5,7.5\n",
    )
    assert counts(report) == (1, 0, 0)
    row = product("A1")
    expected = {"ean": "5941234567899", "name": "Cablu", "brand": "Electro", "path": "Electrice > Cabluri", "unit": "m"}
    assert {name: row[name] for name in expected} == expected
    assert row["vat_class"] == "reduced"
    assert (row["pack"], row["list_price"], row["on_hand"]) == (100, Decimal("12.5"), Decimal("7.5"))


def test_romanian_headers_and_windows_1250_are_understood() -> None:
    text_1250 = "Cod produs;Denumire;Preț listă;TVA;U.M.;Stoc\r\nX;Țeavă ștanțată;1.234,50;21%;buc;3\r\n"
    report = load("products", text_1250.replace("ț", "ţ").replace("ș", "ş").replace("Ț", "Ţ").encode("cp1250"))
    assert report.created == 1
    assert len(report.notices) == 1
    assert product("X")["name"] == "Țeavă ștanțată"
    assert product("X")["list_price"] == Decimal("1234.5")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso8859-2"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_usual_way_to_save_a_csv_is_read(encoding: str, delimiter: str, line_end: str) -> None:
    rows = [["sku", "name", "list_price"], ["A", '"Masă, mare; ""XL"""', '"2,50"'], ["B", "Încă una", "3"]]
    content = line_end.join(delimiter.join(row) for row in rows) + line_end
    assert load("products", content.encode(encoding)).created == 2
    assert product("A")["name"] == 'Masă, mare; "XL"'
    assert product("A")["list_price"] == Decimal("2.5")


def test_absent_columns_and_empty_cells_leave_what_is_there() -> None:
    load("products", "sku,name,list_price,ean,vat,unit,stock\nA,One,1,96385074,11,m,5\n")
    report = load("products", "sku,name,list_price,unit\nA,One,2,\n")
    assert counts(report) == (0, 1, 0)
    row = product("A")
    assert (row["ean"], row["vat_class"], row["unit"], row["on_hand"]) == ("96385074", "reduced", "m", 5)
    assert row["list_price"] == 2


def test_a_counted_stock_is_written_as_the_difference() -> None:
    sku = make_product(stock=10).sku
    report = load("stock", f"sku,stoc\n{sku},7\n", make_staff())
    assert counts(report) == (0, 1, 0)
    with transaction(SYSTEM) as session:
        movements = session.execute(text("select kind, quantity, user_id from stock_movement order by id")).all()
    assert [(kind, quantity) for kind, quantity, _ in movements] == [("receipt", 10), ("count", -3)]
    assert movements[1][2] is not None
    assert counts(load("stock", f"sku,stoc\n{sku},7\n")) == (0, 0, 1)
    assert count("stock_movement") == 2


def test_an_own_price_that_has_ended_stays_and_the_new_one_is_in_force() -> None:
    partner, product = make_partner(), make_product()
    today = clock.local_date(clock.now(), "Europe/Bucharest")
    ended, coming = today - timedelta(days=10), today + timedelta(days=10)
    for since, until, net in ((None, ended, 5), (coming, None, 7)):
        add(PartnerPrice(partner_id=partner.id, product_id=product.id, net=net, valid_from=since, valid_until=until))
    row = f"partner,sku,net\n{partner.code},{product.sku},6\n"
    assert counts(load("prices", row)) == (1, 0, 0)
    assert counts(load("prices", row)) == (0, 0, 1)
    assert counts(load("prices", row.replace(",6", ",6.5"))) == (0, 1, 0)
    with transaction(SYSTEM) as session:
        assert explain(session, product.id, Decimal(1), today, partner.id).unit_price == Decimal("6.5")
        rows = session.execute(text("select net, valid_from, valid_until from partner_price order by net")).all()
    day = timedelta(days=1)
    assert [tuple(row) for row in rows] == [
        (5, None, ended), (Decimal("6.5"), ended + day, coming - day), (7, coming, None),
    ]  # fmt: skip


def test_own_prices_are_created_and_changed() -> None:
    code, sku, other = make_partner().code, make_product().sku, make_product().sku
    assert counts(load("prices", f"partner,sku,net\n{code},{sku},9.5\n{code},{other},1\n")) == (2, 0, 0)
    assert counts(load("prices", f"partner,sku,net\n{code},{sku},9\n{code},{other},1\n")) == (0, 1, 1)


def test_partners_are_changed_by_code() -> None:
    make_partner(code="C1", name="Old", discount=5)
    report = load(
        "partners", "cod client;denumire;cui;platitor tva;discount\nC1;New SRL;RO18547290;nu;\nC2;Two;;;2,5\n"
    )
    assert counts(report) == (1, 1, 0)
    with transaction(SYSTEM) as session:
        old, new = session.scalars(select(Partner).order_by(Partner.code)).all()
    assert (old.name, old.cui, old.vat_payer, old.discount) == ("New SRL", "18547290", False, 5)
    assert (new.name, new.discount) == ("Two", Decimal("2.5"))


def test_a_preview_tells_what_would_happen_and_changes_nothing() -> None:
    load("products", "sku,name,list_price\nA,One,1\nB,Two,1\n")
    shown = look("products", "sku,name,list_price,stock,colour\nA,One,1,,\nB,Two,3,,\nC,Three,1,4,red\n")
    assert counts(shown) == (1, 1, 1)
    assert shown.problems == []
    assert [notice.params["header"] for notice in shown.notices] == ["colour"]
    assert [row.cells["sku"] for row in shown.sample] == ["A", "B", "C"]
    assert count("product") == 2
    assert product("B")["list_price"] == 1


def test_a_file_that_reads_the_same_twice_is_remembered_as_two_events() -> None:
    load("products", "sku,name,list_price\nA,One,1\n")
    load("products", "sku,name,list_price\nA,One,1\n")
    with transaction(SYSTEM) as session:
        events = session.scalars(text("select data from event where kind = 'imported' order by id")).all()
    assert events[0] == {"imported": "products", "file": "test.csv", "created": 1, "changed": 0, "unchanged": 0}
    assert events[1] == events[0] | {"created": 0, "unchanged": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_files_are_read_without_fault(kind: str) -> None:
    make_partner(code="C-001")
    make_product(sku="CB-15")
    make_price_list(name="En-gros")
    with transaction(SYSTEM) as session:
        shown = preview(session, kind, example(kind), clock.now())
    assert (shown.problems, shown.notices) == ([], [])
    assert shown.created + shown.changed == 1


def test_partners_may_not_import() -> None:
    with pytest.raises(NotAllowed):
        load("products", "sku,name,list_price\nA,One,1\n", make_buyer())


def test_a_refused_file_leaves_nothing_behind() -> None:
    content = (
        "sku,name,list_price,category,stock\n" + "".join(f"S{n},N,1,Cat {n},5\n" for n in range(50)) + "BAD,N,x,,\n"
    )
    with pytest.raises(ImportRefused) as refused:
        load("products", content)
    assert [(p.line, p.column) for p in refused.value.problems] == [(52, "list_price")]
    assert [count(table) for table in ("product", "category", "stock", "stock_movement", "event")] == [0] * 5


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_to_start_from_are_the_examples(kind: str) -> None:
    assert (ROOT / "docs" / "templates" / f"{kind}.csv").read_bytes() == example(kind)
