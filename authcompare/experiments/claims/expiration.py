"""Row "Expiration": whether every limit on a login's life holds as configured, and who has to see to it."""

from collections.abc import Mapping, Sequence
from itertools import chain

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.estimates import fit
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.scenes.ageing import Limit
from authcompare.experiments.scenes.changing import changed_while_logged_in
from authcompare.experiments.scenes.lasting import TEN_YEARS, Lasting, left_alone
from authcompare.experiments.scenes.lifetimes import ROUNDED_DOWN, Found, Sample, decisions
from authcompare.experiments.scenes.limits import ABSOLUTE, FAMILY, IDLE, LIMITS, PROBES
from authcompare.experiments.scenes.upkeep import Upkeep, seen_to
from authcompare.experiments.verdict import Figure, Kind, Verdict

SLACK_SECONDS = 0.05  # between the clocks of one machine: the lab's, the server's, the database's
COARSE_SECONDS = 1.5  # a limit met no closer than this is not met
CHANGED, KEPT, LASTING = "limits changed while logged in", "rows and settings", "limits of ten years"


class Expiration(Probe[Sample]):
    """A session lives until the server sees to its end, while a token has its expiry built in."""

    row = "Expiration"
    decides = ("C12", "C13", "C31", "C32", "C48")
    waits = True
    budget = (16, 60)

    def arms(self, quick: bool) -> list[Arm]:
        idle, absolute = (5, 9) if quick else (4, 8)  # with much beside it, a login may be left alone longer
        short = _deployment("expiring", "database", idle, absolute, access=2)
        arms = [*_limit_arms(short, ""), Arm(CHANGED, short, "session"), Arm(KEPT, short, "session")]
        lasting = _deployment("hardly-expiring", "database", TEN_YEARS, TEN_YEARS, access=300)
        arms.append(Arm(LASTING, lasting, "session", parameters={"alone": absolute + 1}))
        long = _deployment("expiring-later", "cached", idle=8, absolute=25, access=6)
        return arms if quick else [*arms, *_limit_arms(long, ", longer")]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        if arm.name == CHANGED:
            return list(changed_while_logged_in(site, transcript))
        if arm.name == KEPT:
            return list(seen_to(site, transcript))
        if arm.name == LASTING:
            return [left_alone(arm.parameters["alone"], site, transcript)]
        kind, limit = arm.parameters["kind"], arm.parameters["limit"]
        return [PROBES[kind](kind, limit, site, transcript)]

    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        found = Found(list(chain.from_iterable(samples.values())))
        if reason := _why_broken(samples, found):
            return Verdict.broken(reason)
        figures = _figures(found)
        if wrong := _wrong(found):
            return Verdict(Kind.REFUTED, wrong[0], figures=figures, doubts=tuple(wrong[1:]))
        if coarse := [one for one in found.limits if one.dead - one.alive > COARSE_SECONDS]:
            return _too_coarse(coarse[0], figures)
        return _depends(found, figures)


def _deployment(name: str, store: str, idle: int, absolute: int, access: int) -> Deployment:
    """Both schemes under the same limits. No grace: every refresh rotates."""
    limits = {"IDLE_SECONDS": str(idle), "ABSOLUTE_SECONDS": str(absolute)}
    settings = {
        f"{scheme}_{name}": value for scheme in ("SESSION", "TOKEN") for name, value in limits.items()
    }
    more = {"SESSION_STORE": store, "TOKEN_ACCESS_SECONDS": str(access), "TOKEN_REFRESH_GRACE_SECONDS": "0"}
    return Deployment(name, {**settings, **more}, instances=2, exclusive=True)


def _limit_arms(where: Deployment, suffix: str) -> list[Arm]:
    return [
        Arm(
            kind + suffix,
            where,
            "session" if kind in (IDLE, ABSOLUTE) else "token",
            parameters={"kind": kind, "limit": int(where.settings[setting])},
        )
        for kind, setting in LIMITS.items()
    ]


def _why_broken(samples: Mapping[str, Sequence[Sample]], found: Found) -> str:
    if empty := [name for name, several in samples.items() if not several]:
        return f"{empty[0]}: nothing was tried."
    if missing := LIMITS.keys() - {one.kind for one in found.limits}:
        return f"Not tried: {', '.join(sorted(missing))}."
    if not found.changes or found.upkeep.keys() != {"session", "token"}:
        return "No limit was changed, or no rows were counted."
    if not found.lasting or found.lasting[0].odd:
        said = (
            f"{found.lasting[0].odd} is neither acceptance nor refusal"
            if found.lasting
            else "nothing was tried"
        )
        return f"{LASTING}: {said}."
    if unproved := [f"{one.kind}: {one.unproved}." for one in found.limits if one.unproved]:
        return unproved[0]
    odd = [one for one in found.changes if one.outcome is Outcome.BROKEN]
    return f"{odd[0].name}: {odd[0].said} is neither acceptance nor refusal." if odd else ""


def _wrong(found: Found) -> list[str]:
    """Every limit that was not kept, as sentences."""
    kept = [words for one in found.limits if (words := _not_kept(one))]
    return [*kept, *_not_purged(found.upkeep), *_not_lasting(found.lasting[0])]


def _not_kept(one: Limit) -> str:
    """How a limit was met otherwise than configured, as a sentence; empty where it was kept.

    Whole seconds, rounded down, let a token end up to a second early, and never late.
    """
    if one.alive > one.configured + SLACK_SECONDS:
        return f"{one.kind}: configured {one.configured:g} s, still let in at {one.alive:.2f} s."
    if one.dead < one.configured - one.whole_seconds - SLACK_SECONDS:
        return f"{one.kind}: configured {one.configured:g} s, refused at {one.dead:.2f} s already."
    return ""


def _not_purged(upkeep: Mapping[str, Upkeep]) -> list[str]:
    return [
        f"{one.after_purge} of {one.expired_rows} expired {scheme} rows outlived the purge."
        for scheme, one in upkeep.items()
        if one.after_purge
    ]


def _not_lasting(one: Lasting) -> list[str]:
    """Nothing but its logout should end a session under limits that nobody waits for."""
    wrong = {
        f"{LASTING}: refused after {one.age:.1f} s already.": one.shown is Outcome.REFUSED,
        f"{LASTING}: still let in after its logout.": one.logged_out is Outcome.ACCEPTED,
    }
    return [words for words, so in wrong.items() if so]


def _too_coarse(one: Limit, figures: tuple[Figure, ...]) -> Verdict:
    because = f"{one.kind}: between {one.alive:.2f} and {one.dead:.2f} s nothing was tried in time."
    needs = (
        f"A machine quiet enough to meet {len(one.showings)} tries within {COARSE_SECONDS} s of each other."
    )
    return Verdict(Kind.INCONCLUSIVE, because, needs=needs, figures=figures)


def _figures(found: Found) -> tuple[Figure, ...]:
    met = [_figure(one) for one in found.limits if one.dead < float("inf")]
    return (*met, *_slope(found.limits), *_renewals(found), *_counted(found), *_alone(found.lasting))


def _figure(one: Limit) -> Figure:
    name, note = f"{one.kind}: configured {one.configured:g} s, met", "rounded down to a whole second"
    n = len(one.showings)
    low, high = sorted((one.alive, one.dead))
    return Figure(name, one.observed, "s", n, low, high, note if one.whole_seconds else "")


def _slope(limits: Sequence[Limit]) -> tuple[Figure, ...]:
    points = [(one.configured, one.observed) for one in limits if one.dead < float("inf")]
    if len(points) < len(LIMITS):
        return ()
    slope = fit(points).slope
    name = "seconds met per second configured (slope)"
    return (Figure.of(name, slope, "", len(points)),)


def _renewals(found: Found) -> list[Figure]:
    words = "extra requests to stay logged in for"
    pairs = (("session", found.limit(ABSOLUTE)), ("tokens", found.limit(FAMILY)))
    return [
        Figure(f"{scheme}: {words} {one.configured:g} s", one.renewals, "", len(one.showings))
        for scheme, one in pairs
    ]


def _counted(found: Found) -> list[Figure]:
    done = sum(one.as_expected for one in found.changes)
    n = len(found.changes)
    figures = [Figure("limits changed while logged in: took effect as expected", done, f"of {n}", n)]
    for scheme, one in found.upkeep.items():
        settings = ", ".join(one.settings)
        figures += [
            Figure(
                f"{scheme}: settings of limits that the server keeps", len(one.settings), "", 1, note=settings
            ),
            Figure(f"{scheme}: expired rows before any purge", one.expired_rows, "rows", 1),
            Figure(f"{scheme}: … after `manage.py purgelogins`", one.after_purge, "rows", 1),
        ]
    return figures


def _alone(lasting: Sequence[Lasting]) -> list[Figure]:
    name = f"{LASTING}: a session left alone for"
    return [
        Figure(name, one.age, "s", 1, note=f"then {one.shown}; once it was logged out {one.logged_out}")
        for one in lasting
    ]


def _depends(found: Found, figures: tuple[Figure, ...]) -> Verdict:
    kept = ", ".join(f"{kind} {found.met(kind)}" for kind in LIMITS)
    count = {scheme: len(one.settings) for scheme, one in found.upkeep.items()}
    return Verdict(
        Kind.DEPENDS,
        f"Every limit held: {kept}. {ROUNDED_DOWN} Access and refresh tokens carry their expiry, the "
        "key of a session none. The server keeps limits in a row for each login, by "
        f"{count['session']} settings for sessions and {count['token']} for refresh tokens.",
        rule="An access token ends by itself and needs nothing kept. Whatever outlives it, a session or the "
        "refresh token that tokens are renewed with, has an idle and an absolute limit in a row that the "
        "server keeps (a refresh token carries the nearer one as well), and rows that have to be purged.",
        figures=figures,
        decisions=decisions(found),
        doubts=(
            "Limits of seconds, not hours. For the purge, expired rows were made two days older by UPDATE.",
        ),
    )
