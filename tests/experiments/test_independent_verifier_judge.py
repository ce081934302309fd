"""The row on an independent verifier: every verdict it can give, from canned showings."""

from dataclasses import replace

import pytest

from authcompare.experiments.claims.independent_verifier import TokensNeedNoServer
from authcompare.experiments.scenes.independence import (
    ASKED,
    ENDED,
    ISSUER_DOWN,
    ISSUER_UP,
    OWN,
    ROTATED,
    WRONG,
    Shown,
)
from authcompare.experiments.scenes.shared_secret import SharedSecret
from authcompare.experiments.verdict import Kind, Verdict

AS_DESIGNED = [
    Shown(OWN, "a good token", ISSUER_UP, 1, 0, ""),
    Shown(WRONG, "a token for another audience", ISSUER_UP, 0, 1, ""),
    Shown(ASKED, "a session's cookie, asked about", ISSUER_UP, 1, 0, ""),
    Shown(ENDED, "a token whose login has ended", ISSUER_UP, 1, 0, ""),
    Shown(ROTATED, "a token signed with a new key", ISSUER_UP, 1, 0, ""),
    Shown(OWN, "a good token", ISSUER_DOWN, 300, 0, ""),
    Shown(WRONG, "a token signed with a key it has not seen", ISSUER_DOWN, 0, 1, ""),
    Shown(ASKED, "a session's cookie, asked about", ISSUER_DOWN, 0, 0, "", 30),
]

SECRET = SharedSecret(0, 7, 0, 7)


def judged(place: int = 0, **changed: object) -> Verdict:
    """The verdict where one showing came out otherwise."""
    shown = list(AS_DESIGNED)
    shown[place] = replace(shown[place], **changed)  # type: ignore[arg-type]
    return TokensNeedNoServer().judge({"ES256": shown, "HS256": [SECRET]})


def test_a_service_with_the_public_key_alone_goes_on_without_the_issuer() -> None:
    verdict = judged()
    assert verdict.kind is Kind.DEPENDS
    assert verdict.because.startswith("Issuer down: 300 of 300 showings of a good token accepted")
    assert verdict.because.endswith(
        "told 1 of 1 times while that was up, and could say nothing 30 of 30 times while it was down."
    )
    assert "1 of 1 signed with a key it had not seen refused. Issuer up: 1 of 1 wrong" in verdict.because
    assert "(after its end a token was accepted 1 of 1 times)" in verdict.rule
    assert (
        "With HS256 there is no public key (0 of 7 good tokens accepted), and whoever has the secret makes "
        "tokens, too (7 of 7 let in)."
    ) in verdict.rule
    assert verdict.decisions["C50"].kind is Kind.DEPENDS
    assert "could say nothing 30 of 30 times" in verdict.decisions["C50"].because
    assert verdict.figures[5].text == "300 of 300"


@pytest.mark.parametrize(
    ("place", "accepted", "refused"),
    [(1, 1, 0), (4, 0, 1), (5, 0, 300), (6, 1, 0), (7, 29, 0), (7, 0, 1)],
)
def test_whatever_goes_otherwise_refutes(place: int, accepted: int, refused: int) -> None:
    verdict = judged(place, accepted=accepted, refused=refused)
    assert verdict.kind is Kind.REFUTED
    assert AS_DESIGNED[place].name in verdict.because


def test_a_service_that_knows_of_ends_has_more_than_the_key() -> None:
    verdict = judged(3, accepted=0, refused=1)
    assert (verdict.kind, "more than the public key" in verdict.because) == (Kind.BROKEN, True)


def with_secret(**changed: object) -> Verdict:
    """The verdict where the shared secret fared otherwise."""
    return TokensNeedNoServer().judge({"ES256": AS_DESIGNED, "HS256": [replace(SECRET, **changed)]})  # type: ignore[arg-type]


def test_a_shared_secret_that_is_published_or_not_needed_refutes() -> None:
    published, needless = with_secret(keys=1), with_secret(accepted=2)
    assert published.kind is needless.kind is Kind.REFUTED
    assert published.because == "HS256: its secret is published, 1 in the JWK set."
    assert needless.because == "HS256: 2 of 7 tokens were accepted without it."


def test_a_shared_secret_that_was_not_tried_is_broken() -> None:
    assert "forger is no good" in with_secret(let_in=6).because
    assert "503 is neither acceptance nor refusal" in with_secret(odd="503").because
    assert {with_secret(of=0).kind, with_secret(let_in=6).kind, with_secret(odd="503").kind} == {Kind.BROKEN}
    assert TokensNeedNoServer().judge({"ES256": AS_DESIGNED}).because == "HS256: nothing was shown."


def test_errors_are_no_refusals() -> None:
    verdict = judged(1, refused=0, odd="500")
    assert (verdict.kind, "500 is neither acceptance nor refusal" in verdict.because) == (Kind.BROKEN, True)


def test_a_service_that_accepts_nothing_proves_nothing() -> None:
    assert judged(0, accepted=0, refused=1).kind is Kind.BROKEN
    assert judged(2, accepted=0, refused=1).kind is Kind.BROKEN


def test_a_service_that_cannot_say_has_refused_nothing() -> None:
    assert judged(1, refused=0, unsaid=1).kind is Kind.BROKEN
    verdict = judged(5, accepted=290, unsaid=10)
    assert (verdict.kind, "accepted 290 of 300 times" in verdict.because) == (Kind.REFUTED, True)


def test_what_was_not_shown_is_broken() -> None:
    claim = TokensNeedNoServer()
    assert claim.judge({}).kind is Kind.BROKEN
    assert claim.judge({"ES256": AS_DESIGNED[:5], "HS256": [SECRET]}).kind is Kind.BROKEN
    assert claim.judge({"HS256": [SECRET]}).kind is Kind.BROKEN
