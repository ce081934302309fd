"""How quiet the machine was while a block ran. Blocks are flagged by it and never dropped."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

CANARY_LOOPS = 130_000  # about 5 ms of plain Python
STEAL_LIMIT = 0.05
CANARY_LIMIT = 0.10
LOUD_SHARE = 0.30


@dataclass(frozen=True)
class Moment:
    """The kernel's counters now; zero where it keeps none."""

    ticks: int
    idle: int
    stolen: int
    pressure_us: int
    throttled_us: int
    client_seconds: float

    @classmethod
    def now(cls) -> Self:
        """Read them."""
        ticks = [*(int(word) for word in _first_line("/proc/stat").split()[1:]), *[0] * 8]
        pressure = _first_line("/proc/pressure/cpu").rpartition("total=")[2]
        throttled = _field("/sys/fs/cgroup/cpu.stat", "throttled_usec")
        user, nice, system, idle, waiting, interrupts, soft, stolen = ticks[:8]
        every = user + nice + system + idle + waiting + interrupts + soft + stolen
        return cls(every, idle, stolen, int(pressure or 0), throttled, time.process_time())


@dataclass(frozen=True)
class Noise:
    """What happened around one block."""

    launch: int
    block: int
    canary_ms: float
    steal: float
    pressure_us: int
    throttled_us: int
    idle: float = 0.0
    client_seconds: float = 0.0

    @classmethod
    def between(cls, launch: int, block: int, canary_ms: float, before: Moment, after: Moment) -> Self:
        """The difference of two moments."""
        ticks = after.ticks - before.ticks or 1
        return cls(
            launch,
            block,
            canary_ms,
            steal=(after.stolen - before.stolen) / ticks,
            pressure_us=after.pressure_us - before.pressure_us,
            throttled_us=after.throttled_us - before.throttled_us,
            idle=(after.idle - before.idle) / ticks,
            client_seconds=round(after.client_seconds - before.client_seconds, 4),
        )


def canary_ms() -> float:
    """Fixed work in plain Python: it slows down with the clock, with steal and with neighbours."""
    started = time.perf_counter_ns()
    total = 0
    for number in range(CANARY_LOOPS):
        total += number & 7
    return (time.perf_counter_ns() - started) / 1e6


def flagged(noises: Sequence[Noise]) -> set[tuple[int, int]]:
    """The blocks, as (launch, block), during which the machine was not quiet."""
    usual = median(noise.canary_ms for noise in noises) if noises else 0.0
    return {
        (noise.launch, noise.block)
        for noise in noises
        if noise.steal > STEAL_LIMIT
        or noise.throttled_us > 0
        or abs(noise.canary_ms - usual) > CANARY_LIMIT * usual
    }


def not_quiet(share: float) -> list[str]:
    """The doubt that so large a share of flagged blocks raises; none where it is small."""
    if share <= LOUD_SHARE:
        return []
    return [f"The machine was not quiet: {share:.0%} of the blocks are flagged. Close programs, repeat."]


def load() -> list[float]:
    """Load averages over 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text().splitlines()[0]
    except (OSError, IndexError):
        return ""


def _field(path: str, name: str) -> int:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name + " ")), 0)
