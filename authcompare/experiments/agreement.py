"""Whether runs agree: the same verdicts, and no difference in what the primary contrasts came to.

Nothing is measured: all of it is read from the files that `compare --json` has written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from authcompare.experiments.claim import BlockValue
from authcompare.experiments.claims import discover
from authcompare.experiments.claims.performance import PRIMARY
from authcompare.experiments.costs.controls import contrasts
from authcompare.experiments.costs.timed_arms import base
from authcompare.experiments.estimates import Estimate, between
from authcompare.experiments.results import Unreadable, loaded
from authcompare.experiments.rows import place
from authcompare.experiments.verdict import Kind

CONFIDENCE = 0.99  # of each interval by itself: three runs that are all right give twelve of them
TIMED = "performance"
Kinds = dict[str, str]


class Unusable(Exception):
    """This file cannot be compared; the sentence says why."""


@dataclass(frozen=True)
class Run:
    """One run: by claim its verdict ("") and those on the common claims; by contrast its launches.

    `pieces` is of how many runs it was put together.
    """

    name: str
    begun: tuple[str, int]  # the moment, and the seed
    quick: bool
    pieces: int
    environment: Mapping[str, Any]
    verdicts: Mapping[str, Kinds]
    launches: Mapping[str, Sequence[Sequence[float]]]


@dataclass(frozen=True)
class Row:
    """What each run says about one row of the table, by the name of the run."""

    row: str
    said: Mapping[str, Kinds]

    @property
    def same(self) -> bool:
        """Whether all say the same, about the common claims that the row decides as well."""
        first, *others = self.said.values()
        return all(one == first for one in others)


@dataclass(frozen=True)
class Difference:
    """What one primary contrast came to in the second of two runs, minus what it was in the first."""

    contrast: str
    first: str
    second: str
    found: Estimate

    @property
    def none_seen(self) -> bool:
        """Whether the interval includes zero."""
        return self.found.low <= 0 <= self.found.high


@dataclass(frozen=True)
class Agreement:
    """Every row, and every contrast in every pair of runs."""

    runs: Sequence[Run]
    rows: Sequence[Row]
    differences: Sequence[Difference]

    @property
    def whole(self) -> bool:
        """Whether no verdict differs and no interval excludes zero."""
        return all(row.same for row in self.rows) and all(one.none_seen for one in self.differences)


def agreement(paths: Sequence[Path]) -> Agreement:
    """Of the runs in these files, at least two. Raises Unusable."""
    if len(paths) < 2:
        raise Unusable("To agree takes at least two files.")
    runs = [read(path) for path in paths]
    for one, other in combinations(runs, 2):
        if one.begun == other.begun:
            raise Unusable(f"{one.name} and {other.name} hold the same run.")
    claims = sorted(discover(), key=lambda claim: place(claim.row))
    rows = [Row(claim.row, {run.name: run.verdicts[claim.name] for run in runs}) for claim in claims]
    return Agreement(runs, rows, list(_differences(runs)))


def _differences(runs: Sequence[Run]) -> Iterator[Difference]:
    for contrast in PRIMARY:
        for one, other in combinations(runs, 2):
            found = between(other.launches[contrast], one.launches[contrast], CONFIDENCE)
            yield Difference(contrast, one.name, other.name, found)


def read(path: Path) -> Run:
    """The run in that file. Raises Unusable unless it is whole and of this schema."""
    try:
        found = loaded(path)
        entries = {entry["name"]: entry for entry in found["claims"]}
        if missing := _missing(entries):
            raise Unusable(f"{path} is a part of a run: {missing}.")
        return _run(str(path), found, entries)
    except Unreadable as error:
        raise Unusable(str(error)) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise Unusable(f"{path} is no results file: {error!r}.") from error


def _missing(entries: Mapping[str, Any]) -> str:
    """What a whole run has and this one has not; empty if nothing."""
    for name in (claim.name for claim in discover()):
        if name not in entries:
            return f"{name} is not in it"
        if entries[name]["measured"]["interrupted"]:
            return f"{name} was interrupted"
        if entries[name]["verdict"]["kind"] == Kind.BROKEN:
            return f"{name} is {Kind.BROKEN}"
    return ""


def _run(name: str, found: Mapping[str, Any], entries: Mapping[str, Any]) -> Run:
    timed = entries[TIMED]
    return Run(
        name,
        (timed["measured"]["started"], timed["measured"]["seed"]),
        any(entry["measured"]["quick"] for entry in entries.values()),
        len({entry["measured"]["started"] for entry in entries.values()}),
        found["environment"],
        {claim: _kinds(entry["verdict"]) for claim, entry in entries.items()},
        _launches(name, timed["samples"]),
    )


def _kinds(verdict: Mapping[str, Any]) -> Kinds:
    decided = {common: decision["kind"] for common, decision in verdict["decisions"].items()}
    return {"": verdict["kind"], **decided}


def _launches(name: str, kept: Mapping[str, Any]) -> dict[str, Sequence[Sequence[float]]]:
    for contrast, pair in PRIMARY.items():
        if absent := [arm for arm in (*pair, *map(base, pair)) if not kept.get(arm)]:
            raise Unusable(f"{name} lacks the contrast “{contrast}”: {absent[0]} was not measured.")
    samples = {arm: [BlockValue.read(one) for one in values] for arm, values in kept.items()}
    found = contrasts(samples, PRIMARY, CONFIDENCE)
    return {contrast: one.launches for contrast, one in found.items()}
