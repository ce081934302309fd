"""Row "Scalability": whether every instance accepts a login that was made at one of them."""

import shutil
import time
from collections.abc import Mapping, Sequence
from typing import Any

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.credentials.signing import Token, write_key
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site
from authcompare.experiments.exchanges.refusal import Outcome, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.scenes.balancing import Share, Turn
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

INSTANCES = 3
REQUESTS, AFTERWARDS = 300, 120  # at least, while all are up and in each phase after that
NEW_KEY_SECONDS = 5  # an instance notices a new key within one
ALL_UP, KILLED, OLD_KEYS, NEW_KEYS = (
    "all instances up",
    "the instance of the login killed",
    "one instance without the new key",
    "after it has got the key",
)
MEMORY, UNCHECKED = "sessions in each process's memory", "tokens, nothing shared but the key"
SHARED, CHECKED = "sessions, shared store", "tokens, shared denylist"
# Which phases each set goes through; without all of them there is no verdict.
PHASES = {
    MEMORY: (ALL_UP, KILLED),
    UNCHECKED: (ALL_UP, OLD_KEYS, NEW_KEYS),
    SHARED: (ALL_UP, KILLED),
    CHECKED: (ALL_UP, KILLED),
}


class SessionsAreHardToScale(Probe[Share]):
    """Sessions are hard to scale over several instances, while tokens need nothing shared."""

    row = "Scalability"
    decides = ("C10", "C11", "C26", "C42")
    budget = (18, 50)

    def arms(self, quick: bool) -> list[Arm]:
        alone = _deployment("scale-alone", "memory", "none", own_keys=True)
        shared = _deployment("scale-shared", "cached", "denylist", own_keys=False)
        requests = {
            "requests": REQUESTS if quick else 4 * REQUESTS,
            "afterwards": AFTERWARDS if quick else 4 * REQUESTS,
        }
        return [
            Arm("each by itself", alone, "session and token", None, requests),
            Arm("a store for all", shared, "session and token", None, requests),
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Share]:
        turn, afterwards = Turn(site), arm.parameters["afterwards"]
        own_keys = site.deployment.own_keys
        names = (MEMORY, UNCHECKED) if own_keys else (SHARED, CHECKED)
        clients = [_log_in(kind, site, transcript) for kind in ("session", "token")]
        pairs = list(zip(names, clients, strict=True))
        shares = [turn.share(name, ALL_UP, client, arm.parameters["requests"]) for name, client in pairs]
        if own_keys:
            shares += _with_new_key(site, turn, transcript, afterwards)
        site.kill(0)
        dying = [(name, client) for name, client in pairs if KILLED in PHASES[name]]
        return shares + [turn.share(name, KILLED, client, afterwards) for name, client in dying]

    def judge(self, samples: Mapping[str, Sequence[Share]]) -> Verdict:
        shares = {(one.name, one.phase): one for several in samples.values() for one in several}
        if reason := _why_broken(shares):
            return Verdict.broken(reason)
        figures = tuple(_figure(one) for one in shares.values())
        if words := _unexpected(shares):
            return Verdict(Kind.REFUTED, words, figures=figures)
        for phase in PHASES[SHARED]:
            if sum(shares[SHARED, phase].refused):
                words = (
                    f"Even with a shared store an instance refused: {_text(shares[SHARED, phase])}, {phase}."
                )
                return Verdict(Kind.HOLDS, words, figures=figures)
        text = {place: _text(one) for place, one in shares.items()}
        return Verdict(
            Kind.DEPENDS,
            f"Accepted, in strict turn over {INSTANCES} instances: "
            + "; ".join(f"{name}: {text[name, ALL_UP]}" for name in PHASES)
            + ".",
            rule=f"What lives in one process is known to that process alone ({text[MEMORY, ALL_UP]}). With "
            "one store for all, named by one setting, sessions are accepted everywhere "
            f"({text[SHARED, ALL_UP]}), like tokens whose key every instance has; an instance without the "
            f"new key refuses tokens, too ({text[UNCHECKED, OLD_KEYS]}).",
            figures=figures,
            decisions=_decisions(text),
            doubts=(NOT_THROUGHPUT, "One machine: no network lies between the instances and their store."),
        )


NOT_THROUGHPUT = (
    "Whether more instances answer more requests per second cannot be shown on two cores; how many cores of "
    "servers one core of Redis feeds is derived in the row on the trade-off."
)


def _deployment(name: str, store: str, check: str, own_keys: bool) -> Deployment:
    settings = {"SESSION_STORE": store, "TOKEN_CHECK": check}
    return Deployment(name, settings, instances=INSTANCES, exclusive=True, own_keys=own_keys)


def _log_in(scheme: str, site: Site, transcript: Transcript) -> Any:
    client = logged_in(scheme, site.doors[0], site.username, site.password, transcript.under(scheme))
    if outcome(client.me("control: accepted by the instance of the login"), scheme) is not Outcome.ACCEPTED:
        raise Broken(f"the instance of the login does not accept this {scheme}")
    return client


def _with_new_key(site: Site, turn: Turn, transcript: Transcript, requests: int) -> list[Share]:
    """A new key signs at the first instance, and reaches the last one late."""
    assert site.keys is not None
    name = f"{int(time.time())}.pem"
    old = _log_in("token", site, transcript)
    write_key(site.keys / "0", int(name.removesuffix(".pem")))
    shutil.copy(site.keys / "0" / name, site.keys / "1")
    client = _signed_anew(_key_of(old), site, transcript)
    shares = [turn.share(UNCHECKED, OLD_KEYS, client, requests)]
    shutil.copy(site.keys / "0" / name, site.keys / "2")
    site.wait(1.1)  # an instance looks at its keys once a second
    return [*shares, turn.share(UNCHECKED, NEW_KEYS, client, requests)]


def _key_of(client: TokenClient) -> str:
    return str(Token.read(client.access).header["kid"])


def _signed_anew(old: str, site: Site, transcript: Transcript) -> TokenClient:
    """A login whose token is signed with the new key, once those who got it have noticed it."""
    for _ in site.sweeps(time.monotonic(), NEW_KEY_SECONDS, 0.2):
        client: TokenClient = _log_in("token", site, transcript)
        second = client.at(type(client)(site.doors[1]).connection)
        if _key_of(client) != old and second.me().status == 200:
            return client
    raise Broken("the new key was not used to sign within five seconds")


def _why_broken(shares: Mapping[tuple[str, str], Share]) -> str:
    for place in ((name, phase) for name, phases in PHASES.items() for phase in phases):
        if reason := _unproved(shares.get(place)):
            return f"{', '.join(place)}: {reason}"
    if not sum(shares[UNCHECKED, OLD_KEYS].refused):
        return "An instance without the new key accepted what it signs: it has the key, or verifies nothing."
    return ""


def _unproved(one: Share | None) -> str:
    if one is None:
        return "not visited."
    if one.odd:
        return f"{one.odd}, which is neither acceptance nor refusal."
    if one.answered < (needed := REQUESTS if one.phase == ALL_UP else AFTERWARDS):
        return f"{one.answered} answers where {needed} are needed."
    if one.phase == KILLED and one.accepted[0] + one.refused[0]:
        return "the killed instance went on answering."
    return _no_turn(one) if one.phase == ALL_UP else ""


def _no_turn(one: Share) -> str:
    each = [accepted + refused for accepted, refused in zip(one.accepted, one.refused, strict=True)]
    if max(each) - min(each) > 1:
        return f"the instances answered {each} requests, which is no strict turn."
    return "an instance was not there." if any(one.unreachable) else ""


def _unexpected(shares: Mapping[tuple[str, str], Share]) -> str:
    """What would make the statement false: memory that is shared, or tokens that are refused, too."""
    memory = shares[MEMORY, ALL_UP]
    if not sum(memory.refused):
        return f"{MEMORY} were accepted everywhere: {_text(memory)}."
    for place in ((UNCHECKED, ALL_UP), (CHECKED, ALL_UP), (CHECKED, KILLED), (UNCHECKED, NEW_KEYS)):
        if sum(shares[place].refused):
            return f"{place[0]}, {place[1]}: refused by an instance ({_text(shares[place])})."
    return ""


def _text(one: Share) -> str:
    return f"{sum(one.accepted):,} of {one.answered:,}"


def _figure(one: Share) -> Figure:
    """No interval: in strict turn the share is made by the number of instances, not drawn."""
    by_instance = ", ".join(f"{number}" for number in one.accepted)
    note = f"accepted by instance: {by_instance}"
    if gone := sum(one.unreachable):
        note += f"; {gone} went on to the next instance"
    name = f"{one.name}, {one.phase}: accepted"
    return Figure(name, sum(one.accepted), f"of {one.answered:,}", one.answered, note=note)


def _decisions(text: Mapping[tuple[str, str], str]) -> dict[str, Decision]:
    memory, shared, tokens = text[MEMORY, ALL_UP], text[SHARED, ALL_UP], text[UNCHECKED, ALL_UP]
    return {
        "C10": Decision(
            Kind.DEPENDS,
            f"In each process's memory: {memory} accepted. With one store for all, which is one setting: "
            f"{shared}.",
        ),
        "C11": Decision(
            Kind.HOLDS,
            f"Shared store: {shared} accepted; with the instance of the login killed: "
            f"{text[SHARED, KILLED]} (in memory {text[MEMORY, KILLED]}). The price is a part that may fail: "
            "see the row on store outages.",
        ),
        "C26": Decision(
            Kind.DEPENDS,
            f"Unchecked access tokens: {tokens} accepted without a shared store. But every instance needs "
            f"the key ({text[UNCHECKED, OLD_KEYS]} while one had not got the new one), and logging in, "
            "refreshing and logging out share the database.",
        ),
        "C42": Decision(
            Kind.DEPENDS,
            f"Against sessions in each process's memory: any instance accepts tokens ({tokens}), few accept "
            f"those sessions ({memory}). Against sessions in a shared store ({shared}) it is no gain. How "
            "many more requests more instances answer was not measured: that takes several machines.",
        ),
    }
