"""An issuer, a second service that is given its public keys, and everything that service is shown."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.clients import TokenClient, compose, logged_in
from authcompare.experiments.credentials.forgeries import Genuine
from authcompare.experiments.credentials.signing import Signer, Token, write_key
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, first_odd
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.live.second import could_not_say, judged_by_second

SHOWINGS, ASKINGS = 300, 30
NEW_KEY_SECONDS = 5  # the issuer notices a key within one, the second service asks again after one
AUDIENCE = "authcompare-api"
ASKER = "authcompare.experiments.asker"
OWN, WRONG, ASKED, ENDED, ROTATED = "own", "wrong", "asked", "ended", "rotated"
ISSUER_UP, ISSUER_DOWN = "issuer up", "issuer down"


@dataclass(frozen=True)
class Shown:
    """One kind of credential, shown to a second service so often. `issuer` says whether it was up.

    ASKED is the cookie of a session, shown to the service that asks the issuer about it.
    """

    kind: str
    name: str
    issuer: str
    accepted: int
    refused: int
    odd: str
    unsaid: int = 0  # how often the service could not say

    @property
    def n(self) -> int:
        """How many answers decided."""
        return self.accepted + self.refused + self.unsaid


class Bench:
    """The issuer, the second service, and everything that is shown to it."""

    def __init__(self, site: Site, transcript: Transcript, service: str, asker: str = ASKER) -> None:
        self._site, self._transcript = site, transcript
        self._ours = Connection(site.second(service, AUDIENCE).door)
        self._asking = Connection(site.second(asker, AUDIENCE).door)
        self._theirs = Connection(site.second(service, "another-service").door)
        self._holder = self._log_in()
        self._cookie = self._log_in("session").credential
        self._unseen = ""

    def tried(self) -> list[Shown]:
        """The good one accepted, each wrong one refused; and one whose login has ended."""
        access = self._holder.access
        assert self._site.keys is not None
        good = Genuine(access, self._holder.refresh_token, Signer.of(self._site.keys))
        found = [self._show(OWN, "a good token", access, ISSUER_UP)]
        found += [self._show(WRONG, name, token, ISSUER_UP) for name, token in _wrong(good).items()]
        elsewhere = self._shown(self._theirs, access, "at a service that others are meant for")
        found.append(
            _counted(WRONG, "a good token, at a service it is not meant for", ISSUER_UP, [elsewhere])
        )
        other = self._log_in()
        other.logout()
        return [*found, self._show(ENDED, "a token whose login has ended", other.access, ISSUER_UP)]

    def asked(self) -> list[Shown]:
        """Session cookies are shown to the service that asks the issuer."""
        other = self._log_in("session")
        over = other.credential
        other.logout()
        cookies = {ASKED: ("a session's cookie, asked about", self._cookie)}
        cookies[WRONG] = ("a session's cookie, asked about after its logout", over)
        return [
            _counted(kind, name, ISSUER_UP, [self._shown(self._asking, cookie, name)])
            for kind, (name, cookie) in cookies.items()
        ]

    def followed(self) -> list[Shown]:
        """A new key is noticed, by a service that has read the old ones."""
        self._control("before the rotation", ISSUER_UP)
        return [self._eventually("a token signed with a new key", self._signed_anew().access)]

    def while_issuer_is_down(self) -> list[Shown]:
        """A key is made that the second service does not get to see; then nobody is asked any more."""
        self._unseen = self._signed_anew().access
        self._control("the last look at the issuer's keys", ISSUER_UP)
        self._site.kill(0)
        self._issuer_is_gone()
        found = [self._show(OWN, "a good token", self._holder.access, ISSUER_DOWN, SHOWINGS)]
        found.append(
            self._show(WRONG, "a token signed with a key it has not seen", self._unseen, ISSUER_DOWN)
        )
        name = "a session's cookie, asked about"
        notes = [f"{ISSUER_DOWN}: {name}", *[""] * (ASKINGS - 1)]
        answers = [self._shown(self._asking, self._cookie, note) for note in notes]
        found.append(_counted(ASKED, name, ISSUER_DOWN, answers))
        self._issuer_is_gone()
        return found

    def once_it_is_back(self) -> list[Shown]:
        """What was unknown is known soon."""
        self._site.restart(0)
        return [self._eventually("the token signed with the key it had not seen", self._unseen)]

    def _show(self, kind: str, name: str, token: str, issuer: str, times: int = 1) -> Shown:
        """With the issuer up, between two showings of the good one, which have to be accepted."""
        self._control(name, issuer)
        notes = [f"{issuer}: {name}", *[""] * (times - 1)]
        answers = [self._shown(self._ours, token, note) for note in notes]
        self._control(name, issuer)
        return _counted(kind, name, issuer, answers)

    def _control(self, name: str, issuer: str) -> None:
        answer = self._shown(self._ours, self._holder.access, "")
        if issuer == ISSUER_UP and answer.status != 200:
            raise Broken(f"{name}: the good token beside it was answered {described(answer)}")

    def _shown(self, connection: Connection, token: str, note: str) -> Answer:
        return shown(connection, token, self._transcript, note)

    def _eventually(self, name: str, token: str) -> Shown:
        """Accepted within the time it takes to notice; else as it was answered last."""
        last: list[Answer] = []

        def accepted() -> bool:
            last[:] = [self._shown(self._ours, token, name)]
            return last[0].status == 200

        self._until(accepted)
        return _counted(ROTATED, name, ISSUER_UP, last)

    def _signed_anew(self) -> TokenClient:
        """A login of the time after a rotation."""
        assert self._site.keys is not None
        old, found = Token.read(self._log_in().access).header["kid"], [self._log_in()]
        algorithm = self._site.deployment.environment["TOKEN_ALGORITHM"]
        write_key(self._site.keys, int(time.time()), algorithm)

        def rotated() -> bool:
            found[:] = [self._log_in()]
            return bool(Token.read(found[0].access).header["kid"] != old)

        if not self._until(rotated):
            raise Broken("the issuer did not sign with its new key")
        return found[0]

    def _until(self, act: Callable[[], bool]) -> bool:
        return any(act() for _ in self._site.sweeps(time.monotonic(), NEW_KEY_SECONDS, 0.1))

    def _log_in(self, scheme: str = "token") -> Any:
        site = self._site
        return logged_in(scheme, site.doors[0], site.username, site.password)

    def _issuer_is_gone(self) -> None:
        if _ask(self._site).status:
            raise Broken("the issuer was still answering when it was to be down")


def shown(connection: Connection, token: str, transcript: Transcript, note: str = "") -> Answer:
    """What a second service answers to a token; with a note it goes into the transcript."""
    request = compose(connection.door, "GET", "/me", {"Authorization": f"Bearer {token}"})
    answer = connection.send(request)
    if note:
        transcript.record(note, request, answer)
    return answer


def _wrong(good: Genuine) -> dict[str, str]:
    now = int(time.time())
    return {
        "a token for another audience": good.resigned({}, {"aud": "somebody-else"}),
        "a token of another issuer": good.resigned({}, {"iss": "somebody-else"}),
        "an expired token": good.resigned({}, {"exp": now - 60}),
        "a refresh token": good.refresh,
        "a token signed by a stranger": good.by_stranger(),
        "an unsigned token": good.token.with_header(alg="none").signing_input + ".",
    }


def _counted(kind: str, name: str, issuer: str, answers: Sequence[Answer]) -> Shown:
    said = [answer for answer in answers if not could_not_say(answer)]
    outcomes = [judged_by_second(answer) for answer in said]
    accepted, refused = outcomes.count(Outcome.ACCEPTED), outcomes.count(Outcome.REFUSED)
    odd = first_odd(said, outcomes)
    return Shown(kind, name, issuer, accepted, refused, odd, len(answers) - len(said))


def _ask(site: Site) -> Answer:
    return Connection(site.doors[0]).send(compose(site.doors[0], "GET", "/.well-known/jwks.json", {}))


def published_keys(site: Site) -> list[Any]:
    """The public keys of a deployment. Raises Broken."""
    answer = _ask(site)
    if answer.status != 200 or not isinstance(answer.json.get("keys"), list):
        raise Broken(f"the public keys were answered {described(answer)}")
    return list(answer.json["keys"])
