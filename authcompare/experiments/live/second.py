"""The second service as a process beside a deployment: it is given an address to read public keys from."""

import os
import re
import sys
import time
from pathlib import Path

from authcompare.experiments.deployments.deployment import Broken, Door
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.servers import ADDRESS, Program

PATIENCE_SECONDS = 15
LOOK_EVERY_SECONDS = 0.02
LISTENING = re.compile(rf"^http://{re.escape(ADDRESS)}:(\d+)$", re.MULTILINE)


class SecondService(Program):
    """`module` is the program; its environment holds nothing that could name a database or a secret."""

    def __init__(self, module: str, issuer: Door, audience: str, log: Path) -> None:
        jwks = f"http://{issuer.address}:{issuer.port}/.well-known/jwks.json"
        command = [sys.executable, "-m", module, "--jwks", jwks, "--audience", audience]
        super().__init__(command, {"PATH": os.environ["PATH"]}, log)

    @property
    def door(self) -> Door:
        """Where it listens; waits until it says so. Raises Broken."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and not self.has_ended():
            if found := LISTENING.search(self._log.read_text()):
                return Door("second.localhost", ADDRESS, int(found[1]), process=self.pid)
            time.sleep(LOOK_EVERY_SECONDS)
        raise Broken(f"The second service did not start: {self.last_words()}")


def could_not_say(answer: Answer) -> bool:
    """Whether the second service itself answered, and did not know."""
    return answer.status == 503


def judged_by_second(answer: Answer) -> Outcome:
    """Refused is its own 401 with its own challenge."""
    if answer.status == 200:
        return Outcome.ACCEPTED
    challenge = answer.header("www-authenticate")
    refused = answer.status == 401 and challenge.startswith('Bearer realm="verifier"')
    return Outcome.REFUSED if refused else Outcome.BROKEN
