"""Request → user, by the session cookie: the middleware for pages and the authenticator for the API."""

from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth import middleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from authcompare.csrf import check_csrf
from authcompare.problems import wants_page
from sessions_demo.models import Session


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    """Django's, but the user comes with the session; a second query would fetch what is already here."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.session.ask_early()  # type: ignore[attr-defined]
        request.user = SimpleLazyObject(lambda: request.session.user or AnonymousUser())  # type: ignore[attr-defined,assignment]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        request.session.settle()  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A view gave a new key to a login that has ended, be it by that view: Django's own for passwords."""
        if not isinstance(exception, UpdateError):
            return None
        if not wants_page(request):
            raise SessionInterrupted from exception
        return redirect_to_login(request.get_full_path())


class SessionAuthentication(BaseAuthentication):
    """DRF's, but with a challenge (so a stranger gets 401, not 403) and with the login as `request.auth`."""

    def authenticate(self, request: Request) -> tuple[Any, Session] | None:
        session = request._request.session
        user = session.user  # type: ignore[attr-defined]
        if user is None:
            return None
        check_csrf(request)
        return user, session.login  # type: ignore[attr-defined]

    def authenticate_header(self, request: Request) -> str:
        """Not a registered scheme, but says to a program what RFC 9110 wants said: what would be accepted."""
        name = settings.SESSION_COOKIE_NAME
        return f'Cookie realm="authcompare", form-action="{settings.LOGIN_URL}", cookie-name="{name}"'

    def refuse(self, request: Request) -> NoReturn:
        """For what needs more than a copy of the session. Raises NotAuthenticated."""
        raise NotAuthenticated
