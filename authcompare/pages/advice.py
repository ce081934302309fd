"""From answers and evidence to advice. Pure: the same answers and the same evidence give the same advice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from authcompare.experiments.telling.standing import Standing
from authcompare.experiments.verdict import DECIDED
from authcompare.pages.questions import CONFLICTS, QUESTIONS, Option, Question, Reason, Side

CACHED = "# copies in Redis: cheaper; at most 60 s old, also where Redis stood still while a login ended"
DENYLIST = "# every request asks Redis whether the login has ended; 60 s late at most where Redis stood still"
Answers = Mapping[str, str]
Evidence = Mapping[str, Standing]


class Answer(StrEnum):
    """What the advice can be."""

    SESSIONS = "Sessions"
    TOKENS = "Tokens"
    BOTH = "Both: sessions for the pages, tokens for the rest"
    EITHER = "Either is fine"


@dataclass(frozen=True)
class Cited:
    """A reason with what was measured about it. One that the measurement speaks against does not count."""

    question: Question
    option: Option
    reason: Reason
    standing: Standing

    @property
    def measured(self) -> bool:
        """Whether the newest results came to a verdict about it."""
        return any(one.kind in DECIDED for one in self.standing.rulings)

    @property
    def counts(self) -> bool:
        """Unless something was measured that says otherwise."""
        return not self.measured or any(one.kind in self.reason.stands for one in self.standing.rulings)


@dataclass(frozen=True)
class Change:
    """Another answer to one question, and the advice that it would give."""

    question: str
    option: str
    answer: Answer


@dataclass(frozen=True)
class Advice:
    """Everything the page says."""

    answer: Answer
    reasons: Sequence[Cited]
    conflicts: Sequence[str]
    changes: Sequence[Change]
    settings: str

    @property
    def apps(self) -> list[str]:
        """Those whose README says how to have it in a project of one's own."""
        others = {Answer.SESSIONS: "tokens_demo", Answer.TOKENS: "sessions_demo"}
        return [app for app in ("sessions_demo", "tokens_demo") if app != others.get(self.answer)]


def advise(answers: Answers, evidence: Evidence) -> Advice:
    """`answers` maps names of questions to values of their options; questions may be left open."""
    reasons = cited(answers, evidence)
    answer = decide(reasons)
    return Advice(
        answer, reasons, _conflicts(answers), _changes(answers, evidence, answer), settings(answer, answers)
    )


def cited(answers: Answers, evidence: Evidence) -> list[Cited]:
    """Every reason that the answers give, with its evidence."""
    return [
        Cited(question, option, reason, evidence[reason.cites])
        for question in QUESTIONS
        if (option := question.option(answers.get(question.name, "")))
        for reason in option.reasons
    ]


def decide(reasons: Sequence[Cited]) -> Answer:
    """What is needed decides; where nothing is, what is better; where that is even, either will do."""
    counting = [one for one in reasons if one.counts]
    needed = {one.reason.speaks_for for one in counting if one.reason.needed}
    clients = {one.reason.speaks_for for one in counting if one.question.name == "client"}
    if len(needed) > 1 or len(clients) > 1:
        return Answer.BOTH
    better = [one.reason.speaks_for for one in counting]
    sessions, tokens = better.count(Side.SESSION), better.count(Side.TOKEN)
    if needed:
        return Answer.SESSIONS if Side.SESSION in needed else Answer.TOKENS
    if sessions == tokens:
        return Answer.EITHER
    return Answer.SESSIONS if sessions > tokens else Answer.TOKENS


def _conflicts(answers: Answers) -> list[str]:
    return [
        why
        for (one, first), (other, second), why in CONFLICTS
        if answers.get(one) == first and answers.get(other) == second
    ]


def _changes(answers: Answers, evidence: Evidence, now: Answer) -> list[Change]:
    others = [
        (question, option, decide(cited({**answers, question.name: option.value}, evidence)))
        for question in QUESTIONS
        for option in question.options
        if answers.get(question.name) != option.value
    ]
    return [
        Change(question.words, option.words, then) for question, option, then in others if then is not now
    ]


def settings(answer: Answer, answers: Answers) -> str:
    """Lines for the environment, as in .env.example."""
    lines = [] if answer is Answer.TOKENS else _for_sessions(answers)
    lines += [] if answer is Answer.SESSIONS else _for_tokens(answers)
    needs_redis = {"SESSION_STORE=cached", "TOKEN_CHECK=denylist"} & set(lines)
    return "\n".join([*lines, *(["REDIS_URL=redis://127.0.0.1:6379/0"] if needs_redis else [])])


def _for_sessions(answers: Answers) -> list[str]:
    if answers.get("rights") == "once" or answers.get("outage") == "survive":
        return ["# every request reads the session and its user from the database", "SESSION_STORE=database"]
    return [CACHED, "SESSION_STORE=cached"]


def _for_tokens(answers: Answers) -> list[str]:
    lines = [*_check(answers), "TOKEN_ACCESS_SECONDS=300", "TOKEN_ALGORITHM=ES256"]
    if answers.get("client") == "elsewhere":
        lines += ["# the site whose scripts may call", "CORS_ALLOWED_ORIGINS=https://app.example"]
    elif answers.get("scripts") == "yes":
        lines.append('# log in with "transport": "cookie", so that no script can read the token')
    return lines


def _check(answers: Answers) -> list[str]:
    if answers.get("rights") == "once":
        return ["# every request reads the login and its user from the database", "TOKEN_CHECK=database"]
    if answers.get("ending") == "once":
        return [DENYLIST, "TOKEN_CHECK=denylist"]
    return ["# nobody asks: an access token works until it expires", "TOKEN_CHECK=none"]
