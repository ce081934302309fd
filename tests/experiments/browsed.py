"""Samples as browsers would have brought them, for the judges of the browser claims."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.browsing.crossing import Crossing, Origin
from authcompare.experiments.browsing.forging import Attempt, Forged, Relation, Shape
from authcompare.experiments.browsing.injecting import Attack, Policy
from authcompare.experiments.browsing.reading import Reading
from authcompare.experiments.browsing.replacing import NO_SCRIPTS_NAME, Evicted, Tossed, Whose
from authcompare.experiments.browsing.scene import Scene
from authcompare.experiments.browsing.variants import ALONE
from authcompare.experiments.claims import cross_domain, forgery, injection, storage
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript

Samples = dict[str, list[Any]]


def changed(
    samples: Samples, arm: str, which: Callable[[Any], bool] = lambda one: True, **how: Any
) -> Samples:
    """The same, but in one arm some samples say something else."""
    assert any(which(one) for one in samples[arm])
    return {**samples, arm: [replace(one, **how) if which(one) else one for one in samples[arm]]}


def scene(site: Site, variant: str = "product") -> Scene:
    return Scene(site, variant, Transcript())


def with_one(samples: Samples, arm: str, several: Sequence[Any]) -> Samples:
    """Canned samples, but for what was really found: that replaces what is said of the same thing."""
    found = {_about(one) for one in several}
    return {**samples, arm: [*several, *(one for one in samples[arm] if _about(one) not in found)]}


def _about(sample: Any) -> tuple[Any, ...]:
    names = ("policy", "variant", "target", "relation", "shape", "origin", "third_party")
    return tuple(getattr(sample, name, None) for name in names)


def reading(name: str) -> Reading:
    """What comes of a place that is as readable as it is said to be."""
    way = ("session",) if "session cookie" in name else ("access token",)
    looked = way if name in storage.EXPOSED else ()
    listened = way if name in (*storage.EXPOSED[1:], storage.MEMORY) else ()
    answered = listened or (way if name == storage.MEMORY_EARLY else ())
    jar = way if "cookie" in name else ()
    seen_in, canaries = ("there",) * len(looked), (True, True, True)
    return Reading((True, True), canaries, 400, looked, seen_in, listened, answered, (), jar, ())


NAMES = {"product": "__Host-sessionid", "plain-name": "sessionid"}


def evicted(variant: str) -> Evicted:
    """What comes of a script that writes cookies where no script can write over one that it cannot read."""
    name, nobody, refused = NAMES[variant], Whose.NOBODY, (NO_SCRIPTS_NAME,)
    lost = (name.replace("sessionid", "csrftoken"), name)
    return Evicted(
        variant, name, Whose.VICTIM, Whose.VICTIM, 152, lost, nobody, (name,), refused, Whose.ATTACKER
    )


def read() -> Samples:
    written = [evicted(variant) for variant in storage.NAMES]
    return {name: [reading(name)] for name in storage.PLACES} | {storage.WRITTEN_OVER: written}


def attacked(name: str, policy: Policy) -> Attack:
    """What comes of an attack where place and policy are as good as they are said to be."""
    ran = policy is not Policy.ON
    stolen = ("access token",) if ran and name in injection.STORED else ()
    route = {Policy.OFF: "fetch", Policy.ON: "", Policy.ON_HOSTED: "navigation"}[policy]
    return Attack(str(policy), True, True, ran, not ran, route, stolen, ran, finished=True)


def injected(quick: bool = False) -> Samples:
    return {
        arm.name: [attacked(arm.name, Policy(one)) for one in arm.parameters["policies"]]
        for arm in injection.Injection().arms(quick)
    }


def outcome(arm: str, attempt: Attempt) -> Forged:
    """What comes of a forged request where every layer does what it is for."""
    stopped = _stopped_by(arm, attempt)
    return Forged(
        attempt.variant,
        str(attempt.target),
        str(attempt.relation),
        str(attempt.shape),
        accepted=True,
        planted=attempt.relation is Relation.SIBLING,
        landed=not stopped,
        stopped_by=stopped,
        said="POST 201",
    )


def _stopped_by(arm: str, attempt: Attempt) -> str:
    if arm == forgery.HEADER:
        return "preflight" if attempt.shape is Shape.FETCH else "no credential was sent"
    if attempt.variant == forgery.OFF:
        return ""
    if attempt.variant == forgery.UNSAID:
        return "samesite" if attempt.shape is Shape.SIMPLE else ""
    if attempt.variant == forgery.AS_IT_IS:
        return "samesite" if attempt.relation is Relation.SITE else "origin"
    through = attempt.relation is Relation.SIBLING and attempt.variant in forgery.OPEN_TO_SIBLINGS
    return "" if through else str(ALONE[attempt.variant])


def tossed(variant: str) -> Tossed:
    """What comes of a sibling's cookie where `__Host-` keeps it out, and where nothing does."""
    plain = variant == forgery.PLAIN
    after = Whose.ATTACKER if plain else Whose.VICTIM
    return Tossed(variant, NAMES[variant], Whose.VICTIM, True, 2 if plain else 1, after)


def forged(quick: bool = False) -> Samples:
    """With the tosses of a quick run either way."""
    attempts: Samples = {arm: [outcome(arm, one) for one in forgery.plan(arm, quick)] for arm in forgery.ARMS}
    return {**attempts, forgery.SESSION: [*attempts[forgery.SESSION], *map(tossed, forgery.TOSSED)]}


SAME_SITE = (Origin.SIBLING, Origin.PORT)
COOKIE_COMES_ALONG = {
    (cross_domain.LAX, ThirdParty.ALLOWED): SAME_SITE,
    (cross_domain.LAX, ThirdParty.BLOCKED): SAME_SITE,
    (cross_domain.NONE, ThirdParty.ALLOWED): (*SAME_SITE, Origin.SITE, Origin.STRANGER),
    (cross_domain.NONE, ThirdParty.BLOCKED): SAME_SITE,
}


def crossing(arm: str, variant: str, policy: ThirdParty, origin: Origin) -> Crossing:
    """What comes of a request across origins in a browser that keeps to the rules."""
    granted = variant != "product" and origin is not Origin.STRANGER
    if arm == cross_domain.HEADER:
        methods: tuple[str, ...] = ("OPTIONS", "GET") if granted else ("OPTIONS",)
        comes, status = granted, 200 if granted else 0
    else:
        comes = origin in COOKIE_COMES_ALONG[arm, policy]
        methods, status = ("GET",), 200 if comes else 401
    control = policy is ThirdParty.ALLOWED
    reads = comes and granted and variant != cross_domain.TO_ANYBODY[cross_domain.NONE]
    return Crossing(variant, str(policy), control, True, str(origin), methods, comes, status, reads, "1.2.3")


def crossed(quick: bool = False) -> Samples:
    return {
        arm: [
            crossing(arm, variant, policy, origin)
            for policy, names in cross_domain.plan(arm, quick).items()
            for variant, origins in names.items()
            for origin in origins
        ]
        for arm in cross_domain.VARIANT
    }
