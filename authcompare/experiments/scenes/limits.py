"""The limits on a login's life, and how each of them is met."""

from collections.abc import Callable, Mapping

from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.scenes.ageing import Aged, Limit, Staying, ask, renew, tried_around, used_until

IDLE, ABSOLUTE, ACCESS = "session idle", "session absolute", "access token"
REFRESH, FAMILY = "refresh token idle", "refresh token absolute"
LIMITS = {
    IDLE: "SESSION_IDLE_SECONDS",
    ABSOLUTE: "SESSION_ABSOLUTE_SECONDS",
    ACCESS: "TOKEN_ACCESS_SECONDS",
    REFRESH: "TOKEN_IDLE_SECONDS",
    FAMILY: "TOKEN_ABSOLUTE_SECONDS",
}


def _unused(kind: str, limit: float, site: Site, transcript: Transcript) -> Limit:
    scheme, act = ("session", ask) if kind == IDLE else ("token", renew)
    return Limit(kind, limit, scheme == "token", tried_around(limit, scheme, act, site, transcript))


def _used(kind: str, limit: float, site: Site, transcript: Transcript) -> Limit:
    """Several tokens, for each begins at another fraction of a second."""
    scheme, many = ("token", 3) if kind == ACCESS else ("session", 1)
    logins = []
    for _ in range(many):
        logins.append(Aged.new(scheme, site, transcript))
        site.wait(0.3 if many > 1 else 0)
    return Limit(kind, limit, scheme == "token", used_until(limit, 0.2, logins, ask, site))


def _renewed(kind: str, limit: float, site: Site, transcript: Transcript) -> Limit:
    staying = Staying()
    showings = used_until(limit, 0.2, [Aged.new("token", site, transcript)], staying, site)
    return Limit(kind, limit, True, showings, staying.renewals)


PROBES: Mapping[str, Callable[[str, float, Site, Transcript], Limit]] = {
    IDLE: _unused,
    ABSOLUTE: _used,
    ACCESS: _used,
    REFRESH: _unused,
    FAMILY: _renewed,
}
