"""What an administrator does in the admin, through its pages: no other door ends somebody else's login."""

from collections.abc import Mapping
from html.parser import HTMLParser

from authcompare.experiments.clients import SessionClient, logged_in
from authcompare.experiments.deployment import Broken, Door
from authcompare.experiments.transcript import Transcript
from authcompare.experiments.wire import Answer

CHANGE_LISTS = {"session": "/admin/sessions_demo/session/", "token": "/admin/tokens_demo/tokenfamily/"}


class Administrator:
    """Logged in with a session; every act returns the answer of the form that was sent."""

    def __init__(self, door: Door, password: str, transcript: Transcript | None = None) -> None:
        self.client: SessionClient = logged_in("session", door, "admin", password, transcript)

    def end(self, scheme: str, login_id: str) -> Answer:
        """Choose the login in the change list and end it."""
        chosen = [("action", "end_selected"), ("_selected_action", login_id), ("confirmed", "yes")]
        return self.client.submit(CHANGE_LISTS[scheme], chosen, "the administrator ends it")

    def deactivate(self, user_id: int) -> Answer:
        """Take the tick from 'active'."""
        return self.change(user_id, {"is_active": None}, "the administrator deactivates the user")

    def change(self, user_id: int, changed: Mapping[str, str | None], note: str) -> Answer:
        """Open the user's page, fill in what is to be changed (None takes a tick away), save."""
        path = f"/admin/accounts/user/{user_id}/change/"
        fields = form_fields(self._page(path).body.decode())
        kept = [(name, value) for name, value in fields if name not in {*changed, "csrfmiddlewaretoken"}]
        filled = [(name, value) for name, value in changed.items() if value is not None]
        return self.client.submit(path, kept + filled, note)

    def _page(self, path: str) -> Answer:
        headers = {**self.client.credential_headers(), "Accept": "text/html"}
        answer = self.client.send("GET", path, headers)
        if answer.status != 200:
            raise Broken(f"The administrator cannot open {path}: {answer.status or answer.failure}")
        return answer


def form_fields(html: str) -> list[tuple[str, str]]:
    """What a browser would send back if nothing were changed on the page."""
    reader = _FormReader()
    reader.feed(html)
    return reader.fields


class _FormReader(HTMLParser):
    """Inputs with their values, ticked boxes, chosen options, text areas."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        match tag:
            case "input" if name:
                self._input(name, given)
            case "select":
                self._select = name
            case "option" if "selected" in given and self._select:
                self.fields.append((self._select, given.get("value", "")))
            case "textarea":
                self._area = name
                self.fields.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            name, value = self.fields[-1]
            self.fields[-1] = (name, value + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                self.fields.append((name, given.get("value", "on")))
        elif kind not in ("submit", "button", "reset", "file", "image"):
            self.fields.append((name, given.get("value", "")))
