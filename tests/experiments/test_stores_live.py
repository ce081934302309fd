"""Real stores: they can be stopped, killed, frozen and started again, weighed from outside, and end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.deployments import cpu
from authcompare.experiments.deployments.deployment import Deployment, Site, Skipped
from authcompare.experiments.deployments.processes import resident
from authcompare.experiments.live import postgres
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.live.weighing import dump, dump_redis, forget, weigh
from tests.experiments.test_fleet_live import is_alive
from tests.serving import until

CACHED = Deployment("stores", {"SESSION_STORE": "cached", "TOKEN_CHECK": "denylist"})
ON_POSTGRES = Deployment("stores-pg", {"SESSION_STORE": "database"}, database="postgresql")
ORPHANS = """
import sys, time
from pathlib import Path
from authcompare.experiments.deployments.deployment import Deployment
from authcompare.experiments.live.fleet import Fleet
fleet = Fleet("authcompare.settings", sys.argv[1], Path(sys.argv[2]))
site, = fleet.start([Deployment("orphan", {"SESSION_STORE": "cached"})])
site.redis.kill()
site.redis.start()
site.redis.freeze()
print(site.redis.processes[0], fleet._directory, flush=True)
time.sleep(60)
"""
ORPHANED_CLUSTER = """
import time
from authcompare.experiments.live.postgres import Cluster
from authcompare.experiments.servers import Watchdog
from authcompare.experiments.deployments.stores import Store
watchdog = Watchdog()
cluster = Cluster()
store = Store(cluster, watchdog.charge, watchdog.discharge, "database")
store.start()
print(cluster.pid, cluster.directory, flush=True)
time.sleep(60)
"""
needs_postgres = pytest.mark.skipif(not postgres.is_installed(), reason=postgres.MISSING)


@pytest.fixture
def cached(fleet: Fleet) -> Iterator[Site]:
    (site,) = fleet.start([CACHED])
    yield site
    fleet.end()


def test_a_login_is_one_row_and_one_key_seen_from_outside(cached: Site) -> None:
    before = weigh(cached)
    client = logged_in("session", cached.doors[0], "alice", cached.password)
    until(lambda: client.me().status == 200 and weigh(cached).keys > before.keys)
    after = weigh(cached)
    sessions = [one.tables["sessions_demo_session"] for one in (before, after)]
    assert [one.rows for one in sessions] == [0, 1]
    assert 300 < sessions[1].bytes < 2000
    assert sessions[1].disk >= 4096
    assert after.keys - before.keys == 1
    assert 200 < after.key_bytes - before.key_bytes < 2000
    assert after.resident["instances"] > 20_000_000
    assert after.resident["redis"] > 1_000_000
    assert after.resident["database"] == 0


def test_a_dump_has_every_row_and_every_key_and_no_credential(cached: Site) -> None:
    client = logged_in("session", cached.doors[0], "alice", cached.password)
    until(lambda: client.me().status == 200 and weigh(cached).keys > 0)
    rows, keys = dump(cached), dump_redis(cached)
    assert {row["username"] for row in rows["accounts_user"]} >= {"alice", "admin"}
    assert len(rows["sessions_demo_session"]) == 1
    assert any(name.startswith("session:") and b"alice" in value for name, value in keys.items())
    assert client.credential not in repr((rows, keys))


def test_a_server_that_is_made_to_forget_knows_nobody(cached: Site) -> None:
    client = logged_in("session", cached.doors[0], "alice", cached.password)
    assert client.me().status == 200
    forget(cached, "sessions_demo_session")
    assert client.me().status == 401


def test_redis_comes_back_empty_under_the_same_address(cached: Site) -> None:
    assert cached.redis is not None
    client: TokenClient = logged_in("token", cached.doors[0], "alice", cached.password)
    assert client.me().status == 200
    for end in (cached.redis.kill, cached.redis.stop, cached.redis.freeze):
        end()
        assert client.me().status == 200  # the database answers
        (cached.redis.thaw if end == cached.redis.freeze else cached.redis.start)()
        until(lambda: client.me().status == 200 and weigh(cached).keys > 0)


def worked(site: Site) -> dict[str, float]:
    return {kind: cpu.seconds(processes) for kind, processes in site.processes().items()}


def test_time_on_a_processor_is_counted_for_each_kind_of_process(cached: Site) -> None:
    client = logged_in("token", cached.doors[0], "alice", cached.password)
    before = worked(cached)
    for _ in range(50):
        client.me()
    spent = {kind: now - before[kind] for kind, now in worked(cached).items()}
    assert 0.01 < spent["instances"] < 2
    assert 0 < spent["redis"] < spent["instances"]
    assert spent["database"] == 0
    assert resident(2**22 + 1) == 0


def test_an_instance_may_be_ended_in_order(cached: Site) -> None:
    cached.terminate(0)
    assert logged_out(cached) == 0
    cached.restart(0)
    assert logged_out(cached) == 401
    assert len(cached.processes()["instances"]) >= 2


def logged_out(site: Site) -> int:
    return TokenClient(site.doors[0]).me().status


@needs_postgres
def test_postgresql_is_stopped_and_killed_and_comes_back_with_its_rows(fleet: Fleet) -> None:
    (site,) = fleet.start([ON_POSTGRES])
    assert site.database is not None
    client = logged_in("session", site.doors[0], "alice", site.password)
    assert client.me().status == 200
    table = weigh(site).tables["sessions_demo_session"]
    assert (table.rows, 300 < table.bytes < 2000, table.disk > 8192) == (1, True, True)
    assert len(site.processes()["database"]) > 3
    assert worked(site)["database"] > 0
    for end in (site.database.stop, site.database.kill):
        end()
        assert site.processes()["database"] == []
        assert client.me().status not in (200, 401)
        site.database.start()
        assert client.me().status == 200
    assert {row["username"] for row in dump(site)["accounts_user"]} >= {"alice", "admin"}
    forget(site, "sessions_demo_session")
    assert client.me().status == 401
    fleet.end()


def test_without_the_programs_postgresql_is_asked_for_in_one_sentence(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "PROGRAMS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Skipped, match="PostgreSQL is not installed"):
        fleet.start([ON_POSTGRES])


@needs_postgres
def test_a_database_server_ends_with_the_lab() -> None:
    left_behind([sys.executable, "-c", ORPHANED_CLUSTER])


def test_a_store_that_was_started_again_ends_with_the_lab_even_frozen(fleet: Fleet) -> None:
    left_behind([sys.executable, "-c", ORPHANS, fleet.password, str(fleet.template)])


def left_behind(command: list[str]) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as lab:
        assert lab.stdout is not None
        process, directory = lab.stdout.readline().split()
        assert is_alive(int(process))
        os.kill(lab.pid, signal.SIGKILL)
        lab.wait()
    until(lambda: not is_alive(int(process)) and not Path(directory).exists())
