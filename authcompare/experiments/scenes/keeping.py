"""What a server keeps while logins and refreshes are made, and what still works once it has lost it all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.clients import Client, logged_in
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.refusal import Outcome, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.weighing import LOGIN_TABLES, forget, weigh

STEPS = 3  # with the weight before there are four points for a line


@dataclass(frozen=True)
class Point:
    """What was kept after so many: the table of this kind of login, all other tables, Redis, memory."""

    made: int
    rows: int
    bytes: int
    other_rows: int
    other_bytes: int
    keys: int
    key_bytes: int
    disk: int
    resident: int  # of the instances


@dataclass(frozen=True)
class Kept:
    """One kind of login in one store. `before` and `after` are the same credential, shown around the loss.

    `renewed` is its refresh token after the loss, `control` a fresh login after it.
    """

    name: str
    scheme: str
    lost: str
    logins: tuple[Point, ...]
    refreshes: tuple[Point, ...]
    before: Outcome
    after: Outcome
    renewed: Outcome | None
    listed: tuple[int, int]
    control: Outcome


def keep(name: str, scheme: str, site: Site, per_step: int, transcript: Transcript) -> Kept:
    """Log in, refresh, weigh after every few, then make the server forget."""
    clients: list[Any] = []

    def log_in() -> None:
        client = logged_in(scheme, site.doors[0], site.username, site.password)
        client.me()  # the first look may leave a copy
        clients.append(client)

    log_in()  # leaves also what is kept once, whatever the number of logins
    logins = _weighed(site, scheme, per_step, log_in)
    client = clients[0]
    refreshes: tuple[Point, ...] = ()
    if scheme == "token":
        client.refresh()
        refreshes = _weighed(site, scheme, per_step, client.refresh)
    client.transcript = transcript
    before, listed_before = outcome(client.me("control: accepted before the loss"), scheme), _listed(client)
    lost = _lose_everything(site)
    after = outcome(client.show(client.credential, "the server has lost what it kept"), scheme)
    listed = (listed_before, _listed(client))
    renewed = outcome(client.refresh(note="its refresh token"), scheme) if scheme == "token" else None
    fresh = logged_in(scheme, site.doors[0], site.username, site.password)
    control = outcome(fresh.me(), scheme)
    return Kept(name, scheme, lost, logins, refreshes, before, after, renewed, listed, control)


def _weighed(site: Site, scheme: str, per_step: int, act: Callable[[], object]) -> tuple[Point, ...]:
    points = [_point(site, scheme, 0)]
    for step in range(1, STEPS + 1):
        for _ in range(per_step):
            act()
        points.append(_point(site, scheme, step * per_step))
    return tuple(points)


def _point(site: Site, scheme: str, made: int) -> Point:
    weight = weigh(site)
    own = weight.tables[LOGIN_TABLES[scheme]]
    others = [table for name, table in weight.tables.items() if name != LOGIN_TABLES[scheme]]
    return Point(
        made,
        own.rows,
        own.bytes,
        sum(table.rows for table in others),
        sum(table.bytes for table in others),
        weight.keys,
        weight.key_bytes,
        own.disk,
        weight.resident["instances"],
    )


def _lose_everything(site: Site) -> str:
    """Everything that is kept about logins is gone; in words, what was done."""
    forget(site, *LOGIN_TABLES.values())
    if site.deployment.environment.get("SESSION_STORE") != "memory":
        return "rows deleted, Redis emptied" if site.places.redis else "rows deleted"
    site.kill(0)
    site.restart(0)
    return "rows deleted, process started again"


def _listed(client: Client) -> int:
    """How many logins its owner sees; none where the list is refused."""
    answer = client.at(client.connection).active()
    return len(answer.json) if answer.status == 200 else 0
