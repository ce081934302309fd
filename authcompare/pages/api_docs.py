"""The API described: for programs as OpenAPI, for people as a page on which every request can be tried."""

from typing import Any

from django.conf import settings
from django.middleware.csrf import get_token
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from authcompare.pages.accounts import shell
from sessions_demo.authentication import SessionAuthentication


class Schema(SpectacularAPIView):
    """`/api/schema/`: OpenAPI 3.1, as YAML or, for whom accepts it, JSON."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """A problem is JSON, whatever was asked for."""
        final = super().finalize_response(request, response, *args, **kwargs)
        if final.exception:
            final.accepted_renderer = JSONRenderer()
        return final


class Docs(SpectacularSwaggerSplitView):
    """`/api/docs/`: the first minute, and Swagger UI. Its script comes separately, as our policy wants."""

    authentication_classes = [SessionAuthentication]
    template_name = "api/docs.html"
    template_name_js = "api/docs.js"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().get(request, *args, **kwargs)
        get_token(request._request)  # sets the cookie that the script reads before an unsafe request
        response.data |= {"csrf_cookie": settings.CSRF_COOKIE_NAME, **shell(request._request)}
        return response
