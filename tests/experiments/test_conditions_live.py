"""Conditions on real servers: what is drawn, who is let in, on which connection; and a short form of all."""

import random
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from authcompare.experiments.bench import conditions
from authcompare.experiments.bench.conditions.connections import NewEachTime, ToEveryWorker
from authcompare.experiments.bench.conditions.crowd import Crowd, Shown
from authcompare.experiments.bench.conditions.named import (
    ASKED,
    DRAWN,
    FAR,
    HALF,
    HTTP2,
    MANY,
    NEAR,
    NEW,
    RESTARTED,
    STARTED,
    UNMET,
    USUAL,
)
from authcompare.experiments.bench.conditions.stages import STAGES, Way
from authcompare.experiments.clients import compose, logged_in
from authcompare.experiments.deployments.deployment import Broken, Deployment, Door
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.live.postgres import is_installed
from authcompare.experiments.timing import Plan
from tests.experiments.test_faults_live import Faulty

SHORT = Plan(launches=2, blocks=1, warm_requests=0, warm_seconds=0, budget_seconds=0)
WAYS: dict[str, Way] = {way.condition.name: way for stage in STAGES for way in stage.ways}


def test_a_thousand_logins_are_drawn_from_all_over_the_store() -> None:
    draw = WAYS[DRAWN.name].draw(random.Random(1))
    drawn = {draw() for _ in range(20 * ASKED)}
    assert len(drawn) == ASKED
    assert max(drawn) - min(drawn) > MANY * 0.99


def test_who_is_met_once_is_never_met_again_and_was_not_met_before() -> None:
    draw = WAYS[UNMET.name].draw(random.Random(1))
    met = [draw() for _ in range(ASKED)]
    assert len(set(met)) == ASKED
    assert not set(met) & set(WAYS[DRAWN.name].logins)


@pytest.mark.parametrize("settings", [{}, {"SESSION_STORE": "cached", "TOKEN_CHECK": "denylist"}])
def test_everybody_of_a_crowd_is_let_in_by_both_ways(
    fleet: Fleet, tmp_path: Path, settings: dict[str, str]
) -> None:
    crowd = Crowd.made(fleet, tmp_path, 25)
    wanted = {"TOKEN_CHECK": "database", **settings, "DATABASE_URL": crowd.url}
    (site,) = fleet.start([Deployment("crowded", wanted)])
    shown, connection = Shown(crowd, site), Connection(site.doors[0])
    for client in ("session", "token"):
        answers = [connection.send(shown.request(client, number)).json for number in range(crowd.logins)]
        assert [answer["username"] for answer in answers] == [
            crowd.username(crowd.user(number)) for number in range(crowd.logins)
        ]
        assert len({answer["login"] for answer in answers}) == crowd.logins
    fleet.end()


class Peers(BaseHTTPRequestHandler):
    """Answers everything and remembers from which ports it was asked."""

    protocol_version = "HTTP/1.1"
    ports: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        self.ports.append(self.client_address[1])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def door() -> Iterator[Door]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Peers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield Door("peers.localhost", "127.0.0.1", server.server_port)
        server.shutdown()


@pytest.mark.parametrize(("kind", "connections"), [(Connection, 1), (NewEachTime, 4)])
def test_a_new_connection_is_made_each_time_where_it_is_asked_for(
    door: Door, kind: type[Connection], connections: int
) -> None:
    Peers.ports.clear()
    connection = kind(door)
    connection.open()
    answers = [connection.exchange(compose(door, "GET", "/", {})) for _ in range(4)]
    connection.close()
    assert {answer.status for answer in answers} == {200}
    assert len(set(Peers.ports)) == connections


def test_every_worker_is_asked_in_turn(fleet: Fleet) -> None:
    (site,) = fleet.start([Deployment("turn", {"SESSION_STORE": "memory"}, workers=2)])
    client = logged_in("session", site.doors[0], site.username, site.password)  # one worker knows it
    request = compose(site.doors[0], "GET", "/sessions/me/", client.credential_headers())
    connection = ToEveryWorker(site.doors[0], 2)
    connection.open()
    assert sorted(connection.exchange(request).status for _ in range(2)) == [200, 401]
    with pytest.raises(Broken, match="2 of 3 workers"):
        ToEveryWorker(site.doors[0], 3)
    fleet.end()


def test_a_short_form_finds_something_about_every_condition(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "QUICK", SHORT)
    monkeypatch.setattr(conditions, "STAGES", STAGES[:1])
    patient = faulty("waits_for_redis")  # after one late answer nobody would ask it for a second
    bench = conditions.run(patient, quick=True, seed=1, tell=lambda text: None)
    far = [NEAR, HALF, FAR] if is_installed() else []
    wanted = [USUAL, NEW, HTTP2, *far, STARTED, RESTARTED]
    assert [finding.name.partition(": ")[0] for finding in bench.findings[: len(wanted)]] == [
        condition.name for condition in wanted
    ]
    assert not bench.goals
    counted = {figure.name: figure.note for figure in bench.figures if figure.name.startswith("distance: s")}
    assert all("1 counted" in note for name, note in counted.items() if "cached" in name)
