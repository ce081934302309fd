"""Row "Revocation": how long a credential goes on working after somebody has ended its login."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.promises import ACCESS_SECONDS, COPY_SECONDS, SESSIONS, of_tokens
from authcompare.experiments.scenes.ending import CAUSES, Ended, Stage, end_and_watch, left_out
from authcompare.experiments.scenes.ends import (
    EVERYWHERE,
    Ends,
    Sample,
    figures_of,
    first_asked,
    resolution,
    shown,
)
from authcompare.experiments.scenes.everywhere import sign_out_everywhere
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

TOLERANCE_SECONDS = 0.25
FEW, MANY = (1, 10), (1, 10, 1000)  # logins of one user that are ended at once
NOTHING_STREAMS = (
    "Connections that stay open (streams, WebSockets) and may outlive the end of their login were not tried: "
    "nothing here streams."
)


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
            _everywhere("sessions", _where("cached", "denylist", life, workers), FEW if quick else MANY),
            _everywhere("tokens", _where("cached", "denylist", life, workers), FEW if quick else MANY),
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        if logins := arm.parameters.get("logins"):
            return [sign_out_everywhere(arm.client, number, site, transcript) for number in logins]
        stages = {cause: Stage.set(cause, arm.client, site, transcript.under(cause)) for cause in CAUSES}
        with ThreadPoolExecutor(len(CAUSES)) as pool:
            running = [pool.submit(end_and_watch, cause, arm, stage) for cause, stage in stages.items()]
        return [one.result() for one in running]

    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        found = Ends(samples)
        if reason := _why_broken(found):
            return Verdict.broken(reason)
        figures = tuple(figures_of(found))
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


def _everywhere(many: str, where: Deployment, logins: Sequence[int]) -> Arm:
    return Arm(f"{EVERYWHERE}, {many}", where, many.removesuffix("s"), parameters={"logins": list(logins)})


def _why_broken(found: Ends) -> str:
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


def _broken_promises(found: Ends) -> Iterator[str]:
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


FROZEN = (
    "With Redis up: where it is frozen, a session ended meanwhile may be let in again for up to "
    f"{COPY_SECONDS} s (see the row on store outages)."
)


def _depends(found: Ends, figures: tuple[Figure, ...]) -> Verdict:
    sessions, tokens = found.checked("sessions"), found.checked("tokens")
    slope, refused = found.line.slope.value, found.refused
    expiry = f"an access token works until it expires, {slope:.2f} s per second that it had left"
    out = [one for one in found.everywhere if one.scheme == "session"]
    production = f"up to {ACCESS_SECONDS} s in production"
    return Verdict(
        Kind.DEPENDS,
        f"{_none(sessions, 'sessions')} and {_none(tokens, 'checked tokens')} were let in, "
        f"{_asked([*sessions, *tokens])}. Where nobody checks, {expiry}, whatever had been done.",
        rule="A token that every request checks (denylist, database) ends as fast as a session (0 of "
        f"{shown(tokens):,} let in). One that is only verified works until it expires ({slope:.2f} s of use "
        f"per second left, {production}); only its refresh token ends at once ({refused} refused).",
        figures=figures,
        decisions={
            "C07": Decision(
                Kind.HOLDS,
                f"{_none(sessions, 'sessions')} were let in, with sessions in the database and with copies "
                f"in Redis, after {len(CAUSES)} ways to end a login; {_asked(sessions)}. Signed out "
                f"everywhere at once, up to {max(one.logins for one in out):,} sessions of one user: 0 of "
                f"{sum(one.shown for one in out):,}. Sessions in the memory of a process were not tried. "
                f"{FROZEN}",
            ),
            "C15": Decision(
                Kind.HOLDS,
                f"{_none(sessions, 'sessions')} were let in, kept in rows or in copies. So it is with tokens "
                f"that each request checks ({_none(tokens, 'them')}); where no request checks them {expiry}, "
                f"{production}. {FROZEN}",
            ),
            "C35": Decision(
                Kind.DEPENDS,
                f"As easy where each request checks the token (denylist, database): {_none(tokens, 'them')} "
                f"were let in. Where none does, only the refresh token ends at once ({refused} "
                f"refused): {expiry}, {production}.",
            ),
        },
        doubts=(
            *_limits(found.checked()),
            FROZEN,
            NOTHING_STREAMS,
            *left_out([*chain(*found.arms.values())]),
        ),
    )


def _none(ended: list[Ended], what: str) -> str:
    """Nothing else gets this far: what was let in has refuted it."""
    return f"0 of {shown(ended):,} showings of {what} after the end"


def _asked(several: list[Ended]) -> str:
    first, gap = first_asked(several), resolution(several)
    return f"each worker asked within {first:.2f} s of the end's answer, then at most {gap:.2f} s apart"


def _limits(checked: list[Ended]) -> list[str]:
    watched = min(ended.watch.polls[-1].at for ended in checked)
    words = (
        f"Watched for {watched:.0f} s; a copy in Redis may live {COPY_SECONDS} s, and a full run outlasts it."
    )
    return [words] if watched < 2 * COPY_SECONDS else []
