"""Servers that a nursery brings up; each is stood for as `Popen` stands for a process of one's own."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.servers import Companion, NotEnded

LOOK_EVERY_SECONDS = 0.01


class Born:
    """A process that is nobody's child here. How it ended is not known, only that."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None as long as it is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended. Raises NotEnded."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if deadline is not None and time.monotonic() > deadline:
                raise NotEnded(str(self.pid), timeout or 0)
            time.sleep(LOOK_EVERY_SECONDS)
        return 0


class Nursery(Companion):
    """See nursery.py; the words are for it. Who is born gets the environment asked for, not the nursery's."""

    def __init__(self, environment: Mapping[str, str], *words: str) -> None:
        super().__init__("authcompare.experiments.live.nursery", *words, environment=environment)
        self._turn, self._prepared = Lock(), False

    def wait_until_prepared(self) -> None:
        """Until it has made its imports. Raises Broken."""
        if not self._prepared:
            self.listen()
            self._prepared = True

    def bear(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Born:
        """Start `python -m MODULE WORDS…` there. Raises Broken."""
        _, _, module, *words = command
        wanted = {"module": module, "words": words, "environment": dict(environment), "log": str(log)}
        with self._turn:
            self.wait_until_prepared()
            self.tell(json.dumps(wanted))
            return Born(int(self.listen()))

    def listen(self) -> str:
        """Its next line. Raises Broken."""
        if said := super().listen():
            return said
        raise Broken("The nursery, which starts servers, has ended.")
