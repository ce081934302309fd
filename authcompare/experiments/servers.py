"""Real processes: servers to measure, management commands, the watchdog. Nothing else starts any."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

from authcompare.experiments.deployments.deployment import Broken

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ADDRESS = "127.0.0.1"
GRACE_SECONDS = 5
# granian counts kept-alive connections here, idle ones too, and lets the next one wait without an answer.
CONNECTIONS_PER_WORKER = 1024
# A worker that is still importing does not hear that it is to end, nor does one that was sent half a request.
KILLED_AFTER_SECONDS = 10
NotEnded = subprocess.TimeoutExpired


class Process(Protocol):
    """As much of `Popen` as is needed of one that runs."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...


Bear = Callable[[Sequence[str], Mapping[str, str], Path], Process]


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
        "--workers-kill-timeout": str(KILLED_AFTER_SECONDS),
        # It would warn of more threads than cores: ours mostly wait, some of them for the hasher's turn.
        "--log-level": "error",
    }
    words = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "granian", *words, "--respawn-failed-workers", "--no-ws", application]


def run_manage(environment: Mapping[str, str], *words: str) -> str:
    """Run a management command of the system to its end; what it printed."""
    done = _run([sys.executable, "manage.py", *words], cwd=BASE_DIR, env=dict(environment))
    if done.returncode != 0:
        raise Broken(f"manage.py {words[0]} failed: {done.stderr.strip()[-600:]}")
    return done.stdout


def git(*words: str) -> str:
    """The answer of git about this checkout; empty where there is none."""
    try:
        done = _run(["git", *words], cwd=BASE_DIR)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def run_program(command: Sequence[str], user: str | None = None) -> str:
    """Run a program of the system to its end, perhaps as another user; what it printed. Raises Broken."""
    done = _run(command, cwd="/", **_as(user))
    if done.returncode != 0:
        raise Broken(f"{Path(command[0]).name} failed: {done.stderr.strip()[-600:]}")
    return done.stdout


def _run(command: Sequence[str], **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **how)  # noqa: S603


class Program:
    """One server in a process group of its own, with a log; it may be started again after it has ended."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, user: str | None = None
    ) -> None:
        self.environment = dict(environment)
        self._command, self._log, self._user = list(command), log, user
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """Of the master; its workers are its children. Also the number of the process group."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; whether it answers is asked elsewhere."""
        self._process = self._begun()

    def _begun(self) -> Process:
        with self._log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                self._command,
                cwd=BASE_DIR if self._user is None else "/",
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_as(self._user),
            )

    @property
    def has_begun(self) -> bool:
        """Whether there has ever been a master."""
        return self._process is not None

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
        with suppress(NotEnded):
            if self._process is not None:
                self._process.wait(GRACE_SECONDS)

    def last_words(self) -> str:
        """The end of its log, for the message that says why it is not there."""
        return self._log.read_text(errors="replace").strip()[-600:] if self._log.exists() else ""

    def signal(self, number: signal.Signals) -> None:
        """To the whole group; gone already is as good."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


class Instance(Program):
    """One granian with its workers, on a port that is kept for it; `bear` starts it in a quicker way."""

    def __init__(
        self,
        environment: Mapping[str, str],
        workers: int,
        threads: int,
        application: str,
        bear: Bear | None = None,
    ) -> None:
        self._reservation, self._bear = _reserve_port(), bear
        self.port: int = self._reservation.getsockname()[1]
        command = granian_command(ADDRESS, self.port, workers, threads, application)
        super().__init__(command, environment, Path(environment["LAB_LOG"] + f".{self.port}"))

    def _begun(self) -> Process:
        return self._bear(self._command, self.environment, self._log) if self._bear else super()._begun()

    def close(self) -> None:
        """End it for good and give the port back."""
        super().close()
        self._reservation.close()


class Companion:
    """A module of ours as a process that listens to what it is told, line by line, and ends when we do."""

    def __init__(self, module: str, *words: str, environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", module, *words],
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def tell(self, line: str) -> None:
        """It reads this at once."""
        self._input.write(f"{line}\n".encode())
        self._input.flush()

    def listen(self) -> str:
        """Its next line; empty if it has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode()

    def close(self) -> None:
        """Tell it that there is nothing more, and wait for its end; may be called twice."""
        with self._process:  # which closes what it says before it waits
            self._input.close()
            self._process.wait()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin


class Watchdog(Companion):
    """Told what to end in case this process is killed; see watchdog.py. Ends what is charged when closed."""

    def __init__(self) -> None:
        super().__init__("authcompare.experiments.live.watchdog")

    def charge(self, kind: str, name: object) -> None:
        """`kind` is group, process, database or directory."""
        self.tell(f"{kind} {name}")

    def discharge(self, kind: str, name: object) -> None:
        """It has ended, and its number may be given to somebody else."""
        self.tell(f"forget {kind} {name}")


def _as(user: str | None) -> dict[str, Any]:
    """The arguments that start a program as somebody else, without our groups."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}


def _reserve_port() -> socket.socket:
    """A bound socket that never listens: nobody is given its port, and granian, which shares, may use it."""
    reservation = socket.socket()
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reservation.bind((ADDRESS, 0))
    return reservation
