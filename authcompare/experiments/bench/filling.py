"""PostgreSQL with as many logins of each kind as asked for, made in bulk, in a database of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

from authcompare.experiments.live.weighing import LOGIN_TABLES

LOGINS_OF_A_USER = 10

MAKE_USERS = """
INSERT INTO accounts_user (password, is_superuser, username, first_name, last_name, email, is_staff,
                           is_active, date_joined, password_changed_at, must_change_password)
SELECT '!', false, 'user' || n, '', '', '', false, true, now(), now(), false
FROM generate_series(1, %(users)s) AS n ON CONFLICT DO NOTHING
"""
# Begun over the last hours, from many addresses, with a few devices: what lists sort, search and filter by.
MAKE_LOGINS = """
INSERT INTO {table} (id, user_id, created_at, authenticated_at, last_seen_at, idle_until, expires_at, ip,
                     user_agent, device, ended_reason, ended_by, {columns})
SELECT gen_random_uuid(), u.id, began, began, now(), now() + interval '2 hours', began + interval '14 days',
       ('10.' || u.id %% 250 || '.' || n || '.' || u.id %% 199)::inet, repeat('Mozilla/5.0 ', 9),
       (ARRAY['Chrome on Windows', 'Safari on iPhone', 'Firefox on Linux'])[1 + u.id %% 3], '', '', {values}
FROM accounts_user AS u, generate_series(1, %(each)s) AS n,
     LATERAL (SELECT now() - (u.id %% 7000 + n) * interval '1 second') AS time (began)
WHERE u.username LIKE 'user%%' AND u.id NOT IN (SELECT user_id FROM {table} WHERE user_id IS NOT NULL)
"""
OWN = {
    "session": {
        "columns": "key_hash, session_data",
        "values": "md5(u.id || '-' || n) || md5(n || '+' || u.id), repeat('eyJfYXV0aF91c2', 20)",
    },
    "token": {"columns": "transport, current_jti", "values": "'header', gen_random_uuid()"},
}
AGE = """
UPDATE {table} SET last_seen_at = now() - interval '50 days', idle_until = now() - interval '40 days'
WHERE id IN (SELECT id FROM {table} WHERE user_agent LIKE 'Mozilla/5.0 Mozilla%%' LIMIT %(rows)s)
"""


@contextmanager
def own_database(server_url: str) -> Iterator[str]:
    """The URL of a new database on that server; it is gone afterwards."""
    name = f"authcompare_bench_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def fill(url: str, rows: int) -> None:
    """So many active logins of each kind, ten a user."""
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(MAKE_USERS, {"users": rows // LOGINS_OF_A_USER})
        for scheme, table in LOGIN_TABLES.items():
            statement = MAKE_LOGINS.format(table=table, **OWN[scheme])
            database.execute(statement.encode(), {"each": LOGINS_OF_A_USER})
        database.execute("VACUUM ANALYZE")


def age(url: str, rows: int) -> None:
    """Let so many of each kind have idled out long enough ago to be purged."""
    with psycopg.connect(url, autocommit=True) as database:
        for table in LOGIN_TABLES.values():
            database.execute(AGE.format(table=table).encode(), {"rows": rows})
        database.execute("VACUUM ANALYZE")


def count(url: str) -> dict[str, int]:
    """Rows of each kind."""
    with psycopg.connect(url) as database:
        asked = {s: database.execute(f"SELECT count(*) FROM {t}".encode()) for s, t in LOGIN_TABLES.items()}  # noqa: S608
        return {scheme: found.fetchall()[0][0] for scheme, found in asked.items()}


def bytes_a_row(url: str) -> dict[str, float]:
    """What PostgreSQL keeps on disk for one login of each kind, with its indexes."""
    with psycopg.connect(url) as database:
        asked = {
            s: database.execute("SELECT pg_total_relation_size(%s)", [t]) for s, t in LOGIN_TABLES.items()
        }
        sizes = {scheme: found.fetchall()[0][0] for scheme, found in asked.items()}
    return {scheme: sizes[scheme] / rows for scheme, rows in count(url).items()}
