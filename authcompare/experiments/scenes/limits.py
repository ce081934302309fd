"""The limits on a login's life, and how each of them is met."""

from collections.abc import Callable, Mapping

from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.scenes.ageing import Aged, Limit, Staying, ask, renew, tried_around, used_until

IDLE, ABSOLUTE, ACCESS = "session idle", "session absolute", "access token"
REFRESH, FAMILY = "refresh token idle", "refresh token absolute"
EVERY, ROUNDED = 0.2, 1  # seconds; by the latter a token ends earlier at most
WRITTEN = 0.9  # of its idle time: that a session was used is written down every tenth of it
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
    showings = used_until(limit, EVERY, logins, ask, site)
    silence = WRITTEN * _seconds("SESSION_IDLE", site) if kind == ABSOLUTE else 0.0
    return Limit(kind, limit, scheme == "token", showings, silence=silence)


def _renewed(kind: str, limit: float, site: Site, transcript: Transcript) -> Limit:
    """Between the end of an access token and that of the refresh token given with it, it has to renew."""
    staying = Staying()
    showings = used_until(limit, EVERY, [Aged.new("token", site, transcript)], staying, site)
    # The access token may be made in the second after the refresh token's, from which that one's life counts.
    silence = max(0.0, _seconds("TOKEN_IDLE", site) - _seconds("TOKEN_ACCESS", site) - ROUNDED)
    return Limit(kind, limit, True, showings, staying.renewals, silence)


def _seconds(name: str, site: Site) -> float:
    """As the deployment was asked for it; 0 for what it was not, which is far longer than any try lasts."""
    return float(site.deployment.settings.get(f"{name}_SECONDS", 0))


PROBES: Mapping[str, Callable[[str, float, Site, Transcript], Limit]] = {
    IDLE: _unused,
    ABSOLUTE: _used,
    ACCESS: _used,
    REFRESH: _unused,
    FAMILY: _renewed,
}
