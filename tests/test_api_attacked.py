"""Schemathesis on the described API, for a user, an admin and nobody: what is said holds, whatever is sent.

Among its checks: no 5xx, only described statuses, media types and bodies, bad data refused, credentials not
ignored, nothing usable after it was deleted.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from authcompare.accounts.models import User
from tests.callers import Caller, SessionCaller, TokenCaller
from tests.conftest import PASSWORD

SIGNALS = (request_started, request_finished)
served = get_wsgi_application()
BOUNDED = settings(
    max_examples=2,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
WALKS = settings(BOUNDED, max_examples=6, stateful_step_count=6)
ENDS = re.compile("/(login|logout|active|password|refresh)/")
NOT_OF = {
    "/tokens/logout/": [negative_data_rejection],  # 200 whatever is sent (RFC 7009 §2.2)
    "/tokens/refresh/": [positive_data_acceptance],  # an empty body is right where the token is a cookie
    "/tokens/password/": [positive_data_acceptance],  # a well-formed body with a wrong password is 400
    "/sessions/password/": [positive_data_acceptance],
}
pytestmark = pytest.mark.django_db


class Somebody:
    """Logged in by the scheme of the path, and again whenever that login was ended; nobody has no name."""

    def __init__(self, username: str) -> None:
        self.username = username
        self.callers: dict[type[Caller], Caller] = {}

    def attack(self, case: Any) -> None:
        if self.username:
            self.sign(case)
        case.call_and_validate(excluded_checks=NOT_OF.get(case.operation.path, []))

    def sign(self, case: Any) -> None:
        """What an auth provider does; but its `get` runs when cases are made, before there is a database."""
        path = case.operation.path
        caller = self.caller(TokenCaller if path.startswith("/tokens/") else SessionCaller, path)
        cookies = {name: each.value for name, each in caller.client.cookies.items()}
        case.headers = {**(case.headers or {}), **caller.headers()}
        case.cookies = {**(case.cookies or {}), **cookies}
        case._has_explicit_auth = True

    def caller(self, kind: type[Caller], path: str) -> Caller:
        known = self.callers.get(kind)
        if known is None or (ENDS.search(path) and known.me().status_code != 200):
            known = self.callers[kind] = kind(self.username)
        return known


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Ours, called from this machine; the requests of a test share its transaction, as in Django's client."""
    for signal in SIGNALS:
        signal.disconnect(close_old_connections)
    return served({**environ, "REMOTE_ADDR": "127.0.0.1"}, start_response)


def described() -> Any:
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    schema.config.generation.update(with_security_parameters=False, allow_x00=False)
    return schema


@pytest.fixture(autouse=True)
def _people(db: None, settings: Any) -> Iterator[None]:
    settings.LOGIN_LIMIT = 1_000_000
    # Always the same ids: a token that an earlier test was given must not name a user who is gone, whose note
    # PostgreSQL would refuse only when this test's transaction ends.
    User.objects.create_user("alice", password=PASSWORD, id=1)
    User.objects.create_superuser("admin", password=PASSWORD, id=2)
    yield
    for signal in SIGNALS:
        signal.connect(close_old_connections)


@pytest.fixture(params=["alice", "admin", ""], ids=["user", "admin", "nobody"])
def somebody(request: pytest.FixtureRequest) -> Somebody:
    return Somebody(request.param)


@described().parametrize()
@BOUNDED
def test_nothing_is_found(case: Any, somebody: Somebody) -> None:
    somebody.attack(case)


@pytest.mark.parametrize(
    ("somebody", "mount"), [("alice", "sessions"), ("admin", "tokens")], indirect=["somebody"]
)
def test_nothing_can_be_used_after_it_was_deleted(somebody: Somebody, mount: str) -> None:
    done: list[tuple[str, int]] = []
    walked = [f"{mount}_notes_{act}" for act in ("create", "read", "delete")]
    notes = described().include(operation_id=walked)

    class Walk(notes.as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: Any) -> None:
            somebody.sign(case)

        def after_call(self, response: Any, case: Any) -> None:
            super().after_call(response, case)
            done.append((case.method, response.status_code))

    Walk.run(settings=WALKS)
    assert ("DELETE", 204) in done, done
    assert ("GET", 404) in done[done.index(("DELETE", 204)) :], done
