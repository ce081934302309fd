"""The results that pages show: of each claim the newest of this machine or, without any, the shipped ones."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from authcompare.experiments import report, results
from authcompare.experiments.telling import contents
from authcompare.experiments.telling.markup import prose
from authcompare.experiments.telling.standing import Standing, decided, standings
from authcompare.experiments.verdict import Kind

DAMAGED = (
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
)  # of the right schema, but not as it was written
NOTHING = SafeString()


@dataclass(frozen=True)
class Claim:
    """One line of the home page."""

    name: str
    row: str
    kind: str
    statement: str
    conclusion: SafeString
    figures: tuple[str, ...] = ()
    elsewhere: bool = False  # shipped, beside others that were measured on this machine


@dataclass(frozen=True)
class Evidence:
    """What there is to show. `problem` says why there is nothing although there is a file.

    `standings` are those of all common claims: without results, who would decide them.
    """

    results: Mapping[str, Any] | None = None
    claims: tuple[Claim, ...] = ()
    standings: tuple[Standing, ...] = ()
    origin: str = ""
    problem: str = ""
    fragment: SafeString = NOTHING

    @property
    def tally(self) -> list[tuple[str, int]]:
        """How many claims came to which verdict, in the order of the verdicts."""
        counted = Counter(claim.kind for claim in self.claims)
        return [(kind, counted[kind]) for kind in Kind if counted[kind]]

    @property
    def decided(self) -> int:
        """How many of the common claims have a verdict."""
        return decided(self.standings)

    def claim(self, name: str) -> Claim | None:
        """The one of that name, if there are results for it."""
        return next((one for one in self.claims if one.name == name), None)


Draw = Callable[[Path, tuple[int, int]], SafeString]


def newest() -> Evidence:
    """The evidence to show now, as a list of verdicts: nothing is drawn."""
    return _newest(lambda path, version: NOTHING)


def newest_report() -> Evidence:
    """With the whole report as its fragment."""
    return _newest(_rendered)


def newest_claim(name: str) -> Evidence:
    """With all about one claim as its fragment, which is empty where there are no results for it."""
    return _newest(partial(_rendered_claim, name=name))


def _newest(draw: Draw) -> Evidence:
    mine = settings.VAR / "results.json"
    for path, origin in ((mine, "Measured on this machine"), (results.SHIPPED, "Shipped with the project")):
        if path.exists():
            return _shown(path, origin, draw)
    return Evidence(standings=tuple(standings([])))


def _shown(path: Path, origin: str, draw: Draw) -> Evidence:
    version = _version(path)
    try:
        found = _read(path, version)
        claims = tuple(_claim(entry) for entry in found["claims"])
        stand = tuple(standings(found["claims"]))
        return Evidence(found, claims, stand, _from(origin, found), fragment=draw(path, version))
    except DAMAGED:
        problem = f"The results in {path.name} cannot be read: they are damaged or of another version."
        return Evidence(standings=tuple(standings([])), problem=problem)


def _version(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=2)
def _read(path: Path, version: tuple[int, int]) -> dict[str, Any]:
    found, shipped = results.loaded(path), results.read(results.SHIPPED)
    return results.completed(found, shipped) if shipped else found


@lru_cache(maxsize=2)
def _rendered(path: Path, version: tuple[int, int]) -> SafeString:
    return mark_safe(report.render_fragment(_read(path, version)))  # noqa: S308  it escapes all text


@lru_cache(maxsize=32)
def _rendered_claim(path: Path, version: tuple[int, int], name: str) -> SafeString:
    found = _read(path, version)
    entries = [entry for entry in found["claims"] if entry["name"] == name]
    whole = "".join(report.render_claim(found, entry) for entry in entries)
    return mark_safe(whole)  # noqa: S308  it escapes all text


def _claim(entry: Mapping[str, Any]) -> Claim:
    return Claim(
        name=entry["name"],
        row=entry["row"],
        kind=str(Kind(entry["verdict"]["kind"])),
        statement=entry["statement"],
        conclusion=mark_safe(prose(contents.conclusion(entry))),  # noqa: S308  it escapes all text
        figures=tuple(f"{one['name']}: {one['text']}" for one in entry["verdict"]["figures"]),
        elsewhere="elsewhere" in entry,
    )


def _from(origin: str, found: Mapping[str, Any]) -> str:
    here = [entry for entry in found["claims"] if "elsewhere" not in entry]
    rest = len(found["claims"]) - len(here)
    others = (
        f" The rest ({rest}, marked *) was measured elsewhere and comes with the project." if rest else ""
    )
    return f"{origin}, {_when([entry['measured'] for entry in here])}.{others}"


def _when(measured: Sequence[Mapping[str, Any]]) -> str:
    latest = datetime.fromisoformat(max(one["started"] for one in measured))
    quick = any(one["quick"] for one in measured)
    return f"{date_format(latest, 'j M Y, H:i')} UTC{' (quick run)' if quick else ''}"
