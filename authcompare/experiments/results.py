"""results.json: everything a run found, with all raw samples. Reports are made from nothing else."""

import json
import math
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from authcompare.experiments.common_claims import COMMON
from authcompare.experiments.rows import in_order
from authcompare.experiments.servers import BASE_DIR
from authcompare.experiments.verdict import REACHED, Figure, Verdict

if TYPE_CHECKING:  # the report page reads results in every server; it needs nothing that measures
    from authcompare.experiments.runs import Finished

SCHEMA = 1
NEWEST = BASE_DIR / "var" / "results.json"
SHIPPED = Path(__file__).resolve().parent / "shipped.json"


class Unreadable(ValueError):
    """No results of this version are in that file; the sentence says why."""


def document(run: Mapping[str, Any], finished: Sequence["Finished"]) -> dict[str, Any]:
    """One run. `run` says when, how and on what: command, started, quick, seed, options, environment."""
    rows = {one.claim.name: one.claim.row for one in finished}
    entries = in_order(entry(one, run, rows) for one in finished)
    return {"schema": SCHEMA, "environment": run["environment"], "command": run["command"], "claims": entries}


def entry(finished: "Finished", run: Mapping[str, Any], rows: Mapping[str, str]) -> dict[str, Any]:
    """One claim. It says when and on what it was measured, for a later run may replace its neighbours.

    `rows` are those of the run, by the name of the claim.
    """
    claim = finished.claim
    return {
        "name": claim.name,
        "row": claim.row,
        "statement": claim.statement,
        "done": claim.done,
        "decides": {name: COMMON[name].claim for name in claim.decides},
        "derived_from": {name: rows[name] for name in claim.needs if name in rows},
        "verdict": verdict(finished.verdict.about(claim.decides)),
        "measured": {
            "started": run["started"],
            "seconds": round(finished.seconds, 1),
            "quick": run["quick"],
            "seed": run["seed"],
            "commit": run["environment"]["commit"],
            "dirty": run["environment"]["dirty"],
            "made_of": dict(finished.made_of),
            "load": [list(one) for one in finished.load],
            "client_share": finished.client_share,
            "interrupted": finished.interrupted,
            "rerun": _rerun(claim.name, run),
        },
        "arms": [arm_entry(arm) for arm in finished.arms],
        "sampled": sampled(finished.samples),
        "samples": {arm: [plain(sample) for sample in samples] for arm, samples in finished.samples.items()},
        "noise": [plain(noise) for noise in finished.noises],
        "transcript": [plain(line) for line in finished.transcript.lines],
    }


def _rerun(name: str, run: Mapping[str, Any]) -> str:
    words = ["python", "manage.py", "compare", name, *(["--quick"] if run["quick"] else [])]
    return shlex.join([*words, "--seed", str(run["seed"]), *run["options"]])


def verdict(found: Verdict) -> dict[str, Any]:
    """With every figure as it is printed, so that all reports print the same."""
    return {
        "kind": str(found.kind),
        "because": found.because,
        "rule": found.rule,
        "needs": found.needs,
        "figures": [figure(one) for one in found.figures],
        "decisions": {name: plain(decision) for name, decision in found.decisions.items()},
        "doubts": list(found.doubts),
        "points": [plain(point) for point in found.points],
    }


def figure(one: Figure) -> dict[str, Any]:
    """Numbers for programs, `text` for people."""
    return {**asdict(one), "text": one.text}


def arm_entry(arm: Any) -> dict[str, Any]:
    """What was compared, as somebody would have to set it up."""
    where = arm.deployment
    return {
        "name": arm.name,
        "client": arm.client,
        "settings": dict(where.settings),
        "instances": where.instances,
        "workers": where.workers,
        "threads": where.threads,
        "application": where.application,
        "database": where.database,
        "guarantees": arm.guarantees.text if arm.guarantees else "",
        "parameters": dict(arm.parameters),
    }


def sampled(samples: Mapping[str, Sequence[Any]]) -> str:
    """What one sample is, in the words of its type, which name the units."""
    first = next((one for some in samples.values() for one in some), None)
    return " ".join((type(first).__doc__ or "").split()) if is_dataclass(first) else ""


def plain(value: Any) -> Any:
    """Dataclasses as objects; what has a `compact` form, as that; what never came, as null."""
    if hasattr(value, "compact"):
        return plain(value.compact)
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):  # JSON has no word for it
        return None
    return value


def merged(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, Any]:
    """The newest evidence for each claim. What did not come to a verdict never replaces what did."""
    kept = {one["name"]: one for one in (old or {}).get("claims", [])}
    for one in new["claims"]:
        if one["name"] not in kept or _usable(one):
            kept[one["name"]] = one
    return {**new, "claims": in_order(kept.values())}


def completed(own: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
    """With the claims that only `shipped` has; each of these says `elsewhere`, and on what."""
    known = {one["name"] for one in own["claims"]}
    rest = [
        {**one, "elsewhere": shipped["environment"]} for one in shipped["claims"] if one["name"] not in known
    ]
    return {**own, "claims": in_order([*own["claims"], *rest])}


def _usable(one: Mapping[str, Any]) -> bool:
    return one["verdict"]["kind"] in REACHED and not one["measured"]["interrupted"]


def worth_keeping(new: Mapping[str, Any]) -> bool:
    """Whether any claim came to a verdict; a run that only broke or was interrupted leaves no trace."""
    return any(_usable(one) for one in new["claims"])


def loaded(path: Path) -> dict[str, Any]:
    """The results in that file. Raises Unreadable."""
    try:
        found = json.loads(path.read_text())
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Unreadable(f"{path} is no results file: it is not JSON.") from error
    if not isinstance(found, dict) or "schema" not in found:
        raise Unreadable(f"{path} is no results file.")
    if found["schema"] != SCHEMA:
        raise Unreadable(f"{path} has schema {found['schema']}; this program reads schema {SCHEMA}.")
    return found


def read(path: Path) -> dict[str, Any] | None:
    """The results in that file; None where none can be read, which `loaded` would say why."""
    try:
        return loaded(path)
    except Unreadable:
        return None


def write(path: Path, results: Mapping[str, Any]) -> None:
    """Complete or not at all: a page may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_text(written(results))
    os.replace(beside, path)


def written(results: Mapping[str, Any]) -> str:
    """As the file has it."""
    return json.dumps(results, ensure_ascii=False, separators=(",", ":")) + "\n"
