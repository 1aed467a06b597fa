"""The jobs that take invoices to ANAF, and a process of one that is killed with an invoice in its hands."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from core import clock, config
from core.anaf import client, sending
from core.config import ROOT
from tests.anaf_fake import Anaf, serving
from tests.core.anaf import steps
from workers import jobs
from workers.locks import wait_until

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def anaf(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anaf]:
    monkeypatch.setattr(client, "SECONDS", 3)
    with serving() as running:
        monkeypatch.setenv("ANAF_API_URL", running.url)
        monkeypatch.setenv("ANAF_LOGIN_URL", running.login_url)
        config.settings.cache_clear()
        yield running
    config.settings.cache_clear()


def soon() -> None:
    """What waits for its next time waits no longer."""
    steps.run("update anaf_submission set next_try_at = now() - interval '1 minute'")


def test_two_runs_of_the_jobs_take_invoices_there_and_bring_the_answers_back(anaf: Anaf) -> None:
    documents = steps.ready(3)
    steps.connected(anaf, as_of=clock.now())
    for job in (jobs.ask_anaf, jobs.send_invoices):
        job()
    assert steps.states(documents) == ["uploaded"] * 3
    soon()
    jobs.ask_anaf()
    assert steps.states(documents) == ["accepted"] * 3
    assert anaf.accepted() == {document.full_number: 1 for document in documents}


def test_the_jobs_look_for_what_is_in_doubt(anaf: Anaf) -> None:
    documents = steps.ready(2)
    steps.connected(anaf, as_of=clock.now())
    anaf.modes.append("reset")
    jobs.send_invoices()
    assert steps.states(documents) == ["unknown", "queued"]
    soon()
    for _ in range(2):
        jobs.ask_anaf()
    assert steps.states(documents) == ["accepted", "queued"]


def test_without_a_connection_the_jobs_do_nothing_and_do_not_fail(anaf: Anaf) -> None:
    documents = steps.ready(2)
    for job in (jobs.send_invoices, jobs.ask_anaf):
        job()
    assert steps.states(documents) == ["queued"] * 2
    assert not anaf.calls


def test_a_process_that_is_killed_while_anaf_is_silent_leaves_nothing_twice_and_nothing_behind(anaf: Anaf) -> None:
    documents = steps.ready(2)
    steps.connected(anaf, as_of=clock.now())
    anaf.modes.append("silent")
    process = subprocess.Popen(
        [sys.executable, "-c", "from workers import jobs; jobs.send_invoices()"], cwd=ROOT, env=os.environ.copy()
    )
    try:
        assert wait_until(lambda: bool(anaf.uploads), 60)
    finally:
        process.kill()
        process.wait()
    assert steps.states(documents) == ["sending", "queued"]
    now = clock.now()
    steps.minute(now + 5 * MINUTE)
    assert steps.states(documents)[0] == "sending"
    steps.days_pass(now + sending.LEASE + MINUTE, 2, HOUR)
    assert steps.states(documents) == ["accepted"] * 2
    assert anaf.sent() == {document.full_number: 1 for document in documents}
