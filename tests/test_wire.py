"""What a page or the lab says about a request is what happened."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from authcompare.accounts.models import User
from tests.callers import Caller, SessionCaller, TokenCaller


def cost(answer: Any) -> dict[str, int]:
    """Counts by name, from `Server-Timing`."""
    return {
        name: int(count) for name, count in re.findall(r'(\w+);desc="(\d+)"', answer.headers["Server-Timing"])
    }


@pytest.mark.parametrize(
    ("who", "overrides", "sql", "redis"),
    [
        (SessionCaller, {"SESSION_STORE": "database"}, 1, 0),
        (SessionCaller, {"SESSION_STORE": "cached"}, 0, 1),
        (TokenCaller, {"TOKEN_CHECK": "none"}, 0, 0),
        (TokenCaller, {"TOKEN_CHECK": "denylist"}, 0, 1),
        (TokenCaller, {"TOKEN_CHECK": "database"}, 1, 0),
    ],
)
def test_look_ups_of_an_authenticated_request(
    alice: User, settings: Any, who: Callable[[], Caller], overrides: dict[str, str], sql: int, redis: int
) -> None:
    settings.MIDDLEWARE = ["authcompare.wire.Wire", *settings.MIDDLEWARE]
    for name, value in overrides.items():
        setattr(settings, name, value)
    caller = who()
    caller.me()
    assert cost(caller.me()) == {"sql": sql, "redis": redis}


def test_nothing_is_told_without_it(db: None) -> None:
    assert "Server-Timing" not in Client().get("/healthz").headers
