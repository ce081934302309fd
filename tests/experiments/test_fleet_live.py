"""Real servers: they attest, they can be killed and come back, and nothing of them is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site
from authcompare.experiments.deployments.processes import children
from authcompare.experiments.exchanges.html_forms import form_fields
from authcompare.experiments.live.attestation import differences, said_by
from authcompare.experiments.live.births import Born, Nursery
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.watching import Watchers
from tests.serving import until

KILLED = """
import sys, time
from pathlib import Path
from authcompare.experiments.deployments.deployment import Deployment
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.exchanges.html_forms import form_fields
fleet = Fleet("authcompare.settings", sys.argv[1], Path(sys.argv[2]))
nursery = None if sys.argv[3] == "by itself" else fleet.nursery
site, = fleet.start([Deployment("orphan", {"SESSION_STORE": "cached"})], nursery)
print(site.doors[0].process, fleet._directory, flush=True)
time.sleep(60)
"""


def is_alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("alone", [True, False], ids=["by itself", "from the nursery"])
def test_a_killed_instance_answers_nobody_and_comes_back(fleet: Fleet, alone: bool) -> None:
    (site,) = fleet.start([Deployment("pair", instances=2, workers=2)], None if alone else fleet.nursery)
    client = logged_in("token", site.doors[0], "alice", site.password)
    watchers = Watchers(site)
    assert [answer.status for answer in watchers.ask_all(client)] == [200] * 4
    masters = [door.process or 0 for door in site.doors]
    assert all(len(children(master)) == 2 for master in masters)
    site.kill(0)
    assert [answer.status for answer in watchers.ask_all(client)] == [0, 0, 200, 200]
    site.restart(0)
    assert [answer.status for answer in watchers.ask_all(client)] == [200] * 4
    fleet.end()
    assert not any(is_alive(master) for master in masters)


def test_an_instance_comes_back_under_other_settings_on_the_same_database(fleet: Fleet) -> None:
    (site,) = fleet.start([Deployment("changed", {"TOKEN_ACCESS_SECONDS": "60"})])
    client = logged_in("token", site.doors[0], "alice", site.password)
    site.kill(0)
    site.restart(0, {"TOKEN_ACCESS_SECONDS": "30"})
    assert client.me().status == 200
    assert client.refresh().json["expires_in"] == 30
    assert site.environment["DATABASE_URL"].startswith("sqlite:///")
    fleet.end()


def test_idle_connections_do_not_shut_others_out(fleet: Fleet) -> None:
    (site,) = fleet.start([Deployment("idle")])
    idle = [TokenClient(site.doors[0]) for _ in range(100)]
    assert {client.me().status for client in idle} == {401}
    fleet.end()


def test_each_deployment_has_keys_and_a_name_of_its_own(fleet: Fleet) -> None:
    one, other = fleet.start([Deployment("one"), Deployment("other")])
    client = logged_in("token", one.doors[0], "alice", one.password)
    stranger = TokenClient(other.doors[0])
    stranger.access = client.access
    assert (client.me().status, stranger.me().status) == (200, 401)
    assert (one.doors[0].authority, other.doors[0].authority) == (
        f"one.localhost:{one.doors[0].port}",
        f"other.localhost:{other.doors[0].port}",
    )
    fleet.end()


def test_servers_of_one_nursery_have_nothing_of_each_other(fleet: Fleet) -> None:
    asked = {"TOKEN_ALGORITHM": "HS256", "GRANIAN_LOG_ACCESS_ENABLED": "true"}
    one, other = fleet.start([Deployment("one", asked), Deployment("other")], fleet.nursery)
    logged, silent = (
        Path(f"{site.environment['LAB_LOG']}.{site.doors[0].port}").read_text() for site in (one, other)
    )
    assert "GET /readyz" in logged
    assert silent == ""
    masters = [site.doors[0].process or 0 for site in (one, other)]
    assert [os.getsid(master) for master in masters] == masters
    assert [said_by(site.doors[0])["token_algorithm"] for site in (one, other)] == ["HS256", "ES256"]
    fleet.end()


def parents(sites: Sequence[Site]) -> set[int]:
    masters = [site.doors[0].process for site in sites]
    return {int(Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[1]) for one in masters}


def test_servers_of_different_launches_are_of_different_nurseries(fleet: Fleet) -> None:
    launches: list[set[int]] = []
    for _ in range(3):
        with fleet.launch([Deployment("one"), Deployment("other")]) as sites:
            launches.append(parents(sites))
            masters = [site.doors[0].process or 0 for site in sites]
            assert {said_by(site.doors[0])["database"] for site in sites} == {"sqlite"}
        assert not any(is_alive(process) for process in masters)
    assert [len(nurseries) for nurseries in launches] == [1, 1, 1]
    assert len(set.union(*launches)) == 3


def does(nursery: Nursery, statement: str, log: Path) -> Born:
    command = [sys.executable, "-m", "timeit", "-n", "1", "-r", "1", statement]
    return nursery.bear(command, dict(os.environ), log)


def value_in(nursery: Nursery, expression: str, log: Path) -> int:
    does(nursery, f"import gc; print('it is', {expression})", log).wait()
    return int(log.read_text().partition("it is ")[2].split()[0])


def test_what_is_timed_collects_garbage_as_in_production(fleet: Fleet, tmp_path: Path) -> None:
    with fleet.launch([]):
        fleet.settle()
        following = fleet._next_nursery
        assert following is not None
        assert following._prepared
        assert value_in(following, "gc.get_freeze_count()", tmp_path / "timed") == 0
    assert value_in(fleet.nursery, "gc.get_freeze_count()", tmp_path / "not") > 0


def test_a_nursery_hashes_as_nobodys_shell_says(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    seeds = []
    for number in range(2):
        with closing(Nursery(fleet.environment({}))) as nursery:
            seeds.append(value_in(nursery, "hash('a')", tmp_path / str(number)))
    assert seeds[0] != seeds[1]


def test_who_is_interrupted_during_a_launch_hears_of_it_and_leaves_nothing(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Nursery, "bear", interrupted)
    with pytest.raises(KeyboardInterrupt), fleet.launch([Deployment("one")]):
        pass
    assert fleet._running == []


def test_a_nursery_that_has_ended_breaks_what_was_to_come_of_it(fleet: Fleet, tmp_path: Path) -> None:
    nursery = Nursery(fleet.environment({}))
    os.kill(nursery._process.pid, signal.SIGKILL)
    with closing(nursery), pytest.raises(Broken, match="has ended"):
        nursery.bear([sys.executable, "-m", "this"], {}, tmp_path / "log")


def test_whoever_a_nursery_bore_ends_with_it(fleet: Fleet, tmp_path: Path) -> None:
    with closing(Nursery(fleet.environment({}))) as nursery:
        born = does(nursery, "import time; time.sleep(60)", tmp_path / "log")
        assert is_alive(born.pid)
    until(lambda: not is_alive(born.pid))


@pytest.mark.parametrize("how", ["by itself", "from the nursery"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "terminated"])
def test_nothing_is_left_when_the_lab_itself_is_killed(
    fleet: Fleet, number: signal.Signals, how: str
) -> None:
    command = [sys.executable, "-c", KILLED, fleet.password, str(fleet.template), how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as lab:
        assert lab.stdout is not None
        process, directory = lab.stdout.readline().split()
        assert is_alive(int(process))
        os.kill(lab.pid, number)
        lab.wait()
    until(lambda: not (is_alive(int(process)) or Path(directory).exists()))


def test_what_was_asked_for_is_compared_with_what_is_said() -> None:
    wanted = Deployment("x", {"TOKEN_CHECK": "denylist", "TOKEN_ACCESS_SECONDS": "5"})
    said = {
        "nonce": "n",
        "token_check": "denylist",
        "token_access_seconds": 5,
        "login_limit": 100000,
        "database": "sqlite",
        "hasher": "md5",
    }
    assert differences(wanted, "n", said) == []
    assert differences(wanted, "other", said) == ["it is somebody else's server, or it does not attest"]
    assert differences(wanted, "n", {**said, "hasher": "pbkdf2_sha256"}) == ["the hasher is 'pbkdf2_sha256'"]
    assert differences(wanted, "n", {**said, "token_access_seconds": 300}) == [
        "TOKEN_ACCESS_SECONDS is 300, asked for '5'"
    ]


def test_a_form_is_sent_back_as_a_browser_would() -> None:
    page = """
        <input name="username" value="alice"><input type="checkbox" name="is_active" checked>
        <input type="checkbox" name="is_staff"><input type="submit" name="_save" value="Save">
        <select name="groups"><option value="1">a</option><option value="2" selected>b</option></select>
        <textarea name="note">two
lines</textarea>
    """
    assert form_fields(page) == [
        ("username", "alice"),
        ("is_active", "on"),
        ("groups", "2"),
        ("note", "two\nlines"),
    ]
