"""What a stranger can make the server do: credentials that nobody was given, beside those that were.

A whole request each, block by block in the same process. A good request is one whose login this process has
not met: what it remembers of others is no measure for what a stranger gets.
"""

import random
import secrets
import uuid
from collections.abc import Callable

from authcompare.experiments.bench import paired
from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.claim import Shot
from authcompare.experiments.clients import Client, SessionClient, compose, logged_in
from authcompare.experiments.costs.comparison import Samples, blocks, loud_blocks
from authcompare.experiments.credentials.signing import Signer, Token
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.estimates import by_launch, over_launches
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.timing import Measured, Plan, measure_launch, warm_up
from authcompare.experiments.verdict import Figure

FULL = Plan(launches=10, blocks=15, warm_requests=200, warm_seconds=6.0, budget_seconds=0)
QUICK = Plan(launches=4, blocks=6, warm_requests=60, warm_seconds=3.0, budget_seconds=0)
LIMIT = 1.0  # a refusal costs no more than an answer
DEPLOYMENTS = {
    "database": Deployment("row", {"SESSION_STORE": "database", "TOKEN_CHECK": "database"}),
    "cached, denylist": Deployment("copy", {"SESSION_STORE": "cached", "TOKEN_CHECK": "denylist"}),
    "none": Deployment("es256", {"SESSION_STORE": "database", "TOKEN_CHECK": "none"}),
}
SESSION_KEY_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
OPEN, GOOD = "open", "good"


def run(fleet: Fleet, quick: bool, seed: int, tell: Callable[[str], None]) -> Bench:
    """Measure every kind of garbage at every deployment."""
    plan, source, measured = QUICK if quick else FULL, random.Random(seed), Measured()  # noqa: S311
    for launch in range(plan.launches):
        tell(f"launch {launch + 1} of {plan.launches}")
        sites = fleet.start(DEPLOYMENTS.values())
        shots = {
            f"{name}: {arm}": shot
            for name, site in zip(DEPLOYMENTS, sites, strict=True)
            for arm, shot in _shots(site).items()
        }
        warm_up(shots, [name for name in shots if name.endswith(OPEN)], plan, source)
        measure_launch(shots, launch, plan, source, measured)
        fleet.end()
    return judge(measured.samples)


def _shots(site: Site) -> dict[str, Shot]:
    """Every request carries another credential; one sent before would be answered from memory."""
    # Of staff there is never a copy in Redis: their session is always looked up as if for the first time.
    session: SessionClient = logged_in("session", site.doors[0], "admin", site.password)
    token = logged_in("token", site.doors[0], site.username, site.password)
    assert site.keys is not None
    genuine, signer = Token.read(token.credential), Signer.of(site.keys)
    stranger = Signer.stranger("ES256")  # names our key in the header, as who has seen one of our tokens can
    return {
        OPEN: Shot(Connection(site.doors[0]), lambda: compose(site.doors[0], "GET", "/open/me/", {})),
        f"sessions, {GOOD}": _shot(session, lambda: session.credential, 200),
        "sessions, an unknown cookie": _shot(session, _unknown_key, 401),
        f"tokens, {GOOD}": _shot(token, lambda: signer.sign(_renumbered(genuine)), 200),
        "tokens, a bad signature": _shot(token, lambda: stranger.sign(_renumbered(genuine)), 401),
        "tokens, no token at all": _shot(token, lambda: secrets.token_urlsafe(300), 401),
        "tokens, 8,000 bytes": _shot(token, lambda: f"{'e' * 100}.{secrets.token_hex(3800)}.{'e' * 86}", 401),
    }


def _shot(client: Client, credential: Callable[[], str], status: int) -> Shot:
    door, path = client.connection.door, f"{client.mount}/me/"
    return Shot(Connection(door), lambda: compose(door, "GET", path, client.showing(credential())), status)


def _unknown_key() -> str:
    return "".join(secrets.choice(SESSION_KEY_LETTERS) for _ in range(32))


def _renumbered(token: Token) -> Token:
    return token.with_claims(jti=str(uuid.uuid4()))


def judge(samples: Samples) -> Bench:
    """Each kind of garbage against the good request of its scheme in the same process; pure."""
    kinds = sorted(name for name in samples if not name.endswith((OPEN, GOOD)))
    goals = tuple(_goal(samples, name) for name in kinds)
    figures = tuple(
        Figure.of(name, found, "ms")
        for name, values in sorted(samples.items())
        for found in [over_launches(by_launch(blocks(values)))]
    )
    return Bench("What a refusal costs / what an answer costs", goals, figures, tuple(paired.doubts(samples)))


def _goal(samples: Samples, name: str) -> Goal:
    where, _, kind = name.partition(": ")
    scheme = kind.partition(",")[0]
    garbage, good = (blocks(samples[one]) for one in (name, f"{where}: {scheme}, {GOOD}"))
    return paired.goal(name, garbage, good, loud_blocks(samples), LIMIT)
