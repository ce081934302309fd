"""Real threads on a real database and a real Redis: what ends is ended, and five guesses are five."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from django.db import connections
from django.test import Client
from redis.exceptions import TimeoutError as TookTooLong

from authcompare import settings as product
from authcompare.accounts.models import User
from authcompare.experiments.live.embedded import EmbeddedStore
from authcompare.logins import credentials, marks
from authcompare.logins.models import Reason, end_logins_of
from sessions_demo.models import Session, digest
from tests.callers import SessionCaller, TokenCaller, key_of
from tests.conftest import WatchedBreaker
from tests.threads import in_threads

GONE = -2  # PTTL of what is not there; -1 would be a copy that lives for ever

pytestmark = pytest.mark.django_db(transaction=True)


def me(key: str) -> int:
    """The status of `me/` for the holder of this cookie, through a client of its own."""
    client = Client()
    client.cookies["sessionid"] = key
    return int(client.get("/sessions/me/").status_code)


class Storm:
    """Readers that never stop asking; each answer is kept with whether its login was known to have ended."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        self.ended: set[str] = set()
        self.answers: list[tuple[bool, int]] = []
        self._stop = threading.Event()

    def read(self) -> None:
        while not self._stop.is_set():
            key = random.choice(self.keys)
            known = key in self.ended
            self.answers.append((known, me(key)))
        connections.close_all()

    @contextmanager
    def blowing(self, readers: int = 4) -> Iterator[None]:
        threads = [threading.Thread(target=self.read) for _ in range(readers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def wait_for(self, number: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.answers) < number and time.monotonic() < deadline:
            time.sleep(0.01)


def test_of_a_thousand_requests_none_that_began_after_an_end_is_answered(alice: User, store: str) -> None:
    storm = Storm([key_of(SessionCaller()) for _ in range(25)])
    with storm.blowing():
        for number, key in enumerate(storm.keys[:20]):
            storm.wait_for(number * 40)
            Session.objects.filter(key_hash=digest(key)).end(Reason.ADMIN)
            storm.ended.add(key)
        storm.wait_for(1000)
    assert len(storm.answers) >= 1000
    assert {status for known, status in storm.answers if known} == {401}
    assert {status for known, status in storm.answers if not known} <= {200, 401}
    assert [me(key) for key in storm.keys] == [401] * 20 + [200] * 5


def test_two_ends_at_once_end_each_login_once(alice: User) -> None:
    for _ in range(5):
        SessionCaller()
    counts = in_threads(4, lambda _: end_logins_of([alice.pk], Reason.ADMIN).count)
    assert sorted(counts) == [0, 0, 0, 5]


def test_a_login_racing_a_deactivation_never_survives_it(alice: User) -> None:
    """Whichever comes first: a login refused, or a login ended."""

    def act(which: int) -> None:
        if which == 0:
            User.objects.filter(pk=alice.pk).update(is_active=False)
        else:
            SessionCaller()

    in_threads(9, act)
    assert not Session.objects.active().exists()


@contextmanager
def frozen(server: EmbeddedStore) -> Iterator[None]:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


@pytest.fixture
def impatient(settings: Any, own_redis: EmbeddedStore) -> None:
    """As the product is, which tests are not."""
    default = product.CACHES["default"] | {"LOCATION": own_redis.url}
    settings.CACHES = settings.CACHES | {"default": default}


def test_a_frozen_redis_costs_one_time_out_and_loses_nothing(
    alice: User,
    settings: Any,
    own_redis: EmbeddedStore,
    impatient: None,
    breaker: WatchedBreaker,
    monkeypatch: Any,
) -> None:
    settings.SESSION_STORE = "cached"
    monkeypatch.setattr(marks, "AWAY_SECONDS", 600)
    stays, ends = SessionCaller(), SessionCaller()
    assert (stays.me().status_code, ends.me().status_code) == (200, 200)
    breaker.worked()
    breaker.told.clear()
    with frozen(own_redis):
        assert stays.me().status_code == 200  # pays the time-out
        assert [stays.me().status_code for _ in range(3)] == [200] * 3
        assert breaker.told == [TookTooLong]  # while it is away nobody else waits
        ended = Session.objects.filter(key_hash=digest(key_of(ends))).end(Reason.ADMIN)
        assert (ended.count, ended.told) == (1, False)
        assert ends.me().status_code == 401
    breaker.worked()
    assert stays.me().status_code == 200
    # The copy made before the freeze may answer, but not for longer than a copy lives; or it has been deleted
    # by what was sent while Redis was frozen, and carried out when it went on.
    with redis.Redis.from_url(own_redis.url) as patient:
        assert patient.pttl(f"session:{digest(key_of(ends))}") in {GONE, *range(60_001)}


def test_a_redis_that_comes_back_empty_loses_nothing(alice: User, settings: Any) -> None:
    settings.SESSION_STORE = "cached"
    stays, ends = SessionCaller(), SessionCaller()
    stays.me(), ends.me()
    ends.log_out()
    marks.redis().flushdb()
    assert (stays.me().status_code, ends.me().status_code) == (200, 401)
    assert marks.redis().keys("session:*")  # the cache is used again


def test_of_forty_parallel_guesses_five_reach_the_hasher(
    alice: User, settings: Any, monkeypatch: Any
) -> None:
    ran: list[str] = []
    genuine = credentials.auth.authenticate
    monkeypatch.setattr(
        credentials.auth, "authenticate", lambda *a, **k: ran.append("hasher") or genuine(*a, **k)
    )
    answers = in_threads(40, lambda _: TokenCaller("alice", "wrong").login_answer.status_code)
    assert len(ran) == settings.LOGIN_LIMIT
    assert answers.count(401) == 5
    assert set(answers) <= {401, 429, 503}  # 503 while some of the five are being checked
