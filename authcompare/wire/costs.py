"""Where a request spends its time: statements, Redis commands, signatures, password hashes; counted where
they happen, by wrapping the one function of each library that everything goes through.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib.auth.hashers import get_hasher
from django.db import connection
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm
from redis import Redis
from redis.client import Pipeline

from authcompare.logins.connections import Question
from authcompare.wire import shapes

KEPT = 40  # of each kind; the count goes on


@dataclass
class Cost:
    """Statements, round trips or checks, and the milliseconds they took."""

    count: int = 0
    ms: float = 0.0
    parts: list[dict[str, Any]] = field(default_factory=list)  # {"what": …, "ms": …}, in order
    is_running: bool = False

    @contextmanager
    def one(self, what: str) -> Iterator[None]:
        """Count what happens inside; once where one function of a library is built on another (HMAC)."""
        if self.is_running:
            yield
            return
        self.is_running, began = True, time.perf_counter()
        try:
            yield
        finally:
            self.is_running = False
            ms = (time.perf_counter() - began) * 1000
            self.count += 1
            self.ms += ms
            if len(self.parts) < KEPT:
                self.parts.append({"what": what, "ms": round(ms, 3)})

    def told(self, name: str) -> str:
        """One metric of `Server-Timing`."""
        return f'{name};desc="{self.count}";dur={self.ms:.3f}'


@dataclass
class Costs:
    """What one request cost, by kind."""

    sql: Cost = field(default_factory=Cost)
    redis: Cost = field(default_factory=Cost)
    signature: Cost = field(default_factory=Cost)
    password: Cost = field(default_factory=Cost)

    def told(self, total_ms: float) -> str:
        """The value of `Server-Timing`; `dur` is in milliseconds."""
        return ", ".join(
            [*(cost.told(name) for name, cost in vars(self).items()), f"total;dur={total_ms:.3f}"]
        )


_costs: ContextVar[Costs | None] = ContextVar("costs", default=None)


@contextmanager
def counting() -> Iterator[Costs]:
    """The costs of what happens inside, in this thread."""
    costs = Costs()

    def counted(execute: Any, sql: str, *rest: Any) -> Any:
        with costs.sql.one(shapes.statement(sql)):
            return execute(sql, *rest)

    token = _costs.set(costs)
    try:
        with connection.execute_wrapper(counted):
            yield costs
    finally:
        _costs.reset(token)


def count() -> None:
    """Wrap, once per process. A pipeline is one round trip; what a new connection says first is none."""
    _wrap(Redis, "execute_command", "redis", lambda _, *words, **options: shapes.command(words))
    _wrap(Question, "answer", "redis", lambda question: shapes.command(question.command))
    _wrap(Pipeline, "execute", "redis", lambda pipe, *_, **options: shapes.pipeline(pipe.command_stack))
    for algorithm in (ECAlgorithm, HMACAlgorithm, OKPAlgorithm):
        _wrap(algorithm, "verify", "signature", lambda *_, **options: "check")
        _wrap(algorithm, "sign", "signature", lambda *_, **options: "sign")
    # Both a check and the work that is done for a name nobody has come down to one call of `encode`.
    _wrap(type(get_hasher()), "encode", "password", lambda hasher, *_, **options: hasher.algorithm)


def _wrap(kind: type, name: str, counter: str, describe: Callable[..., str]) -> None:
    method = getattr(kind, name)
    if hasattr(method, "counts_as"):
        return

    @wraps(method)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        costs = _costs.get()
        if costs is None:
            return method(*arguments, **options)
        with getattr(costs, counter).one(describe(*arguments, **options)):
            return method(*arguments, **options)

    wrapped.counts_as = counter  # type: ignore[attr-defined]
    setattr(kind, name, wrapped)
