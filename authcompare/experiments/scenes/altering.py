"""An administrator changes what users are, and each credential is watched until it shows it.

The clock starts when the change has been answered; only requests begun after that count.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from authcompare.experiments.claim import Guarantees
from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.credentials.signing import Token
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, first_odd, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.scenes.administrator import Administrator
from authcompare.experiments.scenes.ageing import Staying, ask

SAVED = 302  # the admin goes back to its list when it has saved
EVERY = 0.25
WATCHED_AFTER = 1.2
ALREADY_OVER = 0.001
SQL = re.compile(r'sql;desc="(\d+)"')
PROMOTED, RENAMED, DEMOTED, DEACTIVATED = "promoted", "renamed", "demoted", "deactivated"
CHANGES = (PROMOTED, RENAMED, DEMOTED, DEACTIVATED)


@dataclass(frozen=True)
class Act:
    """One save in the admin; `shows` says for each change how an answer shows that it has been seen."""

    changed: Mapping[str, str | None]
    shows: Mapping[str, Callable[[Answer], bool]]
    before: Mapping[str, str] = field(default_factory=dict)  # saved before anybody logs in


def _is_staff(answer: Answer) -> bool:
    return bool(answer.json.get("is_staff"))


ACTS = (
    Act(
        {"is_staff": "on", "username": "{user}-renamed"},
        {
            PROMOTED: _is_staff,
            RENAMED: lambda answer: str(answer.json.get("username")).endswith("-renamed"),
        },
    ),
    Act({"is_staff": None}, {DEMOTED: lambda answer: not _is_staff(answer)}, before={"is_staff": "on"}),
    Act({"is_active": None}, {DEACTIVATED: lambda answer: answer.status == 401}),
)
# Whose logins of one kind are watched must not be changed for those of the other.
USERS = {"session": ("carol", "dave", "erin"), "token": ("alice", "bob", "frank")}


@dataclass(frozen=True)
class Seen:
    """One change on one credential.

    `source`: what shows it: the user's row, a mark that the login has ended, a copy, the token's claims.
    """

    change: str
    source: str
    promised: float  # seconds after which it is seen at the latest
    old_until: float  # when the last request began that still showed the old; 0 if none did
    new_from: float | None  # when the first one was answered that showed the new, as all later; None: never
    showings: int
    sql: int | None  # statements of one request that was let in; None if none was
    odd: str = ""

    @property
    def about(self) -> float:
        """Halfway between the last old and the first new."""
        return (self.old_until + (self.new_from or self.old_until)) / 2


@dataclass
class _Watched:
    """One login, with what it has shown so far: seconds when it was asked and answered, and the answer."""

    client: Any
    act: Act
    use: Callable[[Any, str], Answer]
    began: float = 0.0
    left: float | None = None
    shown: list[tuple[float, float, Answer]] = field(default_factory=list)

    def look(self, note: str = "") -> None:
        """Once; a client of tokens renews its token where it has to."""
        at = time.monotonic() - self.began
        answer = self.use(self.client, note)
        self.shown.append((at, time.monotonic() - self.began, answer))


def alter_and_watch(
    scheme: str, promise: Guarantees, life: float, logins: int, site: Site, transcript: Transcript
) -> list[Seen]:
    """Each user logs in `logins` times, spread over `life` seconds; then the changes, then the watch.

    `life` is how long what a credential or a copy says may be believed; 0 where nothing is.
    """
    admin = Administrator(site.doors[0], site.password, transcript)
    users = dict(zip(USERS[scheme], ACTS, strict=True))
    ids = {user: _id_of(user, scheme, site) for user in users}
    for user, act in users.items():
        _save(admin, ids[user], act.before, "before anybody logs in")
    watched: list[_Watched] = []
    for number in range(logins):
        site.wait(life * 0.7 / logins if number else 0)
        watched += [_log_in(scheme, user, act, site, transcript) for user, act in users.items()]
    for user, act in users.items():
        changed = {name: value and value.format(user=user) for name, value in act.changed.items()}
        _save(admin, ids[user], changed, f"the administrator changes {user}")
        _start_clocks([one for one in watched if one.act is act])
    _watch(watched, life + WATCHED_AFTER, site)
    return [_seen(one, change, promise) for one in watched for change in one.act.shows]


def _id_of(user: str, scheme: str, site: Site) -> int:
    me = logged_in(scheme, site.doors[0], user, site.password).me()
    if "id" not in me.json:
        raise Broken(f"{user} is not told who it is: {described(me)}")
    return int(me.json["id"])


def _save(admin: Administrator, user_id: int, changed: Mapping[str, str | None], note: str) -> None:
    if changed and (answer := admin.change(user_id, changed, note)).status != SAVED:
        raise Broken(f"{note}: the form was answered {described(answer)}")


def _log_in(scheme: str, user: str, act: Act, site: Site, transcript: Transcript) -> _Watched:
    client = logged_in(scheme, site.doors[0], user, site.password, transcript.under(user))
    one = _Watched(client.at(Connection(site.doors[0])), act, Staying() if scheme == "token" else ask)
    control = one.use(one.client, "control: as it was before the change")
    if outcome(control, scheme) is not Outcome.ACCEPTED or any(
        shows(control) for shows in act.shows.values()
    ):
        raise Broken(f"{user} is not as expected before the change: {described(control)}")
    return one


def _start_clocks(watched: list[_Watched]) -> None:
    now = time.monotonic()
    for one in watched:
        one.began = now
        if isinstance(one.client, TokenClient):
            # On a slow machine the token may have expired by now: then it is renewed at the first look.
            one.left = max(Token.read(one.client.access).seconds_left, ALREADY_OVER)


def _watch(watched: list[_Watched], seconds: float, site: Site) -> None:
    for sweep in site.sweeps(time.monotonic(), seconds, EVERY):
        for one in watched:
            one.look("" if sweep else "first look after the change")
    for one in watched:
        one.look("last look")


def _at_once(change: str, promise: Guarantees) -> str:
    """What shows a change that nothing may hide."""
    return "mark" if change == DEACTIVATED and promise.user != "row" else "row"


def _seen(one: _Watched, change: str, promise: Guarantees) -> Seen:
    shows, scheme = one.act.shows[change], one.client.scheme
    at_most = promise.deactivation_seen if change == DEACTIVATED else promise.rights_seen
    copied_staff = change == DEMOTED and promise.user == "copy"  # whom the product never copies
    promised = 0.0 if copied_staff or not at_most else float(at_most) if one.left is None else one.left
    old = [asked for asked, _, answer in one.shown if not shows(answer)]
    last_old = max(old, default=-1.0)
    new = [answered for asked, answered, _ in one.shown if asked > last_old]
    answers = [answer for _, _, answer in one.shown]
    let_in = [answer.header("server-timing") for answer in answers if answer.status == 200]
    sql = [int(count) for told in let_in for count in SQL.findall(told)]
    return Seen(
        change,
        promise.user if promised else _at_once(change, promise),
        promised,
        max(last_old, 0.0),
        min(new, default=None),
        len(one.shown),
        min(sql, default=None),
        first_odd(answers, [outcome(answer, scheme) for answer in answers]),
    )
