"""A real Valkey for the whole run, and what the tests share besides."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from redis.exceptions import RedisError

from authcompare.experiments.live.embedded import EmbeddedStore
from authcompare.logins import marks
from tests.people import PASSWORD, admin_user, alice, bob, clock  # noqa: F401  fixtures of every test


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
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as store:  # more patient than the product's 0.25 s
        store.flushdb()


class WatchedBreaker(marks.Breaker):
    """Remembers which errors it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[type[RedisError]] = []

    def failed(self, error: RedisError) -> None:
        self.told.append(type(error))
        super().failed(error)


@pytest.fixture
def breaker(monkeypatch: pytest.MonkeyPatch) -> WatchedBreaker:
    watched = WatchedBreaker()
    monkeypatch.setattr(marks, "breaker", watched)
    return watched


@pytest.fixture
def own_redis(settings: Any) -> Iterator[EmbeddedStore]:
    """A server to kill or to freeze."""
    with EmbeddedStore() as server:
        settings.REDIS_URL = server.url
        settings.CACHES = settings.CACHES | {"default": settings.CACHES["default"] | {"LOCATION": server.url}}
        yield server


@pytest.fixture
def queries(django_assert_num_queries: Callable[..., Any]) -> Callable[..., Any]:
    return django_assert_num_queries


@pytest.fixture(params=["database", "cached"])
def store(request: pytest.FixtureRequest, settings: Any) -> str:
    """Each store whose logins can be ended."""
    settings.SESSION_STORE = request.param
    return str(request.param)


@pytest.fixture
def proxied(settings: Any) -> None:
    """As outside the lab, which takes nothing from a proxy that is not its own."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != "authcompare.lab.LoopbackOnly"]


@pytest.fixture
def wired(settings: Any) -> None:
    """As in a lab that records."""
    settings.WIRE = True
    settings.MIDDLEWARE = ["authcompare.pages.relay.Relay", "authcompare.wire.Wire", *settings.MIDDLEWARE]
