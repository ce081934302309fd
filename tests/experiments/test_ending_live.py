"""A server that is told to end ends, whatever its workers are in the middle of."""

import socket
from collections.abc import Iterator

import pytest

from authcompare.experiments import servers
from authcompare.experiments.deployments.deployment import Deployment
from authcompare.experiments.deployments.processes import children
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.servers import ADDRESS, Instance
from tests.serving import until


@pytest.fixture
def instance(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.setattr(servers, "KILLED_AFTER_SECONDS", 1)
    (site,) = fleet.start([Deployment("ending", workers=2)])
    yield fleet._running[-1].instances[0]
    site.end()


def test_a_server_ends_though_its_workers_have_only_just_begun(instance: Instance) -> None:
    instance.kill()
    instance.start()
    until(lambda: len(children(instance.pid)) == 2)
    instance.terminate()
    until(instance.has_ended)


def test_a_server_ends_though_a_client_has_sent_half_a_request(instance: Instance) -> None:
    with socket.create_connection((ADDRESS, instance.port)) as client:
        client.sendall(b"GET /open/me/ HT")
        instance.terminate()
        until(instance.has_ended)
