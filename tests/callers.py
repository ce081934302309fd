"""The same verbs over both schemes, in process: what a browser and an API client would send."""

import json
from typing import Any

from django.test import Client

from tests.people import PASSWORD


class Caller:
    """Somebody who logs in and then makes requests. `refused` is the challenge a stranger gets."""

    prefix: str
    challenge: str

    def __init__(self, username: str = "alice", password: str = PASSWORD) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.login_answer = self.log_in(username, password)

    def log_in(self, username: str, password: str) -> Any:
        raise NotImplementedError

    def headers(self) -> dict[str, str]:
        """What every request carries besides cookies."""
        raise NotImplementedError

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """A request below the scheme's mount."""
        return self.client.generic(
            method,
            f"/{self.prefix}/{path}",
            data=_json(data),
            content_type="application/json",
            headers={**self.headers(), **headers},
        )

    def me(self) -> Any:
        return self.call("GET", "me/")

    def log_out(self) -> Any:
        raise NotImplementedError


def _json(data: Any) -> str:
    return "" if data is None else json.dumps(data)


class SessionCaller(Caller):
    prefix = "sessions"
    challenge = "Cookie"

    def log_in(self, username: str, password: str) -> Any:
        self.client.get("/sessions/login/")
        return self.call("POST", "login/", {"username": username, "password": password})

    def headers(self) -> dict[str, str]:
        cookie = self.client.cookies.get("csrftoken")
        return {"X-CSRFToken": cookie.value} if cookie else {}

    def log_out(self) -> Any:
        return self.call("POST", "logout/")


def key_of(caller: SessionCaller) -> str:
    """The cookie's value."""
    return str(caller.client.cookies["sessionid"].value)


class TokenCaller(Caller):
    prefix = "tokens"
    challenge = "Bearer"
    access = ""
    refresh_token = ""

    def log_in(self, username: str, password: str) -> Any:
        return self._take(self.call("POST", "login/", {"username": username, "password": password}))

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"} if self.access else {}

    def refresh(self) -> Any:
        return self._take(self.post_refresh(self.refresh_token))

    def post_refresh(self, token: Any) -> Any:
        data = {"refresh": token}
        return self.client.post("/tokens/refresh/", data, content_type="application/json")

    def log_out(self) -> Any:
        return self.call("POST", "logout/", {"refresh": self.refresh_token})

    def _take(self, answer: Any) -> Any:
        if answer.status_code == 200:
            body = answer.json()
            self.access, self.refresh_token = body["access"], body["refresh"]
        return answer
