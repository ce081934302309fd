"""A fresh login of each set-up, as the header that shows it; made by the library's own means."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

Header = tuple[str, str]


def session(user: Any) -> Header:
    """What `login()` writes, in whatever engine."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return "Cookie", f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def simple_jwt(user: Any) -> Header:
    """With the claims that `me/` shows, so that it needs no query where the set-up makes none."""
    from rest_framework_simplejwt.tokens import AccessToken

    token = AccessToken.for_user(user)
    token["username"], token["is_staff"] = user.get_username(), user.is_staff
    return "Authorization", f"Bearer {token}"


def drf_token(user: Any) -> Header:
    """Lives for ever."""
    from rest_framework.authtoken.models import Token

    return "Authorization", f"Token {Token.objects.create(user=user).key}"


def knox(user: Any) -> Header:
    """Lives ten hours."""
    from knox.models import AuthToken

    return "Authorization", f"Token {AuthToken.objects.create(user)[1]}"
