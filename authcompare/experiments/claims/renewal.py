"""Row "Renewal": refreshing in parallel, after a lost answer, by a thief, and by eight tabs at once."""

from collections.abc import Mapping, Sequence

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.estimates import none_of
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live import postgres
from authcompare.experiments.scenes.renewing import (
    AGAIN,
    BESIDE,
    EXPIRED,
    HONEST,
    LOST,
    PARALLEL,
    SLIDES,
    STOLEN,
    WAKE,
    Amounts,
    Bench,
    Trial,
)
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

GRACE, NO_GRACE = "one rotation per grace", "no grace"
ON_POSTGRES = f"{GRACE}, PostgreSQL"
TOLD_BUT_NOT_ENDED = (
    "It depends on the client: at the server every login lived on, but whoever takes a refusal for its end "
    "has to log in again."
)
ENOUGH = 10  # logins, to bound how many may end where none did
FEWEST = {"races": 3, "parallel": 20, "logins": 3, "laptops": 2}
FEW = {"races": 4, "parallel": 20, "logins": 5, "laptops": 3}
MANY = {"races": 3, "parallel": 200, "logins": 10, "laptops": 40}


class RefreshLogsHonestClientsOut(Probe[Trial]):
    """Tokens expire and so need refresh tokens, and refreshing ends honest logins as soon as two tabs do it
    at once or an answer gets lost."""

    row = "Renewal"
    decides = ("C49",)
    budget = (9, 45)

    def arms(self, quick: bool) -> list[Arm]:
        # Many at once take their time: neither the grace nor an access token may be over before they are.
        amounts, strict, access, grace = (FEWEST, FEWEST, 3, 2) if quick else (MANY, FEW, 10, 6)
        arms = [
            _arm(GRACE, access, grace, "sqlite", 2, amounts),
            _arm(NO_GRACE, access, 0, "sqlite", 1, strict),
        ]
        if not quick and postgres.is_installed():
            arms.append(_arm(ON_POSTGRES, access, grace, "postgresql", 2, amounts))
        return arms

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Trial]:
        return Bench(site, Amounts(**arm.parameters), transcript).trials()

    def judge(self, samples: Mapping[str, Sequence[Trial]]) -> Verdict:
        if reason := _why_broken(samples):
            return Verdict.broken(reason)
        graces = [one for arm, trials in samples.items() if arm != NO_GRACE for one in trials]
        strict = {one.name: one for one in samples[NO_GRACE]}
        figures = tuple(_figure(arm, one) for arm, trials in samples.items() for one in trials)
        if unsafe := [words for one in [*graces, *strict.values()] if (words := _unsafe(one))]:
            return Verdict(Kind.REFUTED, f"Rotation protects nothing here: {unsafe[0]}.", figures=figures)
        honest = [one for one in graces if one.name in HONEST]
        if harmed := [one for one in honest if one.ended]:
            words = f"Honest logins were ended in spite of the grace: {_harm(harmed[0])}."
            return Verdict(Kind.HOLDS, words, figures=figures, decisions=_decisions(samples))
        if refused := [one for one in honest if one.refused]:
            words = f"Honest refreshes were refused in spite of the grace: {_harm(refused[0])}."
            decisions = _decisions(samples)
            return Verdict(Kind.DEPENDS, words, TOLD_BUT_NOT_ENDED, figures=figures, decisions=decisions)
        if not (strict[LOST].ended or strict[PARALLEL].ended):
            words = "Not even without a grace was an honest login ended."
            return Verdict(Kind.REFUTED, words, figures=figures, decisions=_decisions(samples))
        logins, shown = sum(one.logins for one in honest), sum(one.shown for one in honest)
        return Verdict(
            Kind.DEPENDS,
            f"With a grace 0 of {logins} honest logins were ended by {shown} refreshes (parallel, lost "
            f"answers, {WAKE}); without one, {_harm(strict[LOST])}.",
            rule="It depends on what the server does with a token that it has just exchanged. If it says "
            "the same again for a few seconds, and rotates at most once in that time, nobody who asks "
            "again within those seconds is logged out; whoever shows it later, or an older one, ends the "
            "login: a thief, or an honest client that was too slow to ask again. If it takes every "
            "repetition for theft, a lost answer is enough.",
            figures=figures,
            decisions=_decisions(samples),
            doubts=_limits(samples),
        )


def _arm(
    name: str, access: int, grace: int, database: str, instances: int, amounts: Mapping[str, int]
) -> Arm:
    settings = {
        "TOKEN_CHECK": "none",
        "TOKEN_ACCESS_SECONDS": str(access),
        "TOKEN_REFRESH_GRACE_SECONDS": str(grace),
    }
    place = f"renewal-{grace}-{database}"
    where = Deployment(place, settings, instances, threads=4, database=database, exclusive=True)
    return Arm(name, where, "token", None, dict(amounts))


def _why_broken(samples: Mapping[str, Sequence[Trial]]) -> str:
    if not {GRACE, NO_GRACE} <= samples.keys():
        return "Not both with and without a grace."
    for arm, trials in samples.items():
        if {one.name for one in trials} != {*HONEST, *STOLEN, *BESIDE}:
            return f"{arm}: not everything was tried."
        for one in trials:
            if one.odd:
                return f"{arm}, {one.name}: {one.odd} is neither acceptance nor refusal."
            if one.name in (AGAIN, SLIDES) and one.accepted < one.shown:
                return f"{arm}: a control was not accepted, so a refusal proves nothing."
    return ""


def _unsafe(one: Trial) -> str:
    """What would make rotation worthless."""
    if one.successors > 1:
        return f"{one.name} gave {one.successors} different successors"
    if one.name in STOLEN and (one.accepted or one.ended < one.logins):
        return f"{one.name} was accepted {one.accepted} times and ended {one.ended} of {one.logins} logins"
    return f"{one.name} was accepted" if one.name == EXPIRED and one.accepted else ""


def _harm(one: Trial) -> str:
    return f"{one.name}: {one.refused} of {one.shown} refused, {one.ended} of {one.logins} logins ended"


def _figure(arm: str, one: Trial) -> Figure:
    note = f"{one.accepted} accepted, {one.refused} refused"
    if one.successors:
        note += f"; at most {one.successors} successor{'' if one.successors == 1 else 's'} of one token"
    if not one.ended and one.name in HONEST and one.logins >= ENOUGH:
        note += f"; at most {none_of(one.logins):.0%} of logins end, at 95 %"
    return Figure(f"{arm}: {one.name}, logins ended", one.ended, f"of {one.logins}", one.logins, note=note)


def _decisions(samples: Mapping[str, Sequence[Trial]]) -> dict[str, Decision]:
    trials = {one.name: one for one in samples[GRACE]}
    ways = {"a refresh token": WAKE, "logging in again": AGAIN}
    words = " or ".join(
        f"{way} ({trials[name].accepted} of {trials[name].shown} accepted)" for way, name in ways.items()
    )
    session = f"{trials[SLIDES].accepted} of {trials[SLIDES].shown} accepted"
    expired = f"{trials[EXPIRED].refused} of {trials[EXPIRED].shown} refused when its time was over"
    because = (
        f"The expiry is built in: {expired}. A client goes on by {words}, so that refresh tokens are one "
        f"way of two. A session of the same age needed neither ({session})."
    )
    return {"C49": Decision(Kind.DEPENDS, because)}


def _limits(samples: Mapping[str, Sequence[Trial]]) -> tuple[str, ...]:
    words = "On SQLite, which lets one write at a time; a full run repeats it on PostgreSQL, if installed."
    return () if ON_POSTGRES in samples else (words,)
