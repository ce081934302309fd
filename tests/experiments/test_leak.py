"""From what was read, replayed and forged to a verdict; then live, with planted faults."""

import base64
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.claim import Arm
from authcompare.experiments.claims.leak import Leak, Sample
from authcompare.experiments.claims.size import Size
from authcompare.experiments.credentials.disclosing import Readable
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.deployments.standard import BY_CLAIMS
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.leaked_keys import BOTH, INSIDER, SECRET, SIGNING, Forged
from authcompare.experiments.scenes.leaking import (
    ADDRESS,
    DATABASE,
    LOG,
    OWN,
    REDIS,
    Content,
    Replay,
    Thief,
    words_of,
)
from authcompare.experiments.scenes.removed_keys import ACCESS, FORGED, REFRESH, SESSIONS, Removed
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.lookalikes import lookalike
from tests.experiments.visiting import visited

COOKIE = Readable("session cookie", (), (), 20, 20, 32, 190.5, True)
COPIES, TOKEN_COPIES = "sessions, copies", "tokens, copies"
REPLACED = (FORGED, ACCESS, SESSIONS, REFRESH)
BY_KEY = "tokens, database, the signing key"


def samples() -> dict[str, list[Sample]]:
    """As the product does it."""
    access = Readable("access token", ("iss", "sub", "username"), ("sub", "username"), 1, 1, 500, 3000, False)
    refresh = Readable("refresh token", ("iss", "sub"), ("sub",), 1, 1, 500, 3000, False)
    refused = [Replay(source, "session cookie", 40, 0, True) for source in (DATABASE, REDIS, LOG)]
    found = [Replay(source, "session cookie", 40, 1, True) for source in (ADDRESS, OWN)]
    passwords = Replay(DATABASE, "password", 7, 0, True)
    content = Content(DATABASE, ("the user's name", "a note"))
    everybody = {"none": (7, 6), "database": (0, 0)}
    return {
        "sessions, what it says": [COOKIE],
        "tokens, what it says": [access, refresh],
        COPIES: [*refused, *found, passwords, content],
        TOKEN_COPIES: [Removed(what, 7, 7, 7 * (what == SESSIONS)) for what in REPLACED],
        **{
            f"tokens, {check}, the signing key": [
                Forged(SIGNING, 7, alone, True),
                Forged(INSIDER, 6, borrowed, True),
                Forged(BOTH, 7, 7, True),
            ]
            for check, (alone, borrowed) in everybody.items()
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
    assert "under made-up logins 7 of 7 (none), 0 of 7 (database);" in verdict.because
    assert "under an insider's own login 6 of 6 (none), 0 of 6 (database);" in verdict.because
    assert "0 of 127 values from copies" in verdict.because
    assert "0 of 7 honest access tokens, 7 of 7 session cookies" in verdict.because
    assert "the user's name and a note stood in it in the clear" in verdict.decisions["C08"].because
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
    assert judged(BY_KEY, 0, let_in=7).kind is Kind.REFUTED
    assert (
        judged(BY_KEY, 1, let_in=1).because
        == f"{BY_KEY}: 1 of 6 credentials made with {INSIDER} were let in."
    )


@pytest.mark.parametrize("number", range(len(REPLACED)))
def test_a_key_that_is_replaced_ends_all_tokens_and_no_session(number: int) -> None:
    verdict = judged(TOKEN_COPIES, number, after=3)
    said = f"Once the signing key was replaced, 3 of 7 {REPLACED[number]} were let in."
    assert (verdict.kind, verdict.because) == (Kind.REFUTED, said)


def test_a_key_whose_end_changed_nothing_that_was_seen_is_broken() -> None:
    assert "6 of 7 were let in before" in judged(TOKEN_COPIES, 1, before=6).because
    assert "500 is neither" in judged(TOKEN_COPIES, 2, odd="500").because
    assert Leak().judge({**samples(), TOKEN_COPIES: []}).because == "No signing key was replaced."


def test_a_thief_who_misses_what_is_before_him_is_broken() -> None:
    for control in (3, 4):
        verdict = judged(COPIES, control, accepted=0)
        assert (verdict.kind, "was not found" in verdict.because) == (Kind.BROKEN, True)
    assert judged(COPIES, 0, tried=0).kind is Kind.BROKEN
    assert "forger is no good" in judged("tokens, none, the signing key", 0, let_in=0).because
    assert "forger is no good" in judged(BY_KEY, 2, let_in=6).because
    assert "nothing was read in it" in judged(COPIES, 6, found=()).because
    without = samples()
    del without[COPIES][3]
    assert Leak().judge(without).because == "Copies were tried without a control."


def test_refusals_for_another_reason_are_broken() -> None:
    assert "429 locked is neither" in judged(COPIES, 0, odd="429 locked").because
    assert judged(COPIES, 1, controls=False).kind is Kind.BROKEN
    assert judged("both, SECRET_KEY", 0, odd="500").kind is Kind.BROKEN
    assert Leak().judge({}).kind is Kind.BROKEN
    assert Leak().judge({**samples(), "both, SECRET_KEY": []}).because == "Not every key was tried."


@pytest.mark.parametrize("claim", [Leak(), Size()], ids=["leak", "size"])
def test_what_is_not_known_is_not_tried_as_something_else(claim: Leak | Size) -> None:
    parameters = {"leak": "something else", "issue": "something else"}
    arm = replace(claim.arms(quick=True)[0], parameters=parameters)
    with pytest.raises(KeyError, match="something else"):
        claim.visit(arm, None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("scheme", ["session", "token"])
def test_what_is_shown_once_more_for_the_transcript_is_shown_in_the_same_way(
    fleet: Fleet, scheme: str
) -> None:
    (site,) = fleet.start([BY_CLAIMS])
    transcript = Transcript()
    try:
        thief = Thief(scheme, site, transcript)
        own = {"refresh token": getattr(thief.owner, "refresh_token", "")}
        for way in thief.ways:
            thief.replay(OWN, {own.get(way) or thief.owner.credential, "nothing"}, way)
    finally:
        fleet.end()
    told = {(line.request.split()[1], line.note.split()[-1], line.answer[:3]) for line in transcript.lines}
    paths = ["/sessions/me/"] if scheme == "session" else ["/tokens/me/", "/tokens/refresh/"]
    assert told == {(path, *what) for path in paths for what in (("accepted", "200"), ("refused", "401"))}


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


def arms(leak: str) -> list[Arm]:
    return [arm for arm in Leak().arms(quick=True) if arm.parameters["leak"] == leak]


def test_the_product_lets_in_what_it_is_said_to(faulty: Callable[[str], Fleet]) -> None:
    found = visited(faulty("waits_for_redis"), Leak(), Leak().arms(quick=True))
    verdict = Leak().judge(found)
    assert verdict.kind is Kind.DEPENDS
    assert "6 of 6 (denylist), 0 of 6 (database); with a copy" in verdict.because
    assert verdict.because.endswith("7 of 7 session cookies, 0 of 7 honest refresh tokens.")


def test_secrets_at_rest_log_in(faulty: Callable[[str], Fleet]) -> None:
    found = visited(faulty("secrets_at_rest"), Leak(), arms("copies"))
    by_session = Leak().judge({**samples(), COPIES: found[COPIES]})
    assert by_session.kind is Kind.REFUTED
    assert "values of the database log in as session cookie" in by_session.because
    by_token = Leak().judge({**samples(), TOKEN_COPIES: found[TOKEN_COPIES]})
    assert by_token.kind is Kind.REFUTED
    assert "values of the log log in as access token" in by_token.because


@pytest.mark.parametrize(
    ("fault", "name", "said"),
    [
        ("whose_login_is_ignored", BY_KEY, f"{BY_KEY}: 6 of 6 credentials made with {INSIDER} were let in."),
        (
            "keys_stay_known",
            TOKEN_COPIES,
            f"Once the signing key was replaced, 7 of 7 {FORGED} were let in.",
        ),
    ],
)
def test_tokens_made_with_a_leaked_key_that_open_too_much_are_noticed(
    faulty: Callable[[str], Fleet], fault: str, name: str, said: str
) -> None:
    found = visited(faulty(fault), Leak(), [arm for arm in Leak().arms(quick=True) if arm.name == name])
    verdict = Leak().judge({**samples(), name: found[name]})
    assert (verdict.kind, verdict.because) == (Kind.REFUTED, said)
