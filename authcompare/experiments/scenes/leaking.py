"""What a thief gets out of a copy of something: every value in it is shown as every kind of credential."""

import json
import re
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from authcompare.experiments.clients import CLIENTS, logged_in
from authcompare.experiments.credentials.signing import decode64
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, first_odd, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.live.weighing import dump, dump_redis

DATABASE, REDIS, LOG = "the database", "Redis", "the log"
ADDRESS, OWN = "a log with the credential in an address", "the credentials themselves"
CONTROLS = (ADDRESS, OWN)
LOOKS, LOOK_EVERY_SECONDS = 40, 0.05
PIECE = re.compile(r"[A-Za-z0-9._~+/=-]{16,}")  # as long as anything that could be kept secret
COOKIE_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]+")  # RFC 6265 §4.1.1
TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 9110 §11.2


@dataclass(frozen=True)
class Replay:
    """Every value of one source, shown as one kind of credential. `accepted`: how many were let in."""

    source: str
    shown_as: str
    tried: int
    accepted: int
    controls: bool  # the owners were let in before and after
    odd: str = ""  # the first answer that was neither acceptance nor refusal

    @property
    def words(self) -> str:
        """What was tried."""
        return f"{self.source} as {self.shown_as}"


@dataclass(frozen=True)
class Content:
    """What a copy of `source` tells of its users, whoever it lets in: which of what was looked for."""

    source: str
    found: tuple[str, ...]


def words_of(value: Any) -> set[str]:
    """A value as text, what it is made of, and what is decoded from it: a thief does all this as well."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    found = {text, *PIECE.findall(text)}
    found |= {part for piece in found for part in piece.split("=")}
    return found | {leaf for piece in found for leaf in leaves(_read(piece))}


def leaves(value: Any) -> Iterator[str]:
    """Every text and number in a JSON value, names of members included."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield str(name)
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif value is not None:
        yield str(value)


def _read(text: str) -> Any:
    """JSON, plain or as Django's sessions and JOSE pack it; None where it is none of these."""
    for unpacked in (text.encode(), *_unpacked(text)):
        try:
            return json.loads(unpacked)
        except (ValueError, RecursionError):
            continue
    return None


def _unpacked(text: str) -> Iterator[bytes]:
    first = text.lstrip(".").split(".")[0].split(":")[0]
    try:
        raw = decode64(first)
    except ValueError:
        return
    yield raw
    try:
        yield zlib.decompress(raw)
    except zlib.error:
        return


def log_of(site: Site) -> str:
    """What the server and its access log have written about the first instance."""
    return Path(f"{site.environment['LAB_LOG']}.{site.doors[0].port}").read_text(errors="replace")


def copies_of(site: Site) -> dict[str, set[str]]:
    """Everything that can leak, as words."""
    rows = [value for table in dump(site).values() for row in table for value in row.values()]
    pairs = [one for pair in dump_redis(site).items() for one in pair]
    sources: dict[str, Iterable[Any]] = {
        DATABASE: [value for value in rows if value is not None],
        REDIS: pairs,
        LOG: log_of(site).split(),
    }
    return {name: set().union(*map(words_of, values)) for name, values in sources.items()}


class Thief:
    """Shows values as credentials of one scheme, between looks at whether their owner is still let in."""

    def __init__(self, scheme: str, site: Site, transcript: Transcript) -> None:
        self.scheme, self._site = scheme, site
        self.owner: Any = logged_in(scheme, site.doors[0], site.username, site.password)
        self._hands = CLIENTS[scheme](site.doors[0], transcript)

    @property
    def ways(self) -> dict[str, Callable[[str, str], Answer]]:
        """How a value can be shown; with a note it goes into the transcript."""
        if self.scheme == "session":
            return {"session cookie": self._hands.show}
        return {"access token": self._hands.show, "refresh token": self._refresh}

    def replay(self, source: str, values: Iterable[str], shown_as: str) -> Replay:
        """Try them all; those that cannot be sent are nothing that could log in."""
        form = COOKIE_VALUE if self.scheme == "session" else TOKEN68
        sent = sorted(value for value in values if form.fullmatch(value))
        before = is_in(self.owner)
        answers = [self.ways[shown_as](value, "") for value in sent]
        found = [outcome(answer, self.scheme) for answer in answers]
        odd = first_odd(answers, found)
        accepted = sum(what is Outcome.ACCEPTED for what in found)
        self._note(source, shown_as, sent, found)
        controls = before and (source == OWN or is_in(self.owner))
        return Replay(source, shown_as, len(sent), accepted, controls, odd)

    def try_passwords(self, users: Iterable[Any]) -> Replay:
        """What the database keeps of each password, given as the password."""
        door, before, statuses = self._site.doors[0], is_in(self.owner), list[int]()
        for user in users:
            stranger = CLIENTS[self.scheme](door)
            statuses.append(stranger.login(user["username"], user["password"]).status)
        accepted, odd = statuses.count(200), [status for status in statuses if status not in (200, 401)]
        said = str(odd[0]) if odd else ""
        return Replay(DATABASE, "password", len(statuses), accepted, before and is_in(self.owner), said)

    def _refresh(self, value: str, note: str) -> Answer:
        hands: Any = self._hands.at(self._hands.connection)
        answer: Answer = hands.refresh(value, note=note)
        return answer

    def _note(self, source: str, shown_as: str, sent: list[str], found: list[Outcome]) -> None:
        """The first of each outcome goes into the transcript: it is shown once more, in the same way."""
        seen: set[Outcome] = set()
        for value, what in zip(sent, found, strict=True):
            if what not in seen:
                seen.add(what)
                self.ways[shown_as](value, f"{source}: one of {len(sent)} values as {shown_as}, {what}")


def is_in(owner: Any) -> bool:
    """Whether somebody's real credential is still let in; whatever the answer is, it is not forgotten."""
    return outcome(owner.at(owner.connection).me(), owner.scheme) is Outcome.ACCEPTED


def everything_tried(scheme: str, site: Site, transcript: Transcript) -> list[Replay | Content]:
    """Copies are made while their owner is logged in, then every value is shown in every way.

    The controls come last: a log into which the owner has written its credential, as part of an address, and
    the credentials themselves, must turn out to log in.
    """
    thief = Thief(scheme, site, transcript)
    thief.owner.me()  # the first request makes the copy in Redis
    note = f"note-{secrets.token_hex(8)}"
    thief.owner.call("POST", "/notes/", {"text": note})
    copies, users = copies_of(site), dump(site)["accounts_user"]
    told = {"the user's name": site.username, "a note": note}
    contents = [_content(source, told, words) for source, words in copies.items()]
    copies[ADDRESS] = _log_with(thief.owner.credential, thief.owner, site)
    replays = [thief.replay(source, words, way) for source, words in copies.items() for way in thief.ways]
    own = {"refresh token": getattr(thief.owner, "refresh_token", "")}
    replays += [thief.replay(OWN, {own.get(way) or thief.owner.credential}, way) for way in thief.ways]
    return [*replays, thief.try_passwords(users), *contents]


def _content(source: str, told: Mapping[str, str], words: set[str]) -> Content:
    return Content(source, tuple(what for what, word in told.items() if word in words))


def _log_with(credential: str, owner: Any, site: Site) -> set[str]:
    """What the log says once the owner has put its credential into an address, where no server reads it."""
    answer = owner.send("GET", f"{owner.mount}/me/?credential={credential}", {})
    if outcome(answer, owner.scheme) is Outcome.ACCEPTED:
        raise Broken("a credential in an address was accepted")
    for _ in range(LOOKS):
        if credential in (log := log_of(site)):
            return set().union(*map(words_of, log.split()))
        site.wait(LOOK_EVERY_SECONDS)
    raise Broken("the access log does not show addresses")


def why_blind(replays: Sequence[tuple[str, Replay]], contents: Sequence[Content]) -> str:
    """Why the lab's thief is no good: he tried nothing, or missed what was put before him; else empty.

    Each replay comes with the name of its arm.
    """
    for arm, one in replays:
        if not one.tried:
            return f"{arm}, {one.words}: there was nothing to try."
        in_reach = one.source == OWN or (one.source == ADDRESS and one.shown_as != "refresh token")
        if in_reach and not one.accepted:
            return f"{arm}, {one.words}: what was there was not found, so the others prove nothing."
    found = {(arm, one.source) for arm, one in replays}
    if not found or any((arm, control) not in found for arm, _ in found for control in CONTROLS):
        return "Copies were tried without a control."
    if not any(one.found for one in contents if one.source == DATABASE):
        return "Not even a user's name was found in the copy of the database, so nothing was read in it."
    return ""
