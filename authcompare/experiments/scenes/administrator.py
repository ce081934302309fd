"""What an administrator does in the admin, through its pages: no other door ends somebody else's login."""

from collections.abc import Mapping

from authcompare.experiments.clients import SessionClient, logged_in
from authcompare.experiments.deployments.deployment import Broken, Door
from authcompare.experiments.exchanges.html_forms import form_fields
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer

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
