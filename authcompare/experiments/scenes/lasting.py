"""A session under limits that nobody waits for: does anything end it but its logout?"""

import time
from dataclasses import dataclass

from authcompare.experiments.clients import SessionClient, logged_in
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.refusal import Outcome, first_odd, outcome
from authcompare.experiments.exchanges.transcript import Transcript

TEN_YEARS = 10 * 365 * 24 * 3600


@dataclass(frozen=True)
class Lasting:
    """`age`: how many seconds it had been left alone when it was shown; then it was logged out, and shown."""

    age: float
    shown: Outcome
    logged_out: Outcome
    odd: str = ""


def left_alone(seconds: float, site: Site, transcript: Transcript) -> Lasting:
    """Log in, and wait longer than limits of seconds would let it live."""
    client: SessionClient = logged_in("session", site.doors[0], site.username, site.password, transcript)
    credential, began = client.credential, time.monotonic()
    site.wait(seconds)
    age = round(time.monotonic() - began, 3)
    answers = [client.show(credential, "left alone since its login")]
    client.logout()
    answers.append(client.show(credential, "after its logout"))
    alone, logged_out = found = [outcome(answer, "session") for answer in answers]
    return Lasting(age, alone, logged_out, first_odd(answers, found))
