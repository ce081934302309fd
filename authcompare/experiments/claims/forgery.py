"""Row "Security: cross-site request forgery": per transport, layer by layer, and which layer stopped it."""

from collections.abc import Iterator, Mapping, Sequence

from authcompare.experiments.browsing.claim import BrowserProbe
from authcompare.experiments.browsing.forging import Attempt, Forged, Relation, Shape, Target, forge
from authcompare.experiments.browsing.variants import ONE_LAYER, VICTIM, Layer
from authcompare.experiments.claim import Arm
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.verdict import Figure, Kind, Verdict

SESSION, TOKEN_COOKIE, HEADER = "session cookie", "token cookie", "token in a header"
ARMS = {SESSION: "session", TOKEN_COOKIE: "token cookie", HEADER: "memory"}
OFF, AS_IT_IS = "no-layer", "product"
BY_FORM = (Shape.FORM, Shape.MULTIPART, Shape.TEXT)
TARGETS = {
    SESSION: (Target.PAGE, Target.LOGOUT, Target.LOGIN),
    TOKEN_COOKIE: (Target.REFRESH, Target.LOGOUT, Target.LOGIN),
    HEADER: (),
}

Everything = list[tuple[str, Forged]]


class Forgery(BrowserProbe[Forged]):
    """Sessions are open to cross-site request forgery, tokens are not."""

    row = "Security: cross-site request forgery"
    decides = ()
    budget = (14, 25)

    def arms(self, quick: bool) -> list[Arm]:
        return [
            Arm(
                name,
                VICTIM,
                "session" if name == SESSION else "token",
                parameters={"place": place, "quick": quick},
            )
            for name, place in ARMS.items()
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Forged]:
        attempts = list(plan(arm.name, arm.parameters["quick"]))
        return forge(site, arm.parameters["place"], attempts, transcript)

    def judge(self, samples: Mapping[str, Sequence[Forged]]) -> Verdict:
        attempts = [(arm, one) for arm, several in samples.items() for one in several]
        if reason := _why_broken(samples, attempts):
            return Verdict.broken(reason)
        figures = _figures(attempts)
        through = [words for arm, one in attempts if (words := _should_not_have_landed(arm, one))]
        if through:
            return Verdict(Kind.REFUTED, through[0], figures=figures, doubts=tuple(through[1:5]))
        return _depends(attempts, figures)


def plan(arm: str, quick: bool) -> Iterator[Attempt]:
    """Variant by variant; what ends the login comes last under each."""
    for variant in (OFF, AS_IT_IS):
        for relation in Relation:
            yield from (
                Attempt(variant, Target.NOTE, relation, shape) for shape in _shapes(arm, relation, quick)
            )
        for target in TARGETS[arm]:
            yield from (Attempt(variant, target, relation) for relation in _relations(target, variant, quick))
    if arm != HEADER:
        for layer in ONE_LAYER:
            yield from (Attempt(f"only-{layer}", Target.NOTE, relation) for relation in Relation)


def _shapes(arm: str, relation: Relation, quick: bool) -> Sequence[Shape]:
    """A browser sends any form without asking, whatever its encoding; one stands for all in a quick run."""
    encodings = (Shape.FORM,) if quick and (arm, relation) != (SESSION, Relation.SITE) else BY_FORM
    return (*encodings, Shape.FETCH) if arm == HEADER else encodings


def _relations(target: Target, variant: str, quick: bool) -> Sequence[Relation]:
    """From a sibling cookies always come along, so that it alone tests all layers but SameSite."""
    once = target is Target.LOGOUT or (quick and variant == AS_IT_IS and target is not Target.PAGE)
    return (Relation.SIBLING,) if once else tuple(Relation)


def _why_broken(samples: Mapping[str, Sequence[Forged]], attempts: Everything) -> str:
    if missing := [name for name in ARMS if not samples.get(name)]:
        return f"Not visited: {', '.join(missing)}."
    for arm, one in attempts:
        where = f"{arm}, {one.variant}, {one.target} from {one.relation} as {one.shape}"
        if not one.accepted:
            return f"{where}: the page's own request was not accepted, so there was nothing to abuse."
        if one.variant == OFF and arm != HEADER and not one.landed:
            return f"{where}: positive control with every layer off, and yet it did not land ({one.said})."
        if not one.landed and one.stopped_by not in REASONS:
            return f"{where}: {one.stopped_by} is no layer's doing."
        if one.variant.startswith("only-") and not one.landed and f"only-{one.stopped_by}" != one.variant:
            return f"{where}: stopped by {one.stopped_by}, which is not the layer in force."
    return ""


REASONS = {*map(str, ONE_LAYER), "no credential was sent", "preflight"}


def _should_not_have_landed(arm: str, one: Forged) -> str:
    what = f"{arm}: {one.target} from {one.relation} as {one.shape}"
    if not one.landed:
        return ""
    if one.variant == AS_IT_IS:
        return f"{what} landed with every layer of the product in force."
    if arm == HEADER:
        return f"{what} landed, though the browser sends no header by itself."
    from_sibling = one.relation == Relation.SIBLING
    if one.variant.startswith("only-") and not (one.variant == f"only-{Layer.SAMESITE}" and from_sibling):
        return f"{what} landed where {one.variant.removeprefix('only-')} alone was in force."
    return ""


def _figures(attempts: Everything) -> tuple[Figure, ...]:
    def landed(name: str, several: list[Forged]) -> Figure:
        reasons = sorted({one.stopped_by for one in several if not one.landed})
        note = f"stopped by: {', '.join(reasons)}" if reasons else ""
        return Figure(
            name, sum(one.landed for one in several), f"of {len(several)} landed", len(several), note=note
        )

    cookies = [one for arm, one in attempts if arm != HEADER]
    alone = [
        landed(
            f"{layer} alone, from {relation}", [one for one in cookies if _is(one, f"only-{layer}", relation)]
        )
        for layer in ONE_LAYER
        for relation in Relation
    ]
    return (
        landed("cookies of either scheme, every layer off", [one for one in cookies if one.variant == OFF]),
        landed(
            "cookies of either scheme, product as it is", [one for one in cookies if one.variant == AS_IT_IS]
        ),
        landed("token in a header, layers on or off", [one for arm, one in attempts if arm == HEADER]),
        *alone,
    )


def _is(one: Forged, variant: str, relation: str) -> bool:
    return (one.variant, one.relation) == (variant, relation)


def _depends(attempts: Everything, figures: tuple[Figure, ...]) -> Verdict:
    off, product, header = (f"{int(one.value)} of {one.n}" for one in figures[:3])
    samesite = {one.relation: one.landed for _, one in attempts if one.variant == f"only-{Layer.SAMESITE}"}
    sibling = "but lets a sibling subdomain through" if samesite[Relation.SIBLING] else "and siblings"
    return Verdict(
        Kind.DEPENDS,
        f"With every layer off, {off} forged requests landed, on cookies of either scheme; with the product "
        f"as it is, {product}; on a token in a header, {header}.",
        rule="What the browser sends by itself can be forged, session cookie or token cookie alike; a header "
        "that code has to add cannot. Of the layers, the token, the check of Origin, that of Sec-Fetch-Site "
        "and an API that takes only JSON stop a forged note each alone, wherever it comes from; SameSite "
        f"stops another site {sibling}.",
        figures=figures,
        doubts=(
            "A strict content type does nothing for requests without a body (renewal, logout).",
            "The layer named is the first that refused; in the product others stand behind it.",
        ),
    )
