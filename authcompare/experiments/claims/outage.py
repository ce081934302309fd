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
    ASKED,
    COPIED,
    CRASHED,
    DRILLS,
    FROZEN,
    KILLED,
    STAFF,
    STOPPED,
    TOKEN,
    Aftermath,
)
from authcompare.experiments.scenes.asking import Felt
from authcompare.experiments.scenes.drills import Accident, Drill, Pace
from authcompare.experiments.verdict import Figure, Kind, Verdict

COPIES = "copies in Redis"
RUN_OUT = (
    "By the code, not watched: Redis keeps a copied session, and the sign that its denylist is whole, for "
    f"{COPY_SECONDS} s at most. A database that is away for longer stops what rests on them."
)
NOT_RUN = "Tokens that nobody checks, and tokens checked in the database, are tried by a full run."


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
            arms.append(_arm(ASKED, "cached", "database", "postgresql", [STOPPED], quick))
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
        f"outage-{store}-{check}",
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
    words, doubts = _words(felt), (*felt.doubts, *_not_watched(felt))
    stopped = {caller for drill in felt.drills for caller in felt.stopped(drill)}
    needless = any(
        TOKEN in felt.stopped(drill) and TOKEN not in felt.needing_rows(drill) for drill in felt.drills
    )
    if not stopped:
        words = f"Nobody noticed that a store was away. {words}"
    if needless or not stopped & {COPIED, STAFF}:
        return Verdict(Kind.REFUTED, words, figures=figures, doubts=doubts)
    if stopped <= {COPIED, STAFF}:
        return Verdict(Kind.HOLDS, words, figures=figures, doubts=doubts)
    return Verdict(Kind.DEPENDS, words, rule=_rule(felt), figures=figures, doubts=doubts)


def _rule(felt: Aftermath) -> str:
    """The design's, where everybody fared as it says; else who stopped when."""
    if any(set(felt.stopped(drill)) != felt.needing_rows(drill) for drill in felt.drills):
        told = {drill: ", ".join(felt.stopped(drill)) or "nobody" for drill in felt.drills}
        return "Who stopped: " + "; ".join(f"{drill}: {who}" for drill, who in told.items()) + "."
    unchecked = ", one that nobody checks by itself" if felt.has(ALONE) else ""
    asked_for = "tokens checked in the database, " if felt.has(ASKED) else ""
    return (
        "While Redis is away the database answers for it, in both schemes. While the database is away "
        f"({felt.without_database} here), a session goes on while its copy lives in Redis, an access token "
        f"while Redis has what the denylist needs{unchecked}. What needs a row stops, in both schemes: "
        f"sessions without a copy, {asked_for}refreshing, logging in."
    )


def _not_watched(felt: Aftermath) -> tuple[str, ...]:
    """What a longer absence of the database would show, and what only a full run does."""
    if not felt.drills_of("database"):
        return ()
    return (RUN_OUT,) if felt.has(ASKED) else (RUN_OUT, NOT_RUN)
