"""The delaying proxy: without a delay it changes nothing, with one every round trip takes longer by it."""

from collections.abc import Iterator

import pytest
from redis import Redis

from authcompare.experiments.live.distance import PINGS, Distance, pings
from authcompare.experiments.live.embedded import EmbeddedStore

WAY_MS = 3.0  # far above what the proxy itself takes at best, on a busy machine too


@pytest.fixture
def store() -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as standing:
        yield standing


@pytest.fixture
def distance(store: EmbeddedStore) -> Iterator[Distance]:
    made = Distance(store.socket)
    made.start()
    yield made
    made.close()


def test_without_a_delay_the_store_is_the_same(store: EmbeddedStore, distance: Distance) -> None:
    far = Redis.from_url(distance.far(store.url))
    far.set("said", "x" * 200_000)  # more than one read
    near = Redis.from_url(store.url)
    assert near.get("said") == far.get("said") == b"x" * 200_000
    far.close()
    near.close()
    assert min(pings(distance.socket)) < WAY_MS


def test_every_round_trip_takes_the_delay_longer(distance: Distance) -> None:
    distance.set(WAY_MS)
    assert min(pings(distance.socket)) >= WAY_MS
    distance.set(0)
    assert min(pings(distance.socket)) < WAY_MS


def test_round_trips_are_counted(distance: Distance) -> None:
    before = distance.set(0)
    pings(distance.socket)
    assert distance.set(0) - before == PINGS


def test_a_store_that_ends_ends_its_clients(store: EmbeddedStore, distance: Distance) -> None:
    pings(distance.socket)
    far = Redis.from_url(distance.far(store.url))
    assert far.ping()
    store.kill()
    store.start()
    assert far.ping()  # on a new connection through the same proxy
    far.close()


def test_nothing_is_left_of_it(store: EmbeddedStore) -> None:
    made = Distance(store.socket)
    made.start()
    made.close()
    assert made.has_ended()
    assert not made.directory.exists()
