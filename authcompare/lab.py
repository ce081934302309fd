"""What exists only in the lab: the loopback rule, and the mount without authentication to measure against."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from authcompare.logins.budget import client_address
from authcompare.problems import problem

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")  # a proxy's words, as WSGI has them


class LoopbackOnly:
    """A lab lets people break things on purpose, so it answers this machine only.

    Host names are limited by ALLOWED_HOSTS (.localhost, .test), which also stops DNS rebinding.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_from_here(request):
            return self.get_response(request)
        return problem(403, "lab", "The lab answers connections from this machine only.")


def is_from_here(request: HttpRequest) -> bool:
    """Whether connection and client are of this machine; behind a proxy beside us all connections are.

    So what was forwarded is answered only behind proxies of ours, and by the address that they wrote.
    """
    peer = request.META["REMOTE_ADDR"]  # empty on a Unix socket, which is this machine too
    if peer and not _is_loopback(peer):
        return False
    if not any(header in request.META for header in FORWARDED):
        return True
    return settings.TRUSTED_PROXIES > 0 and _is_loopback(client_address(request))


def _is_loopback(address: str | None) -> bool:
    return address is not None and ipaddress.ip_address(address).is_loopback


@dataclass(frozen=True, slots=True)
class NoLogin:
    """Stands where a login stands on the other mounts, so that `me/` has the same shape."""

    scheme: str = "open"
    login_id: str | None = None
    authenticated_at: datetime | None = None
    expires_at: datetime | None = None


@cache
def _alice() -> Any:
    return get_user_model().objects.get(username="alice")


class OpenAuthentication(BaseAuthentication):
    """Everybody is alice, from memory: what a request costs when authentication costs nothing."""

    def authenticate(self, request: Request) -> tuple[Any, NoLogin]:
        try:
            return _alice(), NoLogin()
        except get_user_model().DoesNotExist as error:
            raise AuthenticationFailed("Run `manage.py demousers` first: /open/ answers as alice.") from error

    def authenticate_header(self, request: Request) -> str:
        return 'Open realm="authcompare"'
