"""What was found about how long logins live, and what that says about the common claims."""

from collections.abc import Sequence

from authcompare.experiments.scenes.ageing import Limit
from authcompare.experiments.scenes.changing import Change
from authcompare.experiments.scenes.lasting import Lasting
from authcompare.experiments.scenes.limits import ABSOLUTE, ACCESS, FAMILY, IDLE
from authcompare.experiments.scenes.upkeep import Upkeep
from authcompare.experiments.verdict import Decision, Kind

ROUNDED_DOWN = "Tokens count whole seconds, rounded down, so that theirs come up to a second early."
Sample = Limit | Change | Upkeep | Lasting


class Found:
    """All samples, by what they are about."""

    def __init__(self, everything: Sequence[Sample]) -> None:
        self.limits = [one for one in everything if isinstance(one, Limit)]
        self.changes = [one for one in everything if isinstance(one, Change)]
        self.upkeep = {one.scheme: one for one in everything if isinstance(one, Upkeep)}
        self.lasting = [one for one in everything if isinstance(one, Lasting)]

    def limit(self, kind: str) -> Limit:
        """The first of its kind."""
        return next(one for one in self.limits if one.kind == kind)

    def met(self, kind: str) -> str:
        """When it was met, in words."""
        one = self.limit(kind)
        return f"{one.observed:.1f} s of {one.configured:g} s"


def decisions(found: Found) -> dict[str, Decision]:
    """Each with the figures that decide it."""
    session, token = found.upkeep["session"], found.upkeep["token"]
    used, renewed = found.limit(ABSOLUTE), found.limit(FAMILY)
    as_much = len(token.settings) >= len(session.settings) and token.expired_rows > 0
    return {
        "C12": Decision(
            Kind.HOLDS,
            f"Under limits of ten years a session left alone was still let in after "
            f"{found.lasting[0].age:.1f} s, and no longer once it was logged out. Under short ones a session "
            f"left alone ended by the idle limit ({found.met(IDLE)}), one in use by the absolute limit "
            f"({found.met(ABSOLUTE)}); {session.expired_rows} expired rows stayed until they were purged. "
            "Nobody waited the ten years, and without any limit this product does not run.",
        ),
        "C13": Decision(
            Kind.REFUTED if as_much else Kind.DEPENDS,
            f"Of idle and absolute limits the server keeps {len(token.settings)} for refresh tokens "
            f"({', '.join(token.settings)}) and {len(session.settings)} for sessions "
            f"({', '.join(session.settings)}); the lifetime of access tokens comes on top. Refresh tokens "
            f"left {token.expired_rows} expired rows for the same purge; refreshing ended with the absolute "
            f"limit ({found.met(FAMILY)}).",
        ),
        "C31": Decision(Kind.HOLDS, f"Access token: {found.met(ACCESS)}. {ROUNDED_DOWN}"),
        "C32": Decision(
            Kind.HOLDS if renewed.renewals > used.renewals else Kind.REFUTED,
            f"Without renewal a client was out after {found.met(ACCESS)}. To stay for {renewed.configured:g} "
            f"s one with renewal sent {renewed.renewals} extra requests, one with a session {used.renewals}.",
        ),
        "C48": _changed(found.changes),
    }


def _changed(changes: Sequence[Change]) -> Decision:
    lost = [one.name for one in changes if not one.as_expected]
    return Decision(
        Kind.DEPENDS if lost else Kind.HOLDS,
        "The idle limit of a running session, made longer or shorter, should be in force from its next use "
        "on, as that of a refresh token; its absolute limit, written down at login, should stay as it was, "
        f"like an access token's expiry. So it was in {len(changes) - len(lost)} of {len(changes)} "
        f"cases{'; not: ' if lost else ''}{', '.join(lost)}.",
    )
