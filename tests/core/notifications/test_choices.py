"""Which mails people may switch off."""

import pytest

from core.config import ROOT
from core.notifications.choices import CHOICES, choices
from core.principal import SYSTEM, Principal
from tests import factories

ORDERS = {
    "order_confirmed", "order_waiting", "order_shipped", "backorder_filled", "order_cancelled", "order_lapsed",
    "order_claimed", "stock_back",
}  # fmt: skip
MESSAGES = {"message_posted", "thread_written"}


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("owner", ORDERS | MESSAGES | {"approval_asked", "invoice_issued", "payment_received", "statement_sent"}),
        ("buyer", ORDERS | MESSAGES | {"approval_refused"}),
        ("accountant", MESSAGES | {"invoice_issued", "payment_received", "statement_sent"}),
        ("viewer", set()),
    ],
)
def test_a_partners_people_choose_among_the_mails_of_their_role(role, offered):
    assert set(choices(Principal("partner", 1, 1, role=role))) == offered


def test_staff_have_nothing_to_switch_off(database):
    assert choices(factories.make_staff()) == choices(SYSTEM) == {}


def test_every_choice_is_a_mail_that_exists():
    folders = {path.parent.name for path in (ROOT / "core" / "notifications" / "templates").glob("*/subject.txt")}
    assert set(CHOICES) <= folders
