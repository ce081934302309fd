"""Who answered, and my active logins: written once, mounted per scheme in `authcompare/urls.py`."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authcompare.logins.models import Ended, Login, Reason
from authcompare.problems import Reauthenticate


class Presented(Protocol):
    """What `request.auth` is under every scheme: the login, as far as the credential tells."""

    @property
    def scheme(self) -> str: ...
    @property
    def login_id(self) -> Any: ...
    @property
    def authenticated_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...


def presented(request: Request) -> Any:
    """`request.auth` as what it is here; DRF's stubs know only their own tokens."""
    return request.auth


def who_answered(user: Any, presented: Presented, authenticated_by: str) -> dict[str, Any]:
    """The body of `me/`. `expires_at` is when the presented credential ends at the latest."""
    login, until = presented.login_id, presented.expires_at
    return {
        "id": user.pk,
        "username": user.get_username(),
        "is_staff": user.is_staff,
        "scheme": presented.scheme,
        "authenticated_by": authenticated_by,
        # As text: the encoder would go through a dozen types to find out what they are.
        "login": login and str(login),
        "expires_at": until and until.isoformat().replace("+00:00", "Z"),
    }


def require_fresh(authenticated_at: datetime) -> None:
    """Raises Reauthenticate when the password was asked for too long ago (ASVS 7.5.2)."""
    limit = timedelta(seconds=settings.REAUTHENTICATE_AFTER_SECONDS)
    if timezone.now() - authenticated_at > limit:
        raise Reauthenticate


def require_alive(request: Request, kind: type[Login]) -> None:
    """To end others one's own login must not have ended: a token or a copy may be believed for longer."""
    logins: Any = kind._default_manager
    if not logins.filter(user_id=request.user.pk, pk=presented(request).login_id).active().exists():
        authenticator: Any = request.successful_authenticator
        authenticator.refuse(request)


def done(ended: Ended) -> Response:
    """204; but where Redis could not be told, 200 that says so: a copy may answer for up to 60 s more."""
    if ended.told:
        return Response(status=status.HTTP_204_NO_CONTENT)
    return Response({"ended": ended.count, "told_redis": False})


class Me(APIView):
    """The protected resource at its smallest: says who the server takes you for, and why."""

    def get(self, request: Request) -> Response:
        by = type(request.successful_authenticator).__name__
        return Response(who_answered(request.user, presented(request), by))


class LoginSerializer(serializers.Serializer):
    """A login as its owner sees it. Never anything that logs in."""

    id = serializers.UUIDField()
    device = serializers.CharField()
    ip = serializers.IPAddressField(allow_null=True)
    created_at = serializers.DateTimeField()
    authenticated_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    idle_until = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    current = serializers.SerializerMethodField()

    def get_current(self, login: Login) -> bool:
        """True on the login that asks."""
        return str(login.pk) == str(self.context["request"].auth.login_id)


class Active(APIView):
    """My active logins of one kind: this one, then the newest, 100 at most; how many there are says a header.

    DELETE ends all of them, `?others=true` all but this one, whether they are listed or not.
    """

    kind: type[Login] = Login  # type: ignore[type-abstract]

    def get(self, request: Request) -> Response:
        mine = self.mine(request)
        listed = mine.listed("-created_at", presented(request).login_id)
        body = LoginSerializer(listed, many=True, context={"request": request}).data
        return Response(body, headers={"X-Total-Count": str(mine.count())})

    def delete(self, request: Request) -> Response:
        require_fresh(presented(request).authenticated_at)
        require_alive(request, self.kind)
        logins = self.mine(request)
        others = request.query_params.get("others", "false")
        if others not in ("true", "false"):
            raise serializers.ValidationError({"others": ["true or false"]})
        if others == "true":
            logins = logins.exclude(pk=presented(request).login_id)
        ended = logins.end(Reason.REMOTE, by=request.user)
        return Response({"ended": ended.count, "told_redis": ended.told})

    def mine(self, request: Request) -> Any:
        """The user's active logins of this kind."""
        logins: Any = self.kind._default_manager
        return logins.filter(user_id=request.user.pk).active()


class ActiveOne(Active):
    """One of my active logins; DELETE ends it."""

    http_method_names = ["delete", "options"]

    def delete(self, request: Request, pk: uuid.UUID) -> Response:  # type: ignore[override]
        current = str(pk) == str(presented(request).login_id)
        if not current:
            require_fresh(presented(request).authenticated_at)
            require_alive(request, self.kind)
        reason = Reason.LOGOUT if current else Reason.REMOTE
        ended = self.mine(request).filter(pk=pk).end(reason, by=request.user)
        if not ended.count:
            raise NotFound
        return done(ended)
