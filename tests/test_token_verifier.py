"""The second service, a process of its own beside a real issuer: it believes public keys and nothing else."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from authcompare.accounts.models import User
from authcompare.experiments import verifier as product
from authcompare.experiments.servers import ADDRESS, BASE_DIR, Instance
from tests.conftest import PASSWORD
from tests.forging import FORGERIES, parts
from tests.serving import send, served, until

# What only the issuer gives a meaning: a service that knows no logins does not ask for them.
NOT_ITS_BUSINESS = {"sub nobody", "jti empty", "sid not a UUID", "sid another form", "transport another"} | {
    f"without {claim}" for claim in ("sid", "transport", "auth_time")
}
NOT_SENDABLE = {"fullwidth letters"}

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def verifying(issuer_port: int) -> Iterator[int]:
    """A verifier of this issuer; its port."""
    jwks = f"http://{ADDRESS}:{issuer_port}/.well-known/jwks.json"
    command = [sys.executable, "-m", product.__name__, "--jwks", jwks]
    environment = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(
        command, cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline().rsplit(":", 1)[1])
        finally:
            process.kill()


@pytest.fixture
def issuer(alice: User, settings: Any, tmp_path: Path) -> Iterator[Instance]:
    settings.TOKEN_KEYS = tmp_path / "keys"
    with served(1, tmp_path) as (instance,):
        yield instance


def log_in(issuer: Instance) -> Any:
    return send(issuer.port, "POST", "/tokens/login/", {"username": "alice", "password": PASSWORD})[1]


def me(port: int, token: str) -> tuple[int, Any]:
    return send(port, "GET", "/me", access=token)


def until_let_in(port: int, token: str) -> None:
    """Its issuer may take its time; it asks again after a second, at the earliest."""
    until(lambda: me(port, token)[0] == 200)


def test_it_accepts_ours_refuses_all_others_and_goes_on_without_the_issuer(
    issuer: Instance, alice: User
) -> None:
    with verifying(issuer.port) as port:
        pair = log_in(issuer)
        until_let_in(port, pair["access"])
        status, who = me(port, pair["access"])
        assert (status, who["username"], who["sub"]) == (200, "alice", str(alice.pk))
        assert me(port, pair["refresh"])[0] == 401
        assert send(port, "GET", "/me")[0] == 401
        assert send(port, "GET", "/")[0] == 404
        for name in FORGERIES.keys() - NOT_SENDABLE:
            expected = 200 if name in NOT_ITS_BUSINESS else 401
            assert me(port, FORGERIES[name](pair["access"]))[0] == expected, name
        issuer.kill()
        assert me(port, pair["access"])[0] == 200


def test_it_follows_a_rotation(issuer: Instance) -> None:
    with verifying(issuer.port) as port:
        old = log_in(issuer)["access"]
        until_let_in(port, old)
        call_command("rotatekeys", "--now")
        new: list[str] = []

        def signs_anew() -> bool:
            new.append(log_in(issuer)["access"])
            return bool(parts(new[-1])[0]["kid"] != parts(old)[0]["kid"])

        until(signs_anew)
        until_let_in(port, new[-1])
        assert me(port, old)[0] == 200


def test_without_an_answer_of_the_issuer_it_says_that_it_cannot_tell(issuer: Instance) -> None:
    access = log_in(issuer)["access"]
    issuer.kill()
    with verifying(issuer.port) as port:
        assert me(port, access)[0] == 503


class Answers:
    """An issuer whose answers are counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        monkeypatch.setattr(product.PublicKeys, "_fetch", self.fetch)

    def fetch(self, now: float) -> None:
        self.asked += 1


def test_unknown_names_make_it_ask_once_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, keys = Answers(monkeypatch), product.PublicKeys("http://issuer.test/")
    for number in range(1000):
        with pytest.raises(product.NoAnswer):
            keys.find(str(number))
    assert answers.asked == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("public, max-age=300", 300), ("max-age=5", 5), ("no-store", 0), ("no-cache, max-age=9", 0), ("", 300)],
)
def test_it_keeps_keys_as_long_as_the_answer_allows(header: str, seconds: int) -> None:
    assert product.max_age(header) == seconds
