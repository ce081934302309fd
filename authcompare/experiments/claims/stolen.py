"""Row "Security: stolen credential": how long a copy works, before and after its login is ended."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from authcompare.experiments.claim import Arm, Guarantees, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.estimates import Estimate, fit
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.promises import ACCESS_SECONDS, SESSIONS, in_production, of_tokens
from authcompare.experiments.scenes.ending import CAUSES, Ended, Stage, end_and_watch, left_out
from authcompare.experiments.scenes.stealing import (
    ALONE,
    COURSES,
    GRACE,
    GRACE_SECONDS,
    Copied,
    Theft,
    thefts,
    used_by_thief,
)
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

SLACK_SECONDS = 0.3
ABSOLUTE_SECONDS = 8
Sample = Copied | Ended | Theft


class Stolen(Probe[Sample]):
    """A stolen token can be used until it expires, because it was stored on the client; a session cannot."""

    row = "Security: stolen credential"
    decides = ("C33", "C34")
    budget = (14, 25)

    def arms(self, quick: bool) -> list[Arm]:
        short, long = (4, 6) if quick else (4, 9)
        unchecked, marked = _where("database", "none", short), _where("cached", "denylist", long)
        looked_up = _where("database", "database", long)
        arms = [
            _arm("sessions, database", "session", unchecked, SESSIONS["database"], ABSOLUTE_SECONDS),
            _arm("sessions, cached", "session", marked, SESSIONS["cached"], ABSOLUTE_SECONDS),
            _arm(f"tokens, none, {short} s", "token", unchecked, of_tokens("none", short), short),
            _arm("tokens, denylist", "token", marked, of_tokens("denylist", long), long),
            _arm("tokens, database", "token", looked_up, of_tokens("database", long), long),
        ]
        longer = _where("database", "none", long)
        more = _arm(f"tokens, none, {long} s", "token", longer, of_tokens("none", long), long)
        return arms if quick else [*arms, more]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        stages = {cause: Stage.set(cause, arm.client, site, transcript.under(cause)) for cause in CAUSES}
        checked = bool(arm.guarantees and arm.guarantees.ends_at_once)
        with ThreadPoolExecutor(len(CAUSES) + 1) as pool:
            limit = arm.parameters["limit"]
            copied = pool.submit(used_by_thief, arm.client, limit, site, transcript.under("nothing ended"))
            ended = [pool.submit(end_and_watch, cause, arm, stage) for cause, stage in stages.items()]
            stolen = thefts(checked, site, transcript) if arm.client == "token" else []
            return [copied.result(), *(one.result() for one in ended), *stolen]

    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        found = Found(samples)
        if reason := _why_broken(found):
            return Verdict.broken(reason)
        figures = tuple(_figures(found))
        if wrong := list(_not_kept(found)):
            return Verdict(Kind.REFUTED, wrong[0], figures=figures, doubts=tuple(wrong[1:5]))
        return _depends(found, figures)


def _where(store: str, check: str, life: int) -> Deployment:
    settings = {
        "SESSION_STORE": store,
        "TOKEN_CHECK": check,
        "TOKEN_ACCESS_SECONDS": str(life),
        "TOKEN_REFRESH_GRACE_SECONDS": str(GRACE_SECONDS),
        "SESSION_ABSOLUTE_SECONDS": str(ABSOLUTE_SECONDS),
    }
    return Deployment(f"stolen-{check}-{life}", settings, exclusive=True)


def _arm(name: str, client: str, where: Deployment, promise: Guarantees, limit: int) -> Arm:
    return Arm(name, where, client, promise, {"watch": 1.0, "every": 0.35, "limit": limit})


class Found:
    """All samples, by what they are about."""

    def __init__(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        pairs = [(arm, one) for arm, several in samples.items() for one in several]
        self.copied = {arm: one for arm, one in pairs if isinstance(one, Copied)}
        self.ended = [(arm, one) for arm, one in pairs if isinstance(one, Ended)]
        self.thefts = [(arm, one) for arm, one in pairs if isinstance(one, Theft)]

    def noticed(self, course: str) -> list[float]:
        """After how many seconds thefts that went this way were noticed."""
        return [
            at for _, one in self.thefts if one.course == course and (at := one.noticed_after) is not None
        ]

    @property
    def alone(self) -> list[Theft]:
        """Thefts after which only the thief went on."""
        return [one for _, one in self.thefts if one.course == ALONE]

    @property
    def checked(self) -> list[Ended]:
        """Of logins whose end is promised to be seen at once."""
        return [one for _, one in self.ended if not one.promised]

    @property
    def shown(self) -> int:
        """How often a copy was shown to servers that should know of the end."""
        return sum(len(ended.watch.polls) for ended in self.checked)

    @property
    def unchecked(self) -> list[Ended]:
        """Of access tokens that nobody is asked about, and that were alive when their login was ended."""
        return [one for _, one in self.ended if one.promised and not one.late]

    @property
    def slope(self) -> Estimate:
        """Seconds of use per second left: of unchecked tokens, and of all whose login was not ended."""
        ended = [(one.left or 0.0, one.watch.died_about) for one in self.unchecked]
        tokens = [one for arm, one in self.copied.items() if arm.startswith("tokens")]
        return fit(ended + [(one.left, one.watch.died_about) for one in tokens]).slope


def _why_broken(found: Found) -> str:
    if not found.unchecked and any(one.late for _, one in found.ended):
        return "The machine was too slow: every token had expired before its login was ended."
    if not found.copied or not found.checked or not found.unchecked:
        return "Not every kind of credential was stolen."
    if missing := [course for course in COURSES if course not in {one.course for _, one in found.thefts}]:
        return f"No theft went this way: {missing[0]}."
    for arm, copied in found.copied.items():
        if reason := copied.unproved:
            return f"{arm}, nothing ended: {reason}."
    for arm, ended in found.ended:
        if reason := ended.unproved:
            return f"{arm}, {ended.cause}: {reason}."
    odd = [(arm, one, one.odd) for arm, one in found.thefts if one.odd]
    return f"{odd[0][0]}, {odd[0][1].course}: {odd[0][2]} is neither acceptance nor refusal." if odd else ""


def _not_kept(found: Found) -> Iterator[str]:
    """What the product promises about stolen credentials and did not keep, as sentences."""
    for arm, copied in found.copied.items():
        if not copied.watch.accepted:
            yield f"{arm}: a copy was refused although nothing had been ended."
        elif copied.watch.dead_after is None:
            yield f"{arm}: a copy outlived every limit."
    for arm, ended in found.ended:
        if words := _after_the_end(ended):
            yield f"{arm}, {ended.cause}: {words}."
    for arm, theft in found.thefts:
        if step := theft.wrong:
            yield f"{arm}, {theft.course}: {step.who} at {step.at:.1f} s was {step.outcome}."


def _after_the_end(ended: Ended) -> str:
    """What the thief could do that he should not have been able to do, in words; else empty."""
    if ended.renewed:
        return "the stolen refresh token went on working"
    if ended.watch.came_back:
        return "refused, then let in again"
    if not ended.promised and ended.watch.accepted:
        return f"the thief was let in {ended.watch.accepted} times after the end"
    if ended.promised and ended.watch.last_accepted > (ended.left or 0.0) + SLACK_SECONDS:
        return "the thief was let in after the token had expired"
    return ""


def _figures(found: Found) -> Iterator[Figure]:
    for arm, copied in found.copied.items():
        name, watch = f"{arm}: a copy let in while nothing was ended, for", copied.watch
        yield Figure(
            name, watch.died_about, "s", len(watch.polls), note=f"it had {copied.left:.1f} s to live"
        )
    n, let_in = len(found.checked), sum(ended.watch.accepted for ended in found.checked)
    name = "sessions and checked tokens: showings of a copy let in after the end"
    yield Figure(name, let_in, f"of {found.shown}", n, note=f"{n} ends")
    slope, name = found.slope, "unchecked tokens: seconds of use per second left (slope)"
    yield Figure.of(name, slope, "", slope.n)
    yield in_production("unchecked tokens")
    for course in COURSES:
        if course != ALONE and (noticed := found.noticed(course)):
            yield Figure(f"refresh token: {course}: noticed after", max(noticed), "s", len(noticed))
    n = len(found.alone)
    yield Figure(f"refresh token: {ALONE}: noticed", len(found.noticed(ALONE)), f"of {n}", n)


def _depends(found: Found, figures: tuple[Figure, ...]) -> Verdict:
    slope = found.slope.value
    sessions = [one.watch.died_about for arm, one in found.copied.items() if arm.startswith("sessions")]
    at_once = f"0 of {found.shown} showings after {len(CAUSES)} kinds of end were let in"
    whole = f"a stolen cookie worked for {max(sessions):.1f} s, to its absolute limit of {ABSOLUTE_SECONDS} s"
    both = len(found.thefts) - len(found.alone)
    alone_for = max(one.steps[-1].at for one in found.alone)
    return Verdict(
        Kind.DEPENDS,
        f"As long as nothing was ended, {whole}, like tokens to their expiry. After an end, sessions and "
        f"checked tokens were worth nothing ({at_once}); unchecked ones worked on, {slope:.2f} s per second "
        "left.",
        rule="A copy works like the original. What ends it early is a server that looks: for sessions and "
        f"checked tokens at every request ({at_once}), for refresh tokens at the first refresh, after the "
        "grace, with one that the other side has used already. An unchecked access token works until it "
        f"expires, up to {ACCESS_SECONDS} s in production. A thief whose victim never comes back is not "
        "noticed: he refreshes until the login's absolute limit.",
        figures=figures,
        decisions={
            "C33": Decision(
                Kind.DEPENDS,
                f"Unchecked: {slope:.2f} s of use per second left, whatever was ended. Checked: {at_once}. "
                f"A refresh token: until thief and victim have both used it (noticed {both} of {both} "
                "times); where the victim never came back the thief's refreshes were accepted "
                f"({len(found.alone)} of {len(found.alone)} thefts went on unnoticed).",
            ),
            "C34": Decision(
                Kind.REFUTED,
                f"The cookie is on the client, too: {whole}. What differs is whether the server looks: "
                f"tokens that it looks up end like sessions ({at_once}).",
            ),
        },
        doubts=(
            "The thief came from the same address; nothing is bound to addresses or to keys of a device.",
            _grace(found),
            f"The thief whose victim never comes back was watched for {alone_for:.1f} s, not to that limit.",
            *left_out([one for _, one in found.ended]),
        ),
    )


def _grace(found: Found) -> str:
    noticed = max(found.noticed(GRACE), default=0.0)
    return (
        "Within the grace of 1 s a copied refresh token is taken for a repeat: both go on, until the next "
        f"rotation of one makes the other's old; noticed after {noticed:.1f} s."
    )
