"""`/learn/`: the common questions of the field, answered by what was measured.

What people say is read from the table of common claims, and what it came to from the newest results: nothing
here repeats a verdict, so that nothing can disagree with one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from authcompare.experiments.claims import discover
from authcompare.experiments.telling.standing import Standing
from authcompare.pages import evidence
from authcompare.pages.steps import Step
from authcompare.pages.walk import BY_NUMBER

# Question → of what it is asked → what people answer, each with the step of the walk where it can be seen.
QUESTIONS = {
    "How does it work, step by step?": {
        "Session": "C06:1 C01:2 C02:2 C41:2 C03:3 C04:3 C05:3 C48:5",
        "Token": "C17:1 C18:1 C19:2 C21:2 C20:3 C22:3 C23:3 C25:3 C31:5 C32:6",
    },
    "What speaks for it?": {
        "Session": "C07:7 C08:2 C45:2 C11:3",
        "Token": "C16:3 C24:2 C26:3 C42:3 C27:3 C44:3 C29:2 C30:2",
    },
    "What speaks against it?": {
        "Session": "C09:2 C10:3 C43:3 C12:5 C13:5 C47:3 C50:3",
        "Token": "C35:7 C33:8 C34:2 C46:2 C49:6 C36:2 C37:3",
    },
    "When is it the one to use?": {
        "Session": "C14:1 C15:7",
        "Token": "C28:3 C38:3 C39:3 C40:3",
        "Either": "C51:1 C52:2",
    },
}


@dataclass(frozen=True)
class Sentence:
    """What people say, what it came to, and where to see it."""

    standing: Standing
    step: Step


@dataclass(frozen=True)
class Answers:
    """What people say of one scheme to one question."""

    scheme: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Line:
    """A row of the summary; without `claim` nobody has measured it here."""

    name: str
    row: str
    statement: str
    claim: evidence.Claim | None


@gzip_page
@require_safe
def learn(request: HttpRequest) -> HttpResponse:
    """The questions with their answers, and the summary to print."""
    shown = evidence.newest()
    context = {"evidence": shown, "questions": questions(shown.standings), "lines": lines(shown)}
    return render(request, "learn.html", context)


def questions(standings: Iterable[Standing]) -> dict[str, list[Answers]]:
    """All questions, answered by where the common claims stand."""
    by_id = {standing.claim.id: standing for standing in standings}
    return {
        question: [Answers(scheme, _sentences(told, by_id)) for scheme, told in schemes.items()]
        for question, schemes in QUESTIONS.items()
    }


def _sentences(told: str, by_id: dict[str, Standing]) -> tuple[Sentence, ...]:
    pairs = (one.split(":") for one in told.split())
    return tuple(Sentence(by_id[name], BY_NUMBER[int(step)]) for name, step in pairs)


def lines(shown: evidence.Evidence) -> list[Line]:
    """Every row there is, measured or not."""
    return [Line(one.name, one.row, one.statement, shown.claim(one.name)) for one in discover()]
