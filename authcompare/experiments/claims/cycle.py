"""Row "Performance: the whole cycle": login, requests, renewals and logout, and who is cheaper when."""

from collections.abc import Mapping, Sequence

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.costs.metering import Metered, Used
from authcompare.experiments.costs.visits import (
    FIRST,
    LIFE_SECONDS,
    LOGIN,
    LOGOUT,
    PAUSE,
    RENEWAL,
    REQUEST,
    Costs,
    Step,
    typical,
)
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.promises import SESSIONS, of_tokens
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

IDLE_SECONDS = 3  # here, so that `last_seen_at` is written every 0.3 s
VISITS, THINKING = (1, 10, 100, 1000), (1, 30, 300)  # requests of a visit, seconds between them
MARGIN = 0.10  # of a session's visit after its login; what differs by less does not matter; set before
STEADY = 0.35
BATCH = 20  # requests
PAIRS = {
    "looked up in Redis": ("tokens, denylist", "sessions, cached"),
    "looked up in the database": ("tokens, database", "sessions, database"),
}
UNCHECKED = ("tokens, none", "sessions, cached")  # weaker guarantees; told, and decides nothing


class Cycle(Probe[Step]):
    """Over a whole visit, from login to logout, a token costs the server less than a session."""

    row = "Performance: the whole cycle"
    decides = ("C06",)
    alone = True
    rounds = (1, 2)
    budget = (12, 32)

    def arms(self, quick: bool) -> list[Arm]:
        much = {"logins": 1, "batches": 5} if quick else {"logins": 4, "batches": 10}
        rows, copies, alone = (
            _where(*both) for both in (("database", "database"), ("cached", "denylist"), ("database", "none"))
        )
        return [
            Arm("sessions, database", rows, "session", SESSIONS["database"], much),
            Arm("tokens, database", rows, "token", of_tokens("database", LIFE_SECONDS), much),
            Arm("sessions, cached", copies, "session", SESSIONS["cached"], much),
            Arm("tokens, denylist", copies, "token", of_tokens("denylist", LIFE_SECONDS), much),
            Arm("tokens, none", alone, "token", of_tokens("none", LIFE_SECONDS), much),
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Step]:
        found: list[Step] = []
        _warm_up(Metered(arm.client, site, transcript), site)
        for number in range(arm.parameters["logins"]):
            metered = Metered(arm.client, site, transcript)
            found.append(Step(LOGIN, metered.use(lambda client: client.login(site.username, site.password))))
            found.append(Step(FIRST, metered.use(lambda client: client.me("the first request"))))
            if number == 0:
                found += _in_between(arm, site, metered)
            found.append(Step(LOGOUT, metered.use(lambda client: client.logout())))
        return found

    def judge(self, samples: Mapping[str, Sequence[Step]]) -> Verdict:
        if missing := [name for name in _wanted() if not samples.get(name)]:
            return Verdict.broken(f"Not measured: {', '.join(missing)}.")
        costs = {name: Costs.of(several) for name, several in samples.items()}
        figures = (*_step_figures(costs), *_visit_figures(costs), *_even_figures(costs))
        if shaken := [name for name, one in costs.items() if one.spread > STEADY]:
            because = f"Processor time of a request varied by {costs[shaken[0]].spread:.0%} in {shaken[0]}."
            return Verdict(Kind.INCONCLUSIVE, because, needs="a quieter machine", figures=figures)
        return _decided(costs, figures)


def _where(store: str, check: str) -> Deployment:
    """With the hasher of production: here a login is what is measured."""
    settings = {
        "WIRE": "True",
        "LAB_FAST_HASHER": "0",
        "SESSION_STORE": store,
        "TOKEN_CHECK": check,
        "SESSION_IDLE_SECONDS": str(IDLE_SECONDS),
        "TOKEN_REFRESH_GRACE_SECONDS": "0",  # every refresh rotates, as one does after an access lifetime
    }
    return Deployment(f"cycle-{check}", settings, exclusive=True)


def _wanted() -> list[str]:
    return sorted({arm for pair in [*PAIRS.values(), UNCHECKED] for arm in pair})


def _warm_up(metered: Metered, site: Site) -> None:
    """A visit that does not count: the first requests of a fresh process cost three times as much."""
    metered.use(lambda client: client.login(site.username, site.password))
    metered.use(lambda client: client.me(), BATCH)
    metered.use(lambda client: client.logout())


def _in_between(arm: Arm, site: Site, metered: Metered) -> list[Step]:
    batches = [metered.use(lambda client: client.me(), BATCH) for _ in range(arm.parameters["batches"])]
    plain = typical(batches)
    site.wait(IDLE_SECONDS / 10 + 0.1)
    burst = metered.use(lambda client: client.me(), 3)
    found = [*(Step(REQUEST, used) for used in batches), Step(PAUSE, (burst + plain.times(-1)).times(3))]
    return found + [Step(RENEWAL, _renewal(metered, plain)) for _ in batches if arm.client == "token"]


def _renewal(metered: Metered, plain: Used) -> Used:
    """A refresh, and what the request after it needs more, because its token has not been seen before."""
    refresh = metered.use(lambda client: client.refresh(note="renews"))
    return refresh + metered.use(lambda client: client.me()) + plain.times(-1)


def _decided(costs: Mapping[str, Costs], figures: tuple[Figure, ...]) -> Verdict:
    cells = {
        (words, thinking, requests): _gain(costs, pair, requests, thinking)
        for words, pair in PAIRS.items()
        for thinking in THINKING
        for requests in VISITS
    }
    cheaper = [cell for cell, gain in cells.items() if gain > MARGIN]
    dearer = [cell for cell, gain in cells.items() if gain < -MARGIN]
    because = (
        f"In {len(cheaper)} of {len(cells)} kinds of visit tokens use less processor time after the login, "
        f"at equal guarantees, in {len(dearer)} more; in the others they differ by less than {MARGIN:.0%}. "
        f"The login takes {_text(costs)}."
    )
    decisions = {"C06": _login(costs)}
    if len(cheaper) == len(cells):
        return Verdict(Kind.HOLDS, because, figures=figures, decisions=decisions, doubts=LIMITS)
    if not cheaper:
        return Verdict(Kind.REFUTED, because, figures=figures, decisions=decisions, doubts=LIMITS)
    rest = len(cells) - len(cheaper)
    rule = f"Tokens are cheaper where they are {_said(cheaper)}; not in the other {rest} kinds of visit."
    return Verdict(Kind.DEPENDS, because, rule=rule, figures=figures, decisions=decisions, doubts=LIMITS)


LIMITS = (
    "A visit is put together from steps that were measured; nobody waited 300 s between two requests.",
    "Counting statements takes processor time of its own, on both sides.",
)


def _said(cells: Sequence[tuple[str, int, int]]) -> str:
    found: dict[tuple[str, int], list[int]] = {}
    for words, thinking, requests in cells:
        found.setdefault((words, thinking), []).append(requests)
    return "; ".join(
        f"{words}, requests {thinking} s apart{_some_of(requests)}"
        for (words, thinking), requests in found.items()
    )


def _some_of(requests: Sequence[int]) -> str:
    if len(requests) == len(VISITS):
        return ""
    return f" in visits of {' or '.join(map(str, requests))}"


def _gain(costs: Mapping[str, Costs], pair: tuple[str, str], requests: int, thinking: float) -> float:
    """Which share of the processor time of a session's visit the token saves, the login aside."""
    token, session = (costs[arm].after_login(requests, thinking).cpu for arm in pair)
    return (session - token) / session


def _text(costs: Mapping[str, Costs]) -> str:
    logins = [one.steps[LOGIN].cpu for one in costs.values()]
    hashing = max(one.steps[LOGIN].hashing for one in costs.values())
    return f"{min(logins):.0f} to {max(logins):.0f} ms at either door, the password hash {hashing:.0f} ms"


def _login(costs: Mapping[str, Costs]) -> Decision:
    logins = {name: one.steps[LOGIN] for name, one in costs.items()}
    if unchecked := [name for name, used in logins.items() if not used.hashing]:
        return Decision(Kind.REFUTED, f"{unchecked[0]}: no password was checked.")
    if stateless := [name for name, used in logins.items() if "sessions" in name and not used.writes]:
        return Decision(Kind.REFUTED, f"{stateless[0]}: nothing was written.")
    words = "; ".join(f"{name} {used.cpu:.0f} ms, {used.writes:.0f} writes" for name, used in logins.items())
    return Decision(Kind.HOLDS, f"The password is verified, then rows are written, at both doors ({words}).")


def _step_figures(costs: Mapping[str, Costs]) -> list[Figure]:
    return [
        Figure(f"{name}, {kind}", used.cpu, "ms of processors", one.n[kind], note=_note(used))
        for name, one in costs.items()
        for kind, used in one.steps.items()
    ]


def _visit_figures(costs: Mapping[str, Costs]) -> list[Figure]:
    return [
        Figure(
            f"{name}: {requests} requests, {thinking} s apart, each",
            used.cpu,
            "ms of processors",
            0,
            note=_note(used),
        )
        for name, one in costs.items()
        for thinking in THINKING
        for requests in VISITS
        for used in [one.visit(requests, thinking).times(1 / requests)]
    ]


def _even_figures(costs: Mapping[str, Costs]) -> list[Figure]:
    named = {**PAIRS, "remembered and not looked up (weaker guarantees)": UNCHECKED}
    return [_even(costs, words, pair, thinking) for words, pair in named.items() for thinking in THINKING]


def _even(costs: Mapping[str, Costs], words: str, pair: tuple[str, str], thinking: float) -> Figure:
    """The number of requests from which on the other one is cheaper; 0 where it never changes."""
    signs = [_gain(costs, pair, requests, thinking) > 0 for requests in range(1, VISITS[-1] + 1)]
    turn = next((number for number, sign in enumerate(signs, 1) if sign is not signs[0]), 0)
    first, second = pair if signs[0] else pair[::-1]
    note = f"{first} cheaper at first, {second} from there on" if turn else f"{first} cheaper throughout"
    return Figure(f"break-even, {thinking} s apart, {words}", turn, "requests", 0, note=note)


def _note(used: Used) -> str:
    return (
        f"{used.requests:.1f} requests, {used.bytes:.0f} bytes, {used.sql:.1f} SQL, {used.writes:.1f} of "
        f"them writes, {used.redis:.1f} Redis"
    )
