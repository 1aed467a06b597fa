"""Asking for access: seen by nobody in particular, and telling nobody who is a client."""

from pathlib import Path

import pytest
from sqlalchemy import text
from stdnum.ro import cui as stdnum_cui
from streamlit.testing.v1 import AppTest

from core import config
from core.db import transaction
from core.partners.onboarding import MOST_PROPOSALS
from core.principal import SYSTEM
from tests.core.partners.steps import CUI, OTHER_CUI, one
from tests.factories import make_partner
from tests.pages.conftest import shown_error


@pytest.fixture
def page(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    path = tmp_path / "register.csv"
    path.write_text(f"cui,name,address,city,county\n{CUI},Exemplu SRL,Str. Lungă 1,Cluj-Napoca,CJ\n", "utf-8")
    monkeypatch.setenv("COMPANY_REGISTER", str(path))
    config.settings.cache_clear()
    app.session_state["language"] = "en"
    app.run().switch_page("pages/public/ask_access.py").run()
    assert not app.exception
    yield app
    monkeypatch.delenv("COMPANY_REGISTER", raising=False)
    config.settings.cache_clear()


def fill(page: AppTest, **values: str) -> AppTest:
    usual = {"cui": CUI, "name": "Exemplu SRL", "contact_name": "Ana Pop", "email": "ana@exemplu.example"}
    for name, value in (usual | values).items():
        page.text_input(key=f"ask-{name}").set_value(value)
    return page


def click(page: AppTest, label: str) -> AppTest:
    next(found for found in page.button if found.label == label).click().run()
    assert not page.exception
    return page


def told(page: AppTest) -> list[str]:
    return [part.value for part in [*page.success, *page.error, *page.warning, *page.info]]


def test_a_company_asks_and_is_thanked(page: AppTest) -> None:
    fill(page, city="Cluj-Napoca").text_area[0].set_value("Vindem țevi")
    click(page, "Send the request")
    assert "Thank you" in page.success[0].value
    assert not page.text_input
    assert one("select status, contact_name, city from partner") == ("proposed", "Ana Pop", "Cluj-Napoca")
    assert one("select data ->> 'note', data ->> 'language', address from event") == ("Vindem țevi", "en", "192.0.2.7")


def test_a_client_a_stranger_and_who_asks_again_are_told_the_same(page: AppTest) -> None:
    make_partner(cui=OTHER_CUI)
    words = []
    for cui in (CUI, CUI, OTHER_CUI):
        click(fill(page, cui=cui), "Send the request")
        words.append(told(page))
        del page.session_state["asked_for_access"]
        page.run()
    assert words[0] == words[1] == words[2]
    assert one("select count(*) from partner where status = 'proposed'") == (1,)


def test_the_register_fills_in_name_and_address(page: AppTest) -> None:
    page.text_input(key="ask-cui").set_value(f"RO{CUI}")
    page.text_input(key="ask-email").set_value("ana@exemplu.example")
    click(page, "Look up")
    filled = [page.text_input(key=f"ask-{name}").value for name in ("name", "address", "city", "county", "email")]
    assert filled == ["Exemplu SRL", "Str. Lungă 1", "Cluj-Napoca", "CJ", "ana@exemplu.example"]
    assert one("select count(*) from partner") == (0,)


def test_look_ups_without_end_are_refused(page: AppTest) -> None:
    page.text_input(key="ask-cui").set_value(CUI)
    for _ in range(32):
        click(page, "Look up")
    assert "Too many attempts" in page.warning[0].value


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"cui": "18547291"}, "is not a valid CUI"), ({"cui": ""}, "Enter the CUI"), ({"name": ""}, "needs a name"),
        ({"email": ""}, "so that we can answer you"), ({"email": "ana"}, "is not an e-mail address"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(page: AppTest, values: dict[str, str], sentence: str) -> None:
    click(fill(page, **{"phone": "0700 000 001"} | values), "Send the request")
    assert sentence in shown_error(page)
    assert page.text_input(key="ask-phone").value == "0700 000 001"
    assert one("select count(*) from partner") == (0,)


def test_from_one_address_only_some_requests_are_taken(page: AppTest) -> None:
    for serial in range(1000, 1006):
        assert not page.error
        click(fill(page, cui=f"{serial}{stdnum_cui.calc_check_digit(str(serial))}"), "Send the request")
        if page.success:
            del page.session_state["asked_for_access"]
            page.run()
    assert "Too many attempts" in shown_error(page)
    assert one("select count(*) from partner") == (5,)


def test_a_flood_is_told_to_come_back(page: AppTest) -> None:
    with transaction(SYSTEM) as session:
        flood = "insert into partner (code, name, status) select n, n, 'proposed' from generate_series(1, :most) n"
        session.execute(text(flood), {"most": MOST_PROPOSALS})
    click(fill(page), "Send the request")
    assert "too many requests" in shown_error(page)
