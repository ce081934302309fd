"""What a run was made of is told of all its deployments: two databases in one run are two."""

import pytest

from authcompare.experiments.deployments.deployment import Door
from authcompare.experiments.live import attestation
from authcompare.experiments.live.attestation import versions

SAID = {
    "one.localhost": {"python": "3.11.7", "database": "sqlite", "check": "none"},
    "two.localhost": {"python": "3.11.7", "database": "postgresql", "redis": "9.1.2"},
    "three.localhost": {"python": "3.11.7", "database": "sqlite", "redis": ""},
}


def test_all_deployments_of_a_run_tell_what_they_are_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attestation, "said_by", lambda door: SAID[door.host])
    told = versions(Door(host, "127.0.0.1", 1) for host in SAID)
    assert told == {"python": "3.11.7", "database": "sqlite and postgresql", "redis": "9.1.2"}
    assert versions([]) == {}
