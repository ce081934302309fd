"""A deployment that already runs, for `compare --against`: how it is reached, and what it says of itself."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authcompare.experiments.claim import Guarantees
from authcompare.experiments.deployments.deployment import Deployment, Door, Site
from authcompare.experiments.promises import SESSIONS, by_check

UNTOLD = "not told"


def is_this_machine(url: str) -> bool:
    """By its name only: nobody is to change what belongs to others because of a look-up in the DNS."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")


def running_site(url: str, user: str, password: str) -> Site:
    """It, with who logs in there. Raises ValueError if that is no URL of a server."""
    door = Door.of(url)
    return Site(Deployment(door.host), (door,), user, password)


def guarantees(client: str, said: Mapping[str, Any]) -> Guarantees | None:
    """What it promises by the settings that it says are in force; None if it does not say."""
    if client == "session":
        return SESSIONS.get(said.get("session_store", ""))
    check, seconds = said.get("token_check"), said.get("token_access_seconds")
    return by_check(seconds).get(str(check)) if isinstance(seconds, int) else None


def environment(own: Mapping[str, Any], url: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The machine that asks is this one; whatever answers is described by nothing but its own words."""
    software = {name: said.get(name, UNTOLD) for name in ("python", "django", "drf", "simplejwt", "database")}
    return {
        **{name: own[name] for name in ("cpu", "cores", "memory_gib", "system")},
        "server": f"already running at {url}; what follows is as it says",
        **software,
        "commit": said.get("commit"),
        "dirty": None,
    }
