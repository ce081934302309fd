"""The two kinds of token. Their claims come from the family's row, so that the same row says the same."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework_simplejwt.tokens import Token

from tokens_demo.models import TokenFamily
from tokens_demo.tokens.backend import MAX_LENGTH, StrictBackend
from tokens_demo.tokens.extra import extra_claims

COOKIE_BYTES = 4096  # of name and value together; browsers drop a larger one without a word


class TooLarge(APIException):
    """The token would be dropped on its way; said when it is made.

    422: the request is well formed and understood, but for this user its transport cannot be served. Sending
    it again is pointless (so no 5xx), another transport may do, and the request is not too large (no 413).
    """

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "token_too_large"


class FamilyToken(Token):
    """SimpleJWT's token, of a family; its type is in the header (`typ`), where RFC 8725 wants it."""

    scheme: ClassVar[str] = "token"
    typ: ClassVar[str]
    cookie_setting: ClassVar[str]
    lifetime = timedelta(0)  # SimpleJWT asks for one; ours follow from the family at each use

    def get_token_backend(self) -> StrictBackend:
        return StrictBackend(self.typ)

    def verify(self) -> None:
        """Everything has been verified by the backend, before the first claim was read."""

    @classmethod
    def of(cls, family: TokenFamily) -> str:
        """The signed token. Raises TooLarge if its transport would not carry it."""
        token = cls()
        token.payload = {
            "iss": settings.TOKEN_ISSUER,
            "aud": settings.TOKEN_AUDIENCE,
            "client_id": settings.TOKEN_ISSUER,
            "sub": str(family.user_id),
            "sid": str(family.pk),
            "transport": family.transport,
            "auth_time": int(family.authenticated_at.timestamp()),
            **cls.own_claims(family),
        }
        signed = str(token)
        limit = cls.limit(family.transport)
        if len(signed) > limit:
            raise TooLarge(f"The token has {len(signed)} bytes; a {family.transport} carries {limit}.")
        return signed

    @classmethod
    def limit(cls, transport: str) -> int:
        """How many bytes of token the transport carries."""
        return (
            MAX_LENGTH if transport == "header" else COOKIE_BYTES - len(getattr(settings, cls.cookie_setting))
        )

    @classmethod
    def own_claims(cls, family: TokenFamily) -> dict[str, Any]:
        """`jti`, `iat`, `exp` and what this kind says besides."""
        raise NotImplementedError

    @classmethod
    def with_claims(cls, claims: dict[str, Any]) -> Self:
        """A token that has been verified before."""
        token = cls.__new__(cls)
        token.payload = claims
        return token

    @property
    def login_id(self) -> str:
        """The login this token belongs to."""
        return str(self.payload["sid"])

    @property
    def authenticated_at(self) -> datetime:
        """When the password was asked for."""
        return datetime.fromtimestamp(self.payload["auth_time"], tz=UTC)

    @property
    def expires_at(self) -> datetime:
        """When this very token ends."""
        return datetime.fromtimestamp(self.payload["exp"], tz=UTC)


class AccessToken(FamilyToken):
    """Shown with every request; shaped by RFC 9068."""

    token_type = "access"
    typ = "at+jwt"
    cookie_setting = "TOKEN_ACCESS_COOKIE"

    @classmethod
    def own_claims(cls, family: TokenFamily) -> dict[str, Any]:
        now = timezone.now()
        exp = min(now + timedelta(seconds=settings.TOKEN_ACCESS_SECONDS), family.expires_at)
        return {
            **extra_claims(family.user),
            "jti": str(uuid.uuid4()),
            "iat": int(now.timestamp()),
            "exp": int(exp.timestamp()),
            "username": family.user.get_username(),
            "is_staff": family.user.is_staff,
        }


class RefreshToken(FamilyToken):
    """Shown only to refresh and log out. A repeat within the grace makes the same claims."""

    token_type = "refresh"
    typ = "rt+jwt"
    cookie_setting = "TOKEN_REFRESH_COOKIE"

    @property
    def jti(self) -> uuid.UUID:
        """Which one of the family's refresh tokens this is."""
        return uuid.UUID(self.payload["jti"])

    @classmethod
    def own_claims(cls, family: TokenFamily) -> dict[str, Any]:
        return {
            "jti": str(family.current_jti),
            "iat": int(family.issued_at.timestamp()),
            "exp": int(min(family.idle_until, family.expires_at).timestamp()),
        }
