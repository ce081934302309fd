"""From what was read, replayed and forged to a verdict; then live, with planted faults."""

import base64
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.claims.leak import Leak, Sample
from authcompare.experiments.credentials.disclosing import Readable
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.leaked_keys import BOTH, SECRET, SIGNING, Forged
from authcompare.experiments.scenes.leaking import ADDRESS, DATABASE, LOG, OWN, REDIS, Replay, words_of
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.lookalikes import lookalike
from tests.experiments.visiting import visited

COOKIE = Readable("session cookie", (), (), 20, 20, 32, 190.5, True)
COPIES = "sessions, copies"


def samples() -> dict[str, list[Sample]]:
    """As the product does it."""
    access = Readable("access token", ("iss", "sub", "username"), ("sub", "username"), 1, 1, 500, 3000, False)
    refresh = Readable("refresh token", ("iss", "sub"), ("sub",), 1, 1, 500, 3000, False)
    refused = [Replay(source, "session cookie", 40, 0, True) for source in (DATABASE, REDIS, LOG)]
    found = [Replay(source, "session cookie", 40, 1, True) for source in (ADDRESS, OWN)]
    passwords = Replay(DATABASE, "password", 7, 0, True)
    everybody = {"none": (7, 7), "database": (0, 7)}
    return {
        "sessions, what it says": [COOKIE],
        "tokens, what it says": [access, refresh],
        COPIES: [*refused, *found, passwords],
        **{
            f"tokens, {check}, the signing key": [
                Forged(SIGNING, 7, alone, True),
                Forged(BOTH, 7, both, True),
            ]
            for check, (alone, both) in everybody.items()
        },
        "both, SECRET_KEY": [Forged(SECRET, 2, 0, True)],
    }


def judged(arm: str, number: int, **changed: object) -> Verdict:
    """The verdict where one sample is otherwise."""
    found = samples()
    found[arm][number] = replace(found[arm][number], **changed)  # type: ignore[arg-type]
    return Leak().judge(found)


def test_it_depends_on_what_leaks() -> None:
    verdict = Leak().judge(samples())
    assert verdict.kind is Kind.DEPENDS
    assert "none 7 of 7, database 0 of 7 users" in verdict.because
    assert "0 of 127 values from copies" in verdict.because
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C02": Kind.HOLDS,
        "C08": Kind.DEPENDS,
        "C17": Kind.HOLDS,
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"about_user": ("username",)}, "The session cookie tells username."),
        ({"distinct": 19}, "Session keys: 19 of 20 differ"),
        ({"bits": 100}, "Session keys: 20 of 20 differ, of at most 100 bits."),
        ({"set_by_cookie": False}, "The session cookie tells nothing, for none was set."),
    ],
)
def test_a_session_key_that_is_not_unique_random_and_silent_refutes(
    changed: dict[str, object], said: str
) -> None:
    verdict = judged("sessions, what it says", 0, **changed)
    assert (verdict.kind, verdict.because[: len(said)]) == (Kind.REFUTED, said)


@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_one_value_of_a_copy_that_logs_in_refutes(number: int) -> None:
    verdict = judged(COPIES, number, accepted=1)
    assert verdict.kind is Kind.REFUTED
    assert "log in as" in verdict.because


def test_a_key_that_should_be_good_for_nothing_refutes() -> None:
    assert judged("both, SECRET_KEY", 0, let_in=1).kind is Kind.REFUTED
    assert judged("tokens, database, the signing key", 0, let_in=7).kind is Kind.REFUTED


def test_a_thief_who_misses_what_is_before_him_is_broken() -> None:
    for control in (3, 4):
        verdict = judged(COPIES, control, accepted=0)
        assert (verdict.kind, "was not found" in verdict.because) == (Kind.BROKEN, True)
    assert judged(COPIES, 0, tried=0).kind is Kind.BROKEN
    assert "forger is no good" in judged("tokens, none, the signing key", 0, let_in=0).because
    without = samples()
    del without[COPIES][3]
    assert Leak().judge(without).because == "Copies were tried without a control."


def test_refusals_for_another_reason_are_broken() -> None:
    assert "429 locked is neither" in judged(COPIES, 0, odd="429 locked").because
    assert judged(COPIES, 1, controls=False).kind is Kind.BROKEN
    assert judged("both, SECRET_KEY", 0, odd="500").kind is Kind.BROKEN
    assert Leak().judge({}).kind is Kind.BROKEN
    assert Leak().judge({**samples(), "both, SECRET_KEY": []}).because == "Not every key was tried."


@pytest.mark.parametrize("status", [200, 429, 500])
def test_servers_that_only_look_like_one_are_broken(status: int) -> None:
    for arm in Leak().arms(quick=True):
        with lookalike(status) as site, pytest.raises(Broken):
            Leak().visit(arm, site, None)  # type: ignore[arg-type]


def test_a_thief_takes_apart_whatever_he_finds() -> None:
    packed = zlib.compress(b'{"user": "alice"}')
    in_session = (
        f".{base64.urlsafe_b64encode(packed).decode()}:1xWFNB:RDe5Idu5niN7XBhtWuCVNMq75QtYLzGQ1kajFV1yKb8"
    )
    assert "alice" in words_of(in_session)
    assert {"secret-secret-secret", "access"} <= words_of("/me/?access=secret-secret-secret")
    assert {"alice", "user"} <= words_of(b'{"user": [1, "alice"]}')
    assert "alice" in words_of("eyJ1c2VyIjoiYWxpY2UifQ.c2lnbmF0dXJl")


def test_secrets_at_rest_log_in(faulty: Callable[[str], Fleet]) -> None:
    arms = [arm for arm in Leak().arms(quick=True) if arm.parameters["leak"] == "copies"]
    found = visited(faulty("secrets_at_rest"), Leak(), arms)
    by_session = Leak().judge({**samples(), COPIES: found[COPIES]})
    assert by_session.kind is Kind.REFUTED
    assert "values of the database log in as session cookie" in by_session.because
    by_token = Leak().judge({**samples(), "tokens, copies": found["tokens, copies"]})
    assert by_token.kind is Kind.REFUTED
    assert "values of the log log in as access token" in by_token.because
