"""The seam to SimpleJWT: what ours keep of its contract, and that none of its settings weakens them.

Its own tests for its authentication class run with ours in `.ci/simplejwt-suite`.
"""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken as TheirAccessToken
from rest_framework_simplejwt.tokens import Token

from authcompare.accounts.models import User
from tests.callers import TokenCaller
from tests.forging import signed
from tokens_demo.authentication import BearerAuthentication
from tokens_demo.tokens import AccessToken, RefreshToken

ROOT = Path(__file__).resolve().parent.parent
LAX: dict[str, Any] = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": "k" * 64,
    "VERIFYING_KEY": "k" * 64,
    "AUTH_HEADER_TYPES": ("JWT",),
    "AUTH_HEADER_NAME": "HTTP_X_ACCESS_TOKEN",
    "AUTH_TOKEN_CLASSES": ("rest_framework_simplejwt.tokens.UntypedToken",),
    "USER_ID_CLAIM": "jti",
    "LEEWAY": 10**6,
    "AUDIENCE": "another",
    "ISSUER": "another",
    "CHECK_USER_IS_ACTIVE": False,
}


@pytest.fixture
def caller(alice: User) -> TokenCaller:
    return TokenCaller()


def test_the_authenticator_is_theirs_in_two_steps(caller: TokenCaller, alice: User) -> None:
    ours = BearerAuthentication()
    assert isinstance(ours, JWTAuthentication)
    token = ours.get_validated_token(caller.access)
    assert isinstance(token, Token)
    assert ours.get_user(token) == alice
    with pytest.raises(AuthenticationFailed):
        ours.get_validated_token(caller.refresh_token)


@pytest.mark.parametrize(("kind", "name"), [(AccessToken, "access"), (RefreshToken, "refresh_token")])
def test_the_tokens_are_theirs_read_like_a_mapping(
    caller: TokenCaller, alice: User, kind: Any, name: str
) -> None:
    token = kind(getattr(caller, name))
    assert isinstance(token, Token)
    assert (token["sub"], token.get("nothing"), "sid" in token) == (str(alice.pk), None, True)
    assert kind(str(token)).payload == token.payload
    with pytest.raises(TokenError):
        kind(str(token) + "x")


def test_their_tokens_are_refused(caller: TokenCaller, alice: User) -> None:
    caller.access = str(TheirAccessToken.for_user(alice))
    assert caller.me().status_code == 401


def test_none_of_their_settings_weakens_ours(caller: TokenCaller, settings: Any) -> None:
    expired = signed(caller.access, exp=int(time.time()) - 1)
    settings.SIMPLE_JWT = LAX
    assert caller.me().status_code == 200
    assert caller.refresh().status_code == 200
    caller.access, good = expired, caller.access
    assert caller.me().status_code == 401
    caller.access = good
    assert TokenCaller().me().status_code == 200


def test_every_test_of_theirs_that_does_not_hold_has_its_reason() -> None:
    script = (ROOT / ".ci/simplejwt-suite").read_text()
    reasons = re.findall(r"^# (test_\w+) +\S", script, re.MULTILINE)
    expected = re.search(r'^expected="([^"]+)"', script, re.MULTILINE)
    assert expected is not None
    assert expected[1].split() == reasons == sorted(reasons)
