"""Ends what the lab started when the lab itself can no longer do it (SIGKILL, power, a crash).

It is told process groups and directories on its standard input; when that closes, its parent is gone.
Run as `python -m authcompare.experiments.watchdog`.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterable


def guard(lines: Iterable[str]) -> None:
    """Remember each `group N`, `process N`, `directory PATH` not taken back by `forget …`; then end them."""
    charges: dict[str, None] = {}
    for line in lines:
        words = line.rstrip("\n")
        if words.startswith("forget "):
            charges.pop(words.removeprefix("forget "), None)
        else:
            charges[words] = None
    for charge in charges:
        end(*charge.split(" ", 1))


def end(kind: str, name: str) -> None:
    """SIGKILL a process or a group, or remove a directory; gone already is as good."""
    if kind == "directory":
        shutil.rmtree(name, ignore_errors=True)
        return
    kill = os.killpg if kind == "group" else os.kill
    try:
        kill(int(name), signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    guard(sys.stdin)
