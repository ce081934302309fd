"""The three algorithms, one after the other and side by side in one ring."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from authcompare.accounts.models import User
from tests.callers import TokenCaller
from tests.forging import parts, signed
from tokens_demo.tokens import keys

ALGORITHMS = ["ES256", "HS256", "EdDSA"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _directory(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TOKEN_KEYS = tmp_path
    monkeypatch.setattr(keys, "LOOK_AGAIN_SECONDS", 0)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_login_call_and_refresh(settings: Any, alice: User, algorithm: str) -> None:
    settings.TOKEN_ALGORITHM = algorithm
    caller = TokenCaller()
    for act in (caller.me, caller.refresh, caller.me):
        assert act().status_code == 200
    assert {parts(token)[0]["alg"] for token in (caller.access, caller.refresh_token)} == {algorithm}


@pytest.mark.parametrize(("algorithm", "kinds"), [("ES256", ["EC"]), ("EdDSA", ["OKP"]), ("HS256", [])])
def test_public_keys_are_published_and_nothing_else(settings: Any, algorithm: str, kinds: list[str]) -> None:
    settings.TOKEN_ALGORITHM = algorithm
    answer = Client().get("/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    published = answer.json()["keys"]
    assert [key["kty"] for key in published] == kinds
    for key in published:
        assert (key["use"], key["alg"], key["kid"]) == ("sig", algorithm, keys.thumbprint(key))
        assert set(key) <= {"kty", "crv", "x", "y", "kid", "use", "alg"}


@pytest.mark.parametrize("algorithm", ["HS256", "EdDSA"])
def test_old_tokens_are_valid_under_another_algorithm_while_their_key_is_there(
    settings: Any, alice: User, algorithm: str
) -> None:
    caller = TokenCaller()
    old = caller.access
    settings.TOKEN_ALGORITHM = algorithm
    call_command("rotatekeys")
    assert caller.me().status_code == 200
    assert caller.refresh().status_code == 200
    assert parts(caller.access)[0]["alg"] == algorithm
    call_command("rotatekeys", f"--remove={parts(old)[0]['kid']}")
    assert caller.me().status_code == 200
    caller.access = old
    assert caller.me().status_code == 401


@pytest.mark.parametrize("signer", ALGORITHMS)
def test_a_key_of_the_ring_vouches_for_itself_only(settings: Any, alice: User, signer: str) -> None:
    """Really signed with one of our keys, under its algorithm, in the name of each of the three."""
    caller, ring = TokenCaller(), {"ES256": keys.ring().signing()}
    for settings.TOKEN_ALGORITHM in ["HS256", "EdDSA"]:
        call_command("rotatekeys")
        ring[settings.TOKEN_ALGORITHM] = keys.ring().signing()
    settings.TOKEN_ALGORITHM = signer
    for algorithm, named in ring.items():
        caller.access = signed(caller.access, {"kid": named.kid, "alg": signer})
        assert caller.me().status_code == (200 if algorithm == signer else 401)
