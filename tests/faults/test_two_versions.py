"""While a new version is rolled out, the one before works on the database that the new one has migrated."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.soak.portal import Portal
from benchmarks.soak.verdict import mail_states, verdict
from core import clock
from core.config import ROOT
from core.notifications import delivery
from core.orders import lifecycle
from tests.core.notifications import steps as mailing
from tests.core.notifications.conftest import use_mail_server
from tests.core.orders import steps
from tests.core.orders.steps import scalar
from tests.factories import make_staff
from tests.faults.conftest import full_carts

# What people and the worker do, by names that every version has: place, claim, sweep, write mails, send one, take one.
WORK = """
import json, sys, uuid
from datetime import timedelta
from core import clock
from core.db import transaction
from core.notifications import delivery, smtp
from core.notifications.handling import handle
from core.orders import lapsing, lifecycle, placing
from core.principal import SYSTEM, Principal
from sqlalchemy import text
carts, staff = json.loads(sys.argv[1])
for number, (user, partner, token) in enumerate(carts):
    with transaction(Principal("partner", user, partner, role="owner")) as session:
        placed_at = clock.now() - timedelta(days=5 * (number == 0))
        order = placing.place(session, uuid.UUID(token), placed_at).order_id
with transaction(Principal("staff", staff, role="admin")) as session:
    lifecycle.claim(session, order, clock.now())
with transaction(SYSTEM) as session:
    assert lapsing.lapse_due(session, clock.now())[0] == 1
with transaction(SYSTEM) as session:
    waiting = list(session.execute(text("select event_id from outbox where handled_at is null")).scalars())
for event in waiting:
    with transaction(SYSTEM) as session:
        handle(session, event, clock.now())
with transaction(SYSTEM) as session:
    taken = delivery.take_next(session, clock.now())
outcome = smtp.send(taken)
with transaction(SYSTEM) as session:
    delivery.note(session, taken, outcome, clock.now())
with transaction(SYSTEM) as session:
    delivery.take_next(session, clock.now())  # and dies
"""


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


@pytest.fixture
def version_before(tmp_path: Path) -> Iterator[Path]:
    """The code as it was before the latest migration."""
    newest = max(path.name for path in (ROOT / "core" / "migrations" / "versions").glob("[0-9]*.py"))
    added = git("log", "--follow", "--diff-filter=A", "--format=%H", "-1", "--", f"core/migrations/versions/{newest}")
    if not added or not git("rev-parse", "--verify", "--quiet", f"{added}^"):
        pytest.skip("the history of the code is not here")
    folder = tmp_path / "before"
    git("worktree", "add", "--detach", "--force", str(folder), f"{added}^")
    yield folder
    git("worktree", "remove", "--force", str(folder))


def test_the_version_before_places_claims_lapses_and_sends_beside_this_one(
    portal: Portal, version_before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_mail_server(monkeypatch, portal.mails.port)
    carts, staff = full_carts(6), make_staff()
    theirs = [(buyer.user_id, buyer.partner_id, token) for buyer, token in carts[:3]]
    environment = dict(os.environ, PYTHONPATH=str(version_before))
    command = [sys.executable, "-c", WORK, json.dumps([theirs, staff.user_id])]
    done = subprocess.run(command, cwd=version_before, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    left = mail_states()
    assert left["sent"] == left["sending"] + left["taken"] == 1

    for buyer, token in carts[3:]:
        steps.place(buyer, token, clock.now())
    with mailing.transaction(staff) as session:
        lifecycle.claim(session, scalar("select min(id) from orders where status = 'placed'"), clock.now())
    mailing.handle_all(clock.now())
    later = clock.now() + 2 * delivery.LEASE
    mailing.give_up_on_the_silent(later)
    mailing.send_due(later)
    assert scalar("select count(*) from orders") == 6
    assert scalar("select count(*) from orders where status = 'claimed'") == 2
    assert +mail_states() == +Counter(sent=portal.mails.came.total(), uncertain=left["sending"])
    assert verdict([], portal.mails) == []
    assert set(portal.mails.came.values()) == {1}
