"""What is timed: six processes, in each its own open view and the arms that are compared with it.

Processes of one primary contrast have the same number of arms, so that none is warmer than the other for
having been asked more often.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from authcompare.experiments.claim import Arm, Guarantees, Shot
from authcompare.experiments.clients import Client, compose, logged_in
from authcompare.experiments.credentials.forgeries import Genuine
from authcompare.experiments.credentials.gate import altered, prove
from authcompare.experiments.credentials.signing import Signer
from authcompare.experiments.deployments import cpu
from authcompare.experiments.deployments.deployment import DELAY_HEADER, DELAYED, Deployment, Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.live.postgres import is_installed
from authcompare.experiments.promises import ACCESS_SECONDS, SESSIONS, of_tokens

PLANTED_MS = 0.20
PATHS = {"open": "/open/me/", "session": "/sessions/me/", "token": "/tokens/me/"}

ROW, COPIED, REMEMBERED = SESSIONS["database"], SESSIONS["cached"], SESSIONS["memory"]
CHECKED, MARKED, CLAIMED = (of_tokens(check, ACCESS_SECONDS) for check in ("database", "denylist", "none"))

BY_DATABASE = {"SESSION_STORE": "database", "TOKEN_CHECK": "database"}
PROCESSES = {
    "row": Deployment("row", BY_DATABASE),
    "copy": Deployment("copy", {"SESSION_STORE": "cached", "TOKEN_CHECK": "denylist"}),
    "es256": Deployment("es256", {"SESSION_STORE": "memory", "TOKEN_CHECK": "none"}),
    "hs256": Deployment(
        "hs256",
        {"SESSION_STORE": "database", "TOKEN_CHECK": "none", "TOKEN_ALGORITHM": "HS256"},
        application=DELAYED,
    ),
    "twin": Deployment("twin", BY_DATABASE),
    "postgresql": Deployment("postgresql", BY_DATABASE, database="postgresql"),
}


@dataclass(frozen=True)
class Timed:
    """One arm: in which process, asked by whom, showing what (the same, a fresh or a bad credential)."""

    process: str
    client: str
    shows: str
    guarantees: Guarantees | None = None
    full: bool = False  # whether only a full run has the time for it


ARMS = {
    "open, row": Timed("row", "open", "nothing"),
    "open, row, again": Timed("row", "open", "nothing"),
    "sessions, database": Timed("row", "session", "same", ROW),
    "sessions, database, again": Timed("row", "session", "same", ROW),
    "tokens, database": Timed("row", "token", "same", CHECKED),
    "open, copy": Timed("copy", "open", "nothing"),
    "sessions, cached": Timed("copy", "session", "same", COPIED),
    "tokens, denylist": Timed("copy", "token", "same", MARKED),
    "tokens, denylist, first sight": Timed("copy", "token", "fresh", MARKED),
    "open, es256": Timed("es256", "open", "nothing"),
    "tokens, none": Timed("es256", "token", "same", CLAIMED),
    "tokens, none, first sight": Timed("es256", "token", "fresh", CLAIMED),
    "sessions, memory": Timed("es256", "session", "same", REMEMBERED),
    "open, hs256": Timed("hs256", "open", "nothing"),
    "open, hs256, delayed": Timed("hs256", "open", "delayed"),
    "tokens, none, HS256, first sight": Timed("hs256", "token", "fresh", CLAIMED),
    "sessions, database, in another process": Timed("hs256", "session", "same", ROW),
    "open, twin": Timed("twin", "open", "nothing", full=True),
    "sessions, database, twin": Timed("twin", "session", "same", ROW, full=True),
    "sessions, refusing an unknown one": Timed("twin", "session", "bad", ROW, full=True),
    "tokens, refusing a bad one": Timed("twin", "token", "bad", CHECKED, full=True),
    "open, postgresql": Timed("postgresql", "open", "nothing", full=True),
    "sessions, database, PostgreSQL": Timed("postgresql", "session", "same", ROW, full=True),
    "tokens, database, PostgreSQL": Timed("postgresql", "token", "same", CHECKED, full=True),
}
DELAYED_ARM = "open, hs256, delayed"
COMPARED = ("sessions, database", "sessions, cached", "tokens, database", "tokens, denylist", "tokens, none")


def base(arm: str) -> str:
    """The open view of the same process."""
    return f"open, {ARMS[arm].process}"


def arms(quick: bool) -> list[Arm]:
    """Those there is time for, and a database for."""
    left_out = set() if is_installed() else {"postgresql"}
    return [
        Arm(name, PROCESSES[one.process], one.client, one.guarantees)
        for name, one in ARMS.items()
        if not (quick and one.full) and one.process not in left_out
    ]


def aimed(arm: Arm, site: Site, transcript: Transcript) -> Shot:
    """What to send for this arm, once its process has shown that it checks what it is to check.

    It is sent once and noted, for those who want to see what is timed.
    """
    shot = _aim(arm, site, transcript)
    request = shot.request()
    transcript.record("what is timed", request, shot.connection.send(request))
    return shot


def _aim(arm: Arm, site: Site, transcript: Transcript) -> Shot:
    wanted, door = ARMS[arm.name], site.doors[0]
    processes = site.processes()
    delay = _delay(arm.name, wanted.shows)

    def shot(request: Callable[[], bytes], status: int = 200) -> Shot:
        return Shot(
            Connection(door), request, status, lambda: [cpu.seconds(some) for some in processes.values()]
        )

    if wanted.client == "open":
        plain = compose(door, "GET", PATHS["open"], delay)
        return shot(lambda: plain)
    assert wanted.guarantees is not None
    prove(site, arm.client, wanted.guarantees.ends_at_once, transcript)
    client = logged_in(arm.client, door, site.username, site.password)
    if wanted.shows == "fresh":
        return shot(_never_seen(client, site, delay))
    refused = wanted.shows == "bad"
    credential = altered(client.credential) if refused else client.credential
    request = compose(door, "GET", PATHS[arm.client], {**client.showing(credential), **delay})
    return shot(lambda: request, 401 if refused else 200)


def _delay(arm: str, shows: str) -> dict[str, str]:
    """Every arm of a process that can be late says how late: only the time is to differ, not the header."""
    if PROCESSES[ARMS[arm].process].application != DELAYED:
        return {}
    return {DELAY_HEADER: str(round(PLANTED_MS * 1000) if shows == "delayed" else 0)}


def _never_seen(client: Client, site: Site, extra: dict[str, str]) -> Callable[[], bytes]:
    """Every request with another token of the same login: no process can have remembered it."""
    assert site.keys is not None
    good, door = Genuine(client.credential, "", Signer.of(site.keys)), site.doors[0]

    def fresh() -> bytes:
        token = good.resigned({}, {"jti": str(uuid.uuid4())})
        return compose(door, "GET", PATHS["token"], {**client.showing(token), **extra})

    return fresh
