"""The files of exports over HTTP: for who asked, and for nobody else."""

from collections.abc import Callable

from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.db import transaction
from core.exports.asking import Asked
from core.exports.running import make_next, start
from core.principal import SYSTEM
from tests.factories import make_partner, make_staff, make_user, principal_of


def made(user: User) -> int:
    with transaction(principal_of(user)) as session:
        run = start(session, Asked("orders", ("order",)), "csv", clock.now())
    make_next(clock.now())
    return run


def test_who_asked_gets_the_file_and_others_learn_nothing(client: TestClient, sign_in: Callable[[User], None]) -> None:
    user, stranger = make_user(make_partner()), make_user(make_partner())
    run = made(user)
    assert client.get(f"/exports/files/{run}").status_code == 401
    sign_in(user)
    answer = client.get(f"/exports/files/{run}")
    assert answer.status_code == 200
    assert answer.content.decode().startswith("\ufeffComandă")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]
    sign_in(stranger)
    absent = client.get("/exports/files/999")
    theirs = client.get(f"/exports/files/{run}")
    assert (theirs.status_code, theirs.content) == (absent.status_code, absent.content) == (404, absent.content)


def test_who_lost_the_right_gets_no_file_any_more(client: TestClient, sign_in: Callable[[User], None]) -> None:
    staff = make_staff(role="sales")
    with transaction(staff) as session:
        run = start(session, Asked("documents", ("number",)), "csv", clock.now())
    make_next(clock.now())
    with transaction(SYSTEM) as session:
        user = session.get_one(User, staff.user_id)
        user.role = "warehouse"
    sign_in(user)
    assert client.get(f"/exports/files/{run}").status_code == 403
