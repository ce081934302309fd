"""Row "Performance: look-ups": how often a request asks the database and Redis who it comes from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.clients import compose, logged_in
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site
from authcompare.experiments.deployments.standard import BY_CLAIMS, BY_DATABASE, BY_REDIS
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

QUICK, FULL = 10, 30  # requests of each arm
COUNTED = re.compile(r'(\w+);desc="(\d+)"')
IN_MEMORY = Deployment("in-memory", {"WIRE": "True", "SESSION_STORE": "memory", "TOKEN_CHECK": "none"})
MEMORY, STAFF = "sessions, memory", "sessions, cached, of staff"
THE_USER = "for the user: the session itself is in the process"
# What each arm should need: statements in the database, round trips to Redis.
ARMS = {
    "sessions, database": (BY_DATABASE, "session", 1, 0),
    "sessions, cached": (BY_REDIS, "session", 0, 1),
    STAFF: (BY_REDIS, "session", 1, 1),
    MEMORY: (IN_MEMORY, "session", 1, 0),
    "tokens, database": (BY_DATABASE, "token", 1, 0),
    "tokens, denylist": (BY_REDIS, "token", 0, 1),
    "tokens, none": (BY_CLAIMS, "token", 0, 0),
}
UNCHECKED = "tokens, none"


@dataclass(frozen=True)
class LookUps:
    """What one request needed, beside what the same view needs without authentication."""

    sql: int
    redis: int

    @property
    def total(self) -> int:
        """Round trips to anywhere."""
        return self.sql + self.redis


class SessionsLookUpTokensDoNot(Probe[LookUps]):
    """The server looks a session up in its store on every request; a token needs no look-up."""

    row = "Performance: look-ups"
    decides = ("C04",)
    budget = (3, 6)

    def arms(self, quick: bool) -> list[Arm]:
        requests = QUICK if quick else FULL
        return [
            Arm(name, where, client, None, {"requests": requests, "staff": name == STAFF})
            for name, (where, client, _, _) in ARMS.items()
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[LookUps]:
        user = "admin" if arm.parameters["staff"] else site.username
        client = logged_in(arm.client, site.doors[0], user, site.password, transcript)
        client.me("the first request, which may fill a cache")
        unauthenticated = _needed(_open(site))
        notes = ["the second request"] + [""] * (arm.parameters["requests"] - 1)
        answers = [client.me(note) for note in notes]
        return [_beside(_needed(answer), unauthenticated) for answer in answers]

    def judge(self, samples: Mapping[str, Sequence[LookUps]]) -> Verdict:
        missing = [name for name in ARMS if not samples.get(name)]
        if missing:
            return Verdict.broken(f"Nothing was counted for {missing[0]}.")
        most = {name: max(samples[name], key=lambda one: one.total) for name in ARMS}
        figures = tuple(_figure(name, most[name], len(samples[name])) for name in ARMS)
        stored = [name for name in ARMS if "sessions" in name and name != MEMORY]
        lookless = [name for name in stored if not min(one.total for one in samples[name])]
        if lookless:
            return Verdict(Kind.REFUTED, f"No look-up at all: {', '.join(lookless)}.", figures=figures)
        found = {name: _words(look_ups) for name, look_ups in most.items()}
        found[MEMORY] += f" ({THE_USER})"
        if most[UNCHECKED].total:
            because = f"Even an unchecked token needs a look-up: {found[UNCHECKED]}."
            return Verdict(Kind.REFUTED, because, figures=figures, decisions=_decisions(found))
        return Verdict(
            Kind.DEPENDS,
            "; ".join(f"{name}: {words}" for name, words in found.items()) + ".",
            rule="A token that has to stop working when its login ends costs a look-up, like a session "
            f"(denylist: {found['tokens, denylist']}; database: {found['tokens, database']}). One that works "
            f"until it expires needs none (none: {found[UNCHECKED]}).",
            figures=figures,
            decisions=_decisions(found),
            doubts=_unexpected(most),
        )


def _open(site: Site) -> Answer:
    """The second answer: for the first one the process fetches the user it answers as."""
    request = compose(site.doors[0], "GET", "/open/me/", {})
    return [Connection(site.doors[0]).send(request) for _ in range(2)][1]


def _needed(answer: Answer) -> LookUps:
    """From `Server-Timing`, which the deployment adds because it was asked to."""
    counted = {name: int(count) for name, count in COUNTED.findall(answer.header("server-timing"))}
    if answer.status != 200 or not {"sql", "redis"} <= counted.keys():
        raise Broken(f"the answer does not tell what it cost (status {answer.status})")
    return LookUps(counted["sql"], counted["redis"])


def _beside(needed: LookUps, unauthenticated: LookUps) -> LookUps:
    return LookUps(needed.sql - unauthenticated.sql, needed.redis - unauthenticated.redis)


def _figure(name: str, most: LookUps, n: int) -> Figure:
    note = f"{_words(most)}, {THE_USER}" if name == MEMORY else _words(most)
    return Figure(name, most.total, "look-ups per request", n, note=note)


def _words(look_ups: LookUps) -> str:
    return f"{look_ups.sql} SQL, {look_ups.redis} Redis"


def _decisions(found: Mapping[str, str]) -> dict[str, Decision]:
    database, cached = found["sessions, database"], found["sessions, cached"]
    because = (
        f"Every request looks its session up: in the database ({database}) or in its copy ({cached}; of "
        f"staff, who are never copied, {found[STAFF]}). Only where it lies in the process is no other store "
        "asked for it."
    )
    return {"C04": Decision(Kind.HOLDS, because)}


def _unexpected(most: Mapping[str, LookUps]) -> tuple[str, ...]:
    expected = {name: LookUps(sql, redis) for name, (_, _, sql, redis) in ARMS.items()}
    return tuple(
        f"{name} was expected to need {_words(expected[name])} and needed {_words(most[name])}."
        for name in ARMS
        if most[name] != expected[name]
    )
