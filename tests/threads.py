"""Several at once, for races: on connections of their own, ended with the thread."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def in_threads(number: int, act: Callable[[int], Any]) -> list[Any]:
    """What `act` returned in each of `number` threads that start together."""
    answers: list[Any] = []
    together = threading.Barrier(number)

    def run(which: int) -> None:
        together.wait()
        answers.append(act(which))
        connections.close_all()

    threads = [threading.Thread(target=run, args=(which,)) for which in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
