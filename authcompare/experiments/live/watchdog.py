"""Ends what the lab started when the lab itself can no longer do it (SIGKILL, power, a crash).

It is told process groups and directories on its standard input; when that closes, its parent is gone.
Run as `python -m authcompare.experiments.live.watchdog`.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

REMOVING_SECONDS = 10

# A postmaster that is killed outright leaves its workers to find out by themselves.
SIGNALS = {"database": signal.SIGQUIT}


def guard(lines: Iterable[str]) -> None:
    """Remember each charge that is not taken back by `forget …`; then end them, directories last.

    Charges are `group N`, `process N`, `database N` (a postmaster) and `directory PATH`.
    """
    charges: dict[str, None] = {}
    for line in lines:
        words = line.rstrip("\n")
        if words.startswith("forget "):
            charges.pop(words.removeprefix("forget "), None)
        else:
            charges[words] = None
    for charge in sorted(charges, key=lambda one: one.startswith("directory ")):
        end(*charge.split(" ", 1))


def end(kind: str, name: str) -> None:
    """End a process or a group, or remove a directory; gone already is as good."""
    if kind == "directory":
        remove(Path(name))
        return
    kill = os.killpg if kind == "group" else os.kill
    try:
        kill(int(name), SIGNALS.get(kind, signal.SIGKILL))
        kill(int(name), signal.SIGCONT)  # it may have been frozen
    except ProcessLookupError:
        return


def remove(directory: Path) -> None:
    """Again until it is gone: a browser that has its profile there writes until it has ended."""
    deadline = time.monotonic() + REMOVING_SECONDS
    while directory.exists() and time.monotonic() < deadline:
        for browser in browsers_of(directory):
            end("process", str(browser))
        shutil.rmtree(directory, ignore_errors=True)
        time.sleep(0.05)


def browsers_of(directory: Path) -> list[int]:
    """Every process of a Chromium whose profile is in there; none where there is no /proc.

    Its driver ends it too, in order, which may take half a minute where the machine is busy.
    """
    wanted = f"--user-data-dir={directory}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or it is somebody else's
            if wanted in (place / "cmdline").read_bytes():
                found.append(int(place.name))
    return found


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    guard(sys.stdin)
