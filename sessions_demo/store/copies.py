"""`SESSION_STORE=cached`: a copy in Redis of what a request needs of its session and user.

Under the hash of the key, for at most 60 s, without the password hash, and never of staff: a demotion acts
at once, and whoever can write to Redis cannot forge an administrator. A reader fetches the copy and the
mark in one round trip and believes the copy only where there is no mark.
"""

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from redis.exceptions import RedisError

from authcompare.logins import marks
from authcompare.logins.connections import Question
from authcompare.logins.partial import partial
from authcompare.logins.users import EndsLogins
from sessions_demo.models import Session

NO_STAFF = {"is_active": True, "is_staff": False, "is_superuser": False}
USER_FIELDS = ["username", "first_name", "last_name", "email"]
OUTDATED = b"-"  # no JSON: nobody takes it for a copy

Copy = tuple[Session, dict[str, Any]]


def _key(key_hash: str) -> str:
    return f"session:{key_hash}"


def ask(key_hash: str) -> Question | None:
    """Ask Redis for the copy of this session and its mark; None where there are no copies."""
    if settings.SESSION_STORE != "cached":
        return None
    return marks.ask(_key(key_hash), marks.mark_key(key_hash))


def find(key_hash: str, asked: Question | None) -> tuple[Copy | None, bool]:
    """The copy of this session if it may be believed, and whether a new one may be made."""
    answer = marks.answer(asked)
    if answer is None:
        return None, False
    copy, mark = answer
    if mark is not None:
        return None, False
    return (_rebuilt(copy, key_hash) if copy is not None else None), copy is None


def keep(row: Session, data: dict[str, Any], until: datetime) -> None:
    """Add a copy. NX: a slow reader never overwrites a newer copy. PXAT: it dies by the clock."""
    user: Any = row.user
    if not _may_be_copied(user) or until <= timezone.now():
        return
    text = _as_json(
        {
            "id": str(row.pk),
            "until": until.timestamp(),
            "data": data,
            "times": [row.authenticated_at.timestamp(), row.expires_at.timestamp()],
            "user": [user._meta.pk.value_to_string(user), *(getattr(user, name) for name in USER_FIELDS)],
        }
    )
    if text is None:
        return
    try:
        marks.redis().set(_key(row.key_hash), text, pxat=int(until.timestamp() * 1000), nx=True)
    except RedisError as error:
        marks.breaker.failed(error)


def _as_json(kept: dict[str, Any]) -> str | None:
    """None where other values would come back than went in: a serializer of one's own may know more types."""
    try:
        text = json.dumps(kept)
    except TypeError:
        return None
    return text if json.loads(text) == kept else None


def _may_be_copied(user: Any) -> bool:
    """Never staff; and only if the user's model ends logins itself, because nobody asks its row any more."""
    return isinstance(user, EndsLogins) and not (user.is_staff or user.is_superuser)  # type: ignore[attr-defined]


def outdate(key_hash: str) -> None:
    """The session changed: until every copy of before would be over, there is none.

    What stands in its place keeps a slow reader from adding what it had read before the change; the next
    request would write that back. So it tries Redis even while readers avoid it. Where that fails, a copy of
    before may be read, and written back, for up to 60 s.
    """
    if settings.SESSION_STORE == "cached" and settings.REDIS_URL:
        try:
            marks.redis().set(_key(key_hash), OUTDATED, ex=marks.COPY_SECONDS)
        except RedisError as error:
            marks.breaker.failed(error)


def drop(key_hash: str) -> None:
    """Remove the copy of a session that is over: it takes room; that nobody adds it again is for the mark."""
    if settings.SESSION_STORE != "cached" or not settings.REDIS_URL or not marks.breaker.allows():
        return
    try:
        marks.redis().delete(_key(key_hash))
    except RedisError as error:
        marks.breaker.failed(error)


def _rebuilt(text: bytes, key_hash: str) -> Copy | None:
    """None if it is none, is past its time, or was written by another version of this code."""
    try:
        return _believed(json.loads(text.decode()), key_hash)
    except (ValueError, LookupError, TypeError, AttributeError, ValidationError):
        return None
    except (OverflowError, OSError, RecursionError):  # times beyond the calendar, lists in lists without end
        return None


def _believed(kept: dict[str, Any], key_hash: str) -> Copy | None:
    # The time is looked at here too: a Redis whose clock stands still must not keep a login alive.
    if kept["until"] <= time.time():
        return None
    user = _user(kept["user"])
    authenticated_at, expires_at = kept["times"]
    known = {
        "id": UUID(kept["id"]),
        "user_id": user.pk,
        "key_hash": key_hash,
        "authenticated_at": datetime.fromtimestamp(authenticated_at, UTC),
        "expires_at": datetime.fromtimestamp(expires_at, UTC),
    }
    return partial(Session, known, user=user), kept["data"]


def _user(said: list[str]) -> Any:
    """By name: whoever writes to Redis can say these fields of a user, and no others."""
    known = dict(zip(USER_FIELDS, said[1:], strict=True))
    return Session.users().snapshot(said[0], {**known, **NO_STAFF})
