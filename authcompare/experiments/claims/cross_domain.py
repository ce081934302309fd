"""Row "Cross-domain": an API used by pages of other origins, by cookie and by header."""

from collections.abc import Mapping, Sequence

from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.browsing.claim import BrowserProbe, victim_arm
from authcompare.experiments.browsing.crossing import Crossing, Origin, cross
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.scene import Scene
from authcompare.experiments.browsing.variants import VARIANTS, Layer
from authcompare.experiments.claim import Arm
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

LAX, NONE, HEADER = "session cookie, SameSite=Lax", "session cookie, SameSite=None", "token in a header"
CORS, WITHOUT = "cors", "product"
VARIANT = {LAX: CORS, NONE: "cors-samesite-none", HEADER: CORS}
TO_ANYBODY = {NONE: "cors-anybody-samesite-none", HEADER: "cors-anybody"}  # CORS says * instead of an origin
EVERYWHERE = (Origin.SIBLING, Origin.PORT, Origin.SITE, Origin.STRANGER)  # the near ones first
NAMED = {Origin.SITE, Origin.SIBLING, Origin.PORT}
# A quick run goes where the rule can fail: Lax where third parties' cookies may come along, the header where
# they may not, and what is near, which is no third party in either browser, in one of the two.
QUICK: dict[str, dict[ThirdParty, Sequence[Origin]]] = {
    LAX: {ThirdParty.ALLOWED: EVERYWHERE},
    NONE: {ThirdParty.BLOCKED: EVERYWHERE[:3], ThirdParty.ALLOWED: EVERYWHERE[2:]},
    HEADER: {ThirdParty.BLOCKED: EVERYWHERE},
}

WRITING = (
    "Reading was tried. To write by cookie, the other origin also has to come by the CSRF token; JSON, or "
    "that token in a header, costs a preflight, too."
)

Everything = list[tuple[str, Crossing]]


class CrossDomain(BrowserProbe[Crossing]):
    """Tokens are easily used across domains; sessions, which live in cookies, are not."""

    row = "Cross-domain"
    decides = ("C27", "C47")
    budget = (7, 12)

    def arms(self, quick: bool) -> list[Arm]:
        places = {LAX: Place.SESSION, NONE: Place.SESSION, HEADER: Place.MEMORY}
        return [victim_arm(name, place, quick=quick) for name, place in places.items()]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Crossing]:
        crossings = []
        for policy, origins in plan(arm.name, arm.parameters["quick"]).items():
            scenes = [Scene(site, variant, transcript.under(variant)) for variant in origins]
            crossings += cross(arm.parameters["place"], policy, scenes, list(origins.values()))
        return crossings

    def judge(self, samples: Mapping[str, Sequence[Crossing]]) -> Verdict:
        crossings = [(arm, one) for arm, several in samples.items() for one in several]
        if reason := _why_broken(samples, crossings):
            return Verdict.broken(reason)
        figures = _figures(crossings)
        if wrong := [words for arm, one in crossings if (words := _against_the_rule(arm, one))]:
            return Verdict(Kind.REFUTED, wrong[0], figures=figures, doubts=tuple(wrong[1:5]))
        return _depends(crossings, figures)


def plan(arm: str, quick: bool) -> dict[ThirdParty, dict[str, Sequence[Origin]]]:
    """In which browser, under which name, from where."""
    near_and_far = QUICK[arm] if quick else dict.fromkeys(ThirdParty, EVERYWHERE)
    names = {policy: {VARIANT[arm]: origins} for policy, origins in near_and_far.items()}
    if arm == HEADER or (arm == LAX and not quick):
        names[ThirdParty.BLOCKED][WITHOUT] = (Origin.SITE,)
    if arm in TO_ANYBODY and not quick:
        names[ThirdParty.ALLOWED][TO_ANYBODY[arm]] = (Origin.SITE,)
    return names


def _why_broken(samples: Mapping[str, Sequence[Crossing]], crossings: Everything) -> str:
    if missing := [name for name in VARIANT if not samples.get(name)]:
        return f"Not visited: {', '.join(missing)}."
    for arm, one in crossings:
        where = _where(arm, one)
        if one.control != (one.third_party == ThirdParty.ALLOWED):
            return f"{where}: the control cookie says that the browser does not do as its profile says."
        if not one.accepted:
            return f"{where}: the first-party request was not accepted."
        if not one.methods:
            return f"{where}: nothing arrived at the server, so nothing was refused either."
        if one.status not in (0, 200, 401):
            return f"{where}: answered {one.status}."
    tried = {(arm, one.variant, one.third_party, one.origin) for arm, one in crossings}
    return "" if _at_least() <= tried else "Not every origin was tried under both policies."


def _at_least() -> set[tuple[str, str, str, str]]:
    return {
        (arm, variant, str(policy), str(origin))
        for arm in VARIANT
        for policy, names in plan(arm, quick=True).items()
        for variant, origins in names.items()
        for origin in origins
    }


def _where(arm: str, one: Crossing) -> str:
    return f"{arm}, {one.variant}, from {one.origin}, third-party cookies {one.third_party}"


def _against_the_rule(arm: str, one: Crossing) -> str:
    """Where it did not do as the rule says, as a sentence; else empty."""
    if one.readable != _readable(arm, one):
        return f"{_where(arm, one)}: {'' if one.readable else 'not '}readable ({' '.join(one.methods)})."
    if arm != HEADER and one.carried != _carried(arm, one):
        return f"{_where(arm, one)}: the cookie was {'' if one.carried else 'not '}sent."
    if arm == HEADER and not one.readable and one.carried:
        return f"{_where(arm, one)}: the token was sent to a server that had granted nothing."
    return ""


def _carried(arm: str, one: Crossing) -> bool:
    """SameSite decides, and for another site the browser's policy, too."""
    if one.origin in (Origin.SIBLING, Origin.PORT):
        return True
    return arm == NONE and one.third_party == ThirdParty.ALLOWED


def _readable(arm: str, one: Crossing) -> bool:
    """It has to be sent, and CORS has to name the origin; * is enough where no cookie comes along."""
    if Layer.ANYBODY in VARIANTS[one.variant]:
        return arm == HEADER
    named = Layer.CORS in VARIANTS[one.variant] and one.origin in NAMED
    return named and (arm == HEADER or _carried(arm, one))


def _figures(crossings: Everything) -> tuple[Figure, ...]:
    granted = [(arm, one) for arm, one in crossings if one.variant == VARIANT[arm] and one.origin in NAMED]

    def worked(arm: str, policy: str, elsewhere: bool) -> Figure:
        several = [
            one
            for name, one in granted
            if name == arm and policy in ("", one.third_party) and (one.origin == Origin.SITE) == elsewhere
        ]
        place = f"another site, third-party cookies {policy}" if elsewhere else "sibling and port"
        count = sum(one.readable for one in several)
        return Figure(f"{arm}: {place}", count, f"of {len(several)} worked", len(several))

    header = [one for arm, one in granted if arm == HEADER]
    preflights = sum(one.methods.count("OPTIONS") for one in header)
    ungranted = [one for _, one in crossings if one.variant == WITHOUT or one.origin not in NAMED]
    read = sum(one.readable for one in ungranted)
    elsewhere = (worked(arm, policy, True) for arm in VARIANT for policy in ThirdParty)
    return (
        *(figure for figure in elsewhere if figure.n),
        *(worked(arm, "", False) for arm in VARIANT),
        Figure("preflights per first request with a header", preflights / len(header), "", len(header)),
        Figure("read by origins that CORS does not name", read, f"of {len(ungranted)}", len(ungranted)),
    )


def _to_anybody(crossings: Everything) -> str:
    tried = [(arm, one.readable) for arm, one in crossings if Layer.ANYBODY in VARIANTS[one.variant]]
    read = "; ".join(f"{arm}: {'read' if readable else 'not read'}" for arm, readable in tried)
    return f" CORS that says * is enough where no cookie comes along ({read})." if tried else ""


def _depends(crossings: Everything, figures: tuple[Figure, ...]) -> Verdict:
    def works(arm: str, *origins: Origin, policy: str = "") -> str:
        several = [
            one
            for name, one in crossings
            if name == arm and one.variant == VARIANT[arm] and one.origin in origins
            if policy in ("", one.third_party)
        ]
        return f"{sum(one.readable for one in several)} of {len(several)}"

    near = (Origin.SIBLING, Origin.PORT)
    allowed, blocked = (works(NONE, Origin.SITE, policy=policy) for policy in ThirdParty)
    header = works(HEADER, Origin.SITE, *near)
    return Verdict(
        Kind.DEPENDS,
        f"A token in a header: {header} from other origins that CORS names. A cookie from another site: "
        f"SameSite=Lax {works(LAX, Origin.SITE)}, SameSite=None {allowed} with third-party cookies allowed, "
        f"{blocked} blocked. From a sibling subdomain or another port the Lax cookie: {works(LAX, *near)}.",
        rule="Same site (sibling subdomain, other port): cookies work like tokens; a read by cookie needs "
        "no preflight. Another site: a cookie needs SameSite=None, a browser that lets third-party cookies "
        "through, and CORS that names the origin; a token needs no cookie to come along, but one preflight "
        "more, CORS that lists Authorization, and a login made on the other site, for storage is per origin."
        f"{_to_anybody(crossings)}",
        figures=figures,
        decisions={
            "C27": Decision(
                Kind.DEPENDS,
                f"Once CORS names origin and Authorization, {header}, at one preflight more; without, the "
                "browser does not even send the token.",
            ),
            "C47": Decision(
                Kind.DEPENDS,
                f"Within one site at no disadvantage ({works(LAX, *near)} with Lax). From another site a Lax "
                f"cookie does not come along ({works(LAX, Origin.SITE)}); one that says SameSite=None does "
                f"where third-party cookies are allowed ({allowed}), not where they are blocked ({blocked}).",
            ),
        },
        doubts=(
            f"Chromium {crossings[0][1].build}; other browsers have other policies for third-party cookies.",
            WRITING,
            *([] if _to_anybody(crossings) else ["CORS that says * instead of an origin was not tried."]),
        ),
    )
