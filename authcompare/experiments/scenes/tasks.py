"""One task, done by clients of several kinds: log in, write a note, read it, log out, be refused.

The note is looked for by somebody else: what the client itself sees might come from anywhere.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from authcompare.experiments.clients import SessionClient, TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Broken, Door, Site
from authcompare.experiments.exchanges.html_forms import Form, forms
from authcompare.experiments.exchanges.refusal import described
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection

REDIRECTS = 5
ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8"  # as browsers write it
REDIRECTED = (301, 302, 303, 307)
FORMS, JAR, NO_JAR = "HTML forms", "a cookie jar", "no cookie jar"
TOKEN_JAR = "a jar of token cookies"


class CannotGoOn(Exception):
    """The client has nothing to do the next step with; the message says what it met."""


@dataclass(frozen=True)
class Task:
    """How far one kind of client came. `with_cookie`: requests that carried one, whoever put it there."""

    client: str
    mount: str
    done: bool
    said: str
    requests: int
    with_cookie: int
    with_authorization: int
    kept: tuple[str, ...]
    witnessed: bool  # somebody else found the note


class Counting(Connection):
    """Counts what really goes out."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.requests = self.with_cookie = self.with_authorization = 0

    def exchange(self, request: bytes) -> Answer:
        head = request.partition(b"\r\n\r\n")[0].lower()
        self.requests += 1
        self.with_cookie += b"\r\ncookie:" in head
        self.with_authorization += b"\r\nauthorization:" in head
        return super().exchange(request)


class JarlessSession(SessionClient):
    """A client that forgets every cookie at once."""

    def keep(self, answer: Answer) -> None: ...


class TokenCookies(SessionClient):
    """A jar in which the tokens are cookies; unsafe requests prove their intent as with a session."""

    mount = "/tokens"

    def login(self, username: str, password: str) -> Answer:
        sent = {"username": username, "password": password, "transport": "cookie"}
        return self.call("POST", "/login/", sent, "logs in")


class FormClient(SessionClient):
    """Opens addresses, follows redirects, fills in the forms it finds: a browser that runs no script."""

    def open(self, path: str, note: str) -> Answer:
        """The page that one ends up at."""
        answer = self.send("GET", path, {**self.credential_headers(), "Accept": ACCEPT}, note=note)
        for _ in range(REDIRECTS):
            if answer.status not in REDIRECTED:
                return answer
            path = answer.header("location")
            answer = self.send("GET", path, {**self.credential_headers(), "Accept": ACCEPT})
        raise CannotGoOn("redirected in a circle")

    def fill_in(self, page: Answer, path: str, filled: Mapping[str, str], note: str, to: str = "") -> Answer:
        """The first form with these fields (and that address, if one is given), sent; the page after it."""
        found = [form for form in forms(page.body.decode()) if _fits(form, filled, to)]
        if not found:
            wanted = ", ".join(filled) or to
            raise CannotGoOn(f"no form for {wanted} (the page was answered {described(page)})")
        kept = [(name, value) for name, value in found[0].fields if name not in filled]
        headers = {**self.credential_headers(), "Accept": ACCEPT, "Origin": self.connection.door.origin}
        form = urlencode([*kept, *filled.items()])
        answer = self.send("POST", found[0].action or path, headers, form, note)
        return self.open(answer.header("location"), "") if answer.status in REDIRECTED else answer


def _fits(form: Form, filled: Mapping[str, str], to: str) -> bool:
    return form.method == "post" and all(form.has(name) for name in filled) and form.action.startswith(to)


def by_forms(mount: str, own: str, site: Site, transcript: Transcript) -> Task:
    """The pages of a mount, beginning with `own`, as somebody without JavaScript uses them."""
    client = FormClient(site.doors[0], transcript.under(f"{FORMS} at {mount}"))
    login = {"username": site.username, "password": site.password}

    def act(text: str) -> Iterator[str]:
        page = client.open(own, "opens the page")
        page = client.fill_in(page, f"{mount}/login/", login, "fills in the login form")
        page = client.fill_in(page, own, {"text": text}, "fills in the form for a note")
        _expect(text in page.body.decode(), "the note on the page", page)
        yield from client.jar
        client.fill_in(page, own, {}, "presses the button to log out", to=f"{mount}/logout/")
        page = client.open(own, "opens the page again")
        _expect(text not in page.body.decode(), "no note after the logout", page)

    return _task(FORMS, mount, client, act, site)


def by_api(kind: str, client: SessionClient | TokenClient, site: Site, transcript: Transcript) -> Task:
    """The JSON of the client's own mount."""
    client.transcript = transcript.under(f"{kind} at {client.mount}")

    def act(text: str) -> Iterator[str]:
        answer = client.login(site.username, site.password)
        _expect(answer.status == 200, "a login", answer)
        answer = client.call("POST", "/notes/", {"text": text}, "writes a note")
        _expect(answer.status == 201, "a note", answer)
        answer = client.notes()
        _expect(text in answer.body.decode(), "the note in the list", answer)
        yield from state_of(client)
        answer = client.logout()
        _expect(answer.status in (200, 204), "a logout", answer)
        answer = client.refresh() if isinstance(client, TokenClient) else client.me("asks again")
        _expect(answer.status == 401, "a refusal after the logout", answer)

    return _task(kind, client.mount, client, act, site)


def state_of(client: SessionClient | TokenClient) -> dict[str, str]:
    """What the client has to keep to stay logged in."""
    if isinstance(client, TokenClient):
        return {"access": client.access, "refresh": client.refresh_token}
    return dict(client.jar)


def _expect(met: bool, what: str, answer: Answer) -> None:
    if not met:
        raise CannotGoOn(f"expected {what}, was answered {described(answer)}: {_in_words(answer)}")


def _in_words(answer: Answer) -> str:
    """Why, where it is a problem that says so; else how it begins."""
    detail = answer.json.get("detail", "") if isinstance(answer.json, dict) else ""
    return str(detail).rstrip(".") or answer.body[:200].decode(errors="replace")


def _task(
    kind: str,
    mount: str,
    client: SessionClient | TokenClient,
    act: Callable[[str], Iterable[str]],
    site: Site,
) -> Task:
    client.connection = counting = Counting(site.doors[0])
    said, kept, text = "", list[str](), f"note {secrets.token_hex(8)}"
    try:
        kept += act(text)
    except CannotGoOn as stopped:
        said = str(stopped)
    counts = counting.requests, counting.with_cookie, counting.with_authorization
    return Task(kind, mount, not said, said, *counts, tuple(kept), _witnessed(text, site))


def _witnessed(text: str, site: Site) -> bool:
    """Whether somebody with a login of his own finds the note."""
    witness = logged_in("session", site.doors[0], site.username, site.password)
    answer = witness.notes()
    if answer.status != 200:
        raise Broken(f"the witness was answered {described(answer)}")
    return text in answer.body.decode()
