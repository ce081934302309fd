"""The sites of the attack room, all of them this very server under other names that lead to loopback.

A browser takes `lab.localhost` and `evil.localhost` for two sites, and `blog.lab.localhost` for a sibling of
`app.lab.localhost` on the same site.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

VICTIM, SIBLING, ELSEWHERE = "app.lab.localhost", "blog.lab.localhost", "evil.localhost"
RUN = re.compile("[0-9a-f]{8}")  # what marks the requests of one run

View = Callable[..., HttpResponse]


def address(request: HttpRequest, host: str) -> str:
    """The origin of one of the sites on the port at which we were asked."""
    return f"{request.scheme}://{host}:{request.get_port()}"


def only_at(*hosts: str) -> Callable[[View], View]:
    """The view exists on these sites only; whoever reads it elsewhere is sent to the first.

    Raises Http404 where nothing is recorded: without evidence there is nothing to show.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not (settings.LAB and settings.WIRE):
                raise Http404
            if request.get_host().partition(":")[0] in hosts:
                return view(request, *args, **kwargs)
            if request.method != "GET":
                raise Http404
            return redirect(address(request, hosts[0]) + request.get_full_path())

        return checked

    return decorate


def run_of(given: str) -> str:
    """The mark of a run. Raises Http404 for anything else."""
    if not RUN.fullmatch(given):
        raise Http404
    return given
