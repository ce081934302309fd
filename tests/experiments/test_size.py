"""From bytes on the wire to a verdict; then live, with planted faults."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.browsing.dropping import Kept, keep
from authcompare.experiments.browsing.outsider import SMALL
from authcompare.experiments.browsing.variants import VICTIM
from authcompare.experiments.claims.size import (
    ALGORITHMS,
    BROWSER,
    COOKIE,
    NO_BROWSER,
    SERVER,
    SESSION,
    Issue,
    Sample,
    Size,
)
from authcompare.experiments.credentials.weighing_requests import (
    Carried,
    Field,
    NotIssued,
    bearer_carried,
    cookie_carried,
    session_carried,
)
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.deployments.extra_claims import COUNTS
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.lookalikes import lookalike
from tests.experiments.visiting import visited

TOKEN = "tokens, ES256"


def token(extra: int, cookie: int = 0) -> Carried:
    """As the product makes it, about."""
    parts = {
        "name and dots": 26,
        "header": 110,
        "registered claims": 332,
        "claims about the user": 48,
        "extra claims": 41 * extra,
        "signature": 86,
    }
    return Carried(extra, sum(parts.values()), parts, (), cookie)


def share_of_user_data(extra: int) -> float:
    one = token(extra)
    return (one.parts["claims about the user"] + one.parts["extra claims"]) / one.bytes


def samples() -> dict[str, list[Sample]]:
    """Every arm."""
    too_large = NotIssued(120, 422, "422 token_too_large")
    by_header = {f"tokens, {name}": [token(extra) for extra in (0, 8, 32, 64, 120)] for name in ALGORITHMS}
    return {
        SESSION: [Carried(extra, 52, {"name": 20, "value": 32}, (), 41) for extra in (0, 8, 32)],
        **by_header,
        COOKIE: [*(token(extra, 500 + 41 * extra) for extra in (0, 8, 64)), too_large],
        SERVER: [Field(8190, 200), Field(65536, 431)],
        BROWSER: [Kept(4096, 4096), Kept(4097, SMALL)],
    }


def judged(arm: str, number: int, **changed: object) -> Verdict:
    """The verdict where one sample is otherwise."""
    found = samples()
    found[arm][number] = replace(found[arm][number], **changed)  # type: ignore[arg-type]
    return Size().judge(found)


def test_it_depends_on_how_much_is_put_in() -> None:
    verdict = Size().judge(samples())
    assert verdict.kind is Kind.DEPENDS
    assert "At 41 bytes each, user data is the larger part from 13 more claims on (ES256)" in verdict.rule
    assert share_of_user_data(12) < 0.5 < share_of_user_data(13)
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C36": Kind.DEPENDS,
        "C37": Kind.HOLDS,
    }
    assert verdict.decisions["C37"].because.endswith(
        "with 120 claims more a cookie was refused at issue; a browser dropped one of 4097 bytes in "
        "silence and went on with the old one."
    )
    taken = next(figure for figure in verdict.figures if "this server took" in figure.name)
    assert taken.value == 8190


def test_a_token_that_is_mostly_user_data_is_said_to_be() -> None:
    fat = {**token(0).parts, "registered claims": 32, "claims about the user": 348}
    verdict = judged(TOKEN, 0, parts=fat)
    assert verdict.decisions["C36"].kind is Kind.HOLDS


def test_claims_that_were_asked_for_and_are_not_there_are_broken() -> None:
    verdict = judged(TOKEN, 1, parts=token(0).parts, bytes=token(0).bytes)
    assert (verdict.kind, "TOKEN_EXTRA_CLAIMS is not live" in verdict.because) == (Kind.BROKEN, True)


def test_a_token_that_says_things_twice_refutes() -> None:
    verdict = judged(TOKEN, 1, members=("claims",))
    assert (verdict.kind, "says things twice, its header claims" in verdict.because) == (Kind.REFUTED, True)


def test_a_cookie_that_browsers_drop_refutes() -> None:
    assert judged(COOKIE, 2, cookie=4096).kind is Kind.DEPENDS
    verdict = judged(COOKIE, 2, cookie=4097)
    assert (verdict.kind, "a cookie of 4097 bytes was given out" in verdict.because) == (Kind.REFUTED, True)


def test_the_largest_cookie_that_a_browser_keeps_is_said() -> None:
    kept = next(one for one in Size().judge(samples()).figures if "the browser kept" in one.name)
    assert (kept.value, kept.note) == (4096, f"one of 4097 dropped, the old one of {SMALL} still sent")


def test_a_browser_that_keeps_a_larger_one_is_not_said_to_drop_it() -> None:
    verdict = judged(BROWSER, 1, sent=4097)
    assert verdict.kind is Kind.DEPENDS
    assert verdict.decisions["C37"].because.endswith("a cookie was refused at issue.")


@pytest.mark.parametrize(
    ("number", "sent", "because"),
    [
        (0, SMALL, "positive control, and yet a cookie of 4096 bytes was not kept"),
        (1, 0, f"given {SMALL} bytes, then 4097, it sent 0"),
    ],
)
def test_a_browser_that_keeps_neither_is_broken(number: int, sent: int, because: str) -> None:
    verdict = judged(BROWSER, number, sent=sent)
    assert (verdict.kind, because in verdict.because) == (Kind.BROKEN, True)


def test_without_a_browser_the_rest_is_judged_and_that_is_said() -> None:
    verdict = Size().judge({name: several for name, several in samples().items() if name != BROWSER})
    assert (verdict.kind, NO_BROWSER in verdict.doubts) == (Kind.DEPENDS, True)


@pytest.mark.browser
@pytest.mark.usefixtures("chromium")
def test_a_cookie_of_one_byte_too_many_leaves_the_old_one_in_place(fleet: Fleet) -> None:
    (site,) = fleet.start([VICTIM])
    assert keep((4096, 4097), site, Transcript()) == [Kept(4096, 4096), Kept(4097, SMALL)]
    site.end()


def test_what_does_not_add_up_or_was_not_accepted_is_broken() -> None:
    assert "the parts have 602 bytes, the line 600" in judged(TOKEN, 0, bytes=600).because
    verdict = judged(TOKEN, 0, accepted=False, said="500")
    assert (verdict.kind, "answered 500, so what it carried" in verdict.because) == (Kind.BROKEN, True)
    assert judged(COOKIE, 3, status=429, said="429 locked").because == "A login was answered 429 locked."
    assert Size().judge({}).kind is Kind.BROKEN


@pytest.mark.parametrize(
    ("carried", "begins"),
    [
        (session_carried, b"Cookie: sessionid="),
        (bearer_carried, b"Authorization: Bearer "),
        (cookie_carried, b"Cookie: access="),
    ],
)
def test_what_is_counted_is_the_whole_line_that_was_sent(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, carried: Issue, begins: bytes
) -> None:
    sent, exchange = list[bytes](), Connection.exchange

    def noting(connection: Connection, request: bytes) -> Answer:
        sent.append(request)
        return exchange(connection, request)

    monkeypatch.setattr(Connection, "exchange", noting)
    (site,) = fleet.start([Size().arms(quick=True)[0].deployment])
    try:
        one = carried(site.username, 0, site, Transcript())
    finally:
        site.end()
    (line,) = [part for part in sent[-1].split(b"\r\n") if part.startswith(begins)]
    assert isinstance(one, Carried)
    assert (one.accepted, one.bytes, sum(one.parts.values())) == (True, *[len(line + b"\r\n")] * 2)


@pytest.mark.parametrize("status", [200, 429, 500])
def test_servers_that_only_look_like_one_are_broken(status: int) -> None:
    for arm in Size().arms(quick=True):
        if arm.name != SERVER:
            with lookalike(status) as site, pytest.raises(Broken):
                Size().visit(arm, site, Transcript())


def test_waste_is_noticed(faulty: Callable[[str], Fleet]) -> None:
    arms = [arm for arm in Size().arms(quick=True) if arm.name in (TOKEN, COOKIE)]
    found = visited(faulty("tokens_too_large"), Size(), arms)
    twice = Size().judge({**samples(), TOKEN: found[TOKEN]})
    assert (twice.kind, "its header username" in twice.because) == (Kind.REFUTED, True)
    given_out = [replace(one, members=()) for one in found[COOKIE] if isinstance(one, Carried)]
    assert len(given_out) == len(COUNTS) - 1
    dropped = Size().judge({**samples(), COOKIE: given_out})
    assert (dropped.kind, "browsers drop it silently" in dropped.because) == (Kind.REFUTED, True)
