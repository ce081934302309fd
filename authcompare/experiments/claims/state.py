"""Row "State management": what the server keeps for each login and each refresh, and who needs it."""

from collections.abc import Callable, Mapping, Sequence

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.estimates import Estimate, fit
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live import postgres
from authcompare.experiments.scenes.keeping import Kept, Point, keep
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict, amount

MUCH_MORE = 5  # times the bytes of the other scheme's row: less is no difference that decides anything
WHOLE = 0.05  # how far from a whole number the rows per login may be; more means that somebody else logged in
UNCHECKED = "tokens, none"
PROCESS_MEMORY = (
    "What a process keeps in its own memory cannot be told from what else grows in it; that sessions were "
    "there is shown by starting the process again, after which they were gone."
)
LINE = "Bytes are contents of rows and keys (pages on disk are in the samples), the slope of a line through"
# What one deployment keeps its sessions in, how it checks tokens, and what the two are called here.
STORES = {
    "rows": ("database", "database"),
    "rows and copies": ("cached", "denylist"),
    "the process alone": ("memory", "none"),
}


class ServersKeepSessions(Probe[Kept]):
    """Session authentication makes the server keep something for every login; tokens are stateless."""

    row = "State management"
    decides = ("C01", "C09", "C16", "C24", "C29")
    budget = (8, 28)

    def arms(self, quick: bool) -> list[Arm]:
        per_step = 4 if quick else 40
        arms = [_arm(name, per_step) for name in STORES]
        if not quick and postgres.is_installed():
            arms.append(_arm("rows", per_step, database="postgresql"))
        return arms

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Kept]:
        return [
            keep(arm.parameters[scheme], scheme, site, arm.parameters["per_step"], transcript.under(scheme))
            for scheme in ("session", "token")
        ]

    def judge(self, samples: Mapping[str, Sequence[Kept]]) -> Verdict:
        if reason := _why_broken(samples):
            return Verdict.broken(reason)
        kept = {one.name: one for several in samples.values() for one in several}
        figures = tuple(figure for one in kept.values() for figure in _figures(one))
        found = _Found(kept)
        if found.stateless_sessions:
            words = f"{', '.join(found.stateless_sessions)}: accepted after the server had lost what it kept."
            return Verdict(Kind.REFUTED, words, figures=figures)
        if found.growing:
            words = f"Tokens keep more than sessions: {found.growing} for each refresh, besides the login's."
            return Verdict(Kind.REFUTED, words, figures=figures)
        if found.much_more:
            return Verdict(Kind.HOLDS, found.much_more, figures=figures)
        if not found.unchecked_lives:
            words = "Even a token that nobody checks was refused once the server had lost what it kept."
            return Verdict(Kind.REFUTED, words, figures=figures)
        return Verdict(
            Kind.DEPENDS,
            f"Kept for each login: {found.per_login}.",
            rule="An access token that nobody checks needs no state: it was accepted after every row and "
            "key was gone. What is refreshed with theft detection, listed, or ended one by one needs "
            "something kept for each login, in both schemes: a row, or what a process keeps in its memory "
            "and loses with it.",
            figures=figures,
            decisions=found.decisions,
            doubts=found.doubts,
        )


def _arm(name: str, per_step: int, database: str = "sqlite") -> Arm:
    store, check = STORES[name]
    settings = {"SESSION_STORE": store, "TOKEN_CHECK": check, "TOKEN_REFRESH_GRACE_SECONDS": "0"}
    where = Deployment(f"state-{store}-{database}", settings, exclusive=True, database=database)
    on = ", PostgreSQL" if database == "postgresql" else ""
    names = {"session": f"sessions, {store}{on}", "token": f"tokens, {check}{on}"}
    return Arm(name + on, where, "session and token", None, {"per_step": per_step, **names})


def _why_broken(samples: Mapping[str, Sequence[Kept]]) -> str:
    if not samples:
        return "Nothing was visited."
    for arm, several in samples.items():
        if {one.scheme for one in several} != {"session", "token"}:
            return f"{arm}: not both kinds of login were weighed."
        for one in several:
            if {one.before, one.control} != {Outcome.ACCEPTED}:
                return f"{one.name}: a control was not accepted, so a refusal proves nothing."
            if Outcome.BROKEN in (one.after, one.renewed):
                return f"{one.name}: after the loss the answer was neither acceptance nor refusal."
            rows = _slope(one.logins, lambda point: point.rows).value
            if abs(rows - round(rows)) > WHOLE:
                return f"{one.name}: {amount(rows)} rows per login; somebody else logged in meanwhile."
    return ""


class _Found:
    """What the weights say."""

    def __init__(self, kept: Mapping[str, Kept]) -> None:
        self._sessions = [one for one in kept.values() if one.scheme == "session"]
        self._tokens = [one for one in kept.values() if one.scheme == "token"]

    @property
    def stateless_sessions(self) -> list[str]:
        return [one.name for one in self._sessions if one.after is Outcome.ACCEPTED]

    @property
    def growing(self) -> str:
        """A row or a key for every refresh."""
        for one in self._tokens:
            more = _per(one.refreshes, lambda point: point.rows + point.keys)
            if more > WHOLE:
                return f"{one.name}: {amount(round(more, 2))} rows or keys"
        return ""

    @property
    def much_more(self) -> str:
        """A session's row of another size altogether, as a sentence."""
        for one, other in zip(self._sessions, self._tokens, strict=True):
            mine, theirs = (_per(each.logins, lambda point: point.bytes) for each in (one, other))
            if theirs and mine > MUCH_MORE * theirs:
                return f"{one.name}: {amount(mine)} bytes per login, {other.name}: {amount(theirs)}."
        return ""

    @property
    def unchecked_lives(self) -> bool:
        return any(one.after is Outcome.ACCEPTED for one in self._tokens)

    @property
    def per_login(self) -> str:
        return "; ".join(f"{one.name}: {_words(one)}" for one in [*self._sessions, *self._tokens])

    @property
    def decisions(self) -> dict[str, Decision]:
        sessions = "; ".join(f"{one.name}: {_words(one)}" for one in self._sessions)
        tokens = "; ".join(f"{one.name}: {_words(one)}" for one in self._tokens)
        lives = ", ".join(one.name for one in self._tokens if one.after is Outcome.ACCEPTED)
        dies = "; ".join(one.name for one in self._tokens if one.after is Outcome.REFUSED)
        renewed = sum(one.renewed is Outcome.ACCEPTED for one in self._tokens)
        refresh = f"after the loss {renewed} of {len(self._tokens)} refresh tokens worked"
        lists = " and ".join(f"{before} before, {after} after" for before, after in self._lists)
        return {
            "C01": Decision(
                Kind.HOLDS,
                f"Kept for each login: {sessions}. What is in the memory of a process could not be counted.",
            ),
            "C09": Decision(
                Kind.HOLDS,
                f"Kept for each login: {sessions}. But so it is with tokens that can be refreshed: {tokens}.",
            ),
            "C16": Decision(
                Kind.DEPENDS,
                f"The access token alone is self-contained where nobody checks it ({lives}: accepted after "
                f"everything was lost). The refresh token is a name for a row: {refresh}.",
            ),
            "C24": Decision(
                Kind.DEPENDS,
                f"True of an access token that nobody checks ({lives}). False of the scheme: {tokens}; "
                f"{refresh}" + (f", and the access token was refused, too, with: {dies}." if dies else "."),
            ),
            "C29": Decision(
                Kind.DEPENDS,
                "Only without logout, sign-out of other devices and detection of a stolen refresh token: "
                f"each of them reads the row of its login. Logins listed to their owner: {lists} the loss.",
            ),
        }

    @property
    def _lists(self) -> list[tuple[int, int]]:
        return [one.listed for one in self._tokens if one.after is Outcome.ACCEPTED]

    @property
    def doubts(self) -> tuple[str, ...]:
        most = max(point.made for one in self._sessions for point in one.logins)
        return (PROCESS_MEMORY, f"{LINE} at most {most} logins.", "A copy in Redis lives for at most 60 s.")


def _words(kept: Kept) -> str:
    rows, keys = (_per(kept.logins, one) for one in (lambda p: p.rows, lambda p: p.keys))
    lost = kept.after is Outcome.REFUSED
    if not rows and not keys:
        return "no row, no key" + (", but kept by the process and gone with it" if lost else "")
    size = _per(kept.logins, lambda point: point.bytes + point.key_bytes)
    key = f" and {_counted(keys, 'key')}" if round(keys, 1) else ""
    return f"{_counted(rows, 'row')}{key}, {amount(round(size))} bytes"


def _counted(number: float, noun: str) -> str:
    number = round(number, 1) or 0  # a key that expired on the way leaves a slope, and minus nothing
    return f"{amount(number)} {noun}{'' if number == 1 else 's'}"


def _figures(kept: Kept) -> list[Figure]:
    series = {"login": kept.logins, "refresh": kept.refreshes}
    figures = [_figure(f"{kept.name}: kept per {what}", points) for what, points in series.items() if points]
    if not figures[0].value:
        figures.append(_memory(f"{kept.name}: memory of the process per login", kept.logins))
    return figures


def _memory(name: str, points: Sequence[Point]) -> Figure:
    grown = _slope(points, lambda point: point.resident)
    return Figure.of(name, grown, "bytes", points[-1].made, "allocated in steps")


def _figure(name: str, points: Sequence[Point]) -> Figure:
    size = _slope(points, lambda point: point.bytes + point.key_bytes)
    rows, keys = _per(points, lambda point: point.rows), _per(points, lambda point: point.keys)
    more_rows, more = _per(points, lambda p: p.other_rows), _per(points, lambda p: p.other_bytes)
    note = (
        f"{_counted(rows, 'row')}, {_counted(keys, 'key')}; with trail and budget "
        f"{_counted(rows + more_rows, 'row')}, {amount(round(size.value + more))} bytes"
    )
    if not rows and not keys and points[-1].made:
        grown = _slope(points, lambda point: point.resident)
        note += (
            f"; the process itself grew by {amount(round(grown.low))} to {amount(round(grown.high))} bytes"
        )
    return Figure(name, round(size.value, 1), "bytes", points[-1].made, size.low, size.high, note)


def _per(points: Sequence[Point], of: Callable[[Point], float]) -> float:
    return _slope(points, of).value


def _slope(points: Sequence[Point], of: Callable[[Point], float]) -> Estimate:
    return fit([(float(point.made), float(of(point))) for point in points]).slope
