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
from authcompare.logins import budget, hashing
from authcompare.logins.budget import Locked
from authcompare.logins.models import Login
from authcompare.logins.trail import AuthEvent
from authcompare.logins.users import Superseded

NEW_PASSWORD_REQUIRED = "An administrator asks you to choose a new password, another one than this."
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
    new_password = TextField(max_length=MAX_PASSWORD, allow_blank=True, default="")


def check(request: HttpRequest, scheme: str, username: str, password: str, new_password: str = "") -> Any:
    """The user with this name and password; `scheme` names the door for the trail.

    Never within a transaction (ATOMIC_REQUESTS!): a refusal would roll back what it has counted.
    Where an administrator required it, `new_password` becomes the password, and is not read otherwise.
    Raises Locked when the budget is used up and Busy where too many passwords are checked already (the hasher
    does not run then), Refused for wrong credentials, ValidationError where a new password is required and
    missing or weak.
    """
    keys = budget.reserve(budget.keys_of(request, username, has_logged_in))
    user = _authenticated(request, username, password, keys)
    if user is None:
        is_last_attempt = budget.missed(keys)
        _note(request, AuthEvent.Kind.LOGIN_FAILED, scheme, username)
        if is_last_attempt:  # said once: who is locked out already cannot fill the trail
            _note(request, AuthEvent.Kind.LOCKED, scheme, username)
        raise Refused
    budget.refund(keys)
    if getattr(user, "must_change_password", False):
        _renew(user, new_password)
    return user


def _authenticated(request: HttpRequest, username: str, password: str, keys: list[str]) -> Any:
    """The user, or None; an attempt for which there is no room is given back, it was none."""
    try:
        with hashing.turn():
            return auth.authenticate(request, username=username, password=password)
    except hashing.Busy:
        budget.give_back(keys)
        raise


def has_logged_in(username: str, network: str) -> bool:
    """Whether this account has logged in from there, as long as its logins are kept."""
    there = {"network": network, f"user__{get_user_model().USERNAME_FIELD}": username}
    return any(kind._default_manager.filter(**there).exists() for kind in Login.kinds())


def _renew(user: Any, new: str) -> None:
    if not new or _is_password_of(user, new):
        raise serializers.ValidationError({"new_password": [NEW_PASSWORD_REQUIRED]})
    _judge(new, user)
    try:
        user.change_password(hashing.encoded(new), keep=None)
    except Superseded as superseded:
        raise Refused from superseded


def _is_password_of(user: Any, password: str) -> bool:
    with hashing.turn():
        return bool(user.check_password(password))


def _judge(new: str, user: Any) -> None:
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise serializers.ValidationError({"new_password": error.messages}) from error


def check_api(request: HttpRequest, scheme: str, username: str, password: str, new_password: str = "") -> Any:
    """`check` for API views. Raises WrongCredentials (401), TooManyAttempts (429), ValidationError (400)."""
    try:
        return check(request, scheme, username, password, new_password)
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
        now: Any = type(user)._base_manager.select_for_update().filter(pk=user.pk).first()
        if now is None or (now.password, now.is_active) != (user.password, True):
            raise Refused
        if getattr(now, "must_change_password", False):
            raise Refused
        yield


def _note(request: HttpRequest, kind: AuthEvent.Kind, scheme: str, username: str) -> None:
    place: dict[str, Any] = Login.seen_from(request)
    AuthEvent(kind=kind, scheme=scheme, username=username, ip=place["ip"], device=place["device"]).save()


class PasswordChange(serializers.Serializer):
    """The shape of a password change."""

    old_password = TextField(max_length=MAX_PASSWORD)
    new_password = TextField(max_length=MAX_PASSWORD)


def new_password(request: Request, user: Any) -> tuple[Any, str]:
    """The user as stored now, and the new password encoded; the old one was proven, the new one judged.

    As stored, because a token may still say an older name. Raises ValidationError beside the field that is
    wrong, TooManyAttempts when the budget is used up, Busy where too many passwords are hashed already.
    """
    given = PasswordChange(data=request.data)
    given.is_valid(raise_exception=True)
    old, new = given.validated_data["old_password"], given.validated_data["new_password"]
    named = get_user_model()._default_manager.filter(pk=user.pk).first()
    try:
        name = named.get_username() if named else ""
        stored = check_api(request._request, request.auth.scheme, name, old)  # type: ignore[union-attr]
    except WrongCredentials as wrong:
        raise serializers.ValidationError({"old_password": ["This is not your password."]}) from wrong
    _judge(new, stored)
    return stored, hashing.encoded(new)
