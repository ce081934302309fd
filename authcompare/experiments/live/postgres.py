"""A PostgreSQL cluster of the lab's own, from the system's programs, reachable by a socket in its directory.

Made once with all tables and users in it, then copied for each deployment, as the SQLite file is.
"""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from authcompare.experiments.deployments.deployment import Broken, Skipped
from authcompare.experiments.servers import Program, run_program

PROGRAMS = Path("/usr/lib/postgresql")  # where Debian keeps one directory per version
OWNER = "authcompare"
SERVICE_USER = "postgres"  # PostgreSQL refuses to run as root
PATIENCE_SECONDS = 20
LOOK_EVERY_SECONDS = 0.02
# fsync only outlives a crash of the whole machine, which no drill here is about.
OPTIONS = {
    "fsync": "off",
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
}
MISSING = "PostgreSQL is not installed on this machine: apt-get install postgresql"


def programs() -> Path | None:
    """The directory of the newest version's programs; None where there are none."""
    found = sorted(PROGRAMS.glob("*/bin/postgres"), key=lambda path: float(path.parent.parent.name))
    on_path = shutil.which("postgres")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def is_installed() -> bool:
    """Whether deployments on PostgreSQL can be started here."""
    return programs() is not None


def connect(directory: Path) -> "psycopg.Connection[Any]":
    """A connection to the cluster whose socket is in `directory`. Raises psycopg.Error."""
    return psycopg.connect(host=str(directory), user=OWNER, dbname="postgres", autocommit=True)


class Cluster:
    """One server process with its directory; a copy of `origin`, or a new and empty one.

    Raises Skipped where PostgreSQL is not installed.
    """

    def __init__(self, origin: Path | None = None) -> None:
        found = programs()
        if found is None:
            raise Skipped(MISSING)
        self._programs, self._origin = found, origin
        self._user = SERVICE_USER if os.geteuid() == 0 else None
        self.directory = Path(tempfile.mkdtemp(prefix="authcompare-pg-"))
        self.data = self.directory / "data"
        if self._user:
            shutil.chown(self.directory, self._user)
        options = {**OPTIONS, "unix_socket_directories": str(self.directory)}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = [str(found / "postgres"), "-D", str(self.data), *words]
        self._program = Program(command, {"LC_ALL": "C"}, self.directory / "log", self._user)

    @property
    def url(self) -> str:
        """As DATABASE_URL."""
        return f"postgres://{OWNER}@/{self.directory}/postgres"

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.directory / ".s.PGSQL.5432"

    @property
    def pid(self) -> int:
        """Of the postmaster; its workers are its children."""
        return self._program.pid

    def start(self) -> None:
        """Back when it answers; the first start makes its files. Raises Broken."""
        if not self.data.exists():
            self._fill()
        self._program.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and not self._program.has_ended():
            if self._answers():
                return
            time.sleep(LOOK_EVERY_SECONDS)
        raise Broken(f"PostgreSQL did not start: {self._program.last_words()}")

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, what was committed is written."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Immediate shutdown: nothing is written; the next start recovers, as after a crash."""
        self._end(signal.SIGQUIT)

    def close(self) -> None:
        """End it and remove its directory; may be called twice."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _fill(self) -> None:
        if self._origin is not None:
            run_program(["cp", "-a", str(self._origin), str(self.data)], self._user)
            return
        options = ("-A", "trust", "-U", OWNER, "-E", "UTF8", "--locale", "C", "--no-sync")
        run_program([str(self._programs / "initdb"), "-D", str(self.data), *options], self._user)

    def _answers(self) -> bool:
        try:
            connect(self.directory).close()
        except psycopg.OperationalError:
            return False
        return True

    def _end(self, number: signal.Signals) -> None:
        # To the postmaster alone: its workers are in groups of their own, and it ends them.
        if not self._program.has_ended():
            os.kill(self._program.pid, number)
            self._program.wait()
        self._program.kill()
