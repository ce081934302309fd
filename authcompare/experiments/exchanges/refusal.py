"""What counts as refused. Everything that is neither accepted nor refused is broken, and decides nothing."""

from collections.abc import Iterable
from enum import StrEnum

from authcompare.experiments.exchanges.wire import Answer

CHALLENGES = {"session": "Cookie ", "token": "Bearer "}
TYPES = {"session": {"not_authenticated"}, "token": {"invalid_token"}}
PROBLEM = "application/problem+json"


class Outcome(StrEnum):
    """How a presented credential fared."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    BROKEN = "broken"


def outcome(answer: Answer, scheme: str) -> Outcome:
    """Refused is the exact 401, with the scheme's challenge and problem type; a 500 or a 404 is not."""
    if answer.status == 200:
        return Outcome.ACCEPTED
    return Outcome.REFUSED if is_refusal(answer, scheme) else Outcome.BROKEN


def is_refusal(answer: Answer, scheme: str) -> bool:
    """Whether this 401 was said by the authenticator of the scheme about the credential shown."""
    return (
        answer.status == 401
        and answer.header("www-authenticate").startswith(CHALLENGES[scheme])
        and answer.header("content-type").startswith(PROBLEM)
        and answer.json.get("type") in TYPES[scheme]
    )


def first_odd(answers: Iterable[Answer], outcomes: Iterable[Outcome]) -> str:
    """The first answer that was neither acceptance nor refusal, in words; empty without one."""
    pairs = zip(answers, outcomes, strict=True)
    return next((described(answer) for answer, what in pairs if what is Outcome.BROKEN), "")


def described(answer: Answer) -> str:
    """An answer in a few words, for the sentence that says why something is broken."""
    if answer.failure:
        return f"no answer ({answer.failure})"
    kind = answer.json.get("type", "") if isinstance(answer.json, dict) else ""
    return f"{answer.status} {kind}".strip()
