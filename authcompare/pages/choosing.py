"""The advisor's page: answers come in the query string, so that the address is the answer."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from authcompare.pages import evidence
from authcompare.pages.advice import Advice, advise
from authcompare.pages.questions import QUESTIONS, Question

ECHOED_CHARACTERS = 40


@dataclass(frozen=True)
class Asked:
    """One question as the form shows it; `error` says what is wrong with the answer that came."""

    question: Question
    chosen: str
    error: str


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Six questions and, from the first answer on, what they come to."""
    asked = [_asked(question, request.GET) for question in QUESTIONS]
    shown = evidence.newest()
    wrong = any(one.error for one in asked)
    context = {"asked": asked, "advice": _advice(asked, shown), "evidence": shown}
    return render(request, "choose.html", context, status=400 if wrong else 200)


def _asked(question: Question, query: QueryDict) -> Asked:
    value = query.get(question.name, "")
    if not value or question.option(value):
        return Asked(question, value, "")
    echoed = value if len(value) <= ECHOED_CHARACTERS else value[:ECHOED_CHARACTERS] + "…"
    return Asked(question, "", f"“{echoed}” is no answer to this question. Choose one of these.")


def _advice(asked: list[Asked], shown: evidence.Evidence) -> Advice | None:
    answers = {one.question.name: one.chosen for one in asked if one.chosen}
    return advise(answers, {one.claim.id: one for one in shown.standings}) if answers else None
