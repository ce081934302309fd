"""Brings servers up from a process that has imported what all of them import, most of what a start costs.

What reads settings every server imports by itself, as ever. Servers of one nursery hash with the same seed
and have their memory laid out alike, so they are no repetitions of each other: what is timed comes from
several nurseries, one for each launch.

It says a line when it is prepared. It is told on its standard input, a line of JSON for each server; who is
born says its number on the standard output. When its input ends it does, and whoever of them is still there.
Run as `python -m authcompare.experiments.live.nursery`, with the word `tuned` unless those born are timed.
"""

import gc
import json
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import NoReturn

from authcompare.experiments.deployments.processes import children

# Of those that need no settings, the ones that take longest; they bring most of the others with them.
IMPORTED = (
    "authcompare.pages.choosing",
    "authcompare.wire.shapes",
    "cryptography.x509",
    "django.contrib.admin",
    "django.contrib.postgres.fields",
    "django.contrib.postgres.forms",
    "django.core.wsgi",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.operations",
    "django.test",
    "environ",
    "granian.cli",
    "jwt",
    "pygments.formatters.html",
    "pygments.lexers.special",
    "redis",
    "requests",  # not ours: the framework imports it where it is installed
    "ua_parser",
    "uritemplate",
)


def prepare() -> None:
    """Import, once for all that are going to be born."""
    sys.dont_write_bytecode = False  # whatever our own shell says: the first that is born compiles for all
    for name in filter(find_spec, IMPORTED):
        import_module(name)
    import_module("ua_parser").parse("")  # which builds what knows every browser
    multiprocessing.set_start_method("fork")  # Python 3.14's own choice would make each worker import again
    gc.collect()
    if "tuned" in sys.argv:
        gc.freeze()  # it lives as long as whoever inherits it, who need not look through it again and again
    os.write(sys.stdout.fileno(), b"prepared\n")


def bear(lines: Iterable[str]) -> None:
    """Fork once for each line; the child never comes back to the next."""
    for line in lines:
        if os.fork() == 0:
            live(**json.loads(line))


def live(module: str, words: list[str], environment: dict[str, str], log: str) -> NoReturn:
    """Leave everything of the nursery's but its imports behind, and become what `python -m` would start."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.write(sys.stdout.fileno(), f"{os.getpid()}\n".encode())
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), stream.fileno())
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    prepare()
    # Nobody waits for them here: whoever asked for one sees by its number that it has ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    bear(sys.stdin)
    for born in children(os.getpid()):  # somebody was interrupted before he had read its number
        with suppress(ProcessLookupError):
            os.killpg(born, signal.SIGKILL)
