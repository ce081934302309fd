"""Does ending all logins of one user stay as fast with a million rows?

On PostgreSQL, in a database of its own on the server that DATABASE_URL names; over HTTP, as a user does it,
less what the same login's `me/` takes just before.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import psycopg

from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.clients import logged_in
from authcompare.experiments.deployment import Broken, Deployment, Site, Skipped
from authcompare.experiments.fleet import Fleet
from authcompare.experiments.servers import run_manage
from authcompare.experiments.verdict import Figure
from authcompare.experiments.wire import Answer

SIZES = (10_000, 1_000_000)
LOGINS_OF_A_USER = 10
ROUNDS = 20
GOAL_MS, GOAL_RATIO = 10.0, 2.0

MAKE_USERS = """
INSERT INTO accounts_user (password, is_superuser, username, first_name, last_name, email, is_staff,
                           is_active, date_joined, password_changed_at)
SELECT '!', false, 'user' || n, '', '', '', false, true, now(), now()
FROM generate_series(1, %(users)s) AS n ON CONFLICT DO NOTHING
"""
MAKE_LOGINS = {
    "session": """
INSERT INTO sessions_demo_session (id, user_id, created_at, authenticated_at, last_seen_at, idle_until,
    expires_at, user_agent, device, ended_reason, ended_by, key_hash, session_data)
SELECT gen_random_uuid(), u.id, now(), now(), now(), now() + interval '2 hours', now() + interval '14 days',
    '', 'bench', '', '', md5(u.id || '-' || n) || md5(n || '+' || u.id), ''
FROM accounts_user AS u, generate_series(1, %(each)s) AS n WHERE u.username LIKE 'user%%'
    AND u.id NOT IN (SELECT user_id FROM sessions_demo_session WHERE user_id IS NOT NULL)
""",
    "token": """
INSERT INTO tokens_demo_tokenfamily (id, user_id, created_at, authenticated_at, last_seen_at, idle_until,
    expires_at, user_agent, device, ended_reason, ended_by, transport, current_jti)
SELECT gen_random_uuid(), u.id, now(), now(), now(), now() + interval '2 hours', now() + interval '14 days',
    '', 'bench', '', '', 'header', gen_random_uuid()
FROM accounts_user AS u, generate_series(1, %(each)s) AS n WHERE u.username LIKE 'user%%'
    AND u.id NOT IN (SELECT user_id FROM tokens_demo_tokenfamily)
""",
}
TABLES = {"session": "sessions_demo_session", "token": "tokens_demo_tokenfamily"}


Samples = dict[tuple[str, int], list[float]]


def run(fleet: Fleet, quick: bool, seed: int, tell: Callable[[str], None]) -> Bench:
    """Measure at every size. Raises Skipped without PostgreSQL."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        raise Skipped("Needs PostgreSQL: set DATABASE_URL=postgres://… to a server that may be used.")
    samples: Samples = {}
    with _own_database(server) as url:
        deployment = Deployment("bench", {"DATABASE_URL": url, "SESSION_STORE": "database"})
        run_manage(fleet.environment(deployment.environment), "migrate", "--noinput", "--verbosity", "0")
        run_manage(fleet.environment(deployment.environment), "demousers")
        (site,) = fleet.start([deployment])
        for rows in SIZES:
            tell(f"{rows:,} rows of each kind: filling")
            _fill(url, rows)
            for scheme in TABLES:
                tell(f"{rows:,} rows of each kind: ending, {scheme}")
                samples[scheme, rows] = _timed(scheme, site)
    return judge(samples)


@contextmanager
def _own_database(server_url: str) -> Iterator[str]:
    name = f"authcompare_bench_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _fill(url: str, rows: int) -> None:
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(MAKE_USERS, {"users": rows // LOGINS_OF_A_USER})
        for statement in MAKE_LOGINS.values():
            database.execute(statement, {"each": LOGINS_OF_A_USER})
        database.execute("VACUUM ANALYZE")


def _timed(scheme: str, site: Site) -> list[float]:
    """Ending all but one of a user's logins, in milliseconds beside those of a plain request."""
    samples = []
    for _ in range(ROUNDS):
        clients = [
            logged_in(scheme, site.doors[0], site.username, site.password) for _ in range(LOGINS_OF_A_USER)
        ]
        request, _ = _ms(clients[-1].me)
        whole, answer = _ms(clients[-1].end_others)
        samples.append(whole - request)
        if answer.status != 200 or answer.json["ended"] != LOGINS_OF_A_USER - 1:
            raise Broken(f"ending was answered {answer.status} {answer.body[:80]!r}")
        clients[-1].logout()
    return samples


def _ms(act: Callable[[], Answer]) -> tuple[float, Answer]:
    began = time.perf_counter()
    answer = act()
    return (time.perf_counter() - began) * 1000, answer


def judge(samples: Samples) -> Bench:
    """From the samples of each scheme and size to goals; pure."""
    small, large = min(SIZES), max(SIZES)
    goals = []
    for scheme in TABLES:
        few, many = (median(samples[scheme, rows]) for rows in (small, large))
        where = f"{scheme}: {LOGINS_OF_A_USER - 1} logins of one user ended among {large:,}"
        goals.append(Goal(where, Figure(where, many, "ms", ROUNDS, note="median"), GOAL_MS))
        ratio = f"{where} / among {small:,}"
        goals.append(Goal(ratio, Figure(ratio, many / few, "", ROUNDS, note="of medians"), GOAL_RATIO))
    figures = tuple(_figure(scheme, rows, ms) for (scheme, rows), ms in samples.items())
    return Bench("Ending all logins of one user", tuple(goals), figures)


def _figure(scheme: str, rows: int, ms: list[float]) -> Figure:
    return Figure(
        f"{scheme}, {rows:,} rows", median(ms), "ms", len(ms), min(ms), max(ms), "median, least, most"
    )
