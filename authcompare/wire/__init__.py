"""What each request carried and cost, for people who look and for the lab: lab only, and only with WIRE.

Counted where it happens, told in `Server-Timing`, and kept, masked, for the last 200 requests (`/wire/`).
Counting takes time of its own, so it is off where time is measured.
"""

import logging
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from authcompare.wire import costs
from authcompare.wire.exchange import Exchange
from authcompare.wire.ring import ring

HEADER = "X-Request-Id"
LOOKING = {"/side-by-side/", "/favicon.ico"}  # at what was kept is no event, or the list would fill itself
MAX_BODY = 10_000  # bytes; a larger body is not read for the sake of being shown

log = logging.getLogger(__name__)


class Wire:
    """Adds `Server-Timing: sql;desc="1";dur=0.41, …, total;dur=1.2` and `X-Request-Id`; keeps what it saw."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        costs.count()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _read_body(request)
        began = time.perf_counter()
        with costs.counting() as cost:
            response = self.get_response(request)
        ms = (time.perf_counter() - began) * 1000
        response["Server-Timing"] = cost.told(ms)
        response[HEADER] = request_id = secrets.token_hex(6)
        if request.path not in LOOKING and not request.path.startswith(("/wire/", settings.STATIC_URL)):
            _keep(request_id, request, response, cost, ms)
        return response


def _keep(
    request_id: str, request: HttpRequest, response: HttpResponse, cost: costs.Costs, ms: float
) -> None:
    """Whatever is wrong with the recording, the answer is as it would be without it."""
    try:
        ring().add(Exchange.of(request_id, request, response, cost, ms))
    except Exception:
        log.exception("Not in /wire/: %s", request_id)


def _read_body(request: HttpRequest) -> None:
    """Before a view reads the stream, after which Django cannot say any more what was in it."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) <= MAX_BODY and "multipart" not in (request.content_type or ""):
        request.body  # noqa: B018  Django keeps what it has read
