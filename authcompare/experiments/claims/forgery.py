"""Row "Security: cross-site request forgery": per transport, layer by layer, and which layer stopped it.

A sibling also sets cookies of its own: under the credential's name, so that the victim acts as the attacker,
and under that of the CSRF token, which its form then sends to match.
"""

from collections.abc import Iterator, Mapping, Sequence

from authcompare.experiments.browsing.claim import BrowserProbe, victim_arm
from authcompare.experiments.browsing.forging import UNSENT, Attempt, Forged, Relation, Shape, Target, forge
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.replacing import Tossed, Whose, toss
from authcompare.experiments.browsing.scene import Scene
from authcompare.experiments.browsing.variants import ALONE, TOKEN_PLAIN, Layer
from authcompare.experiments.claim import Arm
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.scenes.forgeries import (
    AS_IT_IS,
    HEADER,
    OFF,
    PLAIN,
    SESSION,
    TOKEN_COOKIE,
    TOSSED,
    UNSAID,
    Everything,
    Found,
    Tosses,
    named,
)
from authcompare.experiments.verdict import Kind, Verdict

ARMS = {SESSION: Place.SESSION, TOKEN_COOKIE: Place.TOKEN_COOKIE, HEADER: Place.MEMORY}
BY_FORM = (Shape.FORM, Shape.MULTIPART, Shape.TEXT)
TARGETS = {
    SESSION: (Target.PAGE, Target.LOGOUT, Target.LOGIN),
    TOKEN_COOKIE: (Target.REFRESH, Target.LOGOUT, Target.LOGIN),
    HEADER: (),
}


class Forgery(BrowserProbe[Forged | Tossed]):
    """Sessions are open to cross-site request forgery, tokens are not."""

    row = "Security: cross-site request forgery"
    decides = ()
    budget = (24, 52)

    def arms(self, quick: bool) -> list[Arm]:
        return [victim_arm(name, place, quick=quick) for name, place in ARMS.items()]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Forged | Tossed]:
        place, quick = arm.parameters["place"], arm.parameters["quick"]
        forged = forge(site, place, list(plan(arm.name, quick)), transcript)
        if arm.name == HEADER or (quick and arm.name == TOKEN_COOKIE):
            return list(forged)
        return [*forged, *toss([Scene(site, name, transcript.under(name)) for name in TOSSED], place)]

    def judge(self, samples: Mapping[str, Sequence[Forged | Tossed]]) -> Verdict:
        everything = [(arm, one) for arm, several in samples.items() for one in several]
        attempts = [(arm, one) for arm, one in everything if isinstance(one, Forged)]
        tosses = [(arm, one) for arm, one in everything if isinstance(one, Tossed)]
        if reason := _why_broken(samples, attempts) or _why_not_tossed(tosses):
            return Verdict.broken(reason)
        found = Found(attempts, tosses)
        through = [words for arm, one in attempts if (words := _should_not_have_landed(arm, one))]
        through += [
            f"{arm}: a sibling's cookie called {one.name} made {one.after} of the victim."
            for arm, one in tosses
            if one.variant == AS_IT_IS and one.after is not Whose.VICTIM
        ]
        if through:
            return Verdict(Kind.REFUTED, through[0], figures=found.figures, doubts=tuple(through[1:5]))
        return _depends(found, _limits(attempts))


def plan(arm: str, quick: bool) -> Iterator[Attempt]:
    """Variant by variant; what ends the login comes last under each."""
    for variant in (OFF, AS_IT_IS):
        for relation in Relation:
            yield from (
                Attempt(variant, Target.NOTE, relation, shape) for shape in _shapes(arm, relation, quick)
            )
        for target in TARGETS[arm]:
            yield from (Attempt(variant, target, relation) for relation in _relations(target, quick))
    if arm == SESSION or (arm == TOKEN_COOKIE and not quick):
        yield from _layer_by_layer(quick)


def _layer_by_layer(quick: bool) -> Iterator[Attempt]:
    """SameSite asks how the cookie came along, the CSRF token for a field; else a quick run fetches."""
    for variant, layer in ALONE.items():
        shape = Shape.FORM if not quick or layer in (Layer.SAMESITE, Layer.TOKEN) else Shape.SIMPLE
        yield from (Attempt(variant, Target.NOTE, relation, shape) for relation in Relation)
    for shape in (Shape.SIMPLE, Shape.FORM):
        yield Attempt(UNSAID, Target.NOTE, Relation.SITE, shape)


def _shapes(arm: str, relation: Relation, quick: bool) -> Sequence[Shape]:
    """A browser sends any form without asking, whatever its encoding; one stands for all in a quick run.

    What is fetched comes first: it leaves the page where it is.
    """
    encodings = (Shape.FORM,) if quick else BY_FORM
    if arm == HEADER:
        return (Shape.FETCH, *encodings)
    return (Shape.SIMPLE, *encodings) if relation is Relation.SITE else encodings


def _relations(target: Target, quick: bool) -> Sequence[Relation]:
    """From a sibling cookies always come along, so that it alone tests all layers but SameSite."""
    return (Relation.SIBLING,) if quick or target is Target.LOGOUT else tuple(Relation)


def _why_broken(samples: Mapping[str, Sequence[Forged | Tossed]], attempts: Everything) -> str:
    if missing := [name for name in ARMS if not samples.get(name)]:
        return f"Not visited: {', '.join(missing)}."
    for arm, one in attempts:
        where = f"{arm}, {one.variant}, {one.target} from {one.relation} as {one.shape}"
        if not one.accepted:
            return f"{where}: the page's own request was not accepted, so there was nothing to abuse."
        if one.variant == OFF and arm != HEADER and not one.landed:
            return f"{where}: positive control with every layer off, and yet it did not land ({one.said})."
        if not one.landed and one.stopped_by not in (OF_A_HEADER if arm == HEADER else LAYERS):
            return f"{where}: {one.stopped_by} is no layer's doing."
        if not one.landed and one.stopped_by != IN_FORCE.get(one.variant, one.stopped_by):
            return f"{where}: stopped by {one.stopped_by}, which is not the layer in force."
        if one.variant in BY_TOKEN and one.relation == Relation.SIBLING and not one.planted:
            return f"{where}: no other cookie of the sibling's came either, so it may have planted none."
    return ""


IN_FORCE = {UNSAID: Layer.SAMESITE, **ALONE}
LAYERS = {*map(str, IN_FORCE.values())}
OF_A_HEADER = LAYERS | UNSENT
BY_TOKEN = {variant for variant, layer in ALONE.items() if layer is Layer.TOKEN}
OPEN_TO_SIBLINGS = {f"only-{Layer.SAMESITE}", TOKEN_PLAIN}


def _why_not_tossed(tosses: Tosses) -> str:
    if {one.variant for arm, one in tosses if arm == SESSION} != set(TOSSED):
        return "A sibling did not toss a cookie under each name."
    for arm, one in tosses:
        where = f"{arm}, a cookie called {one.name} from a sibling"
        if one.before is not Whose.VICTIM:
            return f"{where}: the login was {one.before}'s to begin with, so there was none to replace."
        if not one.control:
            return f"{where}: no other cookie of the sibling's came either, so it may have set none."
        if one.variant == PLAIN and one.copies < 2:
            return f"{where}: positive control, and yet {one.copies} of that name came."
        if one.variant == PLAIN and one.after is Whose.NOBODY:
            return f"{where}: it stood for nobody, so it proves nothing."
    return ""


def _should_not_have_landed(arm: str, one: Forged) -> str:
    what = f"{arm}: {one.target} from {one.relation} as {one.shape}"
    if not one.landed:
        return ""
    if one.variant == AS_IT_IS:
        return f"{what} landed with every layer of the product in force."
    if arm == HEADER:
        return f"{what} landed, though the browser sends no header by itself."
    if one.variant in ALONE and not (one.relation == Relation.SIBLING and one.variant in OPEN_TO_SIBLINGS):
        return f"{what} landed where {named(one.variant)} alone was in force."
    return ""


def _depends(found: Found, limits: Sequence[str]) -> Verdict:
    replaced = (
        "A sibling can also put a login of its own in the place of the victim's, which `__Host-` stops."
        if found.plain.value
        else "A login that a sibling put beside the victim's did not count."
    )
    through = found.alone[f"only-{Layer.SAMESITE}", Relation.SIBLING].value
    sibling = "but lets one from a sibling subdomain through" if through else "and one from a sibling"
    return Verdict(
        Kind.DEPENDS,
        f"With every layer off, {found.off.share} forged requests landed, on cookies of either scheme; with "
        f"the product as it is, {found.product.share}; on a token in a header, {found.header.share}. A "
        "sibling's cookie made the victim act as the attacker: under a plain name "
        f"{found.plain.share}, under a `__Host-` name {found.prefixed.share}.",
        rule="What the browser sends by itself can be forged, session cookie or token cookie alike; a header "
        "that code has to add cannot. Of the layers, the check of Origin, that of Sec-Fetch-Site and an API "
        f"that takes only JSON stop a forged note each alone, wherever it comes from. {_planted(found)} "
        f"SameSite stops a POST from another site {sibling}. With a young cookie that does not say SameSite, "
        f"{found.form.share} forms of another site landed and {found.fetch.share} fetches. {replaced}",
        figures=found.figures,
        doubts=(
            "Only POSTs were tried, in Chromium; a Lax cookie goes along with a link from another site.",
            "A young cookie was set within 2 minutes; that Chromium takes older ones for Lax was not tried.",
            "Cookies of third parties were let through; a browser that blocks them stops more by itself.",
            "A strict content type does nothing for requests without a body (renewal, logout).",
            "The layer named is the first that refused; in the product others stand behind it.",
            *limits,
        ),
    )


def _planted(found: Found) -> str:
    """What a CSRF token is worth where a sibling plants one of its own, by the name of its cookie."""
    plain = found.alone[TOKEN_PLAIN, Relation.SIBLING]
    prefixed = found.alone[f"only-{Layer.TOKEN}", Relation.SIBLING]
    landed = f"({plain.share} landed, {prefixed.share} under `__Host-`)"
    if not plain.value:
        return f"So does the CSRF token, even if a sibling plants its own under a plain name {landed}."
    return (
        "So does the CSRF token where its cookie is called `__Host-…`; under a plain name it stops another "
        f"site, not a sibling, which plants that cookie and sends the field to match {landed}."
    )


def _limits(attempts: Everything) -> tuple[str, ...]:
    alone = {arm for arm, one in attempts if one.variant in IN_FORCE}
    if TOKEN_COOKIE in alone:
        return ()
    return ("This run tried a layer alone with a session cookie only; with a token cookie, all or none.",)
