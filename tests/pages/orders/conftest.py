"""What the tests of this folder start from."""

from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.config import ROOT
from core.partners.models import Partner
from core.principal import Principal
from tests.factories import make_partner, make_user, principal_of
from tests.pages.orders.steps import OrderPage


@pytest.fixture
def partner(database: str) -> Partner:
    return make_partner(name="Casa și Grădina SRL")


@pytest.fixture
def owner(partner: Partner) -> User:
    return make_user(partner, name="Ana Pop", language="en")


@pytest.fixture
def buyer(owner: User) -> Principal:
    return principal_of(owner)


@pytest.fixture
def open_order(database: str, sign_in: Callable[[User], None]) -> Callable[[User, int], OrderPage]:
    """Opens the order's page as this user, on the user's side, in a tab of its own."""

    def _open(user: User, order: int) -> OrderPage:
        st.cache_data.clear()
        st.cache_resource.clear()
        sign_in(user)
        tab = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
        tab.run().switch_page(f"pages/{user.kind}/orders.py").run()
        tab.query_params["order"] = str(order)
        return OrderPage(tab, order).run()

    return _open


@pytest.fixture
def as_staff(open_order: Callable[[User, int], OrderPage]) -> Callable[..., OrderPage]:
    def _open(order: int, role: str = "admin") -> OrderPage:
        return open_order(make_user(role=role, name="Maria Ionescu", language="en"), order)

    return _open


@pytest.fixture
def as_owner(open_order: Callable[[User, int], OrderPage], owner: User) -> Callable[[int], OrderPage]:
    return lambda order: open_order(owner, order)
