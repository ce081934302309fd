"""What a deployment adds to its tokens, and what happens when that is more than their transport carries."""

from typing import Any

import pytest
from django.conf import settings as product
from django.test import Client

from authcompare.accounts.models import User
from authcompare.logins.trail import AuthEvent
from tests.callers import TokenCaller
from tests.conftest import PASSWORD
from tests.forging import parts
from tokens_demo.models import TokenFamily

HERE = "tests.test_token_claims"
padding = {"bytes": 0}

pytestmark = pytest.mark.django_db


def shop(user: User) -> dict[str, Any]:
    return {"role": "buyer", "shops": [user.pk, 7]}


def greedy(user: User) -> dict[str, Any]:
    return {
        "sub": "1",
        "exp": 2**40,
        "nbf": 2**40,
        "is_staff": True,
        "username": "root",
        "aud": [],
        "role": "x",
    }


def padded(user: User) -> dict[str, Any]:
    return {"padding": "x" * padding["bytes"]}


def failing(user: User) -> dict[str, Any]:
    raise LookupError(user.pk)


@pytest.fixture
def grow(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes every access token larger by so many bytes of claim."""
    settings.TOKEN_EXTRA_CLAIMS = f"{HERE}.padded"
    monkeypatch.setitem(padding, "bytes", 0)
    return lambda number: monkeypatch.setitem(padding, "bytes", number)


def log_in(transport: str) -> Any:
    body = {"username": "alice", "password": PASSWORD, "transport": transport}
    return Client().post("/tokens/login/", body, content_type="application/json")


def size_of(answer: Any, transport: str) -> int:
    """What the transport has to carry of an access token."""
    if transport == "header":
        return len(answer.json()["access"])
    return len(product.TOKEN_ACCESS_COOKIE) + len(answer.cookies[product.TOKEN_ACCESS_COOKIE].value)


def assert_too_large(answer: Any, limit: str) -> None:
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["type"] == "token_too_large"
    assert limit in answer.json()["detail"]
    assert not answer.cookies


def test_tokens_name_the_user_and_carry_nothing_else_by_themselves(alice: User) -> None:
    access, refresh = (parts(token)[1] for token in (TokenCaller().access, TokenCaller().refresh_token))
    assert access["username"] == "alice"
    assert set(access) - set(refresh) == {"username", "is_staff"}


def test_extra_claims_are_in_the_access_token_only(alice: User, settings: Any) -> None:
    settings.TOKEN_EXTRA_CLAIMS = f"{HERE}.shop"
    caller = TokenCaller()
    for _ in range(2):
        claims = parts(caller.access)[1]
        assert (claims["role"], claims["shops"]) == ("buyer", [alice.pk, 7])
        assert "role" not in parts(caller.refresh_token)[1]
        assert caller.me().status_code == 200
        caller.refresh()


def test_registered_claims_cannot_be_overridden(alice: User, settings: Any, caplog: Any) -> None:
    settings.TOKEN_EXTRA_CLAIMS = f"{HERE}.greedy"
    caller = TokenCaller()
    claims = parts(caller.access)[1]
    assert (claims["sub"], claims["username"], claims["is_staff"]) == (str(alice.pk), "alice", False)
    assert claims["aud"] == product.TOKEN_AUDIENCE
    assert claims["exp"] - claims["iat"] <= product.TOKEN_ACCESS_SECONDS
    assert "nbf" not in claims
    assert claims["role"] == "x"
    assert caller.me().json()["is_staff"] is False
    assert "aud, exp, is_staff, nbf, sub, username" in caplog.text


def test_a_function_that_fails_leaves_no_login_behind(alice: User, settings: Any) -> None:
    settings.TOKEN_EXTRA_CLAIMS = f"{HERE}.failing"
    with pytest.raises(LookupError):
        log_in("header")
    assert not TokenFamily.objects.exists()


@pytest.mark.parametrize(("transport", "limit"), [("header", 8000), ("cookie", 4096)])
def test_what_fits_is_issued_and_what_does_not_is_refused_to_the_byte(
    alice: User, grow: Any, transport: str, limit: int
) -> None:
    room = limit - size_of(log_in(transport), transport)
    largest = 0
    for number in range(room * 3 // 4 - 4, room * 3 // 4 + 4):
        grow(number)
        before = TokenFamily.objects.count(), AuthEvent.objects.count()
        answer = log_in(transport)
        if answer.status_code == 200:
            largest = size_of(answer, transport)
        else:
            assert_too_large(answer, str(limit if transport == "header" else limit - len("access")))
            assert (TokenFamily.objects.count(), AuthEvent.objects.count()) == before
    assert limit - 2 < largest <= limit
    assert answer.status_code == 422


def test_a_token_of_the_largest_size_works(alice: User, grow: Any) -> None:
    plain = TokenCaller()
    grow((8000 - len(plain.access)) * 3 // 4 - 2)
    caller = TokenCaller()
    assert len(caller.access) > 7990
    assert caller.me().status_code == 200
    assert caller.refresh().status_code == 200


def test_a_refresh_that_would_be_too_large_takes_nothing_away(alice: User, grow: Any, clock: Any) -> None:
    caller = TokenCaller()
    family = TokenFamily.objects.values().get()
    grow(9000)
    for _ in range(2):
        assert_too_large(caller.refresh(), "8000")
        clock.shift(60)
    assert TokenFamily.objects.values().get() == family
    grow(0)
    assert caller.refresh().status_code == 200
    assert not AuthEvent.objects.filter(kind="reuse").exists()


def test_a_password_change_that_would_be_too_large_changes_nothing(alice: User, grow: Any) -> None:
    caller = TokenCaller()
    grow(9000)
    change = {"old_password": PASSWORD, "new_password": "another good one, long"}
    assert_too_large(caller.call("POST", "password/", change), "8000")
    assert User.objects.get().check_password(PASSWORD)
    grow(0)
    assert caller.refresh().status_code == 200
