"""Row "Store outage": who goes on working while Redis or the database is away, and what is lost by it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live import postgres
from authcompare.experiments.promises import COPY_SECONDS
from authcompare.experiments.scenes.aftermath import (
    ALONE,
    COPIED,
    CRASHED,
    DRILLS,
    FROZEN,
    KILLED,
    LOGIN,
    REFRESH,
    STAFF,
    STOPPED,
    TOKEN,
    Aftermath,
)
from authcompare.experiments.scenes.asking import Felt
from authcompare.experiments.scenes.drills import Accident, Drill, Pace
from authcompare.experiments.verdict import Figure, Kind, Verdict

COPIES = "copies in Redis"


class SessionsStopWithTheirStore(Probe[Felt]):
    """Session authentication stops when its store fails, while tokens go on working."""

    row = "Store outage"
    decides = ()
    budget = (19, 110)

    def arms(self, quick: bool) -> list[Arm]:
        drills = [KILLED, FROZEN]
        if not postgres.is_installed():
            return [_arm(COPIES, "cached", "denylist", "sqlite", drills, quick)]
        arms = [_arm(COPIES, "cached", "denylist", "postgresql", [*drills, STOPPED], quick)]
        if not quick:
            arms.append(_arm(ALONE, "database", "none", "postgresql", [STOPPED, CRASHED], quick))
        return arms

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Felt]:
        found = []
        for name in arm.parameters["drills"]:
            pace = Pace(arm.parameters["away"], arm.parameters["every"], 0.0)
            if DRILLS[name] == FROZEN:
                pace = replace(pace, linger=arm.parameters["linger"])
            found += Accident(DRILLS[name], site, pace, transcript).felt()
        return found

    def judge(self, samples: Mapping[str, Sequence[Felt]]) -> Verdict:
        felt = Aftermath(samples)
        if felt.broken:
            return Verdict.broken(felt.broken)
        figures = felt.figures
        if words := felt.lost or felt.came_back:
            return Verdict(Kind.REFUTED, words, figures=figures)
        if undecided := _undecided(felt):
            return Verdict(Kind.INCONCLUSIVE, _words(felt), "", undecided, figures, doubts=felt.doubts)
        return _decided(felt, figures)


def _arm(name: str, store: str, check: str, database: str, drills: Sequence[Drill], quick: bool) -> Arm:
    where = Deployment(
        f"outage-{store}",
        {"SESSION_STORE": store, "TOKEN_CHECK": check},
        threads=4,
        exclusive=True,
        database=database,
    )
    pace = (
        {"away": 1.2, "every": 0.12, "linger": 0.0} if quick else {"away": 3.0, "every": 0.03, "linger": 65.0}
    )
    parameters = {**pace, "drills": [drill.name for drill in drills]}
    return Arm(name, where, "session and token", None, parameters)


def _words(felt: Aftermath) -> str:
    return " ".join(words for store in ("redis", "database") if (words := felt.told(store)))


def _undecided(felt: Aftermath) -> str:
    """What it would take to decide, in words; else empty."""
    if any(felt.waited(drill) for drill in felt.drills):
        return (
            "a quieter machine, or an absence that outlasts every wait (a full run's is longer): whoever was "
            "let in late may have waited for the store or for the machine."
        )
    if not felt.drills_of("database") and not any(felt.stopped(drill) for drill in felt.drills):
        return f"a database that is a process, for nobody noticed that Redis was away. {postgres.MISSING}"
    return ""


def _decided(felt: Aftermath, figures: tuple[Figure, ...]) -> Verdict:
    """By whoever stopped in any drill."""
    words, stopped = _words(felt), {caller for drill in felt.drills for caller in felt.stopped(drill)}
    if not stopped:
        words = f"Nobody noticed that a store was away. {words}"
    if TOKEN in stopped or not stopped & {COPIED, STAFF}:
        return Verdict(Kind.REFUTED, words, figures=figures, doubts=felt.doubts)
    if stopped <= {COPIED, STAFF}:
        return Verdict(Kind.HOLDS, words, figures=figures, doubts=felt.doubts)
    return Verdict(Kind.DEPENDS, words, rule=_rule(felt), figures=figures, doubts=felt.doubts)


def _rule(felt: Aftermath) -> str:
    """The design's, where everybody fared as it says; else who stopped when."""
    if all(set(felt.stopped(drill)) == _without(drill, felt) for drill in felt.drills):
        return (
            "While Redis is away the database answers for it, in both schemes. While the database is away, "
            "an access token goes on by itself, and a session as long as its copy in Redis lives, "
            f"{COPY_SECONDS} s at most; what needs a row stops, in both schemes: sessions without a copy, "
            "refreshing, logging in."
        )
    told = {drill: ", ".join(felt.stopped(drill)) or "nobody" for drill in felt.drills}
    return "Who stopped: " + "; ".join(f"{drill}: {who}" for drill, who in told.items()) + "."


def _without(drill: str, felt: Aftermath) -> set[str]:
    """Who cannot go on without that store, by the design."""
    if drill in felt.drills_of("redis"):
        return set()
    return {STAFF, REFRESH, LOGIN} | ({COPIED} if felt.has_no_copies(drill) else set())
