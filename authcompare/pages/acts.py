"""What the lab does to a login for `/side-by-side/`: let it expire, end it from elsewhere. Lab only."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from authcompare.logins.models import Reason
from authcompare.logins.views import Active, done, presented
from authcompare.pages.steps import BRIEF_SECONDS
from tokens_demo.models import TokenFamily
from tokens_demo.tokens import AccessToken
from tokens_demo.views import RefreshView


class EndElsewhere(Active):
    """The lab plays another device of yours: it does what "Sign out" on the devices page does."""

    http_method_names = ["post", "options"]

    def post(self, request: Request) -> Response:
        ended = self.mine(request).filter(pk=presented(request).login_id).end(Reason.REMOTE, by=request.user)
        if not ended.count:
            raise NotFound
        return done(ended)


class Expire(Active):
    """Brings the time-out in the server's row forward to now, as if it had passed."""

    http_method_names = ["post", "options"]

    def post(self, request: Request) -> Response:
        if not self.mine(request).filter(pk=presented(request).login_id).lapse():
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)


class BriefToken(AccessToken):
    """An access token like any other, but for its end."""

    @classmethod
    def own_claims(cls, family: TokenFamily) -> dict[str, Any]:
        brief = timezone.now() + timedelta(seconds=BRIEF_SECONDS)
        return super().own_claims(family) | {"exp": int(brief.timestamp())}


class ExpireSoon(RefreshView):
    """A refresh whose access token lives a few seconds: nobody can shorten one that was given out."""

    access_token = BriefToken

    def post(self, request: Request) -> Response:
        response = super().post(request)
        response.data["expires_in"] = BRIEF_SECONDS
        return response
