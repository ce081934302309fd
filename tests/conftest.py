"""A real Valkey for the whole run, users, and a clock that moves both Python and the database's `now`."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db.models import DateTimeField, Value
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.experiments.embedded import EmbeddedStore
from authcompare.logins import marks

PASSWORD = " correct horse battery "  # with spaces at both ends: it must be taken exactly as received


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> Iterator[EmbeddedStore | None]:
    """Ours, unless REDIS_URL named another."""
    place = django_settings.TOKEN_KEYS.parent
    place.mkdir(parents=True, exist_ok=True)
    ours = os.environ["REDIS_URL"].startswith(f"unix://{place}")
    store = EmbeddedStore(place / "store") if ours else None
    if store is not None:
        store.start()
    yield store
    if store is not None:
        store.close()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(autouse=True)
def _empty_redis(redis_server: EmbeddedStore | None) -> None:
    marks.breaker.worked()
    marks.redis().flushdb()


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password=PASSWORD)


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password=PASSWORD)


@pytest.fixture
def admin_user(db: None) -> User:
    return User.objects.create_superuser("admin", password=PASSWORD)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`clock.shift(seconds)`; nothing ticks in between."""

    def now() -> Value:
        return Value(timezone.now(), output_field=DateTimeField())

    monkeypatch.setattr("tokens_demo.models.Now", now)
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def queries(django_assert_num_queries: Callable[..., Any]) -> Callable[..., Any]:
    return django_assert_num_queries


@pytest.fixture(params=["database", "cached"])
def store(request: pytest.FixtureRequest, settings: Any) -> str:
    """Each store whose logins can be ended."""
    settings.SESSION_STORE = request.param
    return str(request.param)
