"""Row "Revocation": how long a credential goes on working after somebody has ended its login."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.estimates import fit, none_of
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.promises import COPY_SECONDS, SESSIONS, of_tokens
from authcompare.experiments.scenes.ending import CAUSES, Ended, Stage, end_and_watch, left_out
from authcompare.experiments.scenes.everywhere import SignedOut, sign_out_everywhere
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

PRODUCTION_SECONDS = 300  # the product's own TOKEN_ACCESS_SECONDS; the figure for it is derived, not seen
TOLERANCE_SECONDS = 0.25
EVERYWHERE, LOGINS = "signed out everywhere", 10
NOTHING_STREAMS = (
    "Connections that stay open (streams, WebSockets) and may outlive the end of their login were not tried: "
    "nothing here streams."
)
Sample = Ended | SignedOut


class Revocation(Probe[Sample]):
    """A session can be ended at any moment, while a token goes on working until it expires."""

    row = "Revocation"
    decides = ("C07", "C15", "C35")
    waits = True
    budget = (16, 150)

    def arms(self, quick: bool) -> list[Arm]:
        watch, short, long = (3, 4, 6) if quick else (2 * COPY_SECONDS + 5, 3, 8)
        life, workers = watch + 60, 1 if quick else 2
        return [
            _arm("sessions, database", "session", "database", "database", life, watch, workers),
            _arm("sessions, cached", "session", "cached", "denylist", life, watch, workers),
            _arm("tokens, database", "token", "database", "database", life, watch, workers),
            _arm("tokens, denylist", "token", "cached", "denylist", life, watch, workers),
            _arm(f"tokens, none, {short} s", "token", "database", "none", short, 0),
            _arm(f"tokens, none, {long} s", "token", "database", "none", long, 0),
            _everywhere("sessions", _where("cached", "denylist", life, workers)),
            _everywhere("tokens", _where("cached", "denylist", life, workers)),
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        if logins := arm.parameters.get("logins"):
            return [sign_out_everywhere(arm.client, logins, site, transcript)]
        stages = {cause: Stage.set(cause, arm.client, site, transcript.under(cause)) for cause in CAUSES}
        with ThreadPoolExecutor(len(CAUSES)) as pool:
            running = [pool.submit(end_and_watch, cause, arm, stage) for cause, stage in stages.items()]
        return [one.result() for one in running]

    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        found = Found(samples)
        if reason := _why_broken(found):
            return Verdict.broken(reason)
        figures = tuple(_figures(found))
        if broken := list(_broken_promises(found)):
            return Verdict(Kind.REFUTED, broken[0], figures=figures, doubts=tuple(broken[1:5]))
        if any(_overrun(ended) < -TOLERANCE_SECONDS - ended.watch.resolution for ended in found.unchecked):
            words = "Tokens that nobody checks were refused before they expired."
            return Verdict(Kind.REFUTED, words, figures=figures)
        return _depends(found, figures)


def _where(store: str, check: str, life: int, workers: int) -> Deployment:
    settings = {"SESSION_STORE": store, "TOKEN_CHECK": check, "TOKEN_ACCESS_SECONDS": str(life)}
    # Remembered tokens and stores are per process; an unchecked token has nothing that a process could miss.
    # Exclusive: it changes passwords and deactivates users.
    instances = 1 if check == "none" else 2
    return Deployment(f"{check}-{life}", settings, instances, workers, exclusive=True)


def _arm(name: str, client: str, store: str, check: str, life: int, watch: float, workers: int = 1) -> Arm:
    promise = SESSIONS[store] if client == "session" else of_tokens(check, life)
    often = {"watch": watch, "every": 0.5 if watch > COPY_SECONDS else 0.3}
    return Arm(name, _where(store, check, life, workers), client, promise, often)


def _everywhere(many: str, where: Deployment) -> Arm:
    return Arm(f"{EVERYWHERE}, {many}", where, many.removesuffix("s"), parameters={"logins": LOGINS})


class Found:
    """All samples, by what they are about. What had expired before its login was ended proves nothing."""

    def __init__(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        self.everywhere = [one for each in samples.values() for one in each if isinstance(one, SignedOut)]
        ends = {name: [one for one in each if isinstance(one, Ended)] for name, each in samples.items()}
        self.arms = {name: several for name, several in ends.items() if several}
        self.in_time = [(name, one) for name, each in self.arms.items() for one in each if not one.late]

    def checked(self, scheme: str = "") -> list[Ended]:
        """Of logins whose end is promised to be seen at once: sessions, tokens, or both."""
        return [one for name, one in self.in_time if not one.promised and name.startswith(scheme)]

    @property
    def unchecked(self) -> list[Ended]:
        """Of access tokens that nobody is asked about."""
        return [one for _, one in self.in_time if one.promised]


def _why_broken(found: Found) -> str:
    if reason := next(filter(None, map(_unproved, found.arms, found.arms.values())), ""):
        return reason
    if not (found.checked("sessions") and found.checked("tokens") and found.unchecked):
        return "Not everything was watched: sessions, tokens that are checked, and tokens that are not."
    if odd := [one for one in found.everywhere if one.unproved]:
        return f"{EVERYWHERE}, {odd[0].scheme}: {odd[0].unproved}."
    tried = {one.scheme for one in found.everywhere}
    return "" if tried == {"session", "token"} else "Not both kinds of login were signed out everywhere."


def _unproved(name: str, all_ended: Sequence[Ended]) -> str:
    if len(all_ended) < len(CAUSES):
        return f"{name}: {len(all_ended)} of {len(CAUSES)} ways to end a login were tried."
    if all(ended.late for ended in all_ended):
        return f"{name}: the machine was too slow; every token had expired before its login was ended."
    return next((f"{name}, {one.cause}: {one.unproved}." for one in all_ended if one.unproved), "")


def _broken_promises(found: Found) -> Iterator[str]:
    for name, ended in found.in_time:
        if words := _broken_promise(name, ended):
            yield words
    for one in found.everywhere:
        if one.accepted:
            yield f"{EVERYWHERE}, {one.scheme}: let in {one.accepted} of {one.shown} times."


def _broken_promise(name: str, ended: Ended) -> str:
    """What the arm promises (at once, or at expiry) and did not keep, as a sentence; else empty."""
    where, watch = f"{name}, {ended.cause}", ended.watch
    if ended.renewed:
        return f"{where}: the refresh token went on working."
    if watch.came_back:
        return f"{where}: refused, then let in again."
    if ended.promised == 0 and watch.accepted:
        last = "to the end of the watch" if watch.dead_after is None else f"for {watch.dead_after:.2f} s"
        return f"{where}: let in {last} ({watch.accepted} of {len(watch.polls)} showings)."
    if ended.promised and (
        watch.dead_after is None or _overrun(ended) > TOLERANCE_SECONDS + watch.resolution
    ):
        return f"{where}: outlived its own expiry."
    return ""


def _overrun(ended: Ended) -> float:
    return (ended.watch.dead_after or 0.0) - (ended.left or 0.0)


def _figures(found: Found) -> Iterator[Figure]:
    checked, unchecked = found.checked(), found.unchecked
    shown, let_in = _shown(checked), sum(ended.watch.accepted for ended in checked)
    bound = f"at most {none_of(shown):.2%} of them, at 95 %" if not let_in else ""
    name = "sessions and checked tokens: showings let in after the end"
    yield Figure(name, let_in, f"of {shown}", shown, note=bound)
    name = "… every worker had been asked after the end's answer within"
    yield Figure(name, _first_asked(checked) * 1000, "ms", len(checked))
    name = "… longest time in which some worker was not asked"
    yield Figure(name, _resolution(checked) * 1000, "ms", shown)
    longest = max(ended.watch.dead_after or 0.0 for ended in unchecked)
    yield Figure("unchecked tokens: longest use after the end", longest, "s", len(unchecked))
    line = fit([(ended.left or 0.0, ended.watch.died_about) for ended in unchecked])
    slope, n = line.slope, len(unchecked)
    yield Figure("… use per second left (slope)", slope.value, "", n, slope.low, slope.high)
    yield Figure("… use with nothing left (intercept)", line.intercept, "s", n)
    renewals = [one.outcome for ended in checked + unchecked for one in ended.renewals]
    refused, name = renewals.count(Outcome.REFUSED), "refresh tokens refused right after the end"
    yield Figure(name, refused, f"of {len(renewals)}", len(renewals))
    for one in found.everywhere:
        name = f"{EVERYWHERE}: {one.logins} {one.scheme} logins, showings let in"
        yield Figure(name, one.accepted, f"of {one.shown}", one.shown)
    derived = "the setting, not seen; half of it on average"
    yield Figure("unchecked tokens in production, at worst", PRODUCTION_SECONDS, "s", 0, note=derived)


def _depends(found: Found, figures: tuple[Figure, ...]) -> Verdict:
    sessions, tokens = found.checked("sessions"), found.checked("tokens")
    slope = next(figure for figure in figures if "(slope)" in figure.name).value
    refused = next(figure for figure in figures if figure.name.startswith("refresh tokens"))
    expiry = f"an access token works until it expires, {slope:.2f} s per second that it had left"
    out = next(one for one in found.everywhere if one.scheme == "session")
    production = f"up to {PRODUCTION_SECONDS} s in production"
    return Verdict(
        Kind.DEPENDS,
        f"{_none(sessions, 'sessions')} and {_none(tokens, 'checked tokens')} were let in, "
        f"{_asked([*sessions, *tokens])}. Where nobody checks, {expiry}, whatever had been done.",
        rule="A token that every request checks (denylist, database) ends as fast as a session (0 of "
        f"{_shown(tokens):,} let in). One that is only verified works until it expires ({slope:.2f} s of use "
        f"per second left, {production}); only its refresh token ends at once ({refused.text} refused).",
        figures=figures,
        decisions={
            "C07": Decision(
                Kind.HOLDS,
                f"{_none(sessions, 'sessions')} were let in, with sessions in the database and with copies "
                f"in Redis, after {len(CAUSES)} ways to end a login; {_asked(sessions)}. Signed out "
                f"everywhere at once, {out.logins} sessions of one user: 0 of {out.shown}. Sessions in the "
                "memory of a process were not tried.",
            ),
            "C15": Decision(
                Kind.DEPENDS,
                f"Tokens that each request checks are under the same control: {_none(tokens, 'them')} were "
                f"let in. Where no request checks them they are not: {expiry}, {production}.",
            ),
            "C35": Decision(
                Kind.DEPENDS,
                f"As easy where each request checks the token (denylist, database): {_none(tokens, 'them')} "
                f"were let in. Where none does, only the refresh token ends at once ({refused.text} "
                f"refused): {expiry}, {production}.",
            ),
        },
        doubts=(*_limits(found.checked()), NOTHING_STREAMS, *left_out([*chain(*found.arms.values())])),
    )


def _none(ended: list[Ended], what: str) -> str:
    """Nothing else gets this far: what was let in has refuted it."""
    return f"0 of {_shown(ended):,} showings of {what} after the end"


def _asked(several: list[Ended]) -> str:
    first, gap = _first_asked(several), _resolution(several)
    return f"each worker asked within {first:.2f} s of the end's answer, then at most {gap:.2f} s apart"


def _limits(checked: list[Ended]) -> list[str]:
    watched = min(ended.watch.polls[-1].at for ended in checked)
    words = (
        f"Watched for {watched:.0f} s; a copy in Redis may live {COPY_SECONDS} s, and a full run outlasts it."
    )
    return [words] if watched < 2 * COPY_SECONDS else []


def _shown(several: list[Ended]) -> int:
    return sum(len(ended.watch.polls) for ended in several)


def _first_asked(several: list[Ended]) -> float:
    return max(ended.watch.all_asked_after for ended in several)


def _resolution(several: list[Ended]) -> float:
    return max(ended.watch.resolution for ended in several)
