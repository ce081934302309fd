"""From everything that was found to what is shown: answers, figures, doubts. Pure."""

from authcompare.experiments.bench.conditions import line, order
from authcompare.experiments.bench.conditions.found import Found
from authcompare.experiments.bench.conditions.named import CONDITIONS, USUAL
from authcompare.experiments.bench.goal import Bench
from authcompare.experiments.costs import controls
from authcompare.experiments.costs.noise import not_quiet
from authcompare.experiments.verdict import Figure

TITLE = "Does the order of the schemes hold under other conditions?"
LIMITS = (
    "On SQLite but for the distances and the restarts, on loopback and without TLS; no login was away for a "
    "minute, so nothing was written. What only blocks on a loud machine would decide is not decided. Every "
    "interval holds for itself at 95 %: of so many, some miss."
)


def judge(found: Found) -> Bench:
    """An answer for each condition that was measured; none is decided where something differs from itself."""
    samples = found.samples
    here = {one: arms for one in CONDITIONS if (arms := one.of(samples))}
    bias, unsettled = controls.bias(here[USUAL]), controls.biased(here[USUAL])
    orders = {condition: order.orders(arms, bias, not unsettled) for condition, arms in here.items()}
    usual = {one.pair: one.outcome for one in orders[USUAL]}
    points = line.points(samples, found.trips)
    findings = [order.finding(condition, some, usual) for condition, some in orders.items()]
    figures = [figure for condition, arms in here.items() for figure in order.figures(condition, arms)]
    doubts = [LIMITS, *unsettled, *not_quiet(found.loud), *sorted(found.left_out)]
    if points:
        findings.append(line.finding(points))
        figures += line.figures(points, found.hops)
        doubts += line.doubts(points, found.hops)
    return Bench(TITLE, (), (*figures, *_bytes(found)), tuple(doubts), tuple(findings))


def _bytes(found: Found) -> list[Figure]:
    name = "HTTP/2: a request that is repeated"
    return [
        Figure(f"{name}: {arm}", sent.http2, "bytes", 1, note=f"{sent.http1} under HTTP/1.1")
        for arm, sent in found.sent.items()
    ]
