"""The partners' page: requests, new partners, steps from status to status, history, and who may do what."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from core import clock, config
from core.audit_words import KINDS
from core.auth.models import User
from core.auth.sessions import principal_of_cookie
from core.db import transaction
from core.partners.history import KINDS as HISTORY_KINDS
from core.partners.onboarding import STATUSES, TRANSITIONS
from core.principal import SYSTEM
from pages.ui.partner_status import COLOURS, ICONS, STATUS_NAMES, STEPS
from tests.core.partners.steps import CUI, OTHER_CUI, ask, one, proposal
from tests.factories import make_partner, make_product, make_user, set_own_price
from tests.pages.conftest import shown_error

PAGE = "pages/staff/partners.py"


@pytest.fixture(autouse=True)
def register(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A register that knows one company."""
    path = tmp_path / "register.csv"
    row = f"{CUI},Exemplu Imobiliare SRL,J12/372/2006,Str. Lungă 1,Cluj-Napoca,CJ,nu\n"
    path.write_text("cui,name,reg_com,address,city,county,vat_payer\n" + row, "utf-8")
    monkeypatch.setenv("COMPANY_REGISTER", str(path))
    config.settings.cache_clear()
    yield path
    monkeypatch.delenv("COMPANY_REGISTER", raising=False)
    config.settings.cache_clear()


@pytest.fixture
def open_page(app: AppTest, sign_in: Callable[[User], None]) -> Callable[..., AppTest]:
    def _open(role: str = "sales") -> AppTest:
        sign_in(make_user(role=role, language="en", name="Vlad Pârvu"))
        page = app.run().switch_page(PAGE).run()
        assert not page.exception
        return page

    return _open


def select(app: AppTest, table: str, *ids: int, row: int = 0) -> AppTest:
    app.session_state[f"{table}-en-{hash(ids)}"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    return app


def field(app: AppTest, key: str):
    """The field whose key ends so."""
    widgets = [*app.text_input, *app.number_input, *app.selectbox, *app.checkbox, *app.toggle]
    return next(found for found in widgets if (found.key or "").endswith(key))


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def click(app: AppTest, label: str) -> AppTest:
    next(found for found in app.button if found.label == label).click().run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    """All that is written, as people read it."""
    parts = [*app.markdown, *app.caption, *app.warning, *app.info, *app.success, *app.error]
    return "\n".join(part.value for part in parts).replace("\\", "").replace(":small[]", "")


def test_without_requests_nothing_is_said_of_them(open_page) -> None:
    make_partner()
    assert "Requests for access:" not in shown(open_page())


def test_a_request_is_compared_with_the_register_and_approved_with_its_data(open_page) -> None:
    partner_id = proposal(note="Vindem țevi", name="Exemplu", city="Cluj-Napoca")
    app = open_page()
    assert "Requests for access: 1" in shown(app)
    select(app, "requests", partner_id)
    assert "Vindem țevi" in shown(app)
    assert "Imobiliare" not in shown(app)
    click(app, "Look up in the register")
    assert "Exemplu Imobiliare SRL" in shown(app)
    assert shown(app).count("Cluj-Napoca") == 1
    field(app, f"request-{partner_id}-en-0-code").set_value("C-7")
    field(app, f"request-{partner_id}-en-0-discount").set_value("7.5")
    field(app, "-payment_days").set_value(45)
    assert field(app, "-invited").value == "ana@exemplu.example"
    click(app, "Approve")
    assert "Exemplu Imobiliare SRL is a partner now" in app.toast[0].value
    assert one("select code, name, reg_com, vat_payer, discount, payment_days, status, email from partner") == (
        "C-7", "Exemplu Imobiliare SRL", "J12/372/2006", False, 7.5, 45, "approved", "ana@exemplu.example",
    )  # fmt: skip
    assert one("select email, name, role from app_user where partner_id = :id", id=partner_id) == (
        "ana@exemplu.example", "Ana Pop", "owner",
    )  # fmt: skip
    assert "Requests for access:" not in shown(app)


def test_what_was_asked_stays_when_the_register_is_not_taken_over_and_nobody_is_invited_without_the_tick(
    open_page,
) -> None:
    partner_id = proposal(name="Exemplu")
    app = click(select(open_page(), "requests", partner_id), "Look up in the register")
    field(app, "-take").set_value(False)
    field(app, "-send").set_value(False)
    click(app, "Approve")
    assert one("select code, name, status from partner") == (CUI, "Exemplu", "approved")
    assert one("select count(*) from app_user where partner_id is not null") == (0,)


def test_a_log_in_that_is_taken_is_refused_and_what_was_typed_is_still_there(open_page) -> None:
    make_user(make_partner(code="C-2", name="Vecina SRL"), email="ana@exemplu.example")
    partner_id = proposal()
    app = select(open_page(), "requests", partner_id)
    assert "C-2 · Vecina SRL (active) has a log-in with this e-mail address" in shown(app)
    field(app, f"request-{partner_id}-en-0-discount").set_value("3")
    click(app, "Approve")
    assert "There is already a user with the address" in shown_error(app)
    assert field(app, f"request-{partner_id}-en-0-discount").value == "3"
    field(app, "-invited").set_value("sef@exemplu.example")
    click(app, "Approve")
    assert one("select count(*) from app_user where email = 'sef@exemplu.example'") == (1,)


def test_a_refusal_asks_for_the_reason_and_mails_it(open_page) -> None:
    partner_id = proposal()
    app = click(select(open_page(), "requests", partner_id), "Refuse the request")
    assert "Say why" in shown_error(app)
    field(app, f"refuse-{partner_id}-reason").set_value("Nu livrăm acolo")
    click(app, "Refuse the request")
    assert one("select status from partner") == ("closed",)
    assert one("select data ->> 'reason' from event where kind = 'partner_refused'") == ("Nu livrăm acolo",)


def test_a_request_that_a_colleague_answered_meanwhile_is_gone(open_page) -> None:
    partner_id = proposal()
    app = select(open_page(), "requests", partner_id)
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set status = 'closed'"))
    click(app, "Approve")
    assert one("select status, (select count(*) from app_user where partner_id is not null) from partner") == (
        "closed", 0,
    )  # fmt: skip


def test_who_asked_for_a_partner_that_is_there_is_shown_to_staff(open_page) -> None:
    make_partner(cui=CUI, code="C-3", name="Vechi SRL")
    ask("Nu am cont", as_of=clock.now())
    app = open_page()
    assert "C-3 · Vechi SRL" in shown(app)
    assert "Nu am cont" in shown(app)


def test_a_strangers_text_is_shown_as_it_is(open_page) -> None:
    partner_id = proposal(
        name="**Fals** [x](https://evil.example)", note=":red[plătiți] ![](https://evil.example/x.png)"
    )
    app = select(open_page(), "requests", partner_id)
    written = "\n".join(part.value for part in [*app.markdown, *app.info])
    assert "**Fals**" not in written
    assert "](" not in written
    assert ":red[" not in written


def test_a_partner_is_created_with_what_the_register_knows(open_page) -> None:
    app = click(open_page(), "New partner")
    field(app, "partner-new-en-0-cui").set_value(f"RO {CUI}")
    click(app, "Look up")
    assert field(app, "partner-new-en-0-name").value == "Exemplu Imobiliare SRL"
    assert field(app, "partner-new-en-0-vat_payer").value is False
    field(app, "partner-new-en-0-email").set_value("office@exemplu.example")
    click(app, "Create the partner")
    assert one("select code, name, county, email, vat_payer, status from partner") == (
        CUI, "Exemplu Imobiliare SRL", "CJ", "office@exemplu.example", False, "approved",
    )  # fmt: skip
    assert "Create the partner" not in labels(app)
    assert field(app, "search").value == CUI
    click(app, "New partner")
    assert field(app, "partner-new-en-1-name").value == ""


@pytest.mark.parametrize(
    ("cui", "sentence"), [("18547291", "is not a valid CUI"), (OTHER_CUI, "The register does not know this CUI")]
)
def test_a_look_up_that_finds_nothing_says_so_and_keeps_what_was_typed(open_page, cui: str, sentence: str) -> None:
    app = click(open_page(), "New partner")
    field(app, "partner-new-en-0-name").set_value("Typed SRL")
    field(app, "partner-new-en-0-cui").set_value(cui)
    click(app, "Look up")
    assert sentence in shown(app)
    assert field(app, "partner-new-en-0-name").value == "Typed SRL"


def test_without_a_register_there_is_no_look_up(open_page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANY_REGISTER", "")
    config.settings.cache_clear()
    partner_id = proposal()
    app = select(click(open_page(), "New partner"), "requests", partner_id)
    assert not [label for label in labels(app) if label.startswith("Look up")]


def test_a_cui_that_a_partner_has_is_refused_and_the_form_stays(open_page) -> None:
    make_partner(cui=CUI, name="Vechi SRL")
    app = click(open_page(), "New partner")
    field(app, "partner-new-en-0-cui").set_value(CUI)
    field(app, "partner-new-en-0-name").set_value("Nou SRL")
    click(app, "Create the partner")
    assert "Vechi SRL has this CUI already" in shown_error(app)
    assert field(app, "partner-new-en-0-name").value == "Nou SRL"
    click(app, "Cancel")
    assert "Create the partner" not in labels(app)


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "proposed"])
def test_of_a_partner_the_possible_steps_are_offered(open_page, status: str) -> None:
    partner = make_partner(status=status)
    app = select(open_page(), "partners", partner.id)
    steps = {button.key for button in app.button if (button.key or "").startswith("do-")}
    assert steps == {f"do-{partner.id}-{status}-{new}" for new in TRANSITIONS[status]}
    assert ("Look" in labels(app)) == (status != "closed")


def test_a_partner_is_put_on_hold_for_a_reason_and_its_history_tells(open_page) -> None:
    partner = make_partner()
    app = select(open_page(), "partners", partner.id)
    click(app, "Put on hold")
    assert "Say why" in shown_error(app)
    field(app, "-on_hold").set_value("Restanțe mari")
    click(app, "Put on hold")
    assert one("select status from partner") == ("on_hold",)
    app = select(app, "partners", partner.id)
    assert "Vlad Pârvu" in shown(app)
    assert "Status: Active → On hold · Reason: Restanțe mari" in shown(app)


def test_a_step_that_a_colleague_made_impossible_is_refused(open_page) -> None:
    partner = make_partner()
    app = select(open_page(), "partners", partner.id)
    field(app, "-closed").set_value("Nu mai lucrăm")
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set status = 'closed'"))
    app.session_state[f"partners-en-{hash((partner.id,))}"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    next(found for found in app.button if found.label == "Close").click().run()
    assert not app.exception
    assert one("select count(*) from event where kind = 'partner_status_changed'") == (0,)


def test_staff_look_at_the_portal_as_a_partner_after_saying_why(open_page, cookies: dict[str, str]) -> None:
    partner = make_partner()
    app = select(open_page(), "partners", partner.id)
    click(app, "Look")
    assert "Say why" in shown_error(app)
    field(app, f"view-reason-{partner.id}").set_value("O întrebare")
    click(app, "Look")
    with transaction(SYSTEM) as session:
        viewer = principal_of_cookie(session, cookies["sid"], clock.now())
    assert viewer is not None
    assert (viewer.viewing, viewer.partner_id) == (True, partner.id)


def test_the_list_is_filtered_by_status(open_page) -> None:
    make_partner(name="Activ SRL")
    make_partner(name="Oprit SRL", status="on_hold")
    app = open_page()
    assert len(app.dataframe[0].value) == 2
    field(app, "status").set_value("on_hold").run()
    assert list(app.dataframe[0].value["name"]) == ["Oprit SRL"]


LIMITS = ["Save", "Let one order through"]


@pytest.mark.parametrize(("role", "buttons"), [("accounting", LIMITS), ("analyst", [])])
def test_who_may_only_look_finds_everything_and_no_button_to_change_it(open_page, role: str, buttons: list) -> None:
    partner, product = make_partner(code="C-1", name="Exemplu SRL", city="Brașov"), make_product(name="Cablu")
    set_own_price(partner.id, product.id, "5")
    make_user(partner, name="Ana Pop", email="ana@p.example")
    partner_id = proposal()
    app = select(open_page(role), "requests", partner_id)
    select(app, "partners", partner.id, partner_id)
    assert [label for label in labels(app) if label not in ("Log out",)] == buttons
    own = f"rules-{partner.id}-", f"pass-{partner.id}-"
    assert [box.key for box in app.text_input if not box.key.startswith(own)] == ["search"]
    assert any(box.key.startswith(own) for box in app.text_input) == bool(buttons)
    for words in ("Brașov", "Ana Pop", "ana@p.example", "Ana Pop"):
        assert words in shown(app)
    assert "Cablu" in list(app.dataframe[-1].value["name"])


def test_the_warehouse_has_no_access(app: AppTest, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user(role="warehouse", language="en"))
    page = app.run().switch_page(PAGE).run()
    assert [heading.value for heading in page.subheader] == ["You have no access to this page"]


def test_every_status_step_and_event_of_the_history_has_words() -> None:
    assert set(STATUS_NAMES) == set(COLOURS) == set(STATUSES)
    assert set(STEPS) == set(ICONS) == {new for steps in TRANSITIONS.values() for new in steps}
    assert set(HISTORY_KINDS) <= set(KINDS)
