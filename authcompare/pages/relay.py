"""A step of `/side-by-side/` without JavaScript: a form of the page becomes the request that it stands for.

The request goes through everything a request goes through, with the browser's own cookies, and is recorded as
what it is; this stands outside of the recording, so that nothing is recorded twice.
"""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from authcompare.forms import SeeOther
from authcompare.pages.steps import Being, State, asks
from authcompare.pages.walk import BY_NUMBER
from authcompare.wire import HEADER

PATH = "/side-by-side/do/"
SCHEME = "session"  # the one a browser speaks by itself

GetResponse = Callable[[HttpRequest], HttpResponse]


class Relay:
    """Answers `POST /side-by-side/do/`; everything else passes."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH or request.method != "POST":
            return self.get_response(request)
        return Run(self.get_response, request).response()


class Run:
    """One form, sent on."""

    def __init__(self, get_response: GetResponse, request: HttpRequest) -> None:
        self.get_response, self.request = get_response, request
        self.form = request.POST
        self.step = BY_NUMBER.get(_number(self.form.get("step", "")), BY_NUMBER[1])
        self.before = State.parse(self.form.get(SCHEME, ""))
        self.now = Being.named(self.form.get("being", ""))
        self.cookies = dict(request.COOKIES)
        self.csrf = self.form.get("csrfmiddlewaretoken", "")
        self.login = self.before.login
        self.ids: list[str] = []
        self.answers: list[HttpResponse] = []

    def response(self) -> HttpResponse:
        """Back to the page, which shows what was answered."""
        self.send_all()
        done = State(self.step.number, self.login, tuple(self.ids))
        state = {"step": self.step.number, SCHEME: str(done), "token": self.form.get("token", "")}
        run = {"run": "token"} if "both" in self.form else {}
        response = SeeOther(f"/side-by-side/?{urlencode(state | run)}", headers={"Cache-Control": "no-store"})
        for answer in self.answers:
            response.cookies.update(answer.cookies)
        return response

    def send_all(self) -> None:
        """Up to the first step before this one that does not succeed."""
        for ask in asks(BY_NUMBER, SCHEME, self.step, self.now):
            answer = self.send(**ask)
            if ask["own"] or answer.status_code >= 400:
                self.ids.append(answer.headers.get(HEADER, ""))
            else:
                self.login = answer.headers.get(HEADER, "")
            if answer.status_code >= 400:
                return

    def send(self, method: str, path: str, body: Mapping[str, str] | None, **_: Any) -> HttpResponse:
        """One request through all of the system."""
        filled = {name: _filled(value, self.form) for name, value in body.items()} if body else None
        content = json.dumps(filled).encode() if filled else b""
        answer = self.get_response(WSGIRequest(self.environ(method, path, content)))
        self.answers.append(answer)
        for name, morsel in answer.cookies.items():
            self.cookies[name] = morsel.value
        # A login makes a new CSRF token; the form still has the old one.
        self.csrf = (
            self.cookies[settings.CSRF_COOKIE_NAME]
            if settings.CSRF_COOKIE_NAME in answer.cookies
            else self.csrf
        )
        self.cookies = {name: value for name, value in self.cookies.items() if value}
        return answer

    def environ(self, method: str, path: str, content: bytes) -> dict[str, Any]:
        """The browser's request, aimed at another address."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return self.request.META | {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json" if content else "",
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": io.BytesIO(content),
            "HTTP_ACCEPT": "application/json",
            "HTTP_COOKIE": cookies.encode().decode("latin-1"),  # as WSGI has it (PEP 3333)
            settings.CSRF_HEADER_NAME: self.csrf,
        }


def _number(text: str) -> int:
    return int(text) if text in "12345678" and len(text) == 1 else 0


def _filled(value: str, form: Mapping[str, str]) -> str:
    """`{username}` and `{password}` come from the form."""
    return form.get(value[1:-1], "") if value.startswith("{") else value
