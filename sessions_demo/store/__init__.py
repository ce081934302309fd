"""SESSION_ENGINE: sessions in the database, with `SESSION_STORE=cached` a copy of each in Redis.

The database is the truth. What stock Django's stores get wrong is named where it is put right:
raw keys at rest, a session that comes back after its end, the same key before and after a login.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, models, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from authcompare.logins import marks
from authcompare.logins.batches import delete
from authcompare.logins.connections import Question
from authcompare.logins.models import Reason
from authcompare.logins.prepared import Given, Prepared
from sessions_demo.models import Session, digest
from sessions_demo.store import copies

log = logging.getLogger(__name__)

CREATE_TRIES = 5  # a new key collides with probability 2^-190; more tries would only hide a fault
TOUCH = timedelta(seconds=60)
EARLY_SECONDS = 0.05  # what was asked longer ago is asked again: a slow upload must not outlive an end
NOW, KEY_HASH = Given("now", models.DateTimeField()), Given("key_hash", models.CharField())
LIVE = Prepared(Session.objects.alive_at(NOW).filter(key_hash=KEY_HASH), "user")


def new_key() -> str:
    """32 of 62 letters and digits, that is 190 random bits."""
    return get_random_string(32)


def touch_interval() -> timedelta:
    """`last_seen_at` is written at most this often: a GET by an active user is a read."""
    return min(TOUCH, Session.idle() / 10)


class SessionStore(SessionBase):
    """One browser's session. Keep the class name: Django's salt for session data depends on it."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.row: Session | None = None
        self.told = True  # whether Redis could be told that the key of before is none any more
        self.seen_from: dict[str, Any] = {}
        self._early: tuple[str, Question | None] | None = None  # what is asked about, and the question
        self._shown = session_key  # by the browser; a key that is made later nobody else has yet

    # Reading ----------------------------------------------------------------------------------------------

    def ask_early(self) -> None:
        """Ask Redis for what `load` reads: while the request finds its view, the answer comes."""
        if self.session_key is not None:
            self._early = self._ask()

    def settle(self) -> None:
        """Read what was asked early and nobody wanted to know: its connection is needed again."""
        early, self._early = self._early, None
        marks.answer(early and early[1])

    def load(self) -> dict[str, Any]:
        """The session's data; `{}` and no key where the key names no live session: it is never adopted."""
        if self.session_key is None:
            return {}
        key_hash, asked = self._asked()
        copy, may_copy = copies.find(key_hash, asked)
        if copy is not None:
            self.row, data = copy
            return data
        before = timezone.now()
        self.row = LIVE.first(key_hash=key_hash, now=before)
        if self.row is None:
            self._session_key = None
            return {}
        self._touch(before)
        data = self.decode(self.row.session_data)
        if may_copy and self.row.admits(data.get(HASH_SESSION_KEY, "")):
            copies.keep(self.row, data, self._copy_until(before))
        return data

    def _asked(self) -> tuple[str, Question | None]:
        """The hash of the key, and what was asked about it: early, unless that was too early."""
        if self._early and (asked := self._early[1]) and time.monotonic() - asked.asked_at > EARLY_SECONDS:
            self.settle()
        early, self._early = self._early, None
        return early or self._ask()

    def _ask(self) -> tuple[str, Question | None]:
        key_hash = digest(self.session_key)  # type: ignore[arg-type]
        return key_hash, copies.ask(key_hash)

    def _touch(self, now: datetime) -> None:
        """Push the idle time-out. A touch that fails never fails the request: it was only a note."""
        assert self.row is not None
        if now - self.row.last_seen_at < touch_interval():
            return
        idle_until = min(now + Session.idle(), self.row.expires_at)
        try:
            with transaction.atomic():
                # Of several requests at once, the one that still finds the old time writes.
                due = Session.objects.filter(pk=self.row.pk, last_seen_at=self.row.last_seen_at)
                due.filter(ended_at__isnull=True).update(last_seen_at=now, idle_until=idle_until)
        except DatabaseError:
            log.warning("last_seen_at of session %s not written", self.row.pk)
        else:
            self.row.last_seen_at, self.row.idle_until = now, idle_until

    def _copy_until(self, before: datetime) -> datetime:
        """A copy lives until the next touch is due, at most 60 s after the clock *before* its SELECT."""
        assert self.row is not None
        due = self.row.last_seen_at + touch_interval()
        return min(before + timedelta(seconds=marks.COPY_SECONDS), due, self.row.idle_until)

    @property
    def login(self) -> Session | None:
        """The login behind this session; None for an anonymous one."""
        self._get_session()  # type: ignore[attr-defined]
        return self.row if self.row is not None and self.row.user_id is not None else None

    @property
    def user(self) -> Any:
        """The user of this session, from the same SELECT or copy; None where there is none to let in."""
        login = self.login
        if login is None:
            return None
        user: Any = login.user
        believed = getattr(user, "is_snapshot", False)  # judged when the copy was made
        return user if believed or login.admits(self._session_cache.get(HASH_SESSION_KEY, "")) else None

    # Writing ----------------------------------------------------------------------------------------------

    def exists(self, session_key: str) -> bool:
        """True also for a key whose login has ended: it is never given out again."""
        return bool(session_key) and Session.objects.filter(key_hash=digest(session_key)).exists()

    def create(self) -> None:
        """A new row under a new key; the unique index, not a look-up before, says that it is new."""
        for _ in range(CREATE_TRIES):
            self._session_key = new_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return
        raise CreateError

    def save(self, must_create: bool = False) -> None:
        """Insert, or update where the login has not ended: a slow request cannot bring a session back.

        Raises CreateError if the key is taken, UpdateError if there is no such live session (any more).
        """
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if self.session_key is None:  # the key named nothing, which loading has found out
            return self.create()
        (self._insert if must_create else self._update)(digest(self.session_key), data)
        return None

    def _insert(self, key_hash: str, data: dict[str, Any]) -> None:
        row = Session(key_hash=key_hash, **self._fields(None, data))
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise CreateError from error
        self.row = row

    def _update(self, key_hash: str, data: dict[str, Any]) -> None:
        if self.row is None:
            self.row = LIVE.first(key_hash=key_hash, now=timezone.now())
        if self.row is None:
            raise UpdateError
        fields = self._fields(self.row, data)
        unended = Session.objects.filter(key_hash=key_hash, ended_at__isnull=True)
        if not unended.update(**fields):
            raise UpdateError
        if self.session_key == self._shown:
            copies.outdate(key_hash)
        for name, value in fields.items():
            setattr(self.row, name, value)

    def _fields(self, row: Session | None, data: dict[str, Any]) -> dict[str, Any]:
        """The columns to write. The moment a user appears in the data, the session becomes a login."""
        user_id = data.get(SESSION_KEY)
        fields: dict[str, Any] = {"session_data": self.encode(data), "user_id": user_id}
        if row is None or (row.user_id is None and user_id is not None):
            fields |= Session.beginning(timezone.now()) | self.seen_from
        if "_session_expiry" in data:
            expires_at = self.get_expiry_date(expiry=data["_session_expiry"])
            fields |= {
                "expires_at": expires_at,
                "idle_until": min(timezone.now() + Session.idle(), expires_at),
            }
        return fields

    def delete(self, session_key: str | None = None) -> None:
        """End the login; an anonymous session has nothing to remember and is removed."""
        key = session_key or self.session_key
        if key is None:
            return
        rows = Session.objects.filter(key_hash=digest(key))
        rows.end(Reason.LOGOUT)
        models.QuerySet.delete(rows.filter(user__isnull=True))  # ours would look once more for logins to end
        copies.drop(digest(key))
        if key == self.session_key:
            self.row = None

    def cycle_key(self) -> None:
        """A new key for the same login, in one UPDATE: create and delete would revive one just ended.

        The old key's copy dies by a mark. Raises UpdateError if the login has ended.
        """
        data = self._get_session()  # type: ignore[attr-defined]
        if self.session_key is None:
            self.create()
            self._session_cache = data
            return
        old, new = digest(self.session_key), new_key()
        with transaction.atomic():
            unended = Session.objects.filter(key_hash=old, ended_at__isnull=True)
            if not unended.update(key_hash=digest(new)):
                raise UpdateError
            self.told = marks.write([old])
        self._session_key = new
        self.modified = True

    async def acycle_key(self) -> None:
        """See cycle_key(); Django's own async twin would create and delete."""
        await sync_to_async(self.cycle_key)()

    def get_session_cookie_age(self) -> int:
        """Seconds until the absolute time-out: it does not slide, so neither does the cookie."""
        if self.row is None:
            return super().get_session_cookie_age()
        return max(0, round((self.row.expires_at - timezone.now()).total_seconds()))

    @classmethod
    def clear_expired(cls) -> None:
        """Anonymous sessions go at once; logins stay for the retention, see `manage.py purgelogins`."""
        delete(Session.objects.filter(user__isnull=True).timed_out(), by="idle_until")
