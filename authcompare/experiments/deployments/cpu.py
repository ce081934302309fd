"""Processor time of running processes, as the kernel counts it: /proc/PID/task/*/schedstat, in ns."""

from collections.abc import Iterable
from pathlib import Path

from authcompare.experiments.deployments.deployment import Door, Site
from authcompare.experiments.deployments.processes import descendants, tasks


def seconds(processes: Iterable[int]) -> float:
    """Time on a processor since each of these processes began.

    Threads that have ended are not counted any more, so take differences over work that starts none.
    """
    return sum(_nanoseconds(task) for process in processes for task in tasks(process)) / 1e9


def behind(site: Site, door: Door) -> list[int]:
    """Who works for what comes in there: that instance, and the stores it shares with others."""
    own = [door.process, *descendants(door.process)] if door.process else []
    everybody = site.processes()
    return [*own, *everybody["redis"], *everybody["database"]]


def _nanoseconds(task: Path) -> int:
    try:
        return int((task / "schedstat").read_text().split()[0])
    except OSError:  # it ended between the listing and the look
        return 0
