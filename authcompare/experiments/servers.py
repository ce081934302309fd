"""Real processes: servers to measure, management commands, the watchdog. Nothing else starts any."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from authcompare.experiments.deployments.deployment import Broken

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ADDRESS = "127.0.0.1"
GRACE_SECONDS = 5
# granian counts kept-alive connections here, idle ones too, and lets the next one wait without an answer.
CONNECTIONS_PER_WORKER = 1024


def granian_command(
    host: str,
    port: int,
    workers: int = 1,
    threads: int = 8,
    application: str = "authcompare.wsgi:application",
) -> list[str]:
    """The command line that serves the system; the demo and the lab use the same."""
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--blocking-threads": str(threads),
        "--backpressure": str(CONNECTIONS_PER_WORKER),
        # It would warn of more threads than cores: ours mostly wait, some of them for the hasher's turn.
        "--log-level": "error",
    }
    words = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "granian", *words, "--respawn-failed-workers", "--no-ws", application]


def run_manage(environment: Mapping[str, str], *words: str) -> str:
    """Run a management command of the system to its end; what it printed."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(  # noqa: S603
        command, cwd=BASE_DIR, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Broken(f"manage.py {words[0]} failed: {done.stderr.strip()[-600:]}")
    return done.stdout


def git(*words: str) -> str:
    """The answer of git about this checkout; empty where there is none."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *words],  # noqa: S607
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def run_program(command: Sequence[str], user: str | None = None) -> str:
    """Run a program of the system to its end, perhaps as another user; what it printed. Raises Broken."""
    done = subprocess.run(  # noqa: S603
        command, cwd="/", capture_output=True, text=True, check=False, **_as(user)
    )
    if done.returncode != 0:
        raise Broken(f"{Path(command[0]).name} failed: {done.stderr.strip()[-600:]}")
    return done.stdout


class Program:
    """One server in a process group of its own, with a log; it may be started again after it has ended."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, user: str | None = None
    ) -> None:
        self.environment = dict(environment)
        self._command, self._log, self._user = list(command), log, user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the master; its workers are its children. Also the number of the process group."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; whether it answers is asked elsewhere."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                cwd=BASE_DIR if self._user is None else "/",
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_as(self._user),
            )

    def has_ended(self) -> bool:
        """Whether the master is gone."""
        return self._process is None or self._process.poll() is not None

    def terminate(self) -> None:
        """Ask it to end; `close` waits."""
        self.signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL the master and its workers, as a crash of the machine would."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def close(self) -> None:
        """End it: in order if it does so within the grace, else by SIGKILL."""
        self.terminate()
        self.wait()
        self.kill()

    def wait(self) -> None:
        """Give it the grace to end."""
        try:
            if self._process is not None:
                self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return

    def last_words(self) -> str:
        """The end of its log, for the message that says why it is not there."""
        return self._log.read_text(errors="replace").strip()[-600:] if self._log.exists() else ""

    def signal(self, number: signal.Signals) -> None:
        """To the whole group; gone already is as good."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return


class Instance(Program):
    """One granian with its workers, on a port that is kept for it."""

    def __init__(self, environment: Mapping[str, str], workers: int, threads: int, application: str) -> None:
        self._reservation = _reserve_port()
        self.port: int = self._reservation.getsockname()[1]
        command = granian_command(ADDRESS, self.port, workers, threads, application)
        super().__init__(command, environment, Path(environment["LAB_LOG"] + f".{self.port}"))

    def close(self) -> None:
        """End it for good and give the port back."""
        super().close()
        self._reservation.close()


class Watchdog:
    """Told what to end in case this process is killed; see watchdog.py."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "authcompare.experiments.live.watchdog"],
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def charge(self, kind: str, name: object) -> None:
        """`kind` is group, process, database or directory."""
        self._write(f"{kind} {name}\n")

    def discharge(self, kind: str, name: object) -> None:
        """It has ended, and its number may be given to somebody else."""
        self._write(f"forget {kind} {name}\n")

    def close(self) -> None:
        """Let it end what is still charged, and wait for it."""
        if self._pipe.closed:
            return
        self._pipe.close()
        self._process.wait()

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _write(self, line: str) -> None:
        self._pipe.write(line.encode())
        self._pipe.flush()


def _as(user: str | None) -> dict[str, Any]:
    """The arguments that start a program as somebody else, without our groups."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}


def _reserve_port() -> socket.socket:
    """A bound socket that never listens: nobody is given its port, and granian, which shares, may use it."""
    reservation = socket.socket()
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reservation.bind((ADDRESS, 0))
    return reservation
