"""Row "Independent verifier": a second service with the public key alone, also while the issuer is down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.deployments.standard import BY_REDIS
from authcompare.experiments.estimates import none_of
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.scenes.independence import (
    ASKED,
    ENDED,
    ISSUER_DOWN,
    ISSUER_UP,
    OWN,
    ROTATED,
    WRONG,
    Bench,
    Shown,
    published_keys,
)
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

SHARED_SECRET = "HS256"


@dataclass(frozen=True)
class Published:
    """How many public keys a deployment publishes that signs with a shared secret."""

    keys: int


class TokensNeedNoServer(Probe[Any]):
    """A second service can check tokens by itself, with the public key alone, while sessions tie every
    service to the server that keeps them."""

    row = "Independent verifier"
    decides = ("C50",)
    budget = (8, 10)
    service: ClassVar[str] = "authcompare.experiments.verifier"

    def arms(self, quick: bool) -> list[Arm]:
        algorithms = ("ES256",) if quick else ("ES256", "EdDSA")
        arms = [
            Arm(
                name, Deployment(f"issuer-{name.lower()}", {"TOKEN_ALGORITHM": name}, exclusive=True), "token"
            )
            for name in algorithms
        ]
        return [*arms, Arm(SHARED_SECRET, BY_REDIS, "token")]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Any]:
        if arm.name == SHARED_SECRET:
            return [Published(len(published_keys(site)))]
        bench = Bench(site, transcript, self.service)
        before = [*bench.tried(), *bench.asked(), *bench.followed()]
        return [*before, *bench.while_issuer_is_down(), *bench.once_it_is_back()]

    def judge(self, samples: Mapping[str, Sequence[Any]]) -> Verdict:
        shown = {arm: [one for one in several if isinstance(one, Shown)] for arm, several in samples.items()}
        published = [
            one.keys for several in samples.values() for one in several if isinstance(one, Published)
        ]
        trials = [(arm, one) for arm, several in shown.items() for one in several]
        if reason := _why_broken(shown, trials):
            return Verdict.broken(reason)
        figures = tuple(_figure(arm, one) for arm, one in trials)
        wrong = [f"{arm}: {one.name} was {_fate(one)}" for arm, one in trials if not _as_it_should(one)]
        wrong += [
            f"{SHARED_SECRET}: its secret is published, {keys} in the JWK set" for keys in published if keys
        ]
        if wrong:
            return Verdict(Kind.REFUTED, f"{'; '.join(wrong[:3])}.", figures=figures)
        because = _because(trials)
        return Verdict(
            Kind.HOLDS,
            because,
            figures=figures,
            decisions={"C50": Decision(Kind.HOLDS, because)},
            doubts=(NEW_KEYS, *_ended(trials), *_shared_secret(published), SHARED_STORE),
        )


NEW_KEYS = "A key that is new while the issuer is down is unknown to the second service until it is back."
SHARED_STORE = (
    "Not tried: a service that reads the sessions' store itself. It need not ask the issuer, but has to be "
    "let into its store."
)


def _because(trials: Sequence[tuple[str, Shown]]) -> str:
    def told(kind: str, issuer: str) -> int:
        return sum(one.n for _, one in trials if (one.kind, one.issuer) == (kind, issuer))

    wrong, unseen = told(WRONG, ISSUER_UP), told(WRONG, ISSUER_DOWN)
    good, up, down = told(OWN, ISSUER_DOWN), told(ASKED, ISSUER_UP), told(ASKED, ISSUER_DOWN)
    return (
        f"Issuer down: {good} of {good} showings of a good token accepted by a service that has nothing but "
        f"the public key, {unseen} of {unseen} signed with a key it had not seen refused. Issuer up: {wrong} "
        f"of {wrong} wrong credentials refused. About a session's cookie a second service has to ask the "
        f"issuer: {up} of {up} times it was told while that was up, and {down} of {down} times it could say "
        "nothing while it was down."
    )


def _ended(trials: Sequence[tuple[str, Shown]]) -> tuple[str, ...]:
    lived = [one for _, one in trials if one.kind == ENDED and one.accepted]
    words = "The second service does not see that a login has ended: its token was accepted until it expired."
    return (words,) if lived else ()


def _shared_secret(published: Sequence[int]) -> tuple[str, ...]:
    keys = ", ".join(map(str, published)) or "not asked"
    words = (
        f"HS256 was skipped: it has no public key to hand out ({keys} published), and whoever holds the "
        "secret can make tokens as well as check them."
    )
    return (words,)


def _as_it_should(one: Shown) -> bool:
    """Of an ended login nothing is asked: who holds the key alone cannot know."""
    return one.kind == ENDED or _right(one)[1] == one.n


def _right(one: Shown) -> tuple[str, int]:
    """What should become of it, and how often it did."""
    if (one.kind, one.issuer) == (ASKED, ISSUER_DOWN):
        return "not decided", one.unsaid
    return ("refused", one.refused) if one.kind == WRONG else ("accepted", one.accepted)


def _fate(one: Shown) -> str:
    return f"accepted {one.accepted} of {one.n} times with the {one.issuer}"


def _why_broken(shown: Mapping[str, Sequence[Shown]], trials: Sequence[tuple[str, Shown]]) -> str:
    for arm, several in shown.items():
        kinds = {(one.kind, one.issuer) for one in several}
        wanted = {
            (OWN, ISSUER_UP),
            (OWN, ISSUER_DOWN),
            (WRONG, ISSUER_UP),
            (ASKED, ISSUER_UP),
            (ASKED, ISSUER_DOWN),
            (ROTATED, ISSUER_UP),
        }
        if arm != SHARED_SECRET and wanted - kinds:
            return f"{arm}: not everything was shown."
    for arm, one in trials:
        if one.odd:
            return f"{arm}, {one.name}, {one.issuer}: {one.odd} is neither acceptance nor refusal."
        if one.issuer == ISSUER_UP and one.unsaid:
            return f"{arm}, {one.name}: the second service could not say, although its issuer was up."
        if one.kind in (OWN, ASKED) and one.issuer == ISSUER_UP and not one.accepted:
            return f"{arm}, {one.name}: refused, so no refusal proves anything."
    return "" if trials else "Nothing was shown."


def _figure(arm: str, one: Shown) -> Figure:
    word, right = _right(one)
    bound = f"at most {none_of(one.n):.1%} otherwise, at 95 %" if one.n > 1 and right == one.n else ""
    return Figure(f"{arm}, {one.issuer}: {one.name}, {word}", right, f"of {one.n}", one.n, note=bound)
