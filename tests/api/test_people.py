from collections.abc import Callable

from starlette.testclient import TestClient

from core.auth.models import User
from tests.factories import make_partner, make_user


def test_a_person_downloads_their_own_data(client: TestClient, sign_in: Callable[[User], None]) -> None:
    me = make_user(make_partner(), name="Ștefan")
    sign_in(me)
    answer = client.get(f"/people/{me.id}/data.json")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="date-personale-{me.id}-')
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.json()["person"]["name"] == "Ștefan"


def test_anothers_data_and_nobodys_are_answered_the_same(client: TestClient, sign_in: Callable[[User], None]) -> None:
    other = make_user(make_partner())
    sign_in(make_user(make_partner()))
    answers = [client.get(f"/people/{number}/data.json") for number in (other.id, 999_999, "x", 0)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}


def test_who_is_not_signed_in_gets_nobodys_data(client: TestClient) -> None:
    assert client.get(f"/people/{make_user(make_partner()).id}/data.json").status_code == 401
