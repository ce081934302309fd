"""Two server processes on one database: one lineage whatever arrives in parallel, and keys that go."""

import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from authcompare.accounts.models import User
from authcompare.experiments.servers import Instance
from tests.conftest import PASSWORD
from tests.forging import parts
from tests.serving import send, served
from tokens_demo.models import TokenFamily
from tokens_demo.tokens import keys

GRACE_SECONDS = 600  # longer than any test: where a grace has to end, the rows are made older
LAPTOPS, TABS, AT_ONCE = 40, 8, 4

pytestmark = pytest.mark.django_db(transaction=True)


def log_in(server: Instance) -> dict[str, str]:
    status, pair = send(server.port, "POST", "/tokens/login/", {"username": "alice", "password": PASSWORD})
    assert status == 200
    return dict(pair)


def refresh(server: Instance, token: str) -> tuple[int, Any]:
    return send(server.port, "POST", "/tokens/refresh/", {"refresh": token})


def me(server: Instance, access: str) -> int:
    return send(server.port, "GET", "/tokens/me/", access=access)[0]


def jti(token: str) -> str:
    return str(parts(token)[1]["jti"])


def sleep_past_the_grace() -> None:
    TokenFamily.objects.update(rotated_at=F("rotated_at") - timedelta(seconds=GRACE_SECONDS))


def at_once(act: Callable[..., Any], work: Iterable[tuple[Any, ...]], threads: int) -> list[Any]:
    with ThreadPoolExecutor(threads) as pool:
        return [job.result() for job in [pool.submit(act, *one) for one in work]]


def test_two_hundred_parallel_refreshes_make_one_lineage(alice: User, tmp_path: Path) -> None:
    with served(2, tmp_path, TOKEN_REFRESH_GRACE_SECONDS=str(GRACE_SECONDS)) as servers:
        first = log_in(servers[0])["refresh"]

        def go_on(number: int) -> tuple[str, int]:
            status, pair = refresh(servers[number % 2], first)
            assert status == 200, pair
            return jti(pair["refresh"]), me(servers[(number + 1) % 2], pair["access"])

        outcomes = at_once(go_on, ((number,) for number in range(200)), threads=200)
    family = TokenFamily.objects.get()
    assert set(outcomes) == {(str(family.current_jti), 200)}
    assert (str(family.previous_jti), family.ended_at) == (jti(first), None)


def test_forty_laptop_wake_ups_with_eight_tabs_end_no_honest_family(alice: User, tmp_path: Path) -> None:
    """A tab shows the token it holds, or the one another tab has stored; asleep, all outlast the grace."""
    random.seed(7)
    with served(2, tmp_path, TOKEN_REFRESH_GRACE_SECONDS=str(GRACE_SECONDS)) as servers:
        stored = [log_in(servers[laptop % 2])["refresh"] for laptop in range(LAPTOPS)]
        held: list[list[str]] = []

        def wake(laptop: int, tab: int) -> None:
            shown = random.choice([held[laptop][tab], stored[laptop]])
            status, pair = refresh(random.choice(servers), shown)
            assert status == 200, pair
            held[laptop][tab] = stored[laptop] = pair["refresh"]

        for _awake in range(2):
            sleep_past_the_grace()
            held = [[token] * TABS for token in stored]
            for start in range(0, LAPTOPS, AT_ONCE):
                few = range(start, start + AT_ONCE)
                for _tick in range(2):
                    at_once(wake, product(few, range(TABS)), threads=AT_ONCE * TABS)
    assert TokenFamily.objects.filter(ended_at=None).count() == LAPTOPS
    assert {str(family.current_jti) for family in TokenFamily.objects.all()} == set(map(jti, stored))


def test_a_removed_key_is_refused_by_every_process_within_a_second(alice: User, tmp_path: Path) -> None:
    with served(2, tmp_path) as servers:
        pair = log_in(servers[0])
        for server in servers:
            assert [me(server, pair["access"]) for _ in range(2)] == [200, 200]  # remembered from now on
        (old,) = (tmp_path / "keys").iterdir()
        suffix, content = keys.make("ES256")
        old.with_name(f"{int(time.time())}{suffix}").write_bytes(content)
        time.sleep(keys.LOOK_AGAIN_SECONDS)
        new = log_in(servers[0])["access"]
        assert [me(server, access) for server in servers for access in (pair["access"], new)] == [200] * 4
        old.unlink()
        time.sleep(keys.LOOK_AGAIN_SECONDS)
        assert [me(server, pair["access"]) for server in servers] == [401, 401]
        assert [refresh(server, pair["refresh"])[0] for server in servers] == [401, 401]
        assert [me(server, new) for server in servers] == [200, 200]
