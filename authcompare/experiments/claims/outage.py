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
    LIVE,
    STAFF,
    STOPPED,
    TOKEN,
    Aftermath,
)
from authcompare.experiments.scenes.drills import Accident, Drill, Felt, Pace
from authcompare.experiments.verdict import Figure, Kind, Verdict

COPIES = "copies in Redis"


class SessionsStopWithTheirStore(Probe[Felt]):
    """Session authentication stops when its store fails, while tokens go on working."""

    row = "Store outage"
    decides = ()
    budget = (24, 100)

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
        redis = [felt.served(drill, caller) for drill in felt.drills_of("redis") for caller in LIVE]
        if not all(redis):
            tokens = [felt.served(drill, TOKEN) for drill in felt.drills_of("redis")]
            kind = Kind.HOLDS if all(tokens) else Kind.REFUTED
            return Verdict(kind, f"With Redis away: {felt.unserved('redis')}.", figures=figures)
        if not felt.drills_of("database"):
            return Verdict(
                Kind.INCONCLUSIVE,
                f"Nobody noticed that Redis was away: {felt.summary('redis')}. The database was not stopped.",
                needs=f"a database that is a process. {postgres.MISSING}",
                figures=figures,
                doubts=felt.doubts,
            )
        return _with_database(felt, figures)


def _arm(name: str, store: str, check: str, database: str, drills: Sequence[Drill], quick: bool) -> Arm:
    where = Deployment(
        f"outage-{store}",
        {"SESSION_STORE": store, "TOKEN_CHECK": check},
        threads=4,
        exclusive=True,
        database=database,
    )
    pace = (
        {"away": 1.2, "every": 0.08, "linger": 0.0} if quick else {"away": 3.0, "every": 0.03, "linger": 65.0}
    )
    parameters = {**pace, "drills": [drill.name for drill in drills]}
    return Arm(name, where, "session and token", None, parameters)


def _with_database(felt: Aftermath, figures: tuple[Figure, ...]) -> Verdict:
    """The rule, where both stores have been away."""
    drills = felt.drills_of("database")
    off = [caller for caller in LIVE if not all(felt.served(drill, caller) for drill in drills)]
    words = f"Redis away: {felt.summary('redis')}. Database away: {felt.unserved('database')}."
    if not off:
        return Verdict(Kind.REFUTED, "Nobody noticed that a store was away.", figures=figures)
    if set(off) == {COPIED, STAFF}:
        return Verdict(Kind.HOLDS, words, figures=figures, doubts=felt.doubts)
    return Verdict(
        Kind.DEPENDS,
        words,
        rule="While Redis is away the database answers for it, in both schemes. While the database is away, "
        f"those go on whom a copy (for {COPY_SECONDS} s at most) or the token itself speaks for; what needs "
        "a row stops, in both schemes: sessions without a copy, refreshing, logging in.",
        figures=figures,
        doubts=felt.doubts,
    )
