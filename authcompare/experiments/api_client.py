"""A client for the token API, for programs that other people write. Copy it; it needs Python alone.

    with ApiClient("https://compare.example", "alice", password) as api:
        notes = api.call("GET", "/tokens/notes/")
        api.call("POST", "/tokens/notes/", {"text": "from a program"})

One client may be used by many threads. It refreshes ahead of expiry, one refresh at a time, and tries once
more when the server refuses a token that should have been good. Leaving the block logs out.
"""

import json
import threading
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Self
from urllib.parse import urlsplit

AHEAD_SECONDS = 30  # refresh this long before the access token expires, or at half its life if that is less
TIMEOUT_SECONDS = 10


class ApiError(Exception):
    """The server said no; `problem` says why (RFC 9457)."""

    def __init__(self, status: int, problem: Any) -> None:
        super().__init__(f"{status} {problem}")
        self.status, self.problem = status, problem


class LoggedOut(ApiError):
    """The login has ended or expired: log in again."""


class ApiClient:
    """Logged in from the start until `logout`."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._server = urlsplit(url)
        if self._server.scheme != "https" and self._server.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError(f"'{url}': a password goes over https only, except to this machine.")
        self._one_refresh = threading.Lock()
        self._access, self._refresh, self._refresh_at = "", "", float("-inf")
        self._keep(self._send("POST", "/tokens/login/", {"username": username, "password": password}))

    def call(self, method: str, path: str, sent: Any = None) -> Any:
        """The answer's JSON; None where there is none. Raises ApiError, LoggedOut, OSError."""
        access = self._access if time.monotonic() < self._refresh_at else self._refreshed(self._access)
        try:
            return self._send(method, path, sent, access)
        except ApiError as error:
            if error.status != 401:
                raise
        return self._send(method, path, sent, self._refreshed(access))

    def logout(self) -> None:
        """End the login on the server, and forget the tokens."""
        with self._one_refresh:
            self._send("POST", "/tokens/logout/", {"refresh": self._refresh})
            self._access, self._refresh, self._refresh_at = "", "", float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.logout()

    def _refreshed(self, used: str) -> str:
        """An access token other than `used`: another thread may have got it while this one waited."""
        with self._one_refresh:
            if self._access == used:
                try:
                    self._keep(self._refresh_twice())
                except ApiError as error:
                    if error.status == 401:
                        raise LoggedOut(error.status, error.problem) from error
                    raise
            return self._access

    def _refresh_twice(self) -> Any:
        """An answer that got lost is asked for again at once; much later the same would look like theft."""
        sent = {"refresh": self._refresh}
        try:
            return self._send("POST", "/tokens/refresh/", sent)
        except OSError:
            return self._send("POST", "/tokens/refresh/", sent)

    def _keep(self, pair: dict[str, Any]) -> None:
        life = pair["expires_in"]
        self._refresh_at = time.monotonic() + max(life - AHEAD_SECONDS, life / 2)
        self._access, self._refresh = pair["access"], pair["refresh"]

    def _send(self, method: str, path: str, sent: Any = None, access: str = "") -> Any:
        """One request. Redirects are not followed: they would take the token along."""
        kind = HTTPSConnection if self._server.scheme == "https" else HTTPConnection
        connection = kind(self._server.netloc, timeout=TIMEOUT_SECONDS)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if access:
            headers["Authorization"] = f"Bearer {access}"
        try:
            connection.request(method, path, None if sent is None else json.dumps(sent), headers)
            answer = connection.getresponse()
            content = answer.read()
        except HTTPException as error:
            raise ConnectionError(f"{self._server.netloc} did not answer in HTTP") from error
        finally:
            connection.close()
        return understood(answer.status, content)


def understood(status: int, content: bytes) -> Any:
    """The JSON of a success. Raises ApiError for everything else."""
    try:
        said = json.loads(content) if content else None
    except ValueError:
        said = content.decode(errors="replace")
    if not 200 <= status < 300:
        raise ApiError(status, said)
    return said
