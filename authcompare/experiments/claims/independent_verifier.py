"""Row "Independent verifier": a second service with the public key alone, also while the issuer is down."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.deployments.standard import BY_REDIS
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
)
from authcompare.experiments.scenes.shared_secret import SharedSecret, without_and_with_it
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

SHARED_SECRET = "HS256"


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
            return [without_and_with_it(site, transcript, self.service)]
        bench = Bench(site, transcript, self.service)
        before = [*bench.tried(), *bench.asked(), *bench.followed()]
        return [*before, *bench.while_issuer_is_down(), *bench.once_it_is_back()]

    def judge(self, samples: Mapping[str, Sequence[Any]]) -> Verdict:
        shown = {arm: [one for one in several if isinstance(one, Shown)] for arm, several in samples.items()}
        secret = [one for one in samples.get(SHARED_SECRET, ()) if isinstance(one, SharedSecret)]
        trials = [(arm, one) for arm, several in shown.items() for one in several]
        if reason := _why_broken(shown, trials) or _unproved(secret):
            return Verdict.broken(reason)
        figures = (*(_figure(arm, one) for arm, one in trials), *_figures(secret[0]))
        wrong = [f"{arm}: {one.name} was {_fate(one)}" for arm, one in trials if not _as_it_should(one)]
        if wrong := [*wrong, *_needless(secret[0])]:
            return Verdict(Kind.REFUTED, f"{'; '.join(wrong[:3])}.", figures=figures)
        return _depends(trials, secret[0], figures)


NEW_KEYS = "A key that is new while the issuer is down is unknown to the second service until it is back."
SHARED_STORE = (
    "Not tried: a service that reads the sessions' store itself. It need not ask the issuer, but has to be "
    "let into its store."
)


def _depends(
    trials: Sequence[tuple[str, Shown]], secret: SharedSecret, figures: tuple[Figure, ...]
) -> Verdict:
    good, lived = _told(trials, OWN, ISSUER_DOWN), _told(trials, ENDED, ISSUER_UP)
    down = _told(trials, ASKED, ISSUER_DOWN)
    alone = f"{good} of {good} showings of a good token accepted with the issuer down"
    ended = f"after its end a token was accepted {lived} of {lived} times"
    without = f"{secret.accepted} of {secret.of} good tokens accepted"
    return Verdict(
        Kind.DEPENDS,
        _because(trials),
        rule=f"With a public-key algorithm, and where an ended login may be accepted until its token expires "
        f"({ended}), a service needs the public key alone ({alone}). With {SHARED_SECRET} there is no public "
        f"key ({without}), and whoever has the secret makes tokens, too ({secret.let_in} of {secret.of} let "
        "in). A service that has to refuse ended logins has to ask, whatever the scheme.",
        figures=figures,
        decisions={
            "C50": Decision(
                Kind.DEPENDS,
                f"More tightly than tokens that a public key verifies: {alone}, when a service that asks "
                f"about a session's cookie could say nothing {down} of {down} times. As tightly as tokens "
                f"whose end it has to see, for the token alone does not tell ({ended}). For {SHARED_SECRET} "
                f"a service needs the issuer's secret ({without} without it), with which it could make "
                "tokens. A service that reads the sessions' store was not tried.",
            )
        },
        doubts=(NEW_KEYS, SHARED_STORE),
    )


def _told(trials: Sequence[tuple[str, Shown]], kind: str, issuer: str) -> int:
    return sum(one.n for _, one in trials if (one.kind, one.issuer) == (kind, issuer))


def _because(trials: Sequence[tuple[str, Shown]]) -> str:
    wrong, unseen = _told(trials, WRONG, ISSUER_UP), _told(trials, WRONG, ISSUER_DOWN)
    good = _told(trials, OWN, ISSUER_DOWN)
    up, down = _told(trials, ASKED, ISSUER_UP), _told(trials, ASKED, ISSUER_DOWN)
    return (
        f"Issuer down: {good} of {good} showings of a good token accepted by a service that has nothing but "
        f"the public key, {unseen} of {unseen} signed with a key it had not seen refused. Issuer up: {wrong} "
        f"of {wrong} wrong credentials refused. About a session's cookie a service that asks the issuer was "
        f"told {up} of {up} times while that was up, and could say nothing {down} of {down} times while it "
        "was down."
    )


def _unproved(secret: Sequence[SharedSecret]) -> str:
    if not secret or not secret[0].of:
        return f"{SHARED_SECRET}: nothing was shown."
    if secret[0].odd:
        return f"{SHARED_SECRET}: {secret[0].odd} is neither acceptance nor refusal."
    if secret[0].let_in < secret[0].of:
        return (
            f"{SHARED_SECRET}: {secret[0].let_in} of {secret[0].of} made with the secret were let in; the "
            "lab's forger is no good."
        )
    return ""


def _needless(secret: SharedSecret) -> list[str]:
    """Why a shared secret would do as well as a public key, in words."""
    found = {
        f"{SHARED_SECRET}: its secret is published, {secret.keys} in the JWK set": secret.keys,
        f"{SHARED_SECRET}: {secret.accepted} of {secret.of} tokens were accepted without it": secret.accepted,
    }
    return [words for words, count in found.items() if count]


def _as_it_should(one: Shown) -> bool:
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
            (ENDED, ISSUER_UP),
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
        if one.kind == ENDED and one.refused:
            return f"{arm}, {one.name}: refused, so the second service has more than the public key."
    return "" if trials else "Nothing was shown."


def _figure(arm: str, one: Shown) -> Figure:
    word, right = _right(one)
    return Figure(f"{arm}, {one.issuer}: {one.name}, {word}", right, f"of {one.n}", one.n)


def _figures(secret: SharedSecret) -> Iterator[Figure]:
    yield Figure(f"{SHARED_SECRET}: keys published", secret.keys, "", 1)
    for name, count in (
        ("good tokens accepted by a service that has what is published", secret.accepted),
        ("tokens made with the secret, let in by the issuer", secret.let_in),
    ):
        yield Figure(f"{SHARED_SECRET}: {name}", count, f"of {secret.of}", secret.of)
