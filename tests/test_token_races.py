"""Refresh in parallel, with real threads on a real database, and laptops that wake up with eight tabs."""

import random
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from authcompare.accounts.models import User
from tests.callers import TokenCaller
from tests.forging import parts
from tests.threads import in_threads
from tokens_demo.models import TokenFamily

GRACE = 10
LONG_GRACE = 600  # longer than two hundred refreshes take on any machine


def jti(token: str) -> str:
    return str(parts(token)[1]["jti"])


@pytest.mark.django_db(transaction=True)
def test_two_hundred_parallel_refreshes_make_one_lineage(alice: User, settings: Any) -> None:
    settings.TOKEN_REFRESH_GRACE_SECONDS = LONG_GRACE
    caller = TokenCaller()
    body = {"refresh": caller.refresh_token}
    waves = (
        10 if connection.vendor == "sqlite" else 5
    )  # SQLite lets 20 writers queue, PostgreSQL has 100 places

    def refresh(which: int) -> Any:
        return Client().post("/tokens/refresh/", body, content_type="application/json")

    answers = [answer for _ in range(waves) for answer in in_threads(200 // waves, refresh)]
    assert [answer.status_code for answer in answers] == [200] * 200
    assert {jti(answer.json()["refresh"]) for answer in answers} == {
        str(TokenFamily.objects.get().current_jti)
    }
    assert TokenFamily.objects.active().count() == 1


@pytest.mark.django_db
def test_forty_laptop_wake_ups_with_eight_tabs_end_no_honest_family(alice: User, clock: Any) -> None:
    """Each tab refreshes after its own delay, with the token it holds or the one another tab has stored."""
    random.seed(7)
    for _ in range(40):
        laptop = TokenCaller()
        held = [laptop.refresh_token] * 8
        stored = laptop.refresh_token
        for _tick in range(4):
            for tab in random.sample(range(8), 8):
                clock.shift(random.choice([0, 0, 0.05, 0.4, 1]))
                shown = random.choice([held[tab], stored]) if random.random() < 0.5 else stored
                answer = laptop.post_refresh(shown)
                assert answer.status_code == 200
                held[tab] = stored = answer.json()["refresh"]
            clock.shift(4 * GRACE)
            held = [stored] * 8  # asleep: every tab reads the store when it wakes
    assert TokenFamily.objects.filter(ended_at=None).count() == 40
