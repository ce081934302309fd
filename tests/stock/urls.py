"""`me/` behind the set-up's authenticator and, in the same process, `open/me/` behind none: the base."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class OpenAuthentication(BaseAuthentication):
    """One user, already in memory: the physical limit to measure against."""

    def authenticate(self, request: Request) -> tuple[Any, None]:
        return ALICE, None


class Me(APIView):
    """Who the server takes you for; as ours, without what only ours knows."""

    def get(self, request: Request) -> Response:
        user = request.user
        by = type(request.successful_authenticator).__name__
        return Response(
            {"id": user.pk, "username": user.username, "is_staff": user.is_staff, "authenticated_by": by}
        )


def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up."""
    return HttpResponse("up")


ALICE = get_user_model()(pk=1, username="alice")

urlpatterns = [
    path("healthz", healthz),
    path("me/", Me.as_view(authentication_classes=[import_string(settings.AUTHENTICATOR)])),
    path("open/me/", Me.as_view(authentication_classes=[OpenAuthentication])),
]
