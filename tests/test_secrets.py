"""A dump of the database and of Redis logs nobody in, and no page, log line or error says a key."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from authcompare.accounts.models import User
from authcompare.logins import marks
from tests.callers import SessionCaller, TokenCaller, key_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def database_dump() -> Iterator[str]:
    """Every value of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                yield from map(str, row)


def redis_dump() -> Iterator[str]:
    """Every key and every value."""
    for name in marks.redis().keys("*"):
        yield from (name.decode(), marks.redis().get(name).decode())


def replayed(value: str) -> set[int]:
    """The answers to somebody who shows `value` in every place that takes a credential."""
    thief = Client()
    thief.cookies["sessionid"] = value
    bearer = {"Authorization": f"Bearer {value}"}
    refresh = {"refresh": value}
    return {
        thief.get("/sessions/me/").status_code,
        Client().get("/tokens/me/", headers=bearer).status_code,
        Client().post("/tokens/refresh/", refresh, content_type="application/json").status_code,
    }


def test_a_dump_taken_with_ten_users_logged_in_logs_nobody_in(settings: Any) -> None:
    settings.SESSION_STORE, settings.TOKEN_CHECK = "cached", "denylist"
    callers: list[Any] = []
    for number in range(10):
        User.objects.create_user(f"user{number}", password=PASSWORD)
        callers += [SessionCaller(f"user{number}"), TokenCaller(f"user{number}")]
    assert [caller.me().status_code for caller in callers] == [200] * 20
    from_redis = list(redis_dump())
    dump = {*database_dump(), *from_redis}
    assert any("user7" in value for value in from_redis)  # the copies are in it
    secrets = [key_of(one) for one in callers[::2]] + [one.refresh_token for one in callers[1::2]]
    passwords = [user.password for user in User.objects.all()]
    assert not [value for value in dump if any(secret in value for secret in secrets)]
    assert not [value for value in from_redis if any(password in value for password in passwords)]
    # Whole values, and what stands between the punctuation of the larger ones.
    shown = {piece for value in dump for piece in (value, *re.split(r"[^A-Za-z0-9_.=-]+", value))}
    tried = [value for value in shown if value.isascii() and value.isprintable() and 8 <= len(value) <= 1000]
    assert len(tried) > 100
    assert not [value for value in tried if not replayed(value) <= {400, 401}]


def test_no_answer_and_no_log_line_says_a_credential(alice: User, caplog: Any, settings: Any) -> None:
    settings.DEBUG = False
    caplog.set_level("DEBUG")
    session, token = SessionCaller(), TokenCaller()
    secrets = [key_of(session), token.access, token.refresh_token]
    answers = [caller.call(method, path) for caller in (session, token) for method, path in REQUESTS]
    answers += [session.client.get(path) for path in ("/sessions/", "/sessions/devices/", "/nowhere")]
    answers += [session.log_out(), token.log_out(), session.me(), token.post_refresh("x")]
    said = caplog.text + "".join(answer.content.decode() for answer in answers if not answer.streaming)
    assert "alice" in said
    assert not [secret for secret in secrets if secret in said]


REQUESTS = [
    ("GET", "me/"),
    ("GET", "active/"),
    ("GET", "notes/"),
    ("POST", "notes/"),
    ("DELETE", "active/?others=true"),
    ("POST", "password/"),
    ("PATCH", "me/"),
]
