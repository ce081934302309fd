"""Login, refresh, logout, password and the public keys, for programs."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token, rotate_token
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import TokenError

from authcompare.csrf import check_csrf
from authcompare.logins import credentials
from authcompare.logins.models import NOTHING_ENDED, Reason
from authcompare.logins.trail import AuthEvent
from authcompare.logins.users import Superseded
from authcompare.logins.views import presented, require_fresh
from tokens_demo.authentication import (
    CHALLENGE,
    REFUSED,
    BearerAuthentication,
    CookieAuthentication,
    InvalidToken,
    TwoCredentials,
    trusted_origins,
)
from tokens_demo.models import RefreshRefused, TokenFamily
from tokens_demo.tokens import AccessToken, RefreshToken
from tokens_demo.tokens.keys import PUBLIC_SECONDS, ring


@method_decorator(transaction.non_atomic_requests, name="dispatch")  # a refusal must not undo what it counted
class TokenView(APIView):
    """Answers carry tokens, so nobody on the way may keep them (RFC 6749 §5.1)."""

    authentication_classes: Any = []
    permission_classes: Any = [AllowAny]
    challenge = REFUSED

    def get_authenticate_header(self, request: Request) -> str:
        return self.challenge

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)


class TokenLogin(credentials.Credentials):
    """`{username, password, transport?}`."""

    transport = serializers.ChoiceField(
        ["header", "cookie"],
        default="header",
        # Without what was sent, as DRF's own has it: half a surrogate pair cannot be said back.
        error_messages={"invalid_choice": "Choose header or cookie."},
    )


class LoginView(TokenView):
    """`/tokens/login/`: a first-party login API, not an OAuth grant (RFC 9700 §2.4)."""

    challenge = CHALLENGE

    def post(self, request: Request) -> Response:
        given = TokenLogin(data=request.data)
        given.is_valid(raise_exception=True)
        transport = given.validated_data.pop("transport")
        user = credentials.check_api(request._request, TokenFamily.scheme, **given.validated_data)
        family, access = begin(request._request, user, transport)
        if transport == "cookie":
            replace(request, user)
            rotate_token(request._request)  # a CSRF cookie planted before the login is worth nothing after it
        return deliver(request, family, access)


def replace(request: Request, user: Any) -> None:
    """A browser that logs in again gets a new login for its old one, as with a session."""
    try:
        token = verified(request.COOKIES.get(settings.TOKEN_REFRESH_COOKIE), "cookie")
    except InvalidToken:
        return
    TokenFamily.objects.filter(pk=token["sid"]).end(Reason.REPLACED, by=user)


def begin(request: HttpRequest, user: Any, transport: str) -> tuple[TokenFamily, str]:
    """A new family and its access token; without the one (TooLarge) there is not the other.

    Raises WrongCredentials if the user changed between the check of the password and now.
    """
    try:
        with credentials.admitted(user):
            family = TokenFamily.objects.create(
                user=user,
                transport=transport,
                **TokenFamily.beginning(timezone.now()),
                **TokenFamily.seen_from(request),
            )
            family.event(AuthEvent.Kind.LOGIN).save()
            return family, AccessToken.of(family)
    except credentials.Refused as refused:
        raise credentials.WrongCredentials from refused


def deliver(request: Request, family: TokenFamily, access: str) -> Response:
    """A pair of tokens by the family's transport: in the body, or in cookies that no script can read."""
    refresh = RefreshToken.of(family)
    access_age = min(settings.TOKEN_ACCESS_SECONDS, seconds_until(family.expires_at))
    refresh_age = seconds_until(min(family.idle_until, family.expires_at))
    lifetimes: dict[str, Any] = {
        "token_type": "Bearer",
        "expires_in": access_age,
        "refresh_expires_in": refresh_age,
    }
    if family.transport == "header":
        return Response({"access": access, "refresh": refresh, **lifetimes})
    response = Response(lifetimes)
    set_cookie(response, settings.TOKEN_ACCESS_COOKIE, access, access_age)
    set_cookie(response, settings.TOKEN_REFRESH_COOKIE, refresh, refresh_age)
    # What comes by itself needs the CSRF token beside it from now on. A page of another origin cannot read
    # the cookie; CORS shows it this header where its origin is allowed, and only there.
    response["X-CSRFToken"] = get_token(request._request)
    return response


def seconds_until(moment: datetime) -> int:
    """Whole seconds, never negative."""
    return max(0, int((moment - timezone.now()).total_seconds()))


def set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    """HttpOnly and same-site; Secure wherever there is TLS, that is everywhere but in the lab."""
    # No narrower path for the refresh token: `__Host-`, without which a sibling plants its own, allows none.
    response.set_cookie(
        name, value, max_age=seconds, secure=not settings.LAB, httponly=True, samesite="Strict"
    )


def presented_refresh(request: Request) -> tuple[Any, str]:
    """The refresh token and the transport it came by; a cookie comes by itself, so CSRF is checked.

    The token is None where there is none. Raises TwoCredentials, PermissionDenied.
    """
    sent = request.data.get("refresh") if isinstance(request.data, dict) else None
    cookie = request.COOKIES.get(settings.TOKEN_REFRESH_COOKIE)
    if sent is not None and cookie:
        raise TwoCredentials
    if not cookie:
        return sent, "header"
    check_csrf(request, trusted_origins())
    return cookie, "cookie"


def verified(raw: Any, transport: str) -> RefreshToken:
    """Raises InvalidToken."""
    if not isinstance(raw, str):
        raise InvalidToken  # RefreshToken(None) would make a new one
    try:
        token = RefreshToken(raw)  # type: ignore[arg-type]
    except TokenError as error:
        raise InvalidToken from error
    if token["transport"] != transport:
        raise InvalidToken
    return token


class RefreshView(TokenView):
    """`/tokens/refresh/`: a new pair for a refresh token."""

    access_token = AccessToken

    def post(self, request: Request) -> Response:
        raw, transport = presented_refresh(request)
        if raw is None:
            raise serializers.ValidationError({"refresh": ["This field is required."]})
        token = verified(raw, transport)
        try:
            family, access = TokenFamily.objects.refreshed(
                token["sid"], token.jti, token["sub"], self.access_token.of
            )
        except RefreshRefused as refused:
            raise InvalidToken from refused
        return deliver(request, family, access)


class LogoutView(TokenView):
    """`/tokens/logout/`: 200 whatever the token is (RFC 7009 §2.2); ends the family, not just this token."""

    def post(self, request: Request) -> Response:
        raw, transport = presented_refresh(request)
        ended = NOTHING_ENDED
        try:
            token = verified(raw, transport)
        except InvalidToken:
            pass  # it logs nobody in any more, which is what the client wants
        else:
            family = TokenFamily.objects.select_related("user").filter(pk=token["sid"]).first()
            if family is not None and str(family.user_id) == token["sub"]:
                ended = family.end(Reason.LOGOUT, by=family.user)
        response = Response({"detail": "Logged out.", "told_redis": ended.told})
        response["Clear-Site-Data"] = '"cache"'
        if transport == "cookie" or settings.TOKEN_ACCESS_COOKIE in request.COOKIES:
            response.delete_cookie(settings.TOKEN_ACCESS_COOKIE)
            response.delete_cookie(settings.TOKEN_REFRESH_COOKIE)
        return response


class PasswordView(TokenView):
    """`/tokens/password/`: ends every other login of both kinds; this client goes on with a new pair."""

    authentication_classes = [BearerAuthentication, CookieAuthentication]
    permission_classes = APIView.permission_classes
    get_authenticate_header = APIView.get_authenticate_header

    def post(self, request: Request) -> Response:
        require_fresh(presented(request).authenticated_at)
        user, encoded = credentials.new_password(request, request.user)
        family = TokenFamily.objects.active().filter(pk=presented(request).login_id, user=user).first()
        if family is None:
            raise InvalidToken
        family.user = user
        try:
            with transaction.atomic():
                told = user.change_password(encoded, keep=family).told
                told &= family.renew()
                access = AccessToken.of(family)
        except (Superseded, RefreshRefused) as error:
            raise InvalidToken from error
        response = deliver(request, family, access)
        response.data["told_redis"] = told
        return response


@csrf_exempt  # reads only: another method is 405, whoever asks
@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """`/.well-known/jwks.json` (RFC 7517): what others need to verify, and nothing else."""
    response = JsonResponse({"keys": ring().public()})
    response["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return response
