"""Row "Revocation": how long a credential goes on working after somebody has ended its login."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.estimates import fit, none_of
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.promises import COPY_SECONDS, SESSIONS, of_tokens
from authcompare.experiments.scenes.ending import CAUSES, Ended, Stage, end_and_watch, left_out
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

PRODUCTION_SECONDS = 300  # the product's own TOKEN_ACCESS_SECONDS; the figure for it is derived, not seen
TOLERANCE_SECONDS = 0.25


class Revocation(Probe[Ended]):
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
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Ended]:
        stages = {cause: Stage.set(cause, arm.client, site, transcript.under(cause)) for cause in CAUSES}
        with ThreadPoolExecutor(len(CAUSES)) as pool:
            running = [pool.submit(end_and_watch, cause, arm, stage) for cause, stage in stages.items()]
        return [one.result() for one in running]

    def judge(self, samples: Mapping[str, Sequence[Ended]]) -> Verdict:
        if reason := _why_broken(samples):
            return Verdict.broken(reason)
        in_time = [(name, ended) for name, one in samples.items() for ended in one if not ended.late]
        checked = [ended for _, ended in in_time if not ended.promised]
        unchecked = [ended for _, ended in in_time if ended.promised]
        figures = _figures(checked, unchecked)
        broken = [words for name, ended in in_time if (words := _broken_promise(name, ended))]
        if broken:
            return Verdict(Kind.REFUTED, broken[0], figures=figures, doubts=tuple(broken[1:5]))
        late = left_out([ended for one in samples.values() for ended in one])
        return _depends(checked, unchecked, figures, late)


def _arm(name: str, client: str, store: str, check: str, life: int, watch: float, workers: int = 1) -> Arm:
    settings = {"SESSION_STORE": store, "TOKEN_CHECK": check, "TOKEN_ACCESS_SECONDS": str(life)}
    # Remembered tokens and stores are per process; an unchecked token has nothing that a process could miss.
    # Exclusive: it changes passwords and deactivates users.
    instances = 1 if check == "none" else 2
    where = Deployment(f"{check}-{life}", settings, instances, workers, exclusive=True)
    promise = SESSIONS[store] if client == "session" else of_tokens(check, life)
    return Arm(name, where, client, promise, {"watch": watch, "every": 0.5 if watch > COPY_SECONDS else 0.3})


def _why_broken(samples: Mapping[str, Sequence[Ended]]) -> str:
    for name, all_ended in samples.items():
        if len(all_ended) < len(CAUSES):
            return f"{name}: {len(all_ended)} of {len(CAUSES)} ways to end a login were tried."
        if all(ended.late for ended in all_ended):
            return f"{name}: the machine was too slow; every token had expired before its login was ended."
        for ended in all_ended:
            if reason := ended.unproved:
                return f"{name}, {ended.cause}: {reason}."
    return "" if samples else "Nothing was visited."


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


def _figures(checked: list[Ended], unchecked: list[Ended]) -> tuple[Figure, ...]:
    shown = sum(len(ended.watch.polls) for ended in checked)
    let_in = sum(ended.watch.accepted for ended in checked)
    first = max(ended.watch.all_asked_after for ended in checked) * 1000
    longest = max(ended.watch.dead_after or 0.0 for ended in unchecked)
    line = fit([(ended.left or 0.0, ended.watch.died_about) for ended in unchecked])
    renewals = [one.outcome for ended in checked + unchecked for one in ended.renewals]
    bound = f"at most {none_of(shown):.2%} of them, at 95 %" if not let_in else ""
    gap = _resolution(checked) * 1000
    derived = "the setting, not seen; half of it on average"
    return (
        Figure(
            "sessions and checked tokens: showings let in after the end",
            let_in,
            f"of {shown}",
            shown,
            note=bound,
        ),
        Figure("… every worker had been asked after the end's answer within", first, "ms", len(checked)),
        Figure("… longest time in which some worker was not asked", gap, "ms", shown),
        Figure("unchecked tokens: longest use after the end", longest, "s", len(unchecked)),
        Figure(
            "… use per second left (slope)",
            line.slope.value,
            "",
            len(unchecked),
            line.slope.low,
            line.slope.high,
        ),
        Figure("… use with nothing left (intercept)", line.intercept, "s", len(unchecked)),
        Figure(
            "refresh tokens refused right after the end",
            renewals.count(Outcome.REFUSED),
            f"of {len(renewals)}",
            len(renewals),
        ),
        Figure("unchecked tokens in production, at worst", PRODUCTION_SECONDS, "s", 0, note=derived),
    )


def _depends(
    checked: list[Ended], unchecked: list[Ended], figures: tuple[Figure, ...], late: list[str]
) -> Verdict:
    shown, slope = sum(len(ended.watch.polls) for ended in checked), figures[4]
    at_once = f"0 of {shown} showings after the end were let in"
    if any(_overrun(ended) < -TOLERANCE_SECONDS - ended.watch.resolution for ended in unchecked):
        return Verdict(
            Kind.REFUTED, "Tokens that nobody checks were refused before they expired.", figures=figures
        )
    until_expiry = (
        f"used until they expired, {slope.value:.2f} s per second they had left, whatever had been done"
    )
    return Verdict(
        Kind.DEPENDS,
        f"Sessions and checked tokens: {at_once}. Unchecked access tokens: {until_expiry}.",
        rule="A token that every request checks (denylist, database) ends as fast as a session. One that is "
        f"only verified works until it expires: up to {PRODUCTION_SECONDS} s in production; only its refresh "
        "token ends at once.",
        figures=figures,
        decisions={
            "C07": Decision(Kind.HOLDS, f"{at_once}, in both stores, for {len(CAUSES)} ways to end a login."),
            "C15": Decision(Kind.DEPENDS, f"Checked tokens reach the same control: {at_once}."),
            "C35": Decision(
                Kind.DEPENDS, f"Refresh tokens end at once; unchecked access tokens are {until_expiry}."
            ),
        },
        doubts=(*_limits(checked), *late),
    )


def _limits(checked: list[Ended]) -> tuple[str, ...]:
    watched = min(ended.watch.polls[-1].at for ended in checked)
    if watched >= 2 * COPY_SECONDS:
        return ()
    return (
        f"Watched for {watched:.0f} s; a copy in Redis may live {COPY_SECONDS} s, which a full run outlasts.",
    )


def _resolution(several: list[Ended]) -> float:
    return max(ended.watch.resolution for ended in several)
