"""The only place where a scheme meets the resource: the same views, mounted with other authenticators."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

import sessions_demo.urls
import tokens_demo.urls
from authcompare import health
from authcompare.lab import OpenAuthentication
from authcompare.logins.models import Login
from authcompare.logins.views import Active, ActiveOne, Me
from authcompare.notes.views import NoteDetail, NoteList, NotesPage
from authcompare.pages import acts
from authcompare.pages.api_docs import Docs, Schema
from sessions_demo.authentication import SessionAuthentication
from sessions_demo.models import Session
from sessions_demo.views import LogoutView
from tokens_demo.authentication import BearerAuthentication, CookieAuthentication
from tokens_demo.models import TokenFamily
from tokens_demo.views import jwks

READ_ONLY = ["get", "head", "options"]


def resource(*authenticators: type, **how: Any) -> list[Any]:
    """The protected resource, reached through `authenticators`."""
    how["authentication_classes"] = authenticators
    return [
        path("me/", Me.as_view(**how)),
        path("notes/", NoteList.as_view(**how)),
        path("notes/<int:pk>/", NoteDetail.as_view(**how)),
    ]


def logins(kind: type[Login], *authenticators: type) -> list[Any]:
    """My active logins of one kind."""
    how: dict[str, Any] = {"authentication_classes": authenticators, "kind": kind}
    return [path("active/", Active.as_view(**how)), path("active/<uuid:pk>/", ActiveOne.as_view(**how))]


BY_SESSION = (SessionAuthentication,)
BY_TOKEN = (BearerAuthentication, CookieAuthentication)

sessions = [path("", NotesPage.as_view()), *resource(*BY_SESSION), *logins(Session, *BY_SESSION)]
tokens = [*resource(*BY_TOKEN), *logins(TokenFamily, *BY_TOKEN)]

urlpatterns = [
    path("", include("authcompare.pages.urls")),
    path("sessions/", include([*sessions, *sessions_demo.urls.urlpatterns])),
    path("tokens/", include([*tokens, *tokens_demo.urls.urlpatterns])),
    path(".well-known/jwks.json", jwks),
    path("api/schema/", Schema.as_view(), name="schema"),
    path("api/docs/", Docs.as_view()),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    # The admin has no login of its own: one door, one budget for guessing.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/logout/", LogoutView.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password")),
    path("admin/", admin.site.urls),
]

if settings.LAB:
    by_session: dict[str, Any] = {"authentication_classes": BY_SESSION, "kind": Session}
    by_token: dict[str, Any] = {"authentication_classes": BY_TOKEN, "kind": TokenFamily}
    urlpatterns += [
        path("open/", include(resource(OpenAuthentication, http_method_names=READ_ONLY))),
        path("attacks/", include("authcompare.pages.attacks.urls")),
        path("side-by-side/session/expire/", acts.Expire.as_view(**by_session)),
        path("side-by-side/session/end/", acts.EndElsewhere.as_view(**by_session)),
        path("side-by-side/token/expire/", acts.ExpireSoon.as_view()),
        path("side-by-side/token/end/", acts.EndElsewhere.as_view(**by_token)),
    ]

handler400 = "authcompare.problems.bad_request"
handler403 = "authcompare.problems.permission_denied"
handler404 = "authcompare.problems.not_found"
handler500 = "authcompare.problems.server_error"
