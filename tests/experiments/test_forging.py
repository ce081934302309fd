"""Which layer stopped a forged request, by what the server saw of it and what it said."""

import pytest

from authcompare.experiments.browsing.forging import Arrived, reason_of
from authcompare.experiments.browsing.places import SESSION_COOKIE

ORIGIN_REASON = "CSRF check failed: Origin checking failed - https://evil.test does not match any trusted."


def arrived(method: str, status: int, said: str = "", *cookies: str) -> Arrived:
    return Arrived(method, cookies, False, status, said, ())


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ([], "nothing arrived"),
        ([arrived("OPTIONS", 200)], "preflight"),
        ([arrived("POST", 401)], "samesite"),
        ([arrived("POST", 401, "", SESSION_COOKIE)], "answered 401"),
        ([arrived("POST", 403, ORIGIN_REASON)], "origin"),
        ([arrived("POST", 403, "CSRF check failed: CSRF token missing.")], "token"),
        ([arrived("POST", 403, "CSRF check failed: Sec-Fetch-Site")], "fetch-site"),
        ([arrived("POST", 403, "You may not do this.", SESSION_COOKIE)], "answered 403"),
        ([arrived("POST", 415, "", SESSION_COOKIE)], "json"),
        ([arrived("POST", 500, "", SESSION_COOKIE)], "answered 500"),
        ([arrived("POST", 429)], "answered 429"),
    ],
)
def test_the_layer_is_named_by_what_was_sent_and_said(seen: list[Arrived], reason: str) -> None:
    assert reason_of(seen, {SESSION_COOKIE}) == reason


def test_without_a_cookie_of_its_own_nothing_was_kept_back() -> None:
    assert reason_of([arrived("POST", 401, "", SESSION_COOKIE)], set()) == "no credential was sent"
