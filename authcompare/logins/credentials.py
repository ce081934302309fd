"""Username and password → user. Every door goes through here: form, JSON, token, password change."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import auth
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from authcompare.fields import TextField
from authcompare.logins import budget
from authcompare.logins.budget import Locked
from authcompare.logins.models import Login
from authcompare.logins.trail import AuthEvent

MAX_PASSWORD = 4096  # far above the 64 characters of ASVS 6.2.9, and a bound for the hasher


class Refused(Exception):
    """Unknown user, inactive user, wrong password: one answer for all, after the same work."""

    sentence = "Username or password is wrong."


class WrongCredentials(exceptions.AuthenticationFailed):
    """Refused, as an answer of an API."""

    default_detail = Refused.sentence
    default_code = "credentials"


class TooManyAttempts(exceptions.Throttled):
    """Locked, as an answer of an API: 429 with Retry-After."""

    default_code = "locked"

    def __init__(self, locked: Locked) -> None:
        super().__init__(wait=locked.retry_after, detail=locked.sentence)
        self.detail = exceptions.ErrorDetail(locked.sentence, "locked")


class Credentials(serializers.Serializer):
    """The shape of a login. The password is taken exactly as received (ASVS 6.2.8): nothing is trimmed."""

    username = TextField(max_length=150)
    password = TextField(max_length=MAX_PASSWORD)


def check(request: HttpRequest, username: str, password: str) -> Any:
    """The user with this name and password.

    Raises Locked when the budget is used up (the hasher does not run then), Refused otherwise.
    """
    keys = budget.keys_of(request, username)
    is_last_attempt = budget.reserve(keys)
    user = auth.authenticate(request, username=username, password=password)
    if user is None:
        _note(request, AuthEvent.Kind.LOGIN_FAILED, username)
        if is_last_attempt:  # said once: who is locked out already cannot fill the trail
            _note(request, AuthEvent.Kind.LOCKED, username)
        raise Refused
    budget.refund(keys)
    return user


def check_api(request: HttpRequest, username: str, password: str) -> Any:
    """`check` for API views. Raises WrongCredentials (401) or TooManyAttempts (429)."""
    try:
        return check(request, username, password)
    except Locked as locked:
        raise TooManyAttempts(locked) from locked
    except Refused as refused:
        raise WrongCredentials from refused


@contextmanager
def admitted(user: AbstractBaseUser) -> Iterator[None]:
    """A transaction in which a login of `user` may be made; Refused if the user changed since `check`.

    The lock on the user row makes a login wait for a password change or deactivation that is under way.
    Without it the login would be written just after the change had ended all the others, and survive.
    """
    with transaction.atomic():
        users: Any = type(user)._base_manager.select_for_update()
        now = users.filter(pk=user.pk).values_list("password", "is_active").first()
        if now != (user.password, True):
            raise Refused
        yield


def _note(request: HttpRequest, kind: AuthEvent.Kind, username: str) -> None:
    place: dict[str, Any] = Login.seen_from(request)
    AuthEvent(kind=kind, username=username, ip=place["ip"], device=place["device"]).save()


class PasswordChange(serializers.Serializer):
    """The shape of a password change."""

    old_password = TextField(max_length=MAX_PASSWORD)
    new_password = TextField(max_length=MAX_PASSWORD)


def new_password(request: Request, user: Any) -> tuple[Any, str]:
    """The user as stored now, and the new password, after the old one was proven and the new one judged.

    As stored, because a token may still say an older name. Raises ValidationError beside the field that is
    wrong, TooManyAttempts when the budget is used up.
    """
    given = PasswordChange(data=request.data)
    given.is_valid(raise_exception=True)
    old, new = given.validated_data["old_password"], given.validated_data["new_password"]
    named = get_user_model()._default_manager.filter(pk=user.pk).first()
    try:
        stored = check_api(request._request, named.get_username() if named else "", old)
    except WrongCredentials as wrong:
        raise serializers.ValidationError({"old_password": ["This is not your password."]}) from wrong
    try:
        validate_password(new, stored)
    except ValidationError as error:
        raise serializers.ValidationError({"new_password": error.messages}) from error
    return stored, new
