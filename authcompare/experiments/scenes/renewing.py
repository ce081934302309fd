"""Refresh tokens under the conditions that honest clients meet, and under those that thieves make."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.credentials.signing import Token
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, first_odd, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.scenes.laptop import TABS, Laptop
from authcompare.experiments.scenes.limits import ROUNDED

PARALLEL, LOST, WAKE = "one token refreshed in parallel", "the answer lost, asked again", "a laptop wakes up"
REPLAYED, LATE = "a token of two rotations ago", "the one before, after the grace"
EXPIRED, AGAIN, SLIDES = "an expired access token", "logging in again instead", "a session, as old"
HONEST, STOLEN, BESIDE = (PARALLEL, LOST, WAKE), (REPLAYED, LATE), (EXPIRED, AGAIN, SLIDES)
SOME = 20  # of the access tokens from one race are tried
TICKS = 2  # each tab refreshes so often per wake-up


@dataclass(frozen=True)
class Trial:
    """What came of it: showings accepted and refused, and how many logins had ended by it.

    `successors` is the largest number of different refresh tokens that one of them was exchanged for.
    """

    name: str
    logins: int
    accepted: int
    refused: int
    odd: str
    ended: int
    successors: int

    @property
    def shown(self) -> int:
        """How many answers decided."""
        return self.accepted + self.refused


@dataclass(frozen=True)
class Amounts:
    """How much of it."""

    races: int
    parallel: int
    logins: int
    laptops: int


class Bench:
    """Everybody at one site. All trials at the same time, for most of it is waiting for the grace to pass."""

    def __init__(self, site: Site, amounts: Amounts, transcript: Transcript) -> None:
        self._site, self._amounts, self._transcript = site, amounts, transcript
        settings = site.deployment.environment
        self._grace = int(settings["TOKEN_REFRESH_GRACE_SECONDS"])
        self._access = int(settings["TOKEN_ACCESS_SECONDS"])
        self._works = self._access - ROUNDED
        self._random = random.Random(7)  # noqa: S311
        self._too_slow = ""

    def trials(self) -> list[Trial]:
        """One of each."""
        honest = (self.parallel, self.lost, self.wake)
        acts = (*honest, self.replayed, self.late, self.expired, self.again, self.slides)
        with ThreadPoolExecutor(len(acts)) as pool:
            jobs = [pool.submit(act) for act in acts]
        return [job.result() for job in jobs]

    def parallel(self) -> Trial:
        """The same token at every instance at once, over connections that are open already."""
        clients, groups, works = [self._log_in(PARALLEL) for _ in range(self._amounts.races)], [], []
        for client in clients:
            racers = self._connected(client)
            began = time.monotonic()
            groups.append(_at_once([partial(one.refresh, client.refresh_token) for one in racers]))
            self._notice_delay(began, self._grace, groups[-1])
            accepted = [answer.json["access"] for answer in groups[-1] if answer.status == 200]
            works.append([client.show(access) for access in accepted[:SOME]])
            self._notice_delay(began, self._works, works[-1])
            for one in racers:
                one.connection.close()
        answers = [answer for group in [*groups, *works] for answer in group]
        return self._trial(PARALLEL, clients, groups, answers, _newest(groups))

    def _connected(self, client: TokenClient) -> list[TokenClient]:
        places = self._site.doors * self._amounts.parallel
        copies = [client.at(Connection(door)) for door in places[: self._amounts.parallel]]
        for copy in copies:
            copy.me()
        return copies

    def lost(self) -> Trial:
        """The server has rotated, the client does not know, and shows the old token again."""
        clients = [self._log_in(LOST) for _ in range(self._amounts.logins)]
        olds = [client.refresh_token for client in clients]
        pairs = [self._asked_again(client, old) for client, old in zip(clients, olds, strict=True)]
        return self._trial(LOST, clients, pairs, [again for _, again in pairs], _newest(pairs))

    def _asked_again(self, client: TokenClient, old: str) -> list[Answer]:
        began = time.monotonic()
        lost = _copy(client).refresh(note="this answer gets lost")
        self._has_to_work(lost)
        again = _copy(client).refresh(old, "asked again")
        self._notice_delay(began, self._grace, [again])
        return [lost, again]

    def replayed(self) -> Trial:
        """A thief's copy, two rotations old, while the last rotation is young: its grace is not for him."""
        clients = [self._log_in(REPLAYED) for _ in range(self._amounts.logins)]
        olds = [client.refresh_token for client in clients]
        for client in clients:
            self._has_to_work(client.refresh(note="rotates"))
        self._site.wait(self._grace + 0.2)
        answers = []
        for client, old in zip(clients, olds, strict=True):
            began = time.monotonic()
            self._has_to_work(client.refresh(note="rotates again"))
            answers.append(_copy(client).refresh(old, "the old token"))
            self._notice_delay(began, self._grace, answers[-1:])
        return self._trial(REPLAYED, clients, [], answers, [client.refresh_token for client in clients])

    def late(self) -> Trial:
        """A thief's copy of the one before, when no honest client asks again any more."""
        clients = [self._log_in(LATE) for _ in range(self._amounts.logins)]
        olds = [client.refresh_token for client in clients]
        for client in clients:
            self._has_to_work(client.refresh(note="rotates"))
        self._site.wait(self._grace + 0.2)
        answers = [_copy(one).refresh(old, "the old token") for one, old in zip(clients, olds, strict=True)]
        return self._trial(LATE, clients, [], answers, [client.refresh_token for client in clients])

    def wake(self) -> Trial:
        """All tabs of a laptop refresh at once, and once more; then it sleeps longer than the grace."""
        laptops = [Laptop(self._log_in(WAKE), self._random) for _ in range(self._amounts.laptops)]
        answers: list[Answer] = []
        for _ in range(2):
            for laptop in laptops:
                laptop.fall_asleep()
                tabs = [partial(laptop.refreshed, tab, self._site.doors) for tab in range(TABS)]
                began = time.monotonic()
                awake = [answer for _ in range(TICKS) for answer in _at_once(tabs)]
                self._notice_delay(began, self._grace, awake)
                answers += awake
            self._site.wait(self._grace + 0.2)
        clients = [laptop.client for laptop in laptops]
        return self._trial(WAKE, clients, [], answers, [laptop.stored for laptop in laptops])

    def expired(self) -> Trial:
        """Without any refresh the client is out; the same client with a refresh is in."""
        began = time.monotonic()
        client = self._log_in(EXPIRED)
        old, control = client.access, client.me("accepted before it expires")
        self._notice_delay(began, self._works, [control])
        if not self._too_slow:
            self._has_to_work(control)
        self._site.wait(self._access + 0.5)
        answer = client.show(old, "after it has expired")
        return self._trial(EXPIRED, [client], [], [answer], [client.refresh_token])

    def again(self) -> Trial:
        """A new login gives an access token as well: nothing was kept but the password."""
        began = time.monotonic()
        clients = [self._log_in(AGAIN) for _ in range(2)]
        answers = [client.me("after logging in again") for client in clients]
        self._notice_delay(began, self._works, answers)
        return self._trial(AGAIN, clients, [], answers, [client.refresh_token for client in clients])

    def slides(self) -> Trial:
        """A session after the time in which an access token expires; its client has done nothing for it."""
        site = self._site
        client = logged_in("session", site.doors[0], "alice", site.password, self._transcript.under(SLIDES))
        self._site.wait(self._access + 0.5)
        found = outcome(client.me("after as long"), "session")
        odd = "its answer" if found is Outcome.BROKEN else ""
        refused = int(found is Outcome.REFUSED)
        return Trial(SLIDES, 1, int(found is Outcome.ACCEPTED), refused, odd, refused, 0)

    def _trial(
        self,
        name: str,
        clients: Sequence[TokenClient],
        groups: Sequence[Sequence[Answer]],
        answers: Sequence[Answer],
        newest: Sequence[str],
    ) -> Trial:
        """`newest` is what an honest holder would show next, `groups` are the answers to one token each."""
        after = [
            _copy(one).refresh(token, "does the login go on?")
            for one, token in zip(clients, newest, strict=True)
        ]
        outcomes = [outcome(answer, "token") for answer in answers]
        everything = [*answers, *after]
        odd = first_odd(everything, [outcome(answer, "token") for answer in everything])
        return Trial(
            name,
            len(clients),
            outcomes.count(Outcome.ACCEPTED),
            outcomes.count(Outcome.REFUSED),
            odd or self._too_slow,
            sum(outcome(answer, "token") is Outcome.REFUSED for answer in after),
            max((len(_successors(group)) for group in groups), default=0),
        )

    def _notice_delay(self, began: float, limit: int, answers: Iterable[Answer]) -> None:
        """A refusal after the grace, or after the time that an access token works for, proves nothing."""
        took = time.monotonic() - began
        if 0 < limit < took and any(outcome(one, "token") is Outcome.REFUSED for one in answers):
            self._too_slow = f"a machine that is too slow ({took:.1f} s, where {limit} s are the limit)"

    def _log_in(self, name: str) -> TokenClient:
        site = self._site
        client: TokenClient = logged_in(
            "token", site.doors[0], site.username, site.password, self._transcript.under(name)
        )
        return client

    def _has_to_work(self, answer: Answer) -> None:
        if outcome(answer, "token") is not Outcome.ACCEPTED:
            raise Broken(f"a control was answered {described(answer)}")


def _at_once(acts: Sequence[Callable[[], Answer]]) -> list[Answer]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return [job.result() for job in [pool.submit(act) for act in acts]]


def _copy(client: TokenClient) -> TokenClient:
    """The same login on a connection of its own, which keeps what it is told to itself."""
    return client.at(Connection(client.connection.door))


def _successors(answers: Iterable[Answer]) -> set[str]:
    """What a refresh token was exchanged for: signatures may differ, names may not."""
    return {str(Token.read(one.json["refresh"]).claims["jti"]) for one in answers if one.status == 200}


def _newest(groups: Sequence[Sequence[Answer]]) -> list[str]:
    """The last refresh token given out in each group; the one it began with where none was."""
    return [
        next((one.json["refresh"] for one in reversed(group) if one.status == 200), "") for group in groups
    ]
