"""One view for a form and a program: the same checks, answered as a page or as JSON."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from rest_framework import status
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authcompare.parsers import JSONParser
from authcompare.problems import Reauthenticate, answer, wants_page

BESIDE_THE_FORM = (400, 401, 429, 503)  # what the person at the form can put right


class SeeOther(HttpResponseRedirect):
    """303: whatever the method was, GET the other address."""

    status_code = status.HTTP_303_SEE_OTHER


class FormView(APIView):
    """Renders `template_name`; what an API client gets as a problem, a form shows beside its fields."""

    template_name = ""
    anonymous_may_see = False  # on the login page a 401 means a wrong password; elsewhere, log in first
    parser_classes = [JSONParser, FormParser, MultiPartParser]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Page or JSON is decided by `wants_page`; DRF would refuse `Accept: text/html`."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type

    def context(self) -> dict[str, Any]:
        """What the page shows besides errors."""
        return {}

    def page(self, status: int = 200, **more: Any) -> HttpResponse:
        """The form, empty or with what is wrong."""
        return render(self.request._request, self.template_name, {**self.context(), **more}, status=status)

    def get(self, request: Request) -> HttpResponseBase:
        """The form."""
        return self.page()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """A page and its JSON have one address, so a cache must know what was asked for."""
        patch_vary_headers(response, ["Accept"])
        return super().finalize_response(request, response, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if not wants_page(self.request._request):
            return response
        if isinstance(exc, Reauthenticate) or (response.status_code == 401 and not self.anonymous_may_see):
            return redirect_to_login(self.request.path)  # type: ignore[return-value]
        if response.status_code in BESIDE_THE_FORM and self.template_name:
            page = self.page(response.status_code, **_what_is_wrong(response))
        else:
            page = answer(self.request._request, response.status_code, "", response.data["detail"])
        for name in ("WWW-Authenticate", "Retry-After"):
            if response.has_header(name):
                page[name] = response[name]
        return page  # type: ignore[return-value]


def _what_is_wrong(response: Response) -> dict[str, Any]:
    errors = response.data.get("errors", {})
    return {"errors": errors, "problem": "" if errors else response.data["detail"]}
