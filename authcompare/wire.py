"""What each request cost, for people who look and for the lab: counted where it happens, told in a header.

Lab only, and only with WIRE: counting takes time of its own, so it is off where time is measured.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from redis import Redis
from redis.client import Pipeline


@dataclass
class Cost:
    """Statements or round trips, and the milliseconds they took."""

    count: int = 0
    ms: float = 0.0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count what happens inside."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.count += 1
            self.ms += (time.perf_counter() - began) * 1000

    def told(self, name: str) -> str:
        """One metric of `Server-Timing`."""
        return f'{name};desc="{self.count}";dur={self.ms:.3f}'


_redis: ContextVar[Cost | None] = ContextVar("redis", default=None)


class Wire:
    """Adds `Server-Timing: sql;desc="1";dur=0.412, redis;desc="0";dur=0.000, total;dur=1.2`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        _count_redis()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sql, redis, began = Cost(), Cost(), time.perf_counter()

        def counted(execute: Any, *statement: Any) -> Any:
            with sql.one():
                return execute(*statement)

        token = _redis.set(redis)
        try:
            with connection.execute_wrapper(counted):
                response = self.get_response(request)
        finally:
            _redis.reset(token)
        total = f"total;dur={(time.perf_counter() - began) * 1000:.3f}"
        response["Server-Timing"] = ", ".join([sql.told("sql"), redis.told("redis"), total])
        return response


def _count_redis() -> None:
    """Every command, and every pipeline as one; not what a new connection says to introduce itself."""
    for kind, method in ((Redis, "execute_command"), (Pipeline, "execute")):
        if not hasattr(getattr(kind, method), "__wrapped__"):
            setattr(kind, method, _counting(getattr(kind, method)))


def _counting(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def counting(*arguments: Any, **options: Any) -> Any:
        cost = _redis.get()
        if cost is None:
            return method(*arguments, **options)
        with cost.one():
            return method(*arguments, **options)

    return counting
