"""The system behind a planted delay: a measurement that does not find it is worth nothing.

Served instead of authcompare.wsgi where a claim wants a positive control.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from authcompare.experiments.deployments.deployment import DELAY_HEADER
from authcompare.wsgi import application as system

VARIABLE = "HTTP_" + DELAY_HEADER.upper().replace("-", "_")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The same application, later by as much as the request asks for."""
    until = time.perf_counter_ns() + int(environ.get(VARIABLE, "0")) * 1000
    while time.perf_counter_ns() < until:
        pass
    return system(environ, start_response)
