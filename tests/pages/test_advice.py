"""The advisor's rules: every answer can be reached, and no reason goes beyond what was measured."""

import re
from itertools import product
from pathlib import Path

import pytest

from authcompare.experiments.common_claims import COMMON
from authcompare.experiments.telling.standing import Ruling, Standing
from authcompare.pages.advice import Answer, Answers, Evidence, advise
from authcompare.pages.questions import QUESTIONS, Reason

ROOT = Path(__file__).resolve().parents[2]
NAMES = [question.name for question in QUESTIONS]
CHOICES = [["", *(option.value for option in question.options)] for question in QUESTIONS]
EVERY = [dict(zip(NAMES, each, strict=True)) for each in product(*CHOICES)]
REASONS = [reason for question in QUESTIONS for option in question.options for reason in option.reasons]


def evidence(**kinds: str) -> Evidence:
    """Every common claim with a verdict under which its reasons stand; `kinds` says otherwise for some."""
    stands = {reason.cites: str(sorted(reason.stands)[0]) for reason in REASONS}
    return {name: standing(name, kinds.get(name, stands.get(name, "HOLDS"))) for name in COMMON}


def standing(name: str, kind: str) -> Standing:
    rulings = (Ruling("performance", "Performance", kind, f"{name} was measured"),) if kind else ()
    return Standing(COMMON[name], rulings, {})


def answer(answers: Answers, found: Evidence | None = None) -> Answer:
    return advise(answers, found or evidence()).answer


def test_there_are_at_most_six_questions() -> None:
    assert len(QUESTIONS) <= 6


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"client": "pages"}, Answer.SESSIONS),
        ({"client": "elsewhere"}, Answer.TOKENS),
        ({"client": "programs"}, Answer.TOKENS),
        ({"client": "scripts"}, Answer.EITHER),
        ({"client": "mixed"}, Answer.BOTH),
        ({"client": "pages", "services": "several"}, Answer.BOTH),
        ({"services": "several"}, Answer.TOKENS),
        ({"ending": "once"}, Answer.SESSIONS),
        ({"ending": "minutes"}, Answer.TOKENS),
        ({"ending": "minutes", "scripts": "yes"}, Answer.EITHER),
        ({"client": "elsewhere", "ending": "once", "rights": "once", "scripts": "yes"}, Answer.TOKENS),
        ({"outage": "survive"}, Answer.TOKENS),
    ],
)
def test_what_it_advises(answers: Answers, expected: Answer) -> None:
    assert answer(answers) is expected


def test_every_answer_can_be_reached() -> None:
    assert {answer(answers) for answers in EVERY} == set(Answer)


@pytest.mark.parametrize("reason", REASONS, ids=lambda one: one.cites)
def test_every_reason_cites_a_claim_that_exists(reason: Reason) -> None:
    assert reason.cites in COMMON
    assert reason.stands


def test_a_reason_is_shown_with_what_was_measured() -> None:
    shown = advise({"client": "elsewhere"}, evidence()).reasons
    assert [(one.reason.cites, one.measured, one.counts) for one in shown] == [("C47", True, True)]
    assert shown[0].standing.rulings[0].because == "C47 was measured"


@pytest.mark.parametrize("kind", ["", "INCONCLUSIVE"])
def test_what_was_not_decided_is_never_cited_as_measured(kind: str) -> None:
    shown = advise({"client": "elsewhere"}, evidence(C47=kind)).reasons
    assert [(one.measured, one.counts) for one in shown] == [(False, True)]


def test_a_reason_that_the_measurement_contradicts_does_not_count() -> None:
    contradicted = evidence(C47="REFUTED")
    assert answer({"client": "elsewhere"}, contradicted) is Answer.EITHER
    assert [one.counts for one in advise({"client": "elsewhere"}, contradicted).reasons] == [False]


def test_every_change_it_names_gives_the_answer_that_it_names() -> None:
    for answers in EVERY[::37]:
        for change in advise(answers, evidence()).changes:
            question = next(one for one in QUESTIONS if one.words == change.question)
            option = next(one for one in question.options if one.words == change.option)
            assert answer({**answers, question.name: option.value}) is change.answer


def test_wishes_that_exclude_each_other_are_named() -> None:
    assert advise({"ending": "once", "outage": "survive"}, evidence()).conflicts
    assert not advise({"ending": "once", "outage": "stop"}, evidence()).conflicts


def test_its_settings_are_those_of_the_example_file() -> None:
    example = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    printed = {line for answers in EVERY for line in advise(answers, evidence()).settings.splitlines()}
    names = {line.partition("=")[0] for line in printed if not line.startswith("#")}
    assert names <= example
    assert {"SESSION_STORE=cached", "SESSION_STORE=database", "TOKEN_CHECK=none"} <= printed
    assert {"TOKEN_CHECK=denylist", "TOKEN_CHECK=database", "REDIS_URL=redis://127.0.0.1:6379/0"} <= printed


def test_what_needs_redis_names_it_and_nothing_else_does() -> None:
    for answers in EVERY:
        lines = advise(answers, evidence()).settings.splitlines()
        needs = {"SESSION_STORE=cached", "TOKEN_CHECK=denylist"} & set(lines)
        assert bool(needs) == any(line.startswith("REDIS_URL=") for line in lines)


def test_ending_at_once_is_never_advised_with_tokens_that_nobody_checks() -> None:
    for answers in EVERY:
        if answers["ending"] == "once":
            assert "TOKEN_CHECK=none" not in advise(answers, evidence()).settings


def test_it_leads_to_the_apps_that_its_settings_are_for() -> None:
    for answers in EVERY:
        advice = advise(answers, evidence())
        assert ("sessions_demo" in advice.apps) == ("SESSION_STORE=" in advice.settings)
        assert ("tokens_demo" in advice.apps) == ("TOKEN_CHECK=" in advice.settings)
        assert all((ROOT / app / "README.md").exists() for app in advice.apps)
