"""Row "Stale rights": how long a credential goes on showing what its user no longer is."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from authcompare.experiments.claim import Arm, Guarantees, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.estimates import Estimate, fit, none_of
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.promises import ACCESS_SECONDS, COPY_SECONDS, SESSIONS, in_production, of_tokens
from authcompare.experiments.scenes.altering import ALREADY_OVER, CHANGES, EVERY, Seen, alter_and_watch
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

SLACK_SECONDS = 0.3
CHECKED = "tokens, database"
POINTS = 3  # at least, for a line
SOURCES = {"row", "mark", "copy", "claims"}
COPIES_PER_IDLE = 10  # a copy in Redis lives a tenth of the session's idle time, and never more than 60 s


class Rights(Probe[Seen]):
    """A valid credential tells who the user is and what the user may do, as of now."""

    row = "Stale rights"
    decides = ("C05", "C25")
    budget = (14, 26)

    def arms(self, quick: bool) -> list[Arm]:
        short, long = (3, 4) if quick else (5, 8)
        rows = _where("database", "database", short)
        arms = [
            _arm("sessions, database", rows, SESSIONS["database"], 0),
            _arm(CHECKED, rows, of_tokens("database", short), 0),
        ]
        pairs, once = [("none", short), ("denylist", long)], {"logins": 1} if quick else {}
        for check, life in pairs if quick else [*pairs, ("none", long), ("denylist", short)]:
            where, copied = _where("cached", check, life), _copies(life)
            sessions = f"sessions, cached, copies of {life} s, beside {check}"
            arms.append(_arm(sessions, where, copied, life, **once))
            arms.append(_arm(f"tokens, {check}, {life} s", where, of_tokens(check, life), life))
        return arms

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Seen]:
        assert arm.guarantees is not None
        life, logins = arm.parameters["life"], arm.parameters["logins"]
        return alter_and_watch(arm.client, arm.guarantees, life, logins, site, transcript)

    def judge(self, samples: Mapping[str, Sequence[Seen]]) -> Verdict:
        if reason := _why_broken(samples):
            return Verdict.broken(reason)
        figures = tuple(_figures(samples))
        if wrong := [
            words for name, several in samples.items() for seen in several if (words := _not_kept(name, seen))
        ]:
            return Verdict(Kind.REFUTED, wrong[0], figures=figures, doubts=tuple(wrong[1:5]))
        return _depends(samples, figures)


def _where(store: str, check: str, life: int) -> Deployment:
    settings = {
        "WIRE": "True",
        "SESSION_STORE": store,
        "TOKEN_CHECK": check,
        "TOKEN_ACCESS_SECONDS": str(life),
        "SESSION_IDLE_SECONDS": str(life * COPIES_PER_IDLE),
    }
    return Deployment(f"rights-{check}-{life}", settings, exclusive=True)


def _copies(life: int) -> Guarantees:
    """What the product promises of copies, where they live shorter than in production."""
    return Guarantees(0, 0, life, "copy", sql=0, redis=1)


def _arm(name: str, where: Deployment, promise: Guarantees, life: int, logins: int = 2) -> Arm:
    """With something that is believed for a while each user logs in `logins` times, else once."""
    client = name.partition(",")[0].removesuffix("s")
    return Arm(name, where, client, promise, {"life": life, "logins": logins if life else 1})


def _why_broken(samples: Mapping[str, Sequence[Seen]]) -> str:
    for name, several in samples.items():
        if missing := set(CHANGES) - {seen.change for seen in several}:
            return f"{name}: nobody was {sorted(missing)[0]}."
        if odd := [seen for seen in several if seen.odd]:
            return f"{name}, {odd[0].change}: {odd[0].odd} is neither acceptance nor refusal."
    everything = list(chain.from_iterable(samples.values()))
    if missing := SOURCES - {seen.source for seen in everything}:
        return f"Nothing was watched of what is told by: {', '.join(sorted(missing))}."
    if len(_carried(everything)) < POINTS:
        return "The machine was too slow: nearly every token had expired before its user had been changed."
    return ""


def _not_kept(name: str, seen: Seen) -> str:
    """What was promised about this change and not kept, as a sentence; else empty."""
    where = f"{name}, {seen.change}"
    if seen.new_from is None:
        return f"{where}: not seen within {seen.old_until:.1f} s."
    if seen.old_until > seen.promised + (SLACK_SECONDS if seen.promised else 0.0):
        return f"{where}: the old was shown for {seen.old_until:.2f} s, promised were {seen.promised:.2f} s."
    if seen.source == "claims" and seen.new_from < seen.promised - SLACK_SECONDS - EVERY:
        return f"{where}: seen after {seen.new_from:.2f} s, {seen.promised:.2f} s before the token expired."
    return ""


def _figures(samples: Mapping[str, Sequence[Seen]]) -> Iterator[Figure]:
    everything = list(chain.from_iterable(samples.values()))
    for source, name in (("row", "looked up in a row"), ("mark", "deactivations told by a mark")):
        found = [seen for seen in everything if seen.source == source]
        stale, n = sum(seen.old_until > 0 for seen in found), len(found)
        note = "" if stale else f"at most {none_of(n):.0%} of changes, at 95 %"
        yield Figure(f"{name}: changes not seen by the next request", stale, f"of {n}", n, note=note)
    for name, several in samples.items():
        for source in ("copy", "claims"):
            if believed := [seen for seen in several if seen.source == source]:
                longest = max(seen.old_until for seen in believed)
                yield Figure(f"{name}: longest use of the old", longest, "s", len(believed))
        yield Figure(f"{name}: statements per request", _sql(several), "SQL", len(several))
    slope, name = _slope(everything), "claims: seconds stale per second left (slope)"
    yield Figure.of(name, slope, "", slope.n)
    yield in_production("claims")
    derived = "derived from the limit in the code and the shorter copies watched here, not seen"
    yield Figure("copies in production, at worst", COPY_SECONDS, "s", 0, note=derived)


def _sql(several: Sequence[Seen]) -> int:
    return max(seen.sql for seen in several if seen.sql is not None)


def _carried(everything: Sequence[Seen]) -> dict[float, float]:
    """One point for each login whose token lived when its user changed: several changes are seen together."""
    claims = [seen for seen in everything if seen.source == "claims" and seen.promised > ALREADY_OVER]
    return {seen.promised: seen.about for seen in claims}


def _slope(everything: Sequence[Seen]) -> Estimate:
    """How long claims were stale, by the seconds that their token had left."""
    return fit(list(_carried(everything).items())).slope


def _depends(samples: Mapping[str, Sequence[Seen]], figures: tuple[Figure, ...]) -> Verdict:
    everything = list(chain.from_iterable(samples.values()))
    found = {source: [seen for seen in everything if seen.source == source] for source in SOURCES}
    n = {source: len(several) for source, several in found.items()}
    longest = {source: max(seen.old_until for seen in several) for source, several in found.items()}
    slope = _slope(everything).value
    at_once = f"all {n['row']} changes were seen by the next request"
    marked = f"so were {n['mark']} of {n['mark']} deactivations that a mark tells of"
    lived = max(seen.promised for seen in found["copy"])
    copied = f"a copy that lived for up to {lived:.0f} s showed the old for up to {longest['copy']:.1f} s"
    carried = f"claims for up to {longest['claims']:.1f} s, {slope:.2f} s per second the token had left"
    looked_up = samples.get(CHECKED, ())
    return Verdict(
        Kind.DEPENDS,
        f"From a row {at_once}; {marked}; {copied}, {carried}.",
        rule="What comes from a row is current. What a copy or a token says is as old as the copy or the "
        f"token: up to {COPY_SECONDS} s for a copied session, up to {ACCESS_SECONDS} s for an access "
        "token in production. Deactivation is seen at once by all but the unchecked token, and the loss of "
        "staff rights by every session.",
        figures=figures,
        decisions={
            "C05": Decision(
                Kind.HOLDS,
                "The look-up alone says whose session it is; the key tells nothing (see what a leak gives "
                f"away). From a row {at_once}; {copied}.",
            ),
            "C25": Decision(
                Kind.DEPENDS,
                f"Where the token's word is taken (none, denylist) the user needs {_sql(found['claims'])} "
                f"statements and is as of the token's issue: {carried}. Where the token is checked in the "
                f"database ({_sql(looked_up)} statement) its claims are not asked: the user comes from the "
                "row.",
            ),
        },
        doubts=(
            "A name stands for all that a row, a copy or a token says of a user, such as an e-mail address.",
            *_over_too_soon(samples),
        ),
    )


def _over_too_soon(samples: Mapping[str, Sequence[Seen]]) -> list[str]:
    """What is to be said where the machine was slower than what was to be watched."""
    believed = {
        name: [seen.old_until for seen in several if seen.source in ("copy", "claims")]
        for name, several in samples.items()
    }
    late = [name for name, stale in believed.items() if stale and not any(stale)]
    doubts = []
    if late:
        words = (
            "What was believed had run out before the change had been saved, so that nothing stale was seen"
        )
        doubts.append(f"{words}: {'; '.join(late)}.")
    claims = [seen for seen in chain.from_iterable(samples.values()) if seen.source == "claims"]
    if over := sum(seen.promised <= ALREADY_OVER for seen in claims):
        words = "changes came after the token that would have hidden them had expired"
        doubts.append(f"{over} of {len(claims)} {words}; they are left out of the slope.")
    return doubts
