"""The oracle of the browser claims: what arrived at the server, whatever the browser says about it."""

from collections import deque
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.html import strip_tags

from authcompare.experiments.browsing.variants import LAYERS_HEADER
from authcompare.experiments.exchanges.transcript import COOKIE_PAIR, label

KEPT = 5_000
WORTH_TELLING = 1000  # characters of a refusal's text


class Witness:
    """Outermost, in one process; `/witness/?of=CELL` tells what came with `?cell=CELL`, secrets labelled."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.seen: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/witness/":
            wanted = request.GET.get("of", "")
            return JsonResponse({"seen": [one for one in self.seen if one["cell"] == wanted]})
        sent = request.headers.get("Cookie", "")  # before anybody within gives the names a prefix
        response = self.get_response(request)
        self.seen.append(arrived(request, sent, response))
        return response


def arrived(request: HttpRequest, sent: str, response: HttpResponseBase) -> dict[str, Any]:
    """One exchange, as evidence; of the cookies every one, in the order they came, doubles too."""
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    said = response.content if isinstance(response, HttpResponse) and response.status_code >= 400 else b""
    return {
        "cell": request.GET.get("cell", ""),
        "method": request.method,
        "path": request.path,
        "host": request.get_host(),
        "cookies": [[name, label(value)] for name, value in COOKIE_PAIR.findall(sent)],
        "authorization": f"{scheme} {label(credential)}" if scheme else "",
        "origin": request.headers.get("Origin", ""),
        "site": request.headers.get("Sec-Fetch-Site", ""),
        "status": response.status_code,
        "said": " ".join(strip_tags(said.decode(errors="replace")).split())[:WORTH_TELLING],
        "gave": sorted(name for name, morsel in response.cookies.items() if morsel.value),
        "layers": response.headers.get(LAYERS_HEADER, ""),
    }
