"""The page of mails, run as Streamlit runs it, on a real database."""

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.sessions import open_session
from core.config import ROOT
from core.db import transaction
from core.principal import SYSTEM, Principal
from tests.core.notifications import steps
from tests.factories import make_buyer, make_staff, make_user


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    steps.open_company()


def open_page(who: Principal, cookies: dict[str, str]) -> AppTest:
    with transaction(SYSTEM) as session:
        cookies["sid"] = open_session(session, who.user_id or 0, clock.now())
    page = AppTest.from_file(ROOT / "pages" / "staff" / "mails.py", default_timeout=20)
    page.session_state["language"] = "en"
    page.run()
    assert not page.exception
    return page


def choose_first(page: AppTest, first: int, last: int, count: int) -> AppTest:
    page.session_state[f"mails {first} {last} {count}"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    return page.run()


def test_staff_find_a_mail_by_its_state_address_subject_and_order(cookies: dict[str, str]) -> None:
    buyer = make_buyer(name="Instal Pro SRL")
    order_id = steps.order(buyer)
    steps.order()
    steps.handle_all()
    page = open_page(make_staff(), cookies)
    assert len(page.dataframe[0].value) == 4
    for words, found in {buyer.email.upper(): 1, "instal pro": 1, str(order_id): 2, "100%": 0}.items():
        page.text_input[0].set_value(words).run()
        assert len(page.dataframe[0].value if page.dataframe else []) == found, words
    page.text_input[0].set_value("").run()
    page.button_group[0].set_value("failed").run()
    assert "No mail matches" in page.info[0].value


def test_a_failed_mail_is_read_and_sent_again(cookies: dict[str, str]) -> None:
    steps.order()
    steps.handle_all()
    first, second = steps.mails()
    steps.change_mails(state="failed", error="550 no such mailbox")
    page = open_page(make_staff(), cookies)
    assert "2 failed" in page.warning[0].value
    choose_first(page, second.id, first.id, 2)
    assert "550 no such mailbox" in page.error[0].value
    assert page.code[0].value == second.body_text.strip()
    page.button(key="send_again").click().run()
    assert not page.exception
    assert steps.states() == {"queued": 1, "failed": 1}
    assert "send_again" not in [button.key for button in page.button]


def test_a_mailed_link_is_not_shown_to_staff(cookies: dict[str, str]) -> None:
    steps.invite(make_user(language="en"))
    steps.handle_all()
    mail = steps.only_mail()
    page = choose_first(open_page(make_staff(), cookies), mail.id, mail.id, 1)
    text, html = page.code[0].value, page.get("html")[0].proto.body
    for shown in (text, html):
        assert "(the link is only in the mail itself)" in shown
        assert str(mail.link_id) not in shown
    assert "Set your password</a>" in html


def test_who_is_slower_than_a_colleague_is_told(cookies: dict[str, str]) -> None:
    steps.order()
    steps.handle_all()
    first, second = steps.mails()
    steps.change_mails(state="failed")
    page = choose_first(open_page(make_staff(), cookies), second.id, first.id, 2)
    steps.change_mails(state="sent")
    page.button(key="send_again").click().run()
    assert "Only a mail that failed" in page.warning[0].value
