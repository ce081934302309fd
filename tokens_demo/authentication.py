"""Request → user, by an access token: in the Authorization header, or in an HttpOnly cookie."""

from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.middleware.csrf import get_token
from django.utils import timezone
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError

from authcompare.csrf import SAFE, check_csrf
from authcompare.logins import marks
from authcompare.logins.prepared import Given, Prepared
from tokens_demo.models import TokenFamily
from tokens_demo.tokens import AccessToken
from tokens_demo.tokens.remembered import verified_once

CHALLENGE = 'Bearer realm="authcompare"'
REFUSED = f'{CHALLENGE}, error="invalid_token", error_description="Expired, revoked or not ours"'
NOW, PK = Given("now", models.DateTimeField()), Given("pk", models.UUIDField())
LIVE = Prepared(TokenFamily.objects.alive_at(NOW).filter(pk=PK, user__is_active=True), "user")
SENTINEL, SEEDING = "marks:complete", "marks:seeding"
SEEDING_SECONDS = 5  # then another one tries


class InvalidToken(exceptions.AuthenticationFailed):
    """One answer for every refusal: which check failed is nobody's business (RFC 6750 §3.1)."""

    default_detail = "The token is expired, revoked, or not ours."
    default_code = "invalid_token"


class TwoCredentials(exceptions.ParseError):
    """RFC 6750 §2: a client must not use more than one method to send the token."""

    default_detail = "Send one credential: a well-formed Authorization header or the cookie, not both."
    default_code = "invalid_request"
    auth_header = f'{CHALLENGE}, error="invalid_request"'


def trusted_origins() -> list[str]:
    """Whose pages may send the cookies: those that CORS lets in below the token mount."""
    return list(getattr(settings, "CORS_ALLOWED_ORIGINS", ()))


class TokenAuthentication(JWTAuthentication):
    """SimpleJWT's authenticator on our tokens; a token is pinned to the transport it was made for."""

    transport: str

    def __init__(self) -> None:
        """SimpleJWT's looks up the user model, which ours do not ask, for each of them at every request."""

    def authenticate(self, request: Request) -> tuple[Any, AccessToken] | None:
        presented = self.presented(request)
        if presented is None:
            return None
        request.token_refused = True  # type: ignore[attr-defined]  # until proven good; see authenticate_header
        token = self.get_validated_token(presented)
        user = self.get_user(token)
        del request.token_refused  # type: ignore[attr-defined]
        return user, token

    def presented(self, request: Request) -> str | None:
        """The raw token; None if this request does not use this transport."""
        raise NotImplementedError

    def authenticate_header(self, request: Request) -> str:
        """RFC 6750 §3.1: no error code for a stranger, `invalid_token` for a bad token."""
        return REFUSED if hasattr(request, "token_refused") else CHALLENGE

    def refuse(self, request: Request) -> NoReturn:
        """For what needs more than the token's word. Raises InvalidToken."""
        request.token_refused = True  # type: ignore[attr-defined]
        raise InvalidToken

    def get_validated_token(self, raw_token: Any) -> AccessToken:
        """Raises InvalidToken."""
        try:
            claims = verified_once(raw_token, lambda: AccessToken(raw_token).payload)
        except TokenError as error:
            raise InvalidToken from error
        if claims["transport"] != self.transport:
            raise InvalidToken
        return AccessToken.with_claims(claims)

    def get_user(self, validated_token: AccessToken) -> Any:  # type: ignore[override]
        """The user, as TOKEN_CHECK says. Raises InvalidToken."""
        return CHECKS[settings.TOKEN_CHECK](validated_token)


class BearerAuthentication(TokenAuthentication):
    """`Authorization: Bearer …`; the scheme's name in any case (RFC 9110 §11.1)."""

    transport = "header"

    def presented(self, request: Request) -> str | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        if not token or " " in token or request.COOKIES.get(settings.TOKEN_ACCESS_COOKIE):
            raise TwoCredentials
        return token


class CookieAuthentication(TokenAuthentication):
    """The token in an HttpOnly cookie: the browser sends it by itself, so CSRF has to be checked."""

    transport = "cookie"

    def presented(self, request: Request) -> str | None:
        return request.COOKIES.get(settings.TOKEN_ACCESS_COOKIE) or None

    def authenticate(self, request: Request) -> tuple[Any, AccessToken] | None:
        tell_csrf_token(request)
        answer = super().authenticate(request)
        if answer is not None:
            check_csrf(request, trusted_origins())
        return answer


def tell_csrf_token(request: Request) -> None:
    """Every answer to a safe request with our cookies says the CSRF token, a refusal too: a refresh needs it.

    A page of another origin cannot read the CSRF cookie; CORS shows it this header if its origin is let in.
    So a new tab goes on, and one whose token another tab has replaced by a new login.
    """
    ours = {settings.TOKEN_ACCESS_COOKIE, settings.TOKEN_REFRESH_COOKIE}
    if request.method in SAFE and ours & request.COOKIES.keys():
        known = request.META.get("CSRF_COOKIE")  # found well-formed by Django; get_token() would set it again
        told = {"X-CSRFToken": known or get_token(request._request), "Cache-Control": "no-store"}
        request.parser_context["view"].headers.update(told)


def by_claims(token: AccessToken) -> Any:
    """`none`: the token's word. Ended logins and changed rights are seen when it expires, not before."""
    known = {"username": token["username"], "is_staff": token["is_staff"], "is_active": True}
    try:
        return TokenFamily.users().snapshot(token["sub"], known)
    except ValidationError as error:
        raise InvalidToken from error


def by_denylist(token: AccessToken) -> Any:
    """`denylist`: the token's word, unless there is a mark; one round trip to Redis.

    The sentinel lives 60 s. Where it is missing, Redis was emptied or it is time: marks are written again
    from the database, so that one lost with Redis is missed for at most that long.
    """
    answer = marks.read(marks.mark_key(token.login_id), SENTINEL)
    if answer is None:
        return by_database(token)
    mark, sentinel = answer
    if sentinel is None:
        seed_marks()
    return by_claims(token) if mark is None and sentinel is not None else by_database(token)


def by_database(token: AccessToken) -> Any:
    """`database`: the family must be active; one SELECT brings its user along."""
    family = LIVE.first(pk=token.login_id, now=timezone.now())
    if family is None or str(family.user_id) != token["sub"]:
        raise InvalidToken
    if token["auth_time"] < int(family.authenticated_at.timestamp()):
        raise InvalidToken  # from before a password change that this family outlived
    return family.user


CHECKS = {"none": by_claims, "denylist": by_denylist, "database": by_database}


def seed_marks() -> None:
    """Write the marks of everything that ended within their lifetime, and only then the sentinel."""
    try:
        if not marks.redis().set(SEEDING, b"1", nx=True, ex=SEEDING_SECONDS):
            return  # somebody does it already; meanwhile everybody asks the database
        if marks.write(TokenFamily.objects.recently_marked()):
            marks.redis().set(SENTINEL, b"1", ex=marks.COPY_SECONDS)
    except RedisError as error:
        marks.breaker.failed(error)
