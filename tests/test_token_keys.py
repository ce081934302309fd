"""Keys come, sign, verify on and go, while everybody stays logged in; and what is no key is said so."""

import re
import stat
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client

from authcompare.accounts.models import User
from authcompare.logins.trail import AuthEvent
from tests.callers import TokenCaller
from tests.forging import parts
from tokens_demo.tokens import keys
from tokens_demo.tokens.remembered import verified_once

DAY = 24 * 3600
LONGEST_LIFE = 2 * 3600 + 60  # TOKEN_IDLE_SECONDS, and the tolerance for clocks

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of our own, looked at with every request."""
    settings.TOKEN_KEYS = tmp_path / "keys"
    monkeypatch.setattr(keys, "LOOK_AGAIN_SECONDS", 0)
    keys.ring().look()
    return tmp_path / "keys"


@pytest.fixture
def caller(directory: Path, alice: User) -> TokenCaller:
    return TokenCaller()


def rotate(*words: str) -> None:
    call_command("rotatekeys", *words)


def kid(token: str) -> str:
    return str(parts(token)[0]["kid"])


def published() -> list[dict[str, str]]:
    answer = Client().get("/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    return list(answer.json()["keys"])


def pem(private: Any) -> bytes:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return bytes(private.private_bytes(*form))


# What is no key


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("5.secret", b"c2hvcnQ", "an HS256 secret has at least 32 bytes"),
        ("5.secret", b"$" * 64, "is no key"),
        ("5.pem", pem(rsa.generate_private_key(65537, 2048)), "use a P-256 or an Ed25519 key"),
        ("5.pem", pem(ec.generate_private_key(ec.SECP384R1())), "use a P-256 or an Ed25519 key"),
        ("5.pem", b"nothing", "is no key"),
        ("5.pem", b"", "is no key"),
        ("new.pem", pem(ec.generate_private_key(ec.SECP256R1())), "the Unix time from which it may sign"),
    ],
)
def test_a_wrong_key_stops_a_start_with_one_sentence_that_names_it(
    directory: Path, name: str, content: bytes, says: str
) -> None:
    (directory / name).write_bytes(content)
    for start in (keys.KeyRing(directory).look, rotate):
        with pytest.raises((ImproperlyConfigured, CommandError), match=re.escape(says)) as raised:
            start()
        assert name in str(raised.value)
        assert "\n" not in str(raised.value)


def test_a_directory_that_is_none_stops_a_start(settings: Any, tmp_path: Path) -> None:
    settings.PRODUCTION, settings.TOKEN_KEYS = True, tmp_path / "none"
    with pytest.raises(CommandError, match="is not a directory"):
        rotate()


@pytest.mark.parametrize("content", [b"", b"garbage"])
def test_a_file_that_is_broken_later_leaves_the_keys_as_they_were(
    caller: TokenCaller, directory: Path, caplog: Any, content: bytes
) -> None:
    (directory / "9.pem").write_bytes(content)
    (directory / "0.pem").write_bytes(content)
    for act in (caller.me, caller.refresh, caller.me):
        assert act().status_code == 200
    assert "0.pem is no key" in caplog.text
    (directory / "0.pem").unlink()
    assert caller.me().status_code == 401  # a removal counts, whatever else is broken


def test_a_directory_that_is_away_later_leaves_the_keys_as_they_were(
    caller: TokenCaller, directory: Path
) -> None:
    directory.rename(directory.with_name("away"))
    assert caller.refresh().status_code == 200


# Removal


def test_a_removed_key_takes_its_tokens_along_remembered_ones_too(
    caller: TokenCaller, directory: Path
) -> None:
    assert caller.me().status_code == 200
    rotate("--now", f"--remove={kid(caller.access)}")
    answer = caller.me()
    assert (answer.status_code, answer.json()["type"]) == (401, "invalid_token")
    assert caller.refresh().status_code == 401
    assert TokenCaller().me().status_code == 200
    assert len(published()) == 1


def test_a_token_whose_key_goes_while_it_is_verified_is_not_remembered(directory: Path) -> None:
    def verify() -> dict[str, Any]:
        (directory / "0.pem").rename(directory / f"{int(time.time())}.pem")
        keys.ring().look()
        return {"exp": time.time() + 60}

    calls: list[Callable[[], Any]] = []
    verified_once("token", verify)
    verified_once("token", lambda: calls.append(verify) or {"exp": time.time() + 60})
    assert calls


def test_the_oldest_of_the_remembered_tokens_makes_room(directory: Path, settings: Any) -> None:
    settings.TOKEN_REMEMBERED = 2
    verified: list[str] = []

    def verify(token: str) -> dict[str, Any]:
        verified.append(token)
        return {"exp": time.time() + 60}

    for token in ("one", "two", "three", "three", "two", "one"):
        verified_once(token, partial(verify, token))
    assert verified == ["one", "two", "three", "one"]


# Rotation


def test_a_rotation_publishes_then_signs_and_removes_when_the_last_token_is_over(
    caller: TokenCaller, clock: Any, directory: Path
) -> None:
    caller = TokenCaller()
    old = kid(caller.access)
    rotate()
    assert len(published()) == 2
    clock.shift(599)
    caller.refresh()
    assert kid(caller.refresh_token) == old
    clock.shift(1)
    last = caller.refresh_token
    TokenCaller()
    assert kid(TokenCaller().access) != old
    clock.shift(LONGEST_LIFE - 62)
    rotate("--tidy")
    assert caller.post_refresh(last).status_code == 200
    clock.shift(61)
    rotate("--tidy")
    assert len(published()) == 2
    clock.shift(1)
    rotate("--tidy")
    assert [key["kid"] for key in published()] != [old]
    assert len(list(directory.iterdir())) == 1


def test_key_files_are_for_their_owner_only(caller: TokenCaller, directory: Path) -> None:
    rotate("--now")
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o600}
    assert len(list(directory.iterdir())) == 2


def test_what_happens_to_keys_is_in_the_trail(caller: TokenCaller, clock: Any, directory: Path) -> None:
    old = kid(caller.access)
    rotate()
    clock.shift(DAY)
    rotate("--tidy")
    events = AuthEvent.objects.filter(kind=AuthEvent.Kind.KEY).order_by("pk")
    assert [event.reason for event in events] == ["made", "over"]
    assert (events[1].device, events[1].scheme, events[1].actor) == (f"ES256 {old}", "token", "rotatekeys")


def test_the_first_key_of_a_production_signs_at_once(settings: Any, tmp_path: Path, alice: User) -> None:
    settings.PRODUCTION, settings.TOKEN_KEYS = True, tmp_path
    rotate()
    assert TokenCaller().me().status_code == 200


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--after", "5"], "--after is between 360 s"),
        (["--after", str(400 * DAY)], "--after is between"),
        (["--remove", "unknown"], "There is no key unknown"),
        (["--now", "--tidy"], "not allowed with"),
        (["--remove={old}"], "signs now: add --now"),
        (["--remove={old}", "--after", "600"], "does not go with --after"),
    ],
)
def test_nonsense_is_refused_with_one_sentence_and_changes_nothing(
    caller: TokenCaller, directory: Path, words: list[str], says: str
) -> None:
    before = sorted(directory.iterdir())
    with pytest.raises(CommandError, match=re.escape(says)):
        rotate(*(word.format(old=kid(caller.access)) for word in words))
    assert sorted(directory.iterdir()) == before


def test_a_second_rotation_waits_for_the_first(caller: TokenCaller) -> None:
    rotate()
    with pytest.raises(CommandError, match="is made already and signs from"):
        rotate()
