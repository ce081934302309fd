"""Two clients with the same verbs. What differs is what they keep and what they send."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from authcompare.experiments.deployments.deployment import Broken, Door
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection

Headers = Mapping[str, str]


class Client:
    """One login on one device. `at` gives the same credential another connection, as a copy would have."""

    scheme: ClassVar[str]
    mount: ClassVar[str]

    def __init__(self, door: Door, transcript: Transcript | None = None) -> None:
        self.connection = Connection(door)
        self.transcript = transcript

    def credential_headers(self) -> dict[str, str]:
        """What proves who asks."""
        raise NotImplementedError

    def showing(self, credential: str) -> dict[str, str]:
        """The headers of somebody who shows this credential and nothing else."""
        raise NotImplementedError

    def proof_of_intent(self) -> dict[str, str]:
        """What an unsafe request needs besides the credential."""
        return {}

    def keep(self, answer: Answer) -> None:
        """Remember what the answer asks to be remembered."""

    @property
    def credential(self) -> str:
        """The one string a thief would want."""
        raise NotImplementedError

    def login(self, username: str, password: str) -> Answer:
        """Log in; the credential is kept."""
        raise NotImplementedError

    def logout(self) -> Answer:
        """End this login, as the user of it does."""
        raise NotImplementedError

    def change_password(self, old: str, new: str) -> Answer:
        """Change the password from this login."""
        return self.call(
            "POST", "/password/", {"old_password": old, "new_password": new}, "changes the password"
        )

    def me(self, note: str = "") -> Answer:
        """Who does the server take me for?"""
        return self.call("GET", "/me/", note=note)

    def show(self, credential: str, note: str = "") -> Answer:
        """Ask who I am, showing this credential only. A copy asks: the answer may make the asker forget."""
        copy = self.at(self.connection)
        return copy.send("GET", self.mount + "/me/", self.showing(credential), note=note)

    def notes(self) -> Answer:
        """My notes."""
        return self.call("GET", "/notes/")

    def active(self) -> Answer:
        """My active logins of this kind."""
        return self.call("GET", "/active/")

    def end(self, login_id: str) -> Answer:
        """End one of my logins."""
        return self.call("DELETE", f"/active/{login_id}/", note="ends it from another device")

    def end_others(self) -> Answer:
        """End all my logins of this kind but this one."""
        return self.call("DELETE", "/active/?others=true", note="ends all others")

    def call(self, method: str, path: str, sent: Any = None, note: str = "") -> Answer:
        """A request to my own mount, as JSON, with my credential."""
        extra = {} if method == "GET" else self.proof_of_intent()
        return self.send(method, self.mount + path, {**self.credential_headers(), **extra}, sent, note)

    def send(self, method: str, path: str, headers: Headers, sent: Any = None, note: str = "") -> Answer:
        """Any request; with a note it goes into the transcript."""
        request = compose(self.connection.door, method, path, headers, sent)
        answer = self.connection.send(request)
        self.keep(answer)
        if self.transcript is not None and note:
            self.transcript.record(note, request, answer)
        return answer

    def at(self, connection: Connection) -> Self:
        """The same credential on another connection, kept up to date from here on by neither."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, connection=connection)
        return copy


class SessionClient(Client):
    """Keeps a cookie jar. The names of the cookies are the server's (`__Host-` in production)."""

    scheme = "session"
    mount = "/sessions"

    def __init__(self, door: Door, transcript: Transcript | None = None) -> None:
        super().__init__(door, transcript)
        self.jar: dict[str, str] = {}

    def keep(self, answer: Answer) -> None:
        changed = {**self.jar, **answer.cookies}
        self.jar = {name: value for name, value in changed.items() if value}

    def credential_headers(self) -> dict[str, str]:
        return (
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())} if self.jar else {}
        )

    def proof_of_intent(self) -> dict[str, str]:
        door = self.connection.door
        return {
            "X-CSRFToken": self.jar.get(self.csrf_cookie, ""),
            "Origin": door.origin,
            "Referer": door.origin + "/",
        }

    @property
    def csrf_cookie(self) -> str:
        """The name of the CSRF cookie."""
        return next((name for name in self.jar if name.endswith("csrftoken")), "csrftoken")

    @property
    def session_cookie(self) -> str:
        """The name of the session cookie."""
        return next((name for name in self.jar if name.endswith("sessionid")), "sessionid")

    @property
    def credential(self) -> str:
        return self.jar.get(self.session_cookie, "")

    def showing(self, credential: str) -> dict[str, str]:
        return {"Cookie": f"{self.session_cookie}={credential}"}

    def login(self, username: str, password: str) -> Answer:
        page = self.send("GET", "/sessions/login/", self.credential_headers())
        if page.status != 200:
            return page
        return self.call("POST", "/login/", {"username": username, "password": password}, "logs in")

    def logout(self) -> Answer:
        return self.call("POST", "/logout/", {}, "logs out")

    def submit(self, path: str, fields: list[tuple[str, str]], note: str) -> Answer:
        """Send a form, as a browser would."""
        form = urlencode([*fields, ("csrfmiddlewaretoken", self.jar.get(self.csrf_cookie, ""))])
        headers = {**self.credential_headers(), **self.proof_of_intent(), "Accept": "text/html"}
        return self.send("POST", path, headers, form, note)


class TokenClient(Client):
    """Keeps the pair of tokens in memory."""

    scheme = "token"
    mount = "/tokens"

    def __init__(self, door: Door, transcript: Transcript | None = None) -> None:
        super().__init__(door, transcript)
        self.access = ""
        self.refresh_token = ""

    def keep(self, answer: Answer) -> None:
        given = answer.json if answer.status == 200 and b'"refresh"' in answer.body else {}
        self.access = given.get("access", self.access)
        self.refresh_token = given.get("refresh", self.refresh_token)

    def credential_headers(self) -> dict[str, str]:
        return self.showing(self.access) if self.access else {}

    @property
    def credential(self) -> str:
        return self.access

    def showing(self, credential: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {credential}"}

    def login(self, username: str, password: str) -> Answer:
        return self.send(
            "POST", "/tokens/login/", {}, {"username": username, "password": password}, "logs in"
        )

    def refresh(self, refresh_token: str = "", note: str = "") -> Answer:
        """Change the refresh token, mine or the one given, for a new pair."""
        return self.send(
            "POST", "/tokens/refresh/", {}, {"refresh": refresh_token or self.refresh_token}, note
        )

    def logout(self) -> Answer:
        return self.send("POST", "/tokens/logout/", {}, {"refresh": self.refresh_token}, "logs out")


CLIENTS: dict[str, type[SessionClient] | type[TokenClient]] = {"session": SessionClient, "token": TokenClient}


def logged_in(
    scheme: str, door: Door, username: str, password: str, transcript: Transcript | None = None
) -> Any:
    """A client with a fresh login; what it does from then on is noted. Raises Broken if it is not let in."""
    client = CLIENTS[scheme](door)
    answer = client.login(username, password)
    if answer.status != 200:
        said = answer.failure or f"{answer.status} {answer.body[:200].decode(errors='replace')}"
        raise Broken(f"{username} cannot log in at {client.mount}: {said}")
    client.transcript = transcript
    return client


def compose(door: Door, method: str, path: str, headers: Headers, sent: Any = None) -> bytes:
    """The bytes of a request; a string is sent as a form, everything else as JSON."""
    body, kind = b"", {}
    if isinstance(sent, str):
        body, kind = sent.encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    elif sent is not None:
        body, kind = json.dumps(sent).encode(), {"Content-Type": "application/json"}
    length = {} if method == "GET" else {"Content-Length": str(len(body))}
    lines = {"Host": door.authority, "Accept": "application/json", **headers, **kind, **length}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body
