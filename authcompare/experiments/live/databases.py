"""A deployment's database, asked from outside: SQLite through its file, PostgreSQL through its socket.

Names of tables come from the database itself, never from anybody else.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from authcompare.experiments.live import postgres

LOCKED_SECONDS = 10  # how long to wait for somebody who writes

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows, the bytes of their contents, and the bytes of whole pages that table and indexes take."""

    rows: int
    bytes: int
    disk: int


class Database(Protocol):
    """A context manager; open only while it is asked."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def names(self) -> list[str]: ...
    def weigh(self, name: str) -> Table: ...
    def rows(self, name: str) -> list[Row]: ...
    def empty(self, name: str) -> None: ...


class SqliteFile:
    """Weighed by `dbstat`, SQLite's own account of its pages."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, timeout=LOCKED_SECONDS, isolation_level=None)
        self._connection.row_factory = sqlite3.Row

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def names(self) -> list[str]:
        """Tables, SQLite's own aside."""
        found = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [row["name"] for row in found if not row["name"].startswith("sqlite_")]

    def weigh(self, name: str) -> Table:
        """Contents are the payload of the table's cells."""
        (rows,) = self._connection.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()  # noqa: S608
        own = "SELECT total(payload) FROM dbstat WHERE name = ?"
        (contents,) = self._connection.execute(own, [name]).fetchone()
        pages = "SELECT total(pgsize) FROM dbstat JOIN sqlite_master USING (name) WHERE tbl_name = ?"
        (disk,) = self._connection.execute(pages, [name]).fetchone()
        return Table(rows, int(contents), int(disk))

    def rows(self, name: str) -> list[Row]:
        """All of them."""
        return [dict(row) for row in self._connection.execute(f"SELECT * FROM {_quoted(name)}")]  # noqa: S608

    def empty(self, name: str) -> None:
        """Delete every row."""
        self._connection.execute(f"DELETE FROM {_quoted(name)}")  # noqa: S608


class PostgresCluster:
    """The same in PostgreSQL; contents are what `pg_column_size` says of whole rows."""

    def __init__(self, directory: Path) -> None:
        self._connection = postgres.connect(directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def names(self) -> list[str]:
        """Tables of the schema `public`."""
        found = self._connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        )
        return [name for (name,) in found]

    def weigh(self, name: str) -> Table:
        """Indexes and what TOAST keeps elsewhere count to the pages."""
        query = SQL(
            "SELECT count(*), coalesce(sum(pg_column_size(t.*)), 0), pg_total_relation_size({name}::regclass)"
            " FROM {table} AS t"
        ).format(name=name, table=Identifier(name))
        rows, contents, disk = self._connection.execute(query).fetchone() or (0, 0, 0)
        return Table(rows, int(contents), int(disk))

    def rows(self, name: str) -> list[Row]:
        """All of them."""
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(SQL("SELECT * FROM {}").format(Identifier(name))).fetchall()

    def empty(self, name: str) -> None:
        """Delete every row."""
        self._connection.execute(SQL("DELETE FROM {}").format(Identifier(name)))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
