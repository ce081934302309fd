"""Login, logout, password and devices, for pages and programs; all of it works without JavaScript."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework import exceptions
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from authcompare.csrf import check_csrf
from authcompare.forms import FormView, SeeOther
from authcompare.logins import credentials, overview
from authcompare.logins.ends import late
from authcompare.logins.models import NOTHING_ENDED, Ended, Login, Reason, end_logins_of
from authcompare.logins.trail import AuthEvent
from authcompare.logins.users import Superseded
from authcompare.logins.views import done, presented, require_alive, require_fresh, who_answered
from authcompare.problems import wants_page
from sessions_demo.authentication import SessionAuthentication
from sessions_demo.models import Session


@method_decorator(transaction.non_atomic_requests, name="dispatch")  # a refusal must not undo what it counted
class SessionView(FormView):
    """Every view here knows the browser by its session; unsafe requests need the CSRF token, also a login."""

    authentication_classes = [SessionAuthentication]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # The authenticator checks CSRF, too, but only for whom it knows: a forged *login* would pass.
        # A method that is not there shall be 405 to whoever asks.
        if request.method in self.allowed_methods:
            check_csrf(request)
        super().initial(request, *args, **kwargs)

    def notice(self) -> str:
        """What the page before left to be said on this one."""
        return " ".join(str(one) for one in messages.get_messages(self.request._request))


class LoginView(SessionView):
    """`/sessions/login/`: a form, or JSON `{username, password}`."""

    template_name = "sessions/login.html"
    permission_classes = [AllowAny]
    anonymous_may_see = True

    def post(self, request: Request) -> HttpResponseBase:
        given = credentials.Credentials(data=request.data)
        given.is_valid(raise_exception=True)
        user = credentials.check_api(request._request, Session.scheme, **given.validated_data)
        login = begin(request._request, user)
        if wants_page(request._request):
            return SeeOther(self.next_address() or settings.LOGIN_REDIRECT_URL)
        return Response(who_answered(user, login, SessionAuthentication.__name__))

    def context(self) -> dict[str, Any]:
        username = self.sent().get("username", "")
        return {"username": username, "next": self.next_address(), "notice": self.notice()}

    def sent(self) -> Mapping[str, Any]:
        """What the form holds: its fields, or the address it was opened with."""
        if self.request.method != "POST":
            return self.request.query_params
        return self.request.data if isinstance(self.request.data, Mapping) else {}

    def next_address(self) -> str:
        """Where to go after the login; only to places of this site."""
        address = str(self.sent().get("next", ""))
        hosts, https = {self.request.get_host()}, self.request.is_secure()
        return address if url_has_allowed_host_and_scheme(address, hosts, require_https=https) else ""


def begin(request: HttpRequest, user: Any) -> Session:
    """A new login under a new key, also for the same user; nothing of the session before survives.

    Raises WrongCredentials if the user changed between the check of the password and now.
    """
    session: Any = request.session
    try:
        with credentials.admitted(user):
            if session.login is not None:
                session.login.end(Reason.REPLACED, by=user)
            session.flush()
            session.seen_from = Session.seen_from(request)
            auth.login(request, user)
            session.save()
            session.login.event(AuthEvent.Kind.LOGIN).save()
    except credentials.Refused as refused:
        raise credentials.WrongCredentials from refused
    return session.login


class LogoutView(SessionView):
    """`/sessions/logout/`: ends the login on the server, then tells the browser to forget."""

    http_method_names = ["post", "options"]
    permission_classes = [AllowAny]

    def post(self, request: Request) -> HttpResponseBase:
        login = request._request.session.login  # type: ignore[attr-defined]
        ended = login.end(Reason.LOGOUT, by=login.user) if login is not None else NOTHING_ENDED
        auth.logout(request._request)
        response: Any = done(ended)
        if wants_page(request._request):
            response = SeeOther(settings.LOGIN_URL)
            if not ended.told:
                messages.warning(request._request, late())
        response["Clear-Site-Data"] = '"cache"'
        return response


class PasswordView(SessionView):
    """`/sessions/password/`: ends every other login of both kinds; this browser goes on under a new key."""

    template_name = "sessions/password.html"

    def post(self, request: Request) -> HttpResponseBase:
        require_fresh(presented(request).authenticated_at)
        user, encoded = credentials.new_password(request, request.user)
        session: Any = request._request.session
        try:
            # If the database fails in here, the answer is a 5xx, with which Django sends no cookie: the old
            # key stays in the browser, and the rollback gives that its row back.
            with transaction.atomic():
                ended = user.change_password(encoded, keep=session.login)
                session.cycle_key()
                session[HASH_SESSION_KEY] = user.get_session_auth_hash()
                session.save()
                ended += Ended(0, session.told)
        except (Superseded, UpdateError) as error:
            raise credentials.WrongCredentials from error
        if wants_page(request._request):
            messages.success(request._request, f"{_('Password changed.')} {DevicesView.said(ended)}")
            return SeeOther("/sessions/devices/")
        return done(ended)


class DevicesView(SessionView):
    """`/sessions/devices/`: where am I logged in, by either scheme; sign out one, or all others."""

    template_name = "sessions/devices.html"
    parser_classes = [FormParser, MultiPartParser]

    def context(self) -> dict[str, Any]:
        user_id, kinds = self.request.user.pk, Login.kinds()
        over = overview.over(user_id, kinds)
        outlived_by = overview.outlived_by()
        return {
            "logged_in": overview.logged_in(user_id, kinds, presented(self.request).login_id),
            "notice": self.notice(),
            "over": over,
            "thefts": [line for line in over if line.is_theft],
            "outlived_by": int(outlived_by.total_seconds()),
            "outlived_until": timezone.now() + outlived_by,
        }

    def mine(self, kind: type[Login]) -> Any:
        """The user's logins of one kind."""
        logins: Any = kind._default_manager
        return logins.filter(user_id=self.request.user.pk)

    def post(self, request: Request) -> HttpResponseBase:
        """`end` is a login's id, or `others`."""
        require_fresh(presented(request).authenticated_at)
        require_alive(request, Session)
        end = str(request._request.POST.get("end", ""))
        ended = self.end_others() if end == "others" else self.end_one(end)
        messages.success(request._request, self.said(ended))
        return SeeOther(request.path)

    def end_others(self) -> Ended:
        """All of both kinds, but this one."""
        user = self.request.user
        return end_logins_of([user.pk], Reason.REMOTE, by=user, keep=presented(self.request))

    def end_one(self, login_id: str) -> Ended:
        """Ends nothing where the id is another user's or its login has ended; NotFound if it is no id."""
        try:
            pk = uuid.UUID(login_id)
        except ValueError as error:
            raise exceptions.NotFound from error
        found = [self.mine(kind).active().filter(pk=pk) for kind in Login.kinds()]
        return sum((one.end(Reason.REMOTE, by=self.request.user) for one in found), NOTHING_ENDED)

    @staticmethod
    def said(ended: Ended) -> str:
        """What happened, in words."""
        said = _("Nothing else had to be signed out.")
        if ended.count:
            said = ngettext("%d login signed out.", "%d logins signed out.", ended.count) % ended.count
        return said if ended.told else f"{said} {late()}"
