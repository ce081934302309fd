"""Every wrong token is a 401 with the same challenge, on every endpoint that takes one; never a 500."""

import time
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework_simplejwt.exceptions import TokenBackendError

from authcompare.accounts.models import User
from tests.callers import TokenCaller
from tests.forging import FORGERIES, parts, signed, twin
from tokens_demo.tokens import AccessToken, FamilyToken, RefreshToken, backend

REFUSED = 'Bearer realm="authcompare", error="invalid_token"'


@pytest.fixture
def caller(alice: User) -> TokenCaller:
    return TokenCaller()


def assert_refused(answer: Any) -> None:
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith(REFUSED)
    assert answer.json()["type"] == "invalid_token"


def as_access(token: str) -> Any:
    return Client().get("/tokens/me/", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_access_token_is_refused_between_two_that_are_accepted(caller: TokenCaller, name: str) -> None:
    forged = FORGERIES[name](caller.access)
    assert caller.me().status_code == 200
    answer = as_access(forged)
    if forged and " " not in forged and "\t" not in forged:
        assert_refused(answer)
    else:
        assert answer.status_code in (400, 401)
    assert caller.me().status_code == 200


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_refresh_token_is_refused_and_logs_nobody_out(caller: TokenCaller, name: str) -> None:
    forged = FORGERIES[name](caller.refresh_token)
    assert_refused(caller.post_refresh(forged))
    assert (
        caller.client.post(
            "/tokens/logout/", {"refresh": forged}, content_type="application/json"
        ).status_code
        == 200
    )
    assert caller.refresh().status_code == 200


def test_access_and_refresh_are_mutually_exclusive(caller: TokenCaller) -> None:
    assert_refused(as_access(caller.refresh_token))
    assert_refused(caller.post_refresh(caller.access))


def test_application_prefix_and_case_of_typ_are_equivalent(caller: TokenCaller) -> None:
    assert as_access(signed(caller.access, {"typ": "application/AT+JWT"})).status_code == 200


def test_a_clock_that_is_ahead_by_thirty_seconds_is_tolerated(caller: TokenCaller) -> None:
    assert as_access(signed(caller.access, iat=int(time.time()) + 30)).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme_name_is_case_insensitive(caller: TokenCaller, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {caller.access}"}
    assert Client().get("/tokens/me/", headers=headers).status_code == 200


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Digest x", "Token abc"])
def test_no_credential_gives_a_challenge_without_error(db: None, header: str) -> None:
    answer = Client().get("/tokens/me/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="authcompare"'


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "bearer a.b.c d"])
def test_a_malformed_header_is_a_bad_request(db: None, header: str) -> None:
    answer = Client().get("/tokens/me/", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_request")


@pytest.mark.parametrize("place", ["/tokens/me/?access_token=", "/tokens/me/?token="])
def test_a_token_in_the_address_is_not_looked_at(caller: TokenCaller, place: str) -> None:
    assert Client().get(place + caller.access).status_code == 401


@pytest.mark.parametrize("refresh", [None, 5, [], {}, "", "x", True])
def test_refresh_with_a_wrong_shape_is_a_clear_error(caller: TokenCaller, refresh: Any) -> None:
    assert caller.post_refresh(refresh).status_code in (400, 401)
    logout = caller.client.post("/tokens/logout/", {"refresh": refresh}, content_type="application/json")
    assert logout.status_code == 200
    assert caller.refresh().status_code == 200


@pytest.mark.parametrize("kind", [AccessToken, RefreshToken])
@given(token=st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("latin-1"))))
@hypothesis_settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_arbitrary_text_is_refused_by_the_one_exception(kind: type[FamilyToken], token: str) -> None:
    with pytest.raises(TokenBackendError):
        backend.decode(token, kind.typ)


@given(position=st.integers(0, 10_000), letter=st.sampled_from("AQZaz09-_.="))
@hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_one_changed_letter_is_refused_or_says_the_same(
    caller: TokenCaller, position: int, letter: str
) -> None:
    position %= len(caller.access)
    changed = caller.access[:position] + letter + caller.access[position + 1 :]
    try:
        claims = backend.decode(changed, "at+jwt")
    except TokenBackendError:
        return
    assert claims == parts(caller.access)[1]


def test_the_twin_signature_says_the_same_and_dies_with_the_family(
    caller: TokenCaller, settings: Any
) -> None:
    settings.TOKEN_CHECK = "database"
    other = twin(caller.access)
    assert as_access(other).status_code == 200
    caller.log_out()
    assert_refused(as_access(other))


def test_the_answer_with_tokens_is_never_stored(caller: TokenCaller) -> None:
    for answer in (caller.login_answer, caller.refresh()):
        assert answer.headers["Cache-Control"] == "no-store"
        assert set(answer.json()) == {"access", "refresh", "token_type", "expires_in", "refresh_expires_in"}
        assert answer.json()["token_type"] == "Bearer"


def test_access_token_is_shaped_by_rfc_9068(caller: TokenCaller) -> None:
    header, claims, _ = parts(caller.access)
    assert header["typ"] == "at+jwt"
    assert {"iss", "aud", "exp", "iat", "jti", "sub", "client_id", "auth_time"} <= set(claims)
    assert claims["exp"] - claims["iat"] in (300, 299)


def test_no_token_value_is_at_rest(caller: TokenCaller) -> None:
    from tokens_demo.models import TokenFamily

    kept = [str(value) for row in TokenFamily.objects.values_list() for value in row]
    for token in (caller.access, caller.refresh_token):
        assert not any(piece in value for value in kept for piece in token.split("."))
    assert all(caller.post_refresh(value).status_code == 401 for value in kept)
