"""Looks into a deployment's stores from outside, through their own clients: what is kept, and how much."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import redis

from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.deployments.processes import resident
from authcompare.experiments.live.databases import Database, PostgresCluster, Row, SqliteFile, Table

LOGIN_TABLES = {"session": "sessions_demo_session", "token": "tokens_demo_tokenfamily"}


@dataclass(frozen=True)
class Weight:
    """What a deployment keeps at one moment. `resident` is the memory of each kind of process, in bytes."""

    tables: Mapping[str, Table]
    keys: int
    key_bytes: int
    resident: Mapping[str, int]


def weigh(site: Site) -> Weight:
    """Everything at once. Raises Broken where a store cannot be looked into."""
    with database_of(site) as database:
        tables = {name: database.weigh(name) for name in database.names()}
    keys, key_bytes = _redis_weight(site.places.redis) if site.places.redis else (0, 0)
    held = {kind: sum(map(resident, processes)) for kind, processes in site.processes().items()}
    return Weight(tables, keys, key_bytes, held)


def dump(site: Site) -> dict[str, list[Row]]:
    """Every row of every table: what a leaked copy of the database says."""
    with database_of(site) as database:
        return {name: database.rows(name) for name in database.names()}


def dump_redis(site: Site) -> dict[str, bytes]:
    """Every key of Redis with its value: what a leaked copy says. The product keeps strings only."""
    with _redis(site) as store:
        return {key.decode(errors="replace"): store.get(key) or b"" for key in store.scan_iter()}


def forget(site: Site, *tables: str) -> None:
    """Delete every row of these tables and every key in Redis: the server has lost its memory."""
    with database_of(site) as database:
        for name in tables:
            database.empty(name)
    if site.places.redis:
        with _redis(site) as store:
            store.flushall()


def database_of(site: Site) -> Database:
    """The database, opened. Raises Broken where the lab has not started it."""
    if site.places.postgres is not None:
        return PostgresCluster(site.places.postgres)
    if site.places.sqlite is not None:
        return SqliteFile(site.places.sqlite)
    raise Broken(f"The database of {site.deployment.name} is not the lab's to look into.")


def _redis_weight(url: str) -> tuple[int, int]:
    with closing(redis.Redis.from_url(url)) as store:
        sizes = [store.memory_usage(key, samples=0) or 0 for key in store.scan_iter()]
    return len(sizes), sum(sizes)


def _redis(site: Site) -> "closing[Any]":
    if not site.places.redis:
        raise Broken(f"{site.deployment.name} has no Redis to look into.")
    return closing(redis.Redis.from_url(site.places.redis))
