"""Row "Expiration": whether every limit on a login's life holds as configured, and who has to see to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.estimates import fit
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.scenes.ageing import Limit
from authcompare.experiments.scenes.changing import Change, changed_while_logged_in
from authcompare.experiments.scenes.limits import ABSOLUTE, ACCESS, FAMILY, IDLE, LIMITS, PROBES
from authcompare.experiments.scenes.upkeep import Upkeep, seen_to
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

SLACK_SECONDS = 0.05  # between the clocks of one machine: the lab's, the server's, the database's
COARSE_SECONDS = 1.5  # a limit met no closer than this is not met
ROUNDED_DOWN = "Tokens count whole seconds, rounded down, so that theirs come up to a second early."
CHANGED, KEPT = "limits changed while logged in", "rows and settings"
Sample = Limit | Change | Upkeep


@dataclass(frozen=True)
class Found:
    """All samples, by what they are about."""

    limits: Sequence[Limit] = ()
    changes: Sequence[Change] = ()
    upkeep: Mapping[str, Upkeep] = field(default_factory=dict)

    def limit(self, kind: str) -> Limit:
        """The first of its kind."""
        return next(one for one in self.limits if one.kind == kind)

    def met(self, kind: str) -> str:
        """When it was met, in words."""
        one = self.limit(kind)
        return f"{one.observed:.1f} s of {one.configured:g} s"


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
        long = _deployment("expiring-later", "cached", idle=8, absolute=25, access=6)
        return arms if quick else [*arms, *_limit_arms(long, ", longer")]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        if arm.name == CHANGED:
            return list(changed_while_logged_in(site, transcript))
        if arm.name == KEPT:
            return list(seen_to(site, transcript))
        kind, limit = arm.parameters["kind"], arm.parameters["limit"]
        return [PROBES[kind](kind, limit, site, transcript)]

    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        everything = list(chain.from_iterable(samples.values()))
        found = Found(
            [one for one in everything if isinstance(one, Limit)],
            [one for one in everything if isinstance(one, Change)],
            {one.scheme: one for one in everything if isinstance(one, Upkeep)},
        )
        if reason := _why_broken(samples, found):
            return Verdict.broken(reason)
        figures = _figures(found)
        if wrong := [*filter(None, map(_not_kept, found.limits)), *_not_purged(found.upkeep)]:
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
    if unproved := [f"{one.kind}: {one.unproved}." for one in found.limits if one.unproved]:
        return unproved[0]
    odd = [one for one in found.changes if one.outcome is Outcome.BROKEN]
    return f"{odd[0].name}: {odd[0].said} is neither acceptance nor refusal." if odd else ""


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


def _too_coarse(one: Limit, figures: tuple[Figure, ...]) -> Verdict:
    because = f"{one.kind}: between {one.alive:.2f} and {one.dead:.2f} s nothing was tried in time."
    needs = (
        f"A machine quiet enough to meet {len(one.showings)} tries within {COARSE_SECONDS} s of each other."
    )
    return Verdict(Kind.INCONCLUSIVE, because, needs=needs, figures=figures)


def _figures(found: Found) -> tuple[Figure, ...]:
    met = [_figure(one) for one in found.limits if one.dead < float("inf")]
    return (*met, *_slope(found.limits), *_renewals(found), *_counted(found))


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
    return (Figure(name, slope.value, "", len(points), slope.low, slope.high),)


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


def _depends(found: Found, figures: tuple[Figure, ...]) -> Verdict:
    kept = ", ".join(f"{kind} {found.met(kind)}" for kind in LIMITS)
    count = {scheme: len(one.settings) for scheme, one in found.upkeep.items()}
    return Verdict(
        Kind.DEPENDS,
        f"Every limit held: {kept}. {ROUNDED_DOWN} Only the access token's is built in; the server keeps the "
        f"others, by {count['session']} settings for sessions and {count['token']} for refresh tokens.",
        rule="An access token ends by itself and needs nothing kept. Whatever outlives it, a session or the "
        "refresh token that tokens are renewed with, has an idle and an absolute limit that the server keeps "
        "in a row, and rows that have to be purged.",
        figures=figures,
        decisions=_decisions(found),
        doubts=(
            "Limits of seconds, not hours. For the purge, expired rows were made two days older by UPDATE.",
        ),
    )


def _decisions(found: Found) -> dict[str, Decision]:
    session, token = found.upkeep["session"], found.upkeep["token"]
    used, renewed = found.limit(ABSOLUTE), found.limit(FAMILY)
    as_much = len(token.settings) >= len(session.settings) and token.expired_rows > 0
    return {
        "C12": Decision(
            Kind.HOLDS,
            f"Only its limits ended it: abandoned, the idle limit ({found.met(IDLE)}); in use, the absolute "
            f"one ({found.met(ABSOLUTE)}). {session.expired_rows} expired rows stayed until they were "
            "purged. A server without any limit was not run: this product always has both.",
        ),
        "C13": Decision(
            Kind.REFUTED if as_much else Kind.DEPENDS,
            f"Of idle and absolute limits the server keeps {len(token.settings)} for refresh tokens "
            f"({', '.join(token.settings)}) and {len(session.settings)} for sessions "
            f"({', '.join(session.settings)}); the lifetime of access tokens comes on top. Refresh tokens "
            f"left {token.expired_rows} expired rows for the same purge; refreshing ended with the absolute "
            f"limit ({found.met(FAMILY)}).",
        ),
        "C31": Decision(Kind.HOLDS, f"Access token: {found.met(ACCESS)}. {ROUNDED_DOWN}"),
        "C32": Decision(
            Kind.HOLDS if renewed.renewals > used.renewals else Kind.REFUTED,
            f"Without renewal a client was out after {found.met(ACCESS)}. To stay for {renewed.configured:g} "
            f"s one with renewal sent {renewed.renewals} extra requests, one with a session {used.renewals}.",
        ),
        "C48": _changed(found.changes),
    }


def _changed(changes: Sequence[Change]) -> Decision:
    lost = [one.name for one in changes if not one.as_expected]
    return Decision(
        Kind.DEPENDS if lost else Kind.HOLDS,
        "The idle limit of a running session, made longer or shorter, should be in force from its next use "
        "on, as that of a refresh token; its absolute limit, written down at login, should stay as it was, "
        f"like an access token's expiry. So it was in {len(changes) - len(lost)} of {len(changes)} "
        f"cases{'; not: ' if lost else ''}{', '.join(lost)}.",
    )
