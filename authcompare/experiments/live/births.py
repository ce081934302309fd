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
    """Started when first needed; see nursery.py. What is timed must not come from one that is `tuned`."""

    def __init__(self, tuned: bool = True) -> None:
        super().__init__("authcompare.experiments.live.nursery")
        self._turn, self._tuned, self._prepared = Lock(), tuned, False

    def wait_until_prepared(self) -> None:
        """Until it has made its imports, and waits itself."""
        if not self._prepared:
            self._prepared = bool(self.listen())

    def bear(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Born:
        """Start `python -m MODULE WORDS…` there. Raises Broken."""
        _, _, module, *words = command
        wanted = {
            "module": module,
            "words": words,
            "environment": dict(environment),
            "log": str(log),
            "tuned": self._tuned,
        }
        with self._turn:
            self.wait_until_prepared()
            self.tell(json.dumps(wanted))
            said = self.listen()
        if not said:
            raise Broken("The nursery, which starts servers, has ended.")
        return Born(int(said))
