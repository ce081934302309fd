"""The walk by session without JavaScript, and what the page says about requests against what happened."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from authcompare.accounts.models import User
from authcompare.logins import marks
from authcompare.notes.models import Note
from authcompare.pages.steps import Being, State, asks, steps_to
from authcompare.pages.walk import BY_NUMBER, STEPS
from sessions_demo.models import Session
from tests.callers import SessionCaller, TokenCaller
from tests.conftest import PASSWORD

BROWSER = {"Accept": "text/html"}
DO = "/side-by-side/do/"


class Visitor(Client):
    """A browser without JavaScript on the page."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=True)
        self.page = self.look("/side-by-side/")

    def look(self, address: str) -> str:
        """The page as it is read, on one line."""
        answer = self.get(address, headers=BROWSER)
        assert answer.status_code == 200
        self.page = html.unescape(" ".join(answer.content.decode().split()))
        return self.page

    def field(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""

    def do(self, step: int = 0, **changed: str) -> str:
        """Opens a step if one is named, presses its button, and follows to where it leads."""
        if step:
            self.look(f"/side-by-side/?step={step}&session={self.field('session')}")
        names = ("csrfmiddlewaretoken", "step", "session", "token", "being")
        form = {name: self.field(name) for name in names} | {"username": "alice", "password": PASSWORD}
        answer = self.post(DO, form | changed, headers=BROWSER)
        assert answer.status_code == 303
        return self.look(answer.headers["Location"])

    @property
    def key(self) -> str:
        """The session cookie's value."""
        return str(self.cookies["sessionid"].value)

    @property
    def verdict(self) -> str:
        """Of the session's column."""
        column = self.page.partition('data-scheme="session"')[2].partition("</section>")[0]
        found = re.search(r'<p class="notice plain"><strong>(.*?)</strong>', column)
        return found[1] if found else ""


@pytest.fixture
def visitor(alice: User, wired: None) -> Visitor:
    return Visitor()


VERDICTS = {1: "Logged in.", 2: "The answer says Set-Cookie", 3: "Let in.", 4: "Written.", 5: "Refused.",
            6: "A new session.", 7: "Ended.", 8: "Refused at once."}  # fmt: skip


@pytest.mark.parametrize("order", [list(VERDICTS), [5, 6, 7, 8], [8, 7, 5], [4], [6], [7, 3]], ids=str)
def test_every_step_works_in_every_store_whatever_was_done_before(
    visitor: Visitor, store: str, order: list[int]
) -> None:
    for number in order:
        visitor.do(number)
        assert visitor.verdict.startswith(VERDICTS[number])
        assert f"Step {number} of 8" in visitor.page


def test_what_the_page_says_of_a_request_was_measured_outside(visitor: Visitor, settings: Any) -> None:
    settings.SESSION_STORE = "database"
    visitor.do(1)
    visitor.look(f"/side-by-side/?step=3&session={visitor.field('session')}")
    form = {name: visitor.field(name) for name in ("csrfmiddlewaretoken", "step", "session", "being")}
    with CaptureQueriesContext(connection) as queries:
        answer = visitor.post(DO, form, headers=BROWSER)
    statements = len(queries)  # the next request forgets them
    page = visitor.look(answer.headers["Location"])
    sent = f"Cookie: sessionid={visitor.key}"
    assert statements
    assert f'data-cost="sql"><b>{statements}</b>' in page
    assert f"<b data-credential>{len(sent)}</b> bytes" in page
    assert f"<code>{visitor.get('/sessions/notes/').status_code} OK " in page


def test_the_same_for_a_token(visitor: Visitor) -> None:
    caller = TokenCaller()
    with CaptureQueriesContext(connection) as queries:
        answer = caller.call("POST", "notes/", {"text": "measured"})
    statements = len(queries)
    page = visitor.look(f"/side-by-side/?step=4&token=4..{answer.headers['X-Request-Id']}")
    sent = f"Authorization: Bearer {caller.access}"
    assert f'data-cost="sql"><b>{statements}</b>' in page
    assert f"<b data-credential>{len(sent)}</b> bytes" in page
    assert f"<code>{answer.status_code} Created " in page
    assert "Written. No CSRF token" in page
    assert caller.me().json()["login"] in page  # the row that the server keeps


def test_no_secret_stands_on_the_page(visitor: Visitor, settings: Any) -> None:
    settings.SESSION_STORE = "cached"
    caller = TokenCaller()
    visitor.do(1)
    visitor.do(3)
    login, refresh = (one.headers["X-Request-Id"] for one in (caller.login_answer, caller.refresh()))
    page = visitor.page + visitor.look(f"/side-by-side/?step=6&token=6..{login}.{refresh}")
    row = Session.objects.get(user__username="alice")
    told = (visitor.key, caller.access, caller.refresh_token, PASSWORD, row.key_hash, row.session_data)
    assert not [secret for secret in told if secret in page]
    assert f"session:{row.key_hash[:8]}…" in page  # the key in Redis is named


@pytest.mark.parametrize("order", [[7], [7, 8], [8]], ids=str)
def test_the_row_and_its_mark_are_shown_after_the_end(
    visitor: Visitor, settings: Any, order: list[int]
) -> None:
    settings.SESSION_STORE = "cached"
    for number in order:
        visitor.do(number)
    assert "<dt>ended_reason</dt><dd>remote" in visitor.page
    assert "mark:" in visitor.page


def test_looking_does_not_throw_the_cookie_away(visitor: Visitor) -> None:
    visitor.do(7)
    key = visitor.key
    visitor.look("/side-by-side/?step=8")
    assert visitor.key == key
    visitor.do(8)
    assert not visitor.key  # the refused request did


def test_who_is_logged_in_already_need_not_log_in_again(alice: User, wired: None) -> None:
    visitor = Visitor()
    visitor.cookies = SessionCaller().client.cookies
    key = visitor.key
    visitor.look("/side-by-side/?step=4")
    visitor.do()
    assert visitor.verdict.startswith("Written.")
    assert visitor.key == key
    assert Note.objects.get().owner == alice


@pytest.mark.parametrize("changed", [{"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": ""}])
def test_a_form_of_another_site_does_nothing(visitor: Visitor, changed: dict[str, str]) -> None:
    visitor.do(1, **changed)
    assert visitor.verdict.startswith("Not as expected: the answer was 403")
    assert not Session.objects.active().exists()


def test_a_wrong_password_is_said(visitor: Visitor) -> None:
    visitor.do(1, password="wrong")
    assert visitor.verdict == "Refused: username or password is wrong."
    visitor.do(7, password="wrong")
    assert visitor.verdict.startswith("Not as expected: the answer was 401")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"step": "9"},
        {"step": "1" * 5000},
        {"session": "8.x.y"},
        {"being": "ENDED", "step": "8"},
        {"step": "٣"},
    ],
    ids=str,
)
def test_no_form_breaks_it(visitor: Visitor, form: dict[str, str]) -> None:
    answer = visitor.post(DO, form, headers=BROWSER)
    assert answer.status_code == 303
    visitor.look(answer.headers["Location"])


@pytest.mark.parametrize(
    "query",
    ["step=0", "step=9", "step=x", "session=8", "session=....", "token=3.nonsense.%00", "session=9.a.b",
     "token=4.00000000-0000-0000-0000-000000000000.abc", f"session={'1.' * 3000}", "session=%C2%B2.x"],
)  # fmt: skip
def test_no_address_breaks_it(visitor: Visitor, query: str) -> None:
    visitor.look(f"/side-by-side/?{query}")


def test_a_forgotten_request_is_said_to_be_forgotten(visitor: Visitor) -> None:
    visitor.do(1)
    marks.redis().delete("wire")
    assert "the wire has forgotten it" in visitor.look(
        f"/side-by-side/?step=1&session={visitor.field('session')}"
    )


@pytest.mark.parametrize("off", ["LAB", "WIRE"])
def test_where_nothing_is_recorded_it_says_what_starts_a_lab(
    db: None, client: Client, settings: Any, off: str
) -> None:
    settings.WIRE = True
    setattr(settings, off, False)
    page = client.get("/side-by-side/", headers=BROWSER).content.decode()
    assert "manage.py demo" in page
    assert "<form" not in page.partition("<main")[2]
    assert client.post(DO).status_code == 404


def test_the_token_column_says_why_it_needs_javascript(visitor: Visitor) -> None:
    column = visitor.page.partition('data-scheme="token"')[2]
    assert "only a script can put a token into a header" in column
    assert "disabled>Log in: token</button>" in column


def test_both_columns_have_the_same_steps_in_the_same_words() -> None:
    assert [step.number for step in STEPS] == list(range(1, 9))
    for step in STEPS:
        methods = [[ask.method for ask in side.asks] for side in step.sides.values()]
        assert methods[0] == methods[1][: len(methods[0])]
        assert list(step.sides) == ["session", "token"]


@pytest.mark.parametrize("now", Being)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_the_steps_before_lead_to_what_a_step_needs(step: Any, now: Being) -> None:
    for number in steps_to(step.needs, now):
        assert BY_NUMBER[number].needs in (Being.NOTHING, now)
        now = BY_NUMBER[number].leaves
    assert step.needs in (Being.NOTHING, now)
    assert [ask["own"] for ask in asks(BY_NUMBER, "token", step, now)] == [True] * len(
        step.sides["token"].asks
    )


@pytest.mark.parametrize("text", ["", "x", "9.a.b", "-1", "1", "3.login.id1.id2", ".a", "²"])
def test_a_state_survives_its_address(text: str) -> None:
    state = State.parse(text)
    assert State.parse(str(state)) == state
