"""Users, and a clock that moves both Python and the database's `now`: what the scheme contract needs."""

import uuid
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import DateTimeField, Value
from django.utils import timezone

User: Any = get_user_model()  # of the project that is tested, which may be another one
PASSWORD = " correct horse battery "  # with spaces at both ends: it must be taken exactly as received


def copied(login: Any, number: int) -> None:
    """As many more logins like this one, each later than the one before."""
    copies = [copy(login) for _ in range(number)]
    for later, one in enumerate(copies, 1):
        one.pk, one.created_at = uuid.uuid4(), login.created_at + timedelta(seconds=later)
        one.last_seen_at = one.created_at
        if hasattr(one, "key_hash"):
            one.key_hash = one.pk.hex
    type(login)._default_manager.bulk_create(copies)


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

    if apps.is_installed("tokens_demo"):
        monkeypatch.setattr("tokens_demo.models.Now", now)
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller
