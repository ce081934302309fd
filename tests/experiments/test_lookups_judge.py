"""The row on look-ups: every verdict it can give, from canned samples."""

from authcompare.experiments.claims.lookups import ARMS, LookUps, SessionsLookUpTokensDoNot
from authcompare.experiments.verdict import Kind

AS_EXPECTED = {name: [LookUps(sql, redis)] * 5 for name, (_, _, sql, redis) in ARMS.items()}
judge = SessionsLookUpTokensDoNot().judge


def test_as_designed_it_depends_on_whether_tokens_are_checked() -> None:
    verdict = judge(AS_EXPECTED)
    assert verdict.kind is Kind.DEPENDS
    assert "0 SQL, 1 Redis" in verdict.rule
    assert verdict.decisions["C04"].kind is Kind.HOLDS
    assert (
        "in the database (1 SQL, 0 Redis) or in its copy (0 SQL, 1 Redis; of staff, who are never copied, 1 "
        "SQL, 1 Redis)"
    ) in verdict.decisions["C04"].because
    assert "sessions, memory: 1 SQL, 0 Redis (for the user: the session itself is in the process)" in (
        verdict.because
    )
    assert not verdict.doubts


def test_a_hidden_query_of_an_unchecked_token_refutes() -> None:
    verdict = judge({**AS_EXPECTED, "tokens, none": [LookUps(0, 0)] * 4 + [LookUps(1, 0)]})
    assert verdict.kind is Kind.REFUTED


def test_a_session_that_nobody_looks_up_refutes() -> None:
    for name, kind in (("sessions, cached", Kind.REFUTED), ("sessions, memory", Kind.DEPENDS)):
        assert judge({**AS_EXPECTED, name: [LookUps(0, 0)] * 5}).kind is kind


def test_a_second_query_is_a_doubt() -> None:
    verdict = judge({**AS_EXPECTED, "sessions, database": [LookUps(2, 0)] * 5})
    assert "expected to need 1 SQL" in verdict.doubts[0]


def test_an_arm_without_samples_is_broken() -> None:
    assert judge({**AS_EXPECTED, "tokens, none": []}).kind is Kind.BROKEN
