"""A file on its way in: looked at, loaded once whatever happens to who loads it, and in turn with others."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from core import clock
from core.config import ROOT
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.imports import files, runs
from core.imports.models import ImportRun
from core.principal import SYSTEM, Principal
from tests.core.imports.running import everything, given, loaded, looked, said, seen, work
from tests.core.orders.steps import assert_invariants, scalar
from tests.factories import make_list_price, make_partner, make_price_list, make_product, make_staff, set_own_price
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

GOOD = "sku,name,list_price,stock\nA1,One,12.50,7\nA2,Two,1,\n"
BAD = "sku,name,list_price\nA,One,1\nB,Two,cheap\n"


def load(run_id: int, who: Principal = SYSTEM) -> None:
    with transaction(who) as session:
        runs.load(session, run_id)


def test_looking_changes_nothing_and_tells_what_would_happen() -> None:
    before = everything()
    run = looked("products", GOOD)
    assert run.preview is not None
    assert (run.preview.created, run.preview.changed, run.preview.unchanged) == (2, 0, 0)
    assert [row.cells["sku"] for row in run.preview.sample] == ["A1", "A2"]
    assert everything() == before


def told_changes(kind: str, data: str) -> list[tuple[int, str, str, str, str]]:
    preview = looked(kind, data).preview
    assert preview is not None
    return [(each.line, each.name, each.column, each.old, each.new) for each in preview.changes]


def test_what_would_be_changed_is_shown_as_it_is_and_as_in_the_file() -> None:
    product, partner = make_product(sku="A", name="Old", stock=3, list_price=Decimal("10.50")), make_partner(code="C-1")
    price_list = make_price_list(name="En-gros")
    make_list_price(price_list, product, "9")
    set_own_price(partner.id, product.id, "8")
    assert told_changes(
        "products", "sku,name,list_price,stock,category,vat\nB,New,1,,,\nA,Other,10.5,7,Scule,11\n"
    ) == [
        (3, "A", "vat", "standard", "reduced"),
        (3, "A", "name", "Old", "Other"),
        (3, "A", "stock", "3", "7"),
        (3, "A", "category", "", "Scule"),
    ]
    assert told_changes("stock", "sku,stock\nA,3\n") == []
    assert told_changes("stock", "sku,stock\nA,2.50\n") == [(2, "A", "stock", "3", "2.5")]
    assert told_changes("partners", "code,name,discount\nC-1,Nume nou,\n") == [
        (2, "C-1", "name", partner.name, "Nume nou")
    ]
    assert told_changes("prices", "partner,sku,net\nC-1,A,7\n") == [(2, "C-1 · A", "net", "8", "7")]
    assert told_changes("price_lists", "list,sku,net\nEn-gros,A,8.5\n") == [(2, "En-gros · A", "net", "9", "8.5")]
    assert told_changes("opening", "partner,number,issued_on,open\nC-1,1,01.10.2026,5\n") == []


def test_what_was_looked_at_is_loaded_and_its_author_stands_in_the_history() -> None:
    staff = make_staff(name="Ana")
    run = loaded("products", GOOD, staff)
    assert (run.created, run.changed, run.unchanged, run.user) == (2, 0, 0, "Ana")
    assert scalar("select sum(list_price) from product") == 13.5
    assert scalar("select user_id from event where kind = 'imported'") == staff.user_id
    with transaction(staff) as session:
        assert [found.id for found in runs.recent(session, ["products"], 5)] == [run.id]
        assert runs.recent(session, ["stock"], 5) == []


def test_a_file_is_kept_until_it_is_loaded_and_its_name_and_size_stay() -> None:
    run = looked("products", GOOD)
    assert scalar("select count(*) from import_piece") == scalar("select count(*) from import_staged") == 1
    load(run.id)
    assert work(run.id).size == len(GOOD)
    assert scalar("select count(*) from import_piece") == scalar("select count(*) from import_staged") == 0


def test_a_file_with_faults_cannot_be_loaded() -> None:
    run = looked("products", BAD)
    with pytest.raises(runs.Moved):
        load(run.id)
    assert scalar("select count(*) from product") == 0


def test_what_has_become_wrong_since_it_was_looked_at_is_told_and_nothing_is_loaded() -> None:
    product = make_product(stock=10)
    run = looked("stock", f"sku,stock\n{product.sku},3\n")
    with transaction(SYSTEM) as session:
        session.execute(text("update stock set held = 4"))
    load(run.id)
    run = work(run.id)
    assert run.state == "looked"
    assert run.preview is not None
    assert [(problem.line, problem.column) for problem in run.preview.problems] == [(2, "stock")]
    assert scalar("select on_hand from stock") == 10


def test_a_file_that_was_looked_at_yesterday_is_read_once_more_for_the_vat_rates_of_today() -> None:
    monday, tuesday = (datetime(2026, 11, day, 10, tzinfo=UTC) for day in (23, 24))
    run_id = given("products", "sku,name,list_price,vat\nA,One,1,21\n")
    assert work(run_id, monday).state == "looked"
    with transaction(SYSTEM) as session:
        session.execute(text("insert into vat_rate values ('standard', '2026-11-24', 24, '')"))
    load(run_id)
    run = work(run_id, tuesday)
    assert run.state == "looked"
    assert run.preview is not None
    assert [problem.column for problem in run.preview.problems] == ["vat"]


def test_what_is_done_by_others_meanwhile_is_counted_when_the_file_is_loaded() -> None:
    run = looked("products", GOOD)
    loaded("products", "sku,name,list_price\nA2,Two,1\n")
    load(run.id)
    assert [getattr(work(run.id), name) for name in ("created", "changed", "unchanged")] == [1, 0, 1]


def test_only_who_may_import_a_kind_sees_and_loads_its_runs() -> None:
    run = looked("prices", _prices())
    storekeeper = make_staff(role="warehouse")
    for act in (runs.load, runs.undo, partial(runs.remap, mapping={})):
        with pytest.raises(NotAllowed), transaction(storekeeper) as session:
            act(session, run.id)
    with pytest.raises(NotFound), transaction(storekeeper) as session:
        runs.run(session, run.id)
    with pytest.raises(NotAllowed), transaction(storekeeper) as session:
        runs.start(session, "prices", b"x", "x.csv", clock.now())


def test_who_lost_the_right_meanwhile_loads_nothing() -> None:
    staff = make_staff(role="sales")
    run = looked("products", GOOD, staff)
    load(run.id, staff)
    with transaction(SYSTEM) as session:
        session.execute(text("update app_user set role = 'analyst' where id = :id"), {"id": staff.user_id})
    run = work(run.id)
    assert run.state == "failed"
    assert run.said
    assert scalar("select count(*) from product") == 0


def test_a_step_is_asked_for_once() -> None:
    run = looked("products", GOOD)
    load(run.id)
    with pytest.raises(runs.Moved):
        load(run.id)
    assert work(run.id).state == "done"
    with pytest.raises(runs.Moved):
        load(run.id)
    with pytest.raises(NotFound):
        load(run.id + 1)


def test_too_many_open_files_and_too_large_ones_are_refused() -> None:
    staff = make_staff()
    for _ in range(runs.MOST_OPEN):
        given("products", GOOD, staff)
    with pytest.raises(runs.TooManyOpen):
        given("products", GOOD, staff)
    with pytest.raises(runs.TooLarge):
        given("products", b"x" * (20 * 1024 * 1024 + 1))


CRASH = """
import os, signal, sys
from datetime import datetime
from sqlalchemy import event
from sqlalchemy.orm import Session
from core import clock
from core.imports import files, runs
step = sys.argv[2]
files.TELL_EVERY = 1
def die():
    os.kill(os.getpid(), signal.SIGKILL)
if step == "commit":  # all is written, nothing is committed
    original = files.record
    files.record = lambda *args, **values: (original(*args, **values), die())
teller = runs._teller
def deadly(run_id, as_of):
    return lambda at, rows, total: die() if at == step and (rows or at == "writing") else None
runs._teller = deadly
runs.work_next(datetime.fromisoformat(sys.argv[3]), int(sys.argv[1]))
print("survived")
"""


@pytest.mark.parametrize("step", ["reading", "understanding", "checking", "writing", "commit"])
def test_a_worker_killed_at_any_point_leaves_nothing_behind_and_the_step_is_done_again(step: str) -> None:
    make_product(sku="A1", name="As it was", stock=1)
    run_id, now = given("products", GOOD), datetime(2026, 11, 23, 10, tzinfo=UTC)
    if step not in ("reading", "understanding"):
        assert work(run_id, now).state == "looked"
        load(run_id)
    before = everything()
    child = subprocess.run(
        [sys.executable, "-c", CRASH, str(run_id), step, now.isoformat()], cwd=ROOT, env=dict(os.environ), timeout=60,
        capture_output=True, text=True,
    )  # fmt: skip
    assert (child.returncode, child.stdout) == (-signal.SIGKILL, "")
    assert everything() == before
    assert seen(run_id).state in ("looking", "loading")
    assert not runs.work_next(now + timedelta(minutes=1), run_id)  # the dead worker's lease still holds
    run = work(run_id, now + runs.LEASE)
    if run.state == "looked":
        load(run_id)
        run = work(run_id, now + runs.LEASE)
    assert (run.state, run.created, run.changed) == ("done", 1, 1)
    assert scalar("select count(*) from event where kind = 'imported'") == 1
    assert_invariants()


def test_a_step_whose_workers_die_again_and_again_is_given_up() -> None:
    run_id, now = given("products", GOOD), datetime(2026, 11, 23, 10, tzinfo=UTC)
    with transaction(SYSTEM) as session:
        run = session.get_one(ImportRun, run_id)
        run.state, run.until, run.tries = "looking", now, runs.MOST_TRIES
    run_seen = work(run_id, now)
    assert run_seen.state == "failed"
    assert "again and again" in said(run_seen)


def test_an_overtaken_worker_has_done_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was only slow: when it comes to its end, another one has loaded the file."""
    run = looked("products", GOOD)
    load(run.id)
    now = clock.now()
    original = files.record

    def overtaken(*args: Any, **values: Any) -> None:
        original(*args, **values)
        with transaction(SYSTEM) as session:
            session.execute(text("update import_run set state = 'done', until = null, loaded_at = now()"))

    monkeypatch.setattr(files, "record", overtaken)
    assert runs.work_next(now, run.id)
    assert scalar("select count(*) from product") == 0
    assert scalar("select count(*) from event where kind = 'imported'") == 0


def test_of_many_workers_at_once_each_step_is_done_by_one() -> None:
    for n in range(4):
        given("products", f"sku,name,list_price\nA{n},One,1\n")
    now = clock.now()
    done = at_once([partial(runs.work_next, now) for _ in range(8)])
    assert sorted(map(str, done)) == ["False"] * 4 + ["True"] * 4
    assert scalar("select count(*) from import_run where state = 'looked'") == 4


def _two_imports() -> list[Any]:
    """The same new products and other prices, at once; how many each has made."""
    made = [looked("products", "sku,name,list_price,stock\n" + "".join(
        f"A{n},One,{price},{price}\n" for n in range(300))).id for price in (1, 2)]  # fmt: skip
    for run_id in made:
        load(run_id)
    now = clock.now()
    at_once([partial(runs.work_next, now, run_id) for run_id in made])
    return sorted(seen(run_id).created for run_id in made)


def test_two_imports_at_once_take_turns() -> None:
    assert _two_imports() == [0, 300]
    assert scalar("select count(distinct list_price) from product") == 1
    assert scalar("select count(distinct on_hand) from stock") == 1
    assert_invariants()


def test_without_the_lock_both_imports_count_the_same_products_as_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    gate = Barrier(2, timeout=20)
    unlocked = replace(files.KINDS["products"], lock=lambda _: None)
    write = unlocked.write

    def together(*args: Any) -> None:
        gate.wait()
        write(*args)

    monkeypatch.setitem(files.KINDS, "products", replace(unlocked, write=together))
    assert _two_imports() == [300, 300]


def test_files_are_forgotten_after_their_time() -> None:
    run = loaded("products", GOOD)
    with transaction(SYSTEM) as session:
        runs.forget_old(session, clock.now() + runs.LIFE - timedelta(hours=1))
        assert runs.run(session, run.id).id == run.id
        runs.forget_old(session, clock.now() + runs.LIFE)
    with pytest.raises(NotFound):
        seen(run.id)


def _prices() -> str:
    partner, product = make_partner(), make_product()
    return f"cod client,cod produs,pret net\n{partner.code},{product.sku},5\n"
