"""What landed of the forged requests, and whose login the victim was left with."""

from collections.abc import Sequence

from authcompare.experiments.browsing.forging import Forged, Relation, Shape
from authcompare.experiments.browsing.replacing import Tossed, Whose
from authcompare.experiments.browsing.variants import ALONE, TOKEN_PLAIN
from authcompare.experiments.verdict import Figure

SESSION, TOKEN_COOKIE, HEADER = "session cookie", "token cookie", "token in a header"
OFF, AS_IT_IS, UNSAID, PLAIN = "no-layer", "product", "samesite-unsaid", "plain-name"
TOSSED = {PLAIN: "plain name", AS_IT_IS: "`__Host-` name"}

Everything = list[tuple[str, Forged]]
Tosses = list[tuple[str, Tossed]]


class Found:
    """The figures, by name where they decide something."""

    def __init__(self, attempts: Everything, tosses: Tosses) -> None:
        cookies = [one for arm, one in attempts if arm != HEADER]

        def under(name: str, variant: str, **how: str) -> Figure:
            wanted = {"variant": variant, **how}
            return _landed(name, [o for o in cookies if all(getattr(o, w) == v for w, v in wanted.items())])

        self.off = under("cookies of either scheme, every layer off", OFF)
        self.product = under("cookies of either scheme, product as it is", AS_IT_IS)
        self.header = _landed(
            "token in a header, layers on or off", [one for arm, one in attempts if arm == HEADER]
        )
        young = "young cookie without SameSite, a {} from another site"
        self.form = under(young.format("form"), UNSAID, shape=Shape.FORM)
        self.fetch = under(young.format("fetch"), UNSAID, shape=Shape.SIMPLE)
        self.alone = {
            (variant, relation): under(f"{named(variant)} alone, from {relation}", variant, relation=relation)
            for variant in ALONE
            for relation in Relation
        }
        self.plain, self.prefixed = (_replaced(tosses, variant) for variant in TOSSED)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All of them, as they are printed."""
        by_hand = (self.off, self.product, self.header, self.form, self.fetch)
        return (*by_hand, *self.alone.values(), self.plain, self.prefixed)


def _landed(name: str, several: Sequence[Forged]) -> Figure:
    reasons = sorted({one.stopped_by for one in several if not one.landed})
    note = f"stopped by: {', '.join(reasons)}" if reasons else ""
    count = sum(one.landed for one in several)
    return Figure(name, count, f"of {len(several)} landed", len(several), note=note)


def _replaced(tosses: Tosses, variant: str) -> Figure:
    several = [one for _, one in tosses if one.variant == variant]
    count = sum(one.after is Whose.ATTACKER for one in several)
    name = f"a sibling's cookie makes the victim act as the attacker, {TOSSED[variant]}"
    note = ", ".join(f"{one.copies} called {one.name} came" for one in several)
    return Figure(name, count, f"of {len(several)}", len(several), note=note)


def named(variant: str) -> str:
    """The layer that is alone there, and how it differs from the product's."""
    return f"{ALONE[variant]}{' with a plain cookie name' if variant == TOKEN_PLAIN else ''}"
