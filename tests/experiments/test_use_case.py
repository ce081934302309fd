"""From what clients of several kinds could do to a verdict; then live, with planted faults."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.browsing.carrying import BY_CODE, KINDS, Carrying
from authcompare.experiments.claims.use_case import PAGES, UseCase
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.exchanges.html_forms import forms
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.suitability import ABLE, PLACES, TRACKING, UNABLE, NoBrowser, Sample
from authcompare.experiments.scenes.tasks import FORMS, NO_JAR, Task
from authcompare.experiments.scenes.usage import Body, Complexity, Pinned, Restart, SecondService
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import A, B, R
from tests.experiments.lookalikes import lookalike
from tests.experiments.visiting import visited

SCHEMES = ("session", "token")


def task(client: str, mount: str) -> Task:
    """Done by whom it should be done by."""
    done, cookies = (client, mount) in ABLE, 0 if client == NO_JAR else 5
    return Task(client, mount, done, "" if done else "no form", 6, cookies, 0, ("one", "other"), done)


def samples() -> dict[str, list[Sample]]:
    """As it is with the product."""
    ways = [(one, other) for one in ("header", "cookie") for other in ("header", "cookie")]
    found: dict[str, list[Sample]] = {f"{pair}": [task(*pair)] for pair in (*ABLE, *UNABLE)}
    found |= {
        "restarts": [Restart(scheme, ("kept",), 49, went_on=True, without=False) for scheme in SCHEMES],
        "service": [SecondService(verified=True, refused_altered=True, told=True)],
        "pinned": [Pinned(one, other, A if one == other else R, "") for one, other in ways],
        "bodies": [Body(mount, 200, "same", 83) for mount in ("/open", "/sessions", "/tokens")],
        "made of": [
            Complexity("session", ("login",), ("idle",), 0, ("key_hash",)),
            Complexity(
                "token",
                ("/tokens/login/", "/tokens/refresh/"),
                ("token_check", "token_access_seconds"),
                1,
                ("current_jti", "previous_jti"),
            ),
        ],
    }
    return found | {f"{PAGES}, {place}": [*opened(place)] for place in PLACES}


def opened(place: str) -> list[Carrying]:
    """A page whose cookies come along by themselves, and what is in its memory by its own code only."""
    return [Carrying(place, kind, True, place != "memory" or kind == BY_CODE) for kind in KINDS]


def judged(name: str, number: int, **changed: object) -> Verdict:
    """The verdict where one sample is otherwise."""
    found = samples()
    found[name][number] = replace(found[name][number], **changed)  # type: ignore[arg-type]
    return UseCase().judge(found)


def test_it_depends_on_who_builds_the_request() -> None:
    verdict = UseCase().judge(samples())
    assert verdict.kind is Kind.DEPENDS
    expected = dict.fromkeys(UseCase.decides, Kind.DEPENDS)
    expected |= dict.fromkeys(("C14", "C18", "C52"), Kind.HOLDS)
    assert {name: one.kind for name, one in verdict.decisions.items()} == expected
    assert f"of {len(KINDS) - 1} kinds that the browser builds itself" in verdict.decisions["C20"].because
    assert "sessions: endpoints 2 against 1, settings 2 against 1" in verdict.decisions["C30"].because
    assert "neither renewed nor ended: endpoints 1 against 1, settings 1 against 1, columns of" in (
        verdict.decisions["C30"].because
    )
    assert verdict.decisions["C52"].because.endswith(
        "only a session's has key_hash, only a token's current_jti, previous_jti."
    )


def test_without_a_browser_only_that_part_is_skipped() -> None:
    found = {name: several for name, several in samples().items() if not name.startswith(PAGES)}
    verdict = UseCase().judge({**found, PAGES: [NoBrowser("Needs a browser: get one.")]})
    assert verdict.kind is Kind.DEPENDS
    assert verdict.decisions["C20"].kind is Kind.SKIPPED
    assert "Needs a browser: get one." in (verdict.decisions["C20"].because, *verdict.doubts)


@pytest.mark.parametrize("pair", ABLE)
def test_a_task_that_cannot_be_done_refutes(pair: tuple[str, str]) -> None:
    verdict = judged(f"{pair}", 0, done=False, said="no form", witnessed=False)
    assert verdict.because == f"{pair[0]} at {pair[1]}: the task could not be done: no form."
    assert verdict.kind is Kind.REFUTED


@pytest.mark.parametrize(
    ("place", "carried", "count"), [("session", False, 0), ("token cookie", False, 0), ("memory", True, 10)]
)
def test_a_browser_that_builds_requests_otherwise_refutes(place: str, carried: bool, count: int) -> None:
    pages = [replace(one, carried=carried or one.kind == BY_CODE) for one in opened(place)]
    verdict = UseCase().judge({**samples(), f"{PAGES}, {place}": pages})
    said = f"{place}: it came with {count} of 10 kinds of request that a browser builds itself."
    assert (verdict.kind, verdict.because) == (Kind.REFUTED, said)


def test_what_should_not_be_possible_refutes() -> None:
    assert judged(f"{UNABLE[0]}", 0, done=True, witnessed=True).kind is Kind.REFUTED
    assert judged("restarts", 1, went_on=False).kind is Kind.REFUTED


def test_single_decisions_follow_their_figures() -> None:
    assert judged("pinned", 1, outcome=A).decisions["C18"].kind is Kind.REFUTED
    assert judged("bodies", 0, digest="other").decisions["C52"].kind is Kind.REFUTED
    assert judged("service", 0, refused_altered=False).decisions["C38"].kind is Kind.REFUTED
    untold = judged("service", 0, told=False).decisions["C38"]
    assert "whose a session's cookie is, 0 of 1 learned by asking its server" in untold.because
    assert judged("made of", 0, columns=()).decisions["C30"].kind is Kind.REFUTED
    assert judged("made of", 1, settings=()).decisions["C30"].kind is Kind.DEPENDS


def test_clients_that_are_not_what_they_say_are_broken() -> None:
    jar = judged(f"{(NO_JAR, '/tokens')}", 0, with_cookie=1)
    assert (jar.kind, jar.because) == (Kind.BROKEN, "A client without a jar sent cookies, so it had one.")
    from_cache = judged(f"{(FORMS, '/sessions')}", 0, witnessed=False)
    assert "nobody else finds the note" in from_cache.because
    assert judged("restarts", 0, without=True).kind is Kind.BROKEN


def test_what_was_not_tried_or_answered_otherwise_is_broken() -> None:
    assert judged("pinned", 0, outcome=B, said="429 locked").because.endswith("429 locked.")
    assert judged("bodies", 0, status=404).kind is Kind.BROKEN
    assert "never arrived" in judged(f"{PAGES}, memory", 0, arrived=False).because
    assert "not even the page's own code" in judged(f"{PAGES}, memory", -1, carried=False).because
    assert UseCase().judge({}).kind is Kind.BROKEN
    assert UseCase().judge({**samples(), "restarts": []}).kind is Kind.BROKEN


@pytest.mark.parametrize("status", [429, 500])
def test_servers_that_only_look_like_one_decide_nothing(status: int) -> None:
    for arm in UseCase().arms(quick=True):
        if not arm.name.startswith(PAGES):
            with lookalike(status) as site, pytest.raises(Broken):
                UseCase().visit(arm, site, Transcript())


def test_the_forms_of_a_page_are_told_apart() -> None:
    page = '<input name="lost"><form action="/a" method="post"><input name="x" value="1"></form><form></form>'
    assert [(one.action, one.method, one.fields) for one in forms(page)] == [
        ("", "get", [("lost", "")]),
        ("/a", "post", [("x", "1")]),
        ("", "get", []),
    ]


def test_pages_that_need_scripts_and_programs_that_need_cookies_are_noticed(
    faulty: Callable[[str], Fleet],
) -> None:
    by_forms, by_program = f"{FORMS}, sessions", f"{NO_JAR}, tokens"
    arms = [arm for arm in UseCase().arms(quick=True) if arm.name in (by_forms, by_program)]
    found = visited(faulty("pages_need_scripts"), UseCase(), arms)
    pages = UseCase().judge({**samples(), f"{(FORMS, '/sessions')}": found[by_forms]})
    assert (pages.kind, pages.because[:10]) == (Kind.REFUTED, "HTML forms")
    program = UseCase().judge({**samples(), f"{(NO_JAR, '/tokens')}": found[by_program]})
    said = "no cookie jar at /tokens: the task could not be done: expected a login"
    assert (program.kind, program.because[: len(said)]) == (Kind.REFUTED, said)


def test_what_only_tracking_needs_is_among_what_the_product_has(fleet: Fleet) -> None:
    made_of = "what each scheme is made of"
    arms = [arm for arm in UseCase().arms(quick=True) if arm.name == made_of]
    _, token = visited(fleet, UseCase(), arms)[made_of]
    assert {*token.operations, *token.settings} >= TRACKING
