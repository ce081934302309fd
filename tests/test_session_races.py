"""Sessions under races and without Redis: each interleaving forced. With real threads: the storm."""

import time
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis.exceptions import ConnectionError as Away

from authcompare.accounts.models import User
from authcompare.experiments.live.embedded import EmbeddedStore
from authcompare.logins import marks
from authcompare.logins.models import Reason
from sessions_demo.models import Session, digest
from sessions_demo.store import SessionStore, copies
from tests.callers import SessionCaller, key_of
from tests.conftest import WatchedBreaker

pytestmark = pytest.mark.django_db


def test_a_slow_writer_cannot_bring_an_ended_session_back(alice: User, store: str) -> None:
    caller = SessionCaller()
    slow = SessionStore(key_of(caller))
    slow["cart"] = ["something"]
    caller.log_out()
    with pytest.raises(UpdateError):
        slow.save()
    with pytest.raises(UpdateError):
        slow.cycle_key()
    assert caller.me().status_code == 401


def test_a_slow_reader_cannot_refill_the_cache(alice: User, settings: Any) -> None:
    settings.SESSION_STORE = "cached"
    caller = SessionCaller()
    slow = SessionStore(key_of(caller))
    settings.SESSION_STORE = "database"  # it read the row, and had not written the copy yet
    data = slow.load()
    settings.SESSION_STORE = "cached"
    Session.objects.all().end(Reason.ADMIN)
    copies.keep(slow.row, data, slow._copy_until(slow.row.last_seen_at))
    assert marks.redis().keys("session:*")
    assert caller.me().status_code == 401


@pytest.mark.parametrize("breaker", ["closed", "open"])
def test_a_slow_reader_cannot_have_old_data_written_back(
    alice: User, settings: Any, monkeypatch: Any, breaker: str
) -> None:
    """Forced: one has read the row, a second one writes and is done, then the first one adds its copy."""
    settings.SESSION_STORE = "cached"
    key = key_of(SessionCaller())
    slow, writer, late = SessionStore(key), SessionStore(key), list[Any]()
    with monkeypatch.context() as stalled:
        stalled.setattr(copies, "keep", lambda *copy: late.append(copy))
        slow.load()
        writer["cart"] = [1]
    if breaker == "open":
        marks.breaker.failed(Away())
    writer.save()
    marks.breaker.worked()
    copies.keep(*late[0])
    later = SessionStore(key)
    later["cart"] = [*later.get("cart", []), 2]
    later.save()
    assert SessionStore(key)["cart"] == [1, 2]


def test_a_session_that_changed_is_copied_again_a_minute_later(
    alice: User, settings: Any, queries: Any
) -> None:
    settings.SESSION_STORE = "cached"
    caller = SessionCaller()
    changed = SessionStore(key_of(caller))
    changed["cart"] = [1]
    began = time.monotonic()
    changed.save()
    (name,) = marks.redis().keys("session:*")
    gone = 60_000 - marks.redis().pttl(name)
    assert 0 <= gone <= (time.monotonic() - began) * 1000 + 1
    marks.redis().delete(name)  # a minute later
    caller.me()
    with queries(0):
        assert SessionStore(key_of(caller))["cart"] == [1]


def test_rows_that_go_by_cascade_without_a_mark_answer_for_sixty_seconds_at_most(
    alice: User, settings: Any
) -> None:
    settings.SESSION_STORE = "cached"
    caller = SessionCaller()
    caller.me()
    (name,) = marks.redis().keys("session:*")
    assert 0 < marks.redis().pttl(name) <= 60_000
    Session.objects.all()._raw_delete("default")
    marks.redis().delete(name)
    assert caller.me().status_code == 401


def test_an_end_marks_before_it_commits(alice: User, settings: Any, monkeypatch: Any) -> None:
    """Killed between mark and commit: the login goes on, and costs a query."""
    settings.SESSION_STORE = "cached"
    caller = SessionCaller()
    caller.me()

    def killed(names: Any) -> bool:
        assert connection.in_atomic_block
        write(names)
        raise KeyboardInterrupt

    write = marks.write
    monkeypatch.setattr(marks, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        Session.objects.all().end(Reason.ADMIN)
    assert marks.redis().keys("mark:*")
    assert caller.me().status_code == 200


def test_ending_takes_the_same_statements_whatever_the_number(alice: User) -> None:
    for _ in range(3):
        SessionCaller()
    with CaptureQueriesContext(connection) as captured:
        assert Session.objects.filter(user=alice).end(Reason.ADMIN).count == 3
    statements = [query["sql"].split()[0] for query in captured]
    # Lock and update; then the trail gets its lines in one insert.
    assert [one for one in statements if "SAVEPOINT" not in one and one != "RELEASE"] == [
        "SELECT",
        "UPDATE",
        "INSERT",
    ]


def test_a_killed_redis_costs_no_login_and_whoever_ends_is_told(
    alice: User, settings: Any, own_redis: EmbeddedStore, breaker: WatchedBreaker, monkeypatch: Any
) -> None:
    settings.SESSION_STORE = "cached"
    monkeypatch.setattr(marks, "AWAY_SECONDS", 0.0)  # nobody waits for the breaker, nobody sleeps
    stays, ends = SessionCaller(), SessionCaller()
    assert (stays.me().status_code, ends.me().status_code) == (200, 200)
    own_redis.kill()
    assert stays.me().status_code == 200
    assert breaker.told == [Away]
    assert SessionCaller().login_answer.status_code == 200
    ended = Session.objects.filter(key_hash=digest(key_of(ends))).end(Reason.ADMIN)
    assert (ended.count, ended.told) == (1, False)
    assert ends.me().status_code == 401
    assert set(breaker.told) == {Away}  # at once: nobody waited for a time-out
    own_redis.start()
    assert (stays.me().status_code, ends.me().status_code) == (200, 401)
    assert marks.redis().keys("session:*")  # used again


def test_while_redis_is_away_one_reader_a_second_asks_it(monkeypatch: Any) -> None:
    now = 100.0
    monkeypatch.setattr(marks.time, "monotonic", lambda: now)
    breaker = marks.Breaker()
    assert [breaker.allows() for _ in range(3)] == [True] * 3
    breaker.failed(Away())
    assert [breaker.allows() for _ in range(3)] == [False] * 3
    now = 101.0
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.worked()
    assert [breaker.allows() for _ in range(3)] == [True] * 3


NEVER = """{"until": 9e99, "id": "0b5e2c1a-7d53-4c0f-9b07-0a2f6a0c4d11", "data": {},
"user": ["1", "alice", "", "", ""], "times": [1e300, 1e300]}"""
DAMAGED = ["x", "{}", "[]", b"\xff", "null", '{"until": 1}', NEVER, "[" * 100_000]


@pytest.mark.parametrize("damaged", DAMAGED, ids=range(len(DAMAGED)))
def test_a_copy_that_cannot_be_read_is_no_copy(alice: User, settings: Any, damaged: Any) -> None:
    settings.SESSION_STORE = "cached"
    caller = SessionCaller()
    caller.me()
    (name,) = marks.redis().keys("session:*")
    marks.redis().set(name, damaged)
    assert caller.me().status_code == 200
