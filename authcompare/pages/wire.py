"""`/wire/`: the last requests, whoever sent them, with what they carried and cost. As a page and as JSON."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from authcompare.pages.side_by_side import MARKED
from authcompare.problems import wants_page
from authcompare.wire import as_code
from authcompare.wire.exchange import Exchange
from authcompare.wire.ring import SIZE, find, ring

ON_A_PAGE = 50
NOBODY = "nobody"
MESSAGES = ("sent", "unsaid", "sent_body", "answered", "answered_body")  # told about one exchange only

Filter = Callable[[Exchange], bool]


@require_safe
@vary_on_headers("Accept")
def exchanges(request: HttpRequest) -> HttpResponse:
    """Newest first. `q` is part of the path or client, `scheme` who answered, `refused` only 4xx and 5xx."""
    refuse_unless_on()
    wanted = filters(request.GET)
    found = [one for one in ring().newest() if all(passes(one) for passes in wanted)]
    if not wants_page(request):
        return JsonResponse({"kept": SIZE, "count": len(found), "results": [summary(one) for one in found]})
    pages = Paginator(found, ON_A_PAGE)
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "kept": SIZE,
        "q": request.GET.get("q", ""),
        "scheme": request.GET.get("scheme", ""),
        "schemes": ["session", "token", "open", NOBODY],
        "refused": "refused" in request.GET,
        "query": query(request.GET),
    }
    return render(request, "wire/list.html", context)


@require_safe
@vary_on_headers("Accept")
def exchange(request: HttpRequest, exchange_id: str) -> HttpResponse:
    """One request, found by the `X-Request-Id` of its answer."""
    refuse_unless_on()
    one = find(exchange_id)
    if one is None:
        raise Http404
    if not wants_page(request):
        return JsonResponse(asdict(one))
    base = request.build_absolute_uri("/").rstrip("/")
    context = {
        "exchange": one,
        "marked": MARKED,
        "curl": as_code.curl(one, base),
        "python": as_code.python(one, base),
        "variables": as_code.variables(one),
    }
    return render(request, "wire/one.html", context)


def refuse_unless_on() -> None:
    """Raises Http404 where nothing is recorded."""
    if not (settings.LAB and settings.WIRE):
        raise Http404


def filters(given: QueryDict) -> list[Filter]:
    """What an exchange has to pass."""
    words, scheme = given.get("q", "").lower(), given.get("scheme", "")
    wanted: list[Filter] = [lambda one: words in f"{one.method} {one.path} {one.client}".lower()]
    if scheme:
        wanted.append(lambda one: (one.scheme or NOBODY) == scheme)
    if "refused" in given:
        wanted.append(lambda one: one.status >= 400)
    return wanted


def query(given: QueryDict) -> str:
    """The filters as part of an address, for the links to other pages."""
    kept = given.copy()
    kept.pop("page", None)
    return kept.urlencode()


def summary(one: Exchange) -> dict[str, Any]:
    """An exchange without its messages."""
    return {name: value for name, value in asdict(one).items() if name not in MESSAGES}
