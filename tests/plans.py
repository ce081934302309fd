"""How the database carries out what the product asks it: by which indexes, and how much it reads for that."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

ASKING = ("SELECT", "UPDATE", "DELETE")
BY_INDEX = re.compile(r"(SCAN|SEARCH) .*USING (?:COVERING )?(?:INDEX (\S+)|(INTEGER PRIMARY KEY))")
COLUMNS = {  # of an index by its name: SQLite gives some names that PostgreSQL does not
    "sqlite": "SELECT name FROM pragma_index_info(%s) ORDER BY seqno",
    "postgresql": "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass ORDER BY attnum",
}
Columns = tuple[str, ...]
Used = set[tuple[str, bool]]  # indexes by name, each with whether something is looked up in it


@dataclass(frozen=True)
class Plan:
    """One statement, with the indexes in which it looks something up, and those whose order it follows.

    What it read is in rows on PostgreSQL, and in steps on SQLite, of which a row takes several.
    """

    sql: str
    looked_up: frozenset[Columns]
    followed: frozenset[Columns]
    read: int


@contextmanager
def watched() -> Iterator[list[Plan]]:
    """The plans of all statements within, each of which is carried out once more, beforehand."""
    plans: list[Plan] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(ASKING):
            plans.append(plan(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield plans


def plan(sql: str, params: Any = ()) -> Plan:
    """Of a statement, which is carried out on a cursor that nobody watches; what it changes is undone."""
    carried_out = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}[connection.vendor]
    with closing(connection.create_cursor()) as cursor:
        cursor.execute("SAVEPOINT before_plan")
        try:
            used, read = carried_out(cursor, sql, params)
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT before_plan")
        looked_up, followed = (
            frozenset(_columns(cursor, name) for name, looks_up in used if looks_up is wanted)
            for wanted in (True, False)
        )
        return Plan(sql, looked_up, followed, read)


def _on_postgresql(cursor: Any, sql: str, params: Any) -> tuple[Used, int]:
    cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
    found = cursor.fetchone()[0]
    nodes = list(_nodes((json.loads(found) if isinstance(found, str) else found)[0]["Plan"]))
    used = {(node["Index Name"], "Index Cond" in node) for node in nodes if "Index Name" in node}
    return used, sum(_rows(node) for node in nodes if "Relation Name" in node)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)


def _rows(node: dict[str, Any]) -> int:
    dropped = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return round((node["Actual Rows"] + sum(node.get(name, 0) for name in dropped)) * node["Actual Loops"])


def _on_sqlite(cursor: Any, sql: str, params: Any) -> tuple[Used, int]:
    cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
    found = [one for row in cursor.fetchall() for one in BY_INDEX.findall(row[-1])]
    used = {(name or primary, how == "SEARCH") for how, name, primary in found}
    steps: list[None] = []
    connection.connection.set_progress_handler(lambda: steps.append(None), 1)
    try:
        cursor.execute(sql, params)
        cursor.fetchall()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return used, len(steps)


def _columns(cursor: Any, index: str) -> Columns:
    if index == "INTEGER PRIMARY KEY":
        return ("id",)
    cursor.execute(COLUMNS[connection.vendor], [index])
    return tuple(column for (column,) in cursor.fetchall())
