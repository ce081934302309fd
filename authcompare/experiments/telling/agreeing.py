"""What `compare --agree` shows: rows, contrasts, how they were compared, and what else differs."""

from collections.abc import Iterator, Sequence

from rich.console import Console

from authcompare.experiments.agreement import CONFIDENCE, Agreement, Difference, Row, Run
from authcompare.experiments.claims.performance import PRIMARY
from authcompare.experiments.telling.contents import pairs
from authcompare.experiments.telling.terminal import escaped, lines
from authcompare.experiments.verdict import Kind


def show(out: Console, found: Agreement) -> None:
    """All of it, the answer last."""
    out.print(lines("Verdicts", ["Topic", "", "Verdict"], map(_row, found.rows)))
    heads = ["Contrast", "Runs", f"Difference ({CONFIDENCE:.0%} interval)", ""]
    out.print(lines("Primary contrasts", heads, map(_difference, found.differences)))
    out.print(_method(found), soft_wrap=True)
    for doubt in (*_unlike(found.runs), *_weak(found)):
        out.print(f"[yellow]![/yellow] {escaped(doubt)}", soft_wrap=True)
    out.print(_answer(found))


def _row(one: Row) -> list[str]:
    if one.same:
        return [one.row, "the same", next(iter(one.said.values()))[""]]
    differing = [
        f"{f'{common}: ' if common else ''}{_said(one, common)}"
        for common in dict.fromkeys(common for kinds in one.said.values() for common in kinds)
        if len({kinds.get(common) for kinds in one.said.values()}) > 1
    ]
    return [one.row, "differs", "\n".join(differing)]


def _said(one: Row, common: str) -> str:
    return ", ".join(f"{kinds.get(common, '-')} ({name})" for name, kinds in one.said.items())


def _difference(one: Difference) -> list[str]:
    first, second = PRIMARY[one.contrast]
    return [
        f"{one.contrast}: {first} minus {second}",
        f"{one.second} minus {one.first}",
        one.found.text("+.3f"),
        "includes zero" if one.none_seen else "excludes zero",
    ]


def _method(found: Agreement) -> str:
    number = len(found.differences)
    chance = min(1.0, number * (1 - CONFIDENCE))
    launches = ", ".join(f"{len(next(iter(run.launches.values())))} in {run.name}" for run in found.runs)
    return (
        f"Welch's t over the medians of launches ({escaped(launches)}). Each of the {number} intervals is at "
        f"{CONFIDENCE:.0%} by itself, none is widened for the others: where nothing differs, at least one "
        f"excludes zero by chance in at most {chance:.0%} of such comparisons."
    )


def _unlike(runs: Sequence[Run]) -> Iterator[str]:
    """Commits and machines: what differs there may be why something differs here."""
    told = {run.name: dict(pairs(run.environment)) for run in runs}
    for fact in told[runs[0].name]:
        if len({facts.get(fact) for facts in told.values()}) > 1:
            values = ", ".join(f"{facts.get(fact, '-')} ({name})" for name, facts in told.items())
            yield f"The runs differ in {fact}: {values}."


def _weak(found: Agreement) -> Iterator[str]:
    for run in found.runs:
        if run.quick:
            yield f"{run.name} is a quick run: wide intervals include zero more easily."
        if run.pieces > 1:
            yield f"{run.name} was put together from {run.pieces} runs."
        if run.environment["dirty"]:
            yield f"{run.name} was measured on changes that no commit holds."
    skipped = [
        row.row for row in found.rows if any(Kind.SKIPPED in kinds.values() for kinds in row.said.values())
    ]
    if skipped:
        yield f"Not measured everywhere: {', '.join(skipped)}."


def _answer(found: Agreement) -> str:
    if found.whole:
        return f"[green]The {len(found.runs)} runs agree.[/green]"
    rows = sum(not row.same for row in found.rows)
    contrasts = sum(not one.none_seen for one in found.differences)
    counted = f"Verdicts that differ: {rows}; intervals that exclude zero: {contrasts}."
    return f"[red]The runs do not agree.[/red] {counted}"
