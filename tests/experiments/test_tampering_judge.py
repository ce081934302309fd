"""From trials to a verdict."""

from dataclasses import replace

import pytest

from authcompare.experiments.claims.tampering import Tampering
from authcompare.experiments.scenes.showing import (
    ENDED,
    FIXED,
    FORGED,
    GOOD,
    PROMISED,
    SIGNED,
    UNTOLD,
    Trial,
)
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import A, B, R

NONE, CHECKED, SESSION = "tokens, none, ES256", "tokens, database, EdDSA", "sessions, database"
GOOD_TRIAL = Trial(GOOD, "nothing wrong", A, A, A, "200")
FORGED_TRIAL = Trial(FORGED, "alg none", A, R, A, "401 invalid_token")
SIGNED_TRIAL = Trial(SIGNED, "another audience", A, R, A, "401 invalid_token")
WAITING = Trial(ENDED, "of a login that has ended", A, A, A, "200", PROMISED)
NOT_WAITING = Trial(ENDED, "of a login that has ended", A, R, A, "401 invalid_token")
FIXED_TRIAL = Trial(FIXED, "brought along to a login (fixation)", A, R, A, "401 not_authenticated")
REFUSED = {
    SESSION: [FORGED_TRIAL, NOT_WAITING, FIXED_TRIAL],
    NONE: [GOOD_TRIAL, FORGED_TRIAL, SIGNED_TRIAL, WAITING],
    CHECKED: [FORGED_TRIAL, NOT_WAITING],
}


def judged(arm: str, *trials: Trial) -> Verdict:
    """The verdict where these trials take the place of those of the same kind."""
    kinds = {trial.kind for trial in trials}
    rest = [trial for trial in REFUSED[arm] if trial.kind not in kinds]
    return Tampering().judge({**REFUSED, arm: [*rest, *trials]})


def test_it_holds_where_everything_wrong_was_refused() -> None:
    verdict = Tampering().judge(REFUSED)
    assert verdict.kind is Kind.HOLDS
    assert verdict.because == (
        "7 of 7 wrong credentials refused in 3 arms, each between accepted controls; not counted: the token "
        f"of an ended login, let in as promised by {NONE}."
    )
    assert [figure.text for figure in verdict.figures] == ["3 of 3", "1 of 1", "2 of 2", "1 of 1"]


def test_a_deployment_that_does_not_say_what_it_promises_is_told_so() -> None:
    verdict = judged(NONE, replace(WAITING, waits=UNTOLD))
    assert verdict.kind is Kind.HOLDS
    assert verdict.because.endswith(f"let in by {NONE}, which does not say what it promises.")


def test_a_signature_alone_is_judged_apart() -> None:
    decisions = Tampering().judge(REFUSED).decisions
    assert (decisions["C22"].kind, decisions["C23"].kind) == (Kind.HOLDS, Kind.DEPENDS)
    assert decisions["C22"].because.startswith("2 forged tokens refused")
    assert NONE in decisions["C23"].because


@pytest.mark.parametrize(
    ("arm", "trial"),
    [
        (NONE, FORGED_TRIAL),
        (NONE, SIGNED_TRIAL),
        (CHECKED, NOT_WAITING),
        (SESSION, FORGED_TRIAL),
        (SESSION, NOT_WAITING),
        (SESSION, FIXED_TRIAL),
    ],
)
def test_one_wrong_credential_let_in_refutes(arm: str, trial: Trial) -> None:
    verdict = judged(arm, replace(trial, outcome=A))
    assert (verdict.kind, f"{arm}: {trial.name}" in verdict.because) == (Kind.REFUTED, True)


@pytest.mark.parametrize(
    "said", ["500", "404 not_found", "429 locked", "no answer (timed out)", "400 invalid_request"]
)
def test_anything_but_the_exact_refusal_is_broken(said: str) -> None:
    verdict = judged(NONE, replace(FORGED_TRIAL, outcome=B, said=said))
    assert (verdict.kind, said in verdict.because) == (Kind.BROKEN, True)


@pytest.mark.parametrize("control", [{"before": R}, {"after": R}, {"after": B}])
def test_a_refusal_without_controls_is_broken(control: dict[str, object]) -> None:
    verdict = judged(NONE, replace(FORGED_TRIAL, **control))  # type: ignore[arg-type]
    assert (verdict.kind, "a control was not accepted" in verdict.because) == (Kind.BROKEN, True)


def test_a_lab_that_cannot_sign_proves_nothing() -> None:
    verdict = judged(NONE, replace(GOOD_TRIAL, outcome=R))
    assert (verdict.kind, "prove nothing" in verdict.because) == (Kind.BROKEN, True)


def test_what_was_not_visited_is_broken() -> None:
    assert Tampering().judge({}).kind is Kind.BROKEN
    assert Tampering().judge({**REFUSED, NONE: []}).kind is Kind.BROKEN
    assert Tampering().judge({SESSION: REFUSED[SESSION]}).because == "No token was tried."
    assert Tampering().judge({NONE: REFUSED[NONE]}).because == "No session was tried."
    without = {**REFUSED, SESSION: [FORGED_TRIAL, NOT_WAITING]}
    assert Tampering().judge(without).because == f"{SESSION}: nothing was tried that is {FIXED}."


def test_without_the_key_the_verdict_says_what_was_left_out() -> None:
    without = {**REFUSED, NONE: [FORGED_TRIAL, WAITING]}
    assert "really signed" in Tampering().judge(without).doubts[0]
