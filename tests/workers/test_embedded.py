"""The embedded servers: kept data, shared use, and nothing left running."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from workers.embedded import ROOT, Lease, ServerError, leases, servers
from workers.keeper import state_file
from workers.locks import is_locked, wait_until
from workers.servers import SOCKET_PATH_LIMIT, Valkey

SECONDS = 20


def test_both_servers_keep_their_data_between_starts(tmp_path: Path) -> None:
    with servers(tmp_path) as urls:
        with psycopg.connect(urls.database) as database:
            database.execute("create table kept (value text)")
            database.execute("insert into kept values ('țară')")
        redis.Redis.from_url(urls.redis).set("kept", "yes")

    with servers(tmp_path) as urls:
        with psycopg.connect(urls.database) as database:
            assert database.execute("select value, upper(value) from kept").fetchone() == ("țară", "ȚARĂ")
        assert redis.Redis.from_url(urls.redis).get("kept") == b"yes"


def test_the_application_is_no_superuser_but_may_make_databases_and_roles(tmp_path: Path) -> None:
    with leases(tmp_path, "postgres") as [lease], psycopg.connect(lease.url()) as database:
        rights = "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
        assert database.execute(rights).fetchone() == (False, False, True, True)


def test_a_second_user_shares_the_server_and_the_last_one_stops_it(tmp_path: Path) -> None:
    first, second = Lease("redis", tmp_path), Lease("redis", tmp_path)
    client = redis.Redis.from_url(first.url())
    assert second.url() == first.url()

    first.release()
    assert client.ping()

    second.release()
    assert not is_locked(state_file("redis", tmp_path))
    with pytest.raises(redis.ConnectionError):
        client.ping()


def test_the_server_ends_with_its_last_user_even_by_kill_9(tmp_path: Path) -> None:
    script = "import sys, signal; from workers.embedded import *\nwith leases(Path(sys.argv[1]), 'redis') as [x]:\n"
    script += "    print(x.url(), flush=True); signal.pause()"
    user = subprocess.Popen([sys.executable, "-c", script, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert user.stdout is not None
    assert user.stdout.readline().startswith("unix://")
    assert is_locked(state_file("redis", tmp_path))

    user.kill()
    user.wait()
    user.stdout.close()
    assert wait_until(lambda: not is_locked(state_file("redis", tmp_path)), SECONDS)


def test_a_killed_server_is_started_again_with_its_data(tmp_path: Path) -> None:
    with leases(tmp_path, "postgres") as [lease]:
        with psycopg.connect(lease.url(), autocommit=True) as database:
            database.execute("create table kept as select 7 as value")
        postmaster = int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        assert wait_until(lambda: _value(lease.url()) == 7, SECONDS)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    with leases(folder, "redis") as [lease]:
        assert len(str(Valkey(folder).socket)) <= SOCKET_PATH_LIMIT
        assert redis.Redis.from_url(lease.url()).ping()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "redis" / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("nonsense\n")
    lease = Lease("redis", tmp_path)
    try:
        with pytest.raises(ServerError, match="manifest"):
            lease.url()
    finally:
        lease.release()


def _value(url: str) -> object:
    try:
        with psycopg.connect(url) as database:
            row = database.execute("select value from kept").fetchone()
    except psycopg.OperationalError:
        return None
    return row[0] if row else None
