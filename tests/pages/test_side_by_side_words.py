"""What the walk says of a step is true of the requests that it shows, whatever store and check are set."""

import html
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from authcompare.logins import marks
from tests.callers import Caller, SessionCaller, TokenCaller
from tests.pages.test_side_by_side import VERDICTS, Visitor
from tokens_demo.models import TokenFamily

CHECKED = "The server checked the signature and the times"
REMEMBERED = "The server had checked the signature of this very token before"
BELIEVED = "and took the token's word for who you are."
UNLESS_ENDED = "and took the token's word for who you are, but asked Redis whether the login had ended."
NOT_SURE = (
    "and asked Redis, which was not sure, and so the database, whether the login had ended and who you are."
)
LOOKED_UP = "and asked the database whether the login had ended and who you are."
IN_MEMORY = "in the memory of this process"

pytestmark = pytest.mark.usefixtures("alice", "wired")


def page_of(client: Client, step: int, scheme: str, answers: list[Any]) -> str:
    """The page about these requests, as it is read."""
    state = ".".join([f"{step}.", *(answer.headers["X-Request-Id"] for answer in answers)])
    answer = client.get(f"/side-by-side/?step={step}&{scheme}={state}", headers={"Accept": "text/html"})
    return html.unescape(" ".join(answer.content.decode().split()))


def page_of_notes(client: Client, caller: Caller, which: int) -> str:
    """The page about the first or the second look at the notes."""
    answers = [caller.call("GET", "notes/") for _ in range(which)]
    return page_of(client, 3, caller.prefix[:-1], answers[-1:])


@pytest.mark.parametrize(
    ("which", "signatures", "words"), [(1, 1, CHECKED), (2, 0, REMEMBERED)], ids=["first sight", "again"]
)
@pytest.mark.parametrize("check", ["none", "denylist", "database"])
def test_a_signature_is_said_to_be_checked_where_it_was(
    client: Client, settings: Any, check: str, which: int, signatures: int, words: str
) -> None:
    settings.TOKEN_CHECK = check
    page = page_of_notes(client, TokenCaller(), which)
    assert f'data-cost="signature"><b>{signatures}</b>' in page
    assert words in page


@pytest.mark.parametrize(
    ("check", "which", "words"),
    [
        ("none", 1, BELIEVED),
        ("denylist", 1, NOT_SURE),  # nobody has asked before: the sentinel is missing
        ("denylist", 2, UNLESS_ENDED),
        ("database", 1, LOOKED_UP),
    ],
)
def test_a_token_is_said_to_be_believed_where_nobody_was_asked(
    client: Client, settings: Any, check: str, which: int, words: str
) -> None:
    settings.TOKEN_CHECK = check
    page = page_of_notes(client, TokenCaller(), which)
    assert words in page
    assert ("took the token's word" in page) is ("word" in words)


@pytest.mark.parametrize(
    ("session_store", "which", "words"),
    [
        (
            "database",
            1,
            "The server hashed the cookie, looked the session up in the database, and found you.",
        ),
        ("cached", 1, "asked Redis, which had no copy to believe, looked the session up in the database,"),
        ("cached", 2, "The server hashed the cookie, looked the session up in Redis, and found you."),
    ],
)
def test_a_session_is_said_to_be_looked_up_where_it_was(
    client: Client, settings: Any, session_store: str, which: int, words: str
) -> None:
    settings.SESSION_STORE = session_store
    caller = SessionCaller()
    marks.redis().flushdb()  # what the login has left there
    assert words in page_of_notes(client, caller, which)


def test_what_lies_in_one_process_is_said_to_be_out_of_reach(settings: Any) -> None:
    settings.SESSION_STORE, settings.SESSION_ENGINE = "memory", "sessions_demo.store.memory"
    caches["memory"].clear()
    visitor = Visitor()
    said = {number: visitor.do(number) and visitor.verdict for number in VERDICTS}
    assert said[3] == f"Let in. The server found the session {IN_MEMORY}, and you in the database."
    assert {number for number, words in said.items() if "is no row in which" in words} == {5, 6, 7, 8}
    assert said[4].startswith("Written.")
    assert "No row and no key: the session lies in the memory" in visitor.page


@pytest.mark.parametrize(
    ("check", "forgotten", "words"),
    [
        ("none", False, "nobody asks the row (TOKEN_CHECK=none)"),
        ("denylist", True, "this server asks Redis (TOKEN_CHECK=denylist), which had not heard of the end."),
        ("denylist", False, "Refused at once: this server asks about every token"),
        ("database", True, "Refused at once: this server asks about every token"),
    ],
)
def test_a_token_after_its_end_is_said_to_be_asked_about_where_it_was(
    client: Client, settings: Any, check: str, forgotten: bool, words: str
) -> None:
    settings.TOKEN_CHECK = check
    caller = TokenCaller()
    caller.me()
    client.post("/side-by-side/token/end/", headers=caller.headers())
    if forgotten:  # as by a Redis that went back to what it knew before
        marks.redis().delete(marks.mark_key(TokenFamily.objects.get().shown))
    answers = [caller.call("GET", "notes/"), caller.post_refresh(caller.refresh_token)]
    assert words in page_of(client, 8, "token", answers)
