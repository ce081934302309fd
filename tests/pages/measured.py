"""Results as a run would have written them, without the run."""

from datetime import UTC, datetime
from typing import Any

from authcompare.experiments import results
from authcompare.experiments.claim import Claim
from authcompare.experiments.claims.performance import Performance
from authcompare.experiments.claims.revocation import Revocation
from authcompare.experiments.claims.tampering import Tampering
from authcompare.experiments.exchanges.transcript import Line, Transcript
from authcompare.experiments.frame import Finished
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

STARTED = datetime(2026, 11, 23, 19, 12, tzinfo=UTC).isoformat()
ENVIRONMENT = {
    "cpu": "A processor",
    "cores": 2,
    "packages": {"Django": "5.2.19", "granian": "2.8.7"},
    "commit": "0123456789abcdef",
    "dirty": False,
}
HOLDS = Verdict(
    Kind.HOLDS,
    "Forged credentials were refused 48 of 48 times.",
    figures=(Figure("refused <here>", 48, "of 48", 48),),
    doubts=("One machine only.",),
)
DEPENDS = Verdict(
    Kind.DEPENDS,
    "Tokens save 0.31 ms against database sessions.",
    rule="Faster than sessions read from the database; no difference that matters against cached ones.",
    figures=(
        Figure("added: sessions, database", 0.61, "ms", 40, 0.58, 0.64),
        Figure("added: sessions, cached", 0.33, "ms", 40, 0.31, 0.36),
        Figure("added: tokens, none", 0.3, "ms", 40, 0.27, 0.33),
    ),
    decisions={"C43": Decision(Kind.DEPENDS, "0.31 ms")},
)


def entry(claim: Claim[Any], verdict: Verdict) -> Finished:
    """One claim after its run, with one exchange that tries to be markup."""
    transcript = Transcript([Line("the control", "GET /<script>alert(1)</script> HTTP/1.1", "HTTP/1.1 401")])
    return Finished(claim, claim.arms(quick=True), verdict, transcript=transcript)


RUN = {
    "environment": ENVIRONMENT,
    "command": "manage.py compare",
    "started": STARTED,
    "quick": True,
    "seed": 1,
    "options": [],
}


def document(*finished: Finished, quick: bool = True) -> dict[str, Any]:
    """What `manage.py compare` would have written."""
    every = finished or (
        entry(Performance(), DEPENDS),
        entry(Revocation(), Verdict.broken("A server did not start.")),
        entry(Tampering(), HOLDS),
    )
    return results.document({**RUN, "quick": quick}, every)
