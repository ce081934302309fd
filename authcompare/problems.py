"""Every error as RFC 9457 problem details; as a page for those who asked for HTML.

`type` is a short word, stable for programs; `detail` is for people.
"""

import logging
import re
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from rest_framework import exceptions, status, views
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"
NOBODY = "No login that counts came with this request. WWW-Authenticate says how to send one."
UNWANTED = re.compile(r";\s*q\s*=\s*0(\.0*)?\s*(;|$)")

log = logging.getLogger(__name__)


class Reauthenticate(exceptions.PermissionDenied):
    """A sensitive act with a login that is too old (ASVS 7.5.1, 7.5.2): log in again first."""

    default_detail = "For this, log in again: you proved who you are more than ten minutes ago."
    default_code = "reauthenticate"


class BodyTooLarge(exceptions.APIException):
    """A body over DATA_UPLOAD_MAX_MEMORY_SIZE, of which Django would only say that it is a bad request."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body of this request is too large."
    default_code = "too_large"


class Unavailable(exceptions.APIException):
    """The database does not answer. Nothing is wrong with the request: it may be sent again."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The server cannot reach its database just now. Try again in a moment."
    default_code = "unavailable"
    wait = 1  # seconds; DRF makes Retry-After of it


def is_away(error: BaseException | None) -> bool:
    """Whether the database did not answer. SQLite says in the same class that a table is missing."""
    return isinstance(error, OperationalError | InterfaceError) and not str(error).startswith("no such ")


def body(status: int, kind: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem: `type`, `title`, `status`, `detail`, and what the type adds."""
    return {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}


def problem(status: int, kind: str, detail: str, **more: Any) -> HttpResponse:
    """A problem as the answer of a plain Django view."""
    return JsonResponse(body(status, kind, detail, **more), status=status, content_type=CONTENT_TYPE)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's own handler decides status and headers; this one writes the body."""
    if isinstance(error, RequestDataTooBig):
        error = BodyTooLarge()
    elif is_away(error):
        log.error("Answered 503", exc_info=error)
        error = Unavailable()
    response = views.exception_handler(error, context)
    if response is None:
        return None
    response.content_type = CONTENT_TYPE
    if isinstance(error, exceptions.ValidationError):
        response.data = body(
            response.status_code, "invalid", "Some fields are not right.", errors=error.detail
        )
    else:
        response.data = body(response.status_code, _kind(error), _detail(error))
    return response


def _kind(error: Exception) -> str:
    detail = getattr(error, "detail", None)
    return str(getattr(detail, "code", None) or "not_found")


def _detail(error: Exception) -> str:
    if isinstance(error, exceptions.NotAuthenticated):  # also where something was shown that is no login
        return NOBODY
    return str(getattr(error, "detail", "Not found."))


def wants_page(request: HttpRequest) -> bool:
    """Browsers name text/html; programs do not, or with q=0: anything but that (RFC 9110 §12.4.2)."""
    accepted = request.headers.get("Accept", "").lower().split(",")
    named = any("text/html" in each and not UNWANTED.search(each) for each in accepted)
    return named and request.content_type != "application/json"


def answer(request: HttpRequest, status: int, kind: str, detail: str) -> HttpResponse:
    """A problem in the form that the client asked for."""
    context = {"status": status, "title": HTTPStatus(status).phrase, "detail": detail}
    response = (
        HttpResponse(render_to_string("problem.html", context), status=status)
        if wants_page(request)
        else problem(status, kind, detail)
    )
    patch_vary_headers(response, ["Accept"])
    return response


class NotAllowed:
    """Django's own 405 says nothing; the others come from REST framework, as problems already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        told = answer(request, 405, "method_not_allowed", f"Only {response['Allow']} can be asked here.")
        told["Allow"] = response["Allow"]
        return told


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400; the exception's text is for the log, it may repeat what was sent."""
    return answer(request, 400, "bad_request", "The server could not understand this request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    return answer(request, 403, "permission_denied", "You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    return answer(request, 404, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500; what was raised outside the API's views comes here, too."""
    if is_away(sys.exc_info()[1]):
        response = answer(request, 503, Unavailable.default_code, Unavailable.default_detail)
        response["Retry-After"] = str(Unavailable.wait)
        return response
    return answer(request, 500, "server_error", "Something went wrong on our side. It has been logged.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW; the reason names the layer that refused (origin, referer, cookie or token)."""
    return answer(request, 403, "csrf", f"CSRF check failed: {reason}")
