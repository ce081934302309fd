"""Takes protections off, request by request, by the name that the browser asked for."""

import re
from collections.abc import Callable
from functools import wraps
from http.cookies import BaseCookie, Morsel
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware

from authcompare.experiments.browsing.variants import LAYERS_HEADER, Layer, layers_of, written
from authcompare.problems import problem

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
FROM_ELSEWHERE = {"cross-site", "same-site"}
PREFIX = "__Host-"
PLAIN = re.compile(r"(?<![^; ])(?=(?:sessionid|csrftoken|access)=)")  # where one of the lab's names begins


class Layered:
    """Outside the product's own middleware; says in every answer which layers were in force."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        make_csrf_layered()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        layers = layers_of(request.get_host())
        if Layer.PREFIX not in layers:
            request.META["HTTP_COOKIE"] = PLAIN.sub(PREFIX, request.META.get("HTTP_COOKIE", ""))
        response = self._answer(request, layers)
        for morsel in response.cookies.values():
            dress(morsel, layers)
        if Layer.PREFIX not in layers:
            call_plainly(response.cookies)
        strip(response, layers)
        response.headers[LAYERS_HEADER] = written(layers)
        return response

    def _answer(self, request: HttpRequest, layers: frozenset[Layer]) -> HttpResponseBase:
        if Layer.FETCH_SITE in layers and comes_from_elsewhere(request):
            return problem(403, "csrf", "CSRF check failed: Sec-Fetch-Site")
        return self.get_response(request)


def comes_from_elsewhere(request: HttpRequest) -> bool:
    """Whether a page of another origin asks for a change, by the word of the browser."""
    return request.method in UNSAFE and request.headers.get("Sec-Fetch-Site") in FROM_ELSEWHERE


def dress(cookie: Morsel[str], layers: frozenset[Layer]) -> None:
    """Secure, as in production, and without what is no layer here. `None`, for no attribute means Lax."""
    cookie["secure"] = True
    if Layer.SAMESITE not in layers:
        cookie["samesite"] = "" if Layer.UNSAID in layers else "None"
    if Layer.HTTPONLY not in layers:
        cookie["httponly"] = ""


def call_plainly(cookies: BaseCookie[str]) -> None:
    """The lab's own names, which a sibling may set as well; what comes back under them gets the prefix."""
    for name in [name for name in cookies if name.startswith(PREFIX)]:
        morsel = cookies.pop(name)
        morsel.set(name.removeprefix(PREFIX), morsel.value, morsel.coded_value)
        cookies[morsel.key] = morsel


def strip(response: HttpResponseBase, layers: frozenset[Layer]) -> None:
    """Take headers away that speak for a layer that is not in force, and names where CORS is for anybody."""
    if Layer.CSP not in layers:
        response.headers.pop("Content-Security-Policy", None)
    if Layer.CORS not in layers:
        for name in [name for name in response.headers if name.lower().startswith("access-control-")]:
            del response.headers[name]
    if Layer.ANYBODY in layers and "Access-Control-Allow-Origin" in response.headers:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers.pop("Access-Control-Allow-Credentials", None)


def make_csrf_layered() -> None:
    """Each half of Django's check only where it is a layer in force."""
    for name, layer, otherwise in (
        ("_check_token", Layer.TOKEN, None),
        ("_check_referer", Layer.ORIGIN, None),
        ("_origin_verified", Layer.ORIGIN, True),
    ):
        check = getattr(CsrfViewMiddleware, name)
        if not hasattr(check, "__wrapped__"):
            setattr(CsrfViewMiddleware, name, only_in(layer, check, otherwise))


def only_in(layer: Layer, check: Callable[..., Any], otherwise: Any) -> Callable[..., Any]:
    """The check where the layer is in force, `otherwise` everywhere else."""

    @wraps(check)
    def layered(self: CsrfViewMiddleware, request: HttpRequest, *arguments: Any) -> Any:
        return check(self, request, *arguments) if layer in layers_of(request.get_host()) else otherwise

    return layered
