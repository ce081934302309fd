"""Row "Performance": what authentication adds to a request, over the same view without any."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

from authcompare.experiments.claim import Arm, BlockValue, Guarantees, Shot, Timed
from authcompare.experiments.clients import Client, compose, logged_in
from authcompare.experiments.comparison import (
    NEVER_FASTER,
    Blocks,
    Contrast,
    Outcome,
    added,
    blocks,
    contrast,
    estimate,
    loud_blocks,
)
from authcompare.experiments.deployment import DELAY_HEADER, DELAYED, Deployment, Site
from authcompare.experiments.estimates import Estimate, blocks_needed
from authcompare.experiments.forgeries import Genuine
from authcompare.experiments.gate import altered, prove
from authcompare.experiments.promises import SESSIONS, of_tokens
from authcompare.experiments.signing import Signer
from authcompare.experiments.transcript import Transcript
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict
from authcompare.experiments.wire import Connection

DELTA_MS = 0.20  # smaller differences do not matter; set before anything was measured
PLANTED_MS, FOUND_FROM_MS, FOUND_TO_MS = 0.20, 0.16, 0.24
CONFIDENCE, PRIMARY_CONFIDENCE = 0.95, 1 - 0.05 / 4  # the four primary contrasts share the 5 %
LIFE = 300  # seconds: an access token, by default

ROW, COPIED = SESSIONS["database"], SESSIONS["cached"]
CHECKED, MARKED, CLAIMED = (of_tokens(check, LIFE) for check in ("database", "denylist", "none"))

BY_CLAIMS = {"SESSION_STORE": "database", "TOKEN_CHECK": "none"}
DEPLOYMENTS = {
    "row": Deployment("row", {"SESSION_STORE": "database", "TOKEN_CHECK": "database"}),
    "copy": Deployment("copy", {"SESSION_STORE": "cached", "TOKEN_CHECK": "denylist"}),
    "es256": Deployment("es256", BY_CLAIMS),
    "hs256": Deployment("hs256", {**BY_CLAIMS, "TOKEN_ALGORITHM": "HS256"}),
    "twin": Deployment("twin", {"SESSION_STORE": "database", "TOKEN_CHECK": "database"}, application=DELAYED),
}
# Four arms each, so that no process is warmer than another for having been asked more often.
ARMS: dict[str, tuple[str, str, str, Guarantees | None]] = {
    "open, row": ("row", "open", "plain", None),
    "sessions, database": ("row", "session", "same", ROW),
    "sessions, database, again": ("row", "session", "same", ROW),
    "tokens, database": ("row", "token", "same", CHECKED),
    "open, copy": ("copy", "open", "plain", None),
    "sessions, cached": ("copy", "session", "same", COPIED),
    "tokens, denylist": ("copy", "token", "same", MARKED),
    "tokens, denylist, first sight": ("copy", "token", "fresh", MARKED),
    "open, es256": ("es256", "open", "plain", None),
    "tokens, none": ("es256", "token", "same", CLAIMED),
    "tokens, none, first sight": ("es256", "token", "fresh", CLAIMED),
    "tokens, refusing a bad one": ("es256", "token", "bad", CLAIMED),
    "open, hs256": ("hs256", "open", "plain", None),
    "tokens, none, HS256": ("hs256", "token", "same", CLAIMED),
    "tokens, none, HS256, first sight": ("hs256", "token", "fresh", CLAIMED),
    "sessions, refusing an unknown one": ("hs256", "session", "bad", ROW),
    "open, twin": ("twin", "open", "plain", None),
    "open, twin, again": ("twin", "open", "plain", None),
    "open, twin, delayed": ("twin", "open", "delayed", None),
    "sessions, database, twin": ("twin", "session", "same", ROW),
}
PRIMARY = {
    "looked up in Redis, as the session is": ("tokens, denylist", "sessions, cached"),
    "looked up in the database, as the session is": ("tokens, database", "sessions, database"),
    "remembered and not looked up, and so not ended before they expire": ("tokens, none", "sessions, cached"),
    "HS256 against ES256, at first sight": ("tokens, none, HS256, first sight", "tokens, none, first sight"),
}
DESCRIPTIVE = {  # no verdict hangs on these
    "not looked up, at first sight": ("tokens, none, first sight", "sessions, cached"),
    "not looked up, at first sight, HS256": ("tokens, none, HS256, first sight", "sessions, cached"),
}
DECIDING = list(PRIMARY)[:3]  # the fourth compares tokens with tokens
NULLS = {
    "the same arm twice, in one process": ("sessions, database, again", "sessions, database"),
    "the same arm in two processes": ("sessions, database, twin", "sessions, database"),
    "the open view twice, in one process": ("open, twin, again", "open, twin"),
}
DELAYED_ARM = "open, twin, delayed"
PATHS = {"open": "/open/me/", "session": "/sessions/me/", "token": "/tokens/me/"}


class Performance(Timed):
    """Tokens are faster than sessions, because no server-side look-up is needed."""

    row = "Performance"
    decides = ("C43", "C44")
    budget = (45, 330)

    def arms(self, quick: bool) -> list[Arm]:
        return [
            Arm(name, DEPLOYMENTS[where], client, guarantees, {"credential": credential})
            for name, (where, client, credential, guarantees) in ARMS.items()
        ]

    def begin(self, arm: Arm, site: Site, transcript: Transcript) -> Shot:
        connection, kind = Connection(site.doors[0]), arm.parameters["credential"]
        if arm.client == "open":
            delay = {DELAY_HEADER: str(round(PLANTED_MS * 1000))} if kind == "delayed" else {}
            plain = compose(site.doors[0], "GET", PATHS["open"], delay)
            return Shot(connection, lambda: plain)
        if kind == "same":
            at_once = arm.guarantees is not None and arm.guarantees.logout_seen == 0
            prove(site, arm.client, at_once, transcript.under(arm.name))
        client = logged_in(arm.client, site.doors[0], site.username, site.password)
        if kind == "fresh":
            return Shot(connection, _never_seen(client, site))
        credential = altered(client.credential) if kind == "bad" else client.credential
        request = compose(site.doors[0], "GET", PATHS[arm.client], client.showing(credential))
        return Shot(connection, lambda: request, 401 if kind == "bad" else 200)

    def precise_enough(self, samples: Mapping[str, Sequence[BlockValue]]) -> bool:
        contrasts = _contrasts(samples, PRIMARY, PRIMARY_CONFIDENCE)
        return all(one.all_blocks.half_width <= DELTA_MS / 3 for one in contrasts.values())

    def judge(self, samples: Mapping[str, Sequence[BlockValue]]) -> Verdict:
        if missing := [name for name in ARMS if not samples.get(name)]:
            return Verdict.broken(f"Not measured: {', '.join(missing)}.")
        nulls = _contrasts(samples, NULLS, CONFIDENCE)
        primary = _contrasts(samples, PRIMARY, PRIMARY_CONFIDENCE)
        planted = estimate(added(samples, DELAYED_ARM, "open, twin"), CONFIDENCE)
        checks = (_figure("planted delay", planted), _threshold(samples))
        others = _contrasts(samples, DESCRIPTIVE, CONFIDENCE)
        figures = (*_arm_figures(samples), *_contrast_figures(primary | others | nulls), *checks)
        if reason := _instrument_fault(nulls, planted):
            needs = _needs([*nulls.values(), *primary.values()])
            return Verdict(Kind.INCONCLUSIVE, reason, needs=f"{needs} on a quiet machine", figures=figures)
        return _decided(primary, others, figures)


def _never_seen(client: Client, site: Site) -> Callable[[], bytes]:
    """Every request with another token of the same login: no process can have remembered it."""
    assert site.keys is not None
    good, door = Genuine(client.credential, "", Signer.of(site.keys)), site.doors[0]

    def fresh() -> bytes:
        token = good.resigned({}, {"jti": str(uuid.uuid4())})
        return compose(door, "GET", PATHS["token"], client.showing(token))

    return fresh


def _base(arm: str) -> str:
    return f"open, {ARMS[arm][0]}"


def _contrasts(
    samples: Mapping[str, Sequence[BlockValue]], wanted: Mapping[str, tuple[str, str]], confidence: float
) -> dict[str, Contrast]:
    effects: dict[str, Blocks] = {
        arm: added(samples, arm, _base(arm)) for pair in wanted.values() for arm in pair
    }
    loud = loud_blocks(samples)
    return {name: contrast(one, other, effects, loud, confidence) for name, (one, other) in wanted.items()}


def _instrument_fault(nulls: Mapping[str, Contrast], planted: Estimate) -> str:
    """Why these timings may not decide; empty if they may."""
    for name, null in nulls.items():
        found = null.all_blocks
        if abs(found.value) > DELTA_MS / 2 or null.outcome(DELTA_MS) is not Outcome.SAME:
            interval = f"({found.low:+.3f} to {found.high:+.3f})"
            return f"Nothing differs between {name}, and {found.value:+.3f} ms {interval} was measured."
    if not (0 < planted.low <= FOUND_TO_MS and planted.high >= FOUND_FROM_MS):
        measured = f"{planted.value:.3f} ms ({planted.low:.3f} to {planted.high:.3f})"
        return f"A planted delay of {PLANTED_MS:.2f} ms was measured as {measured}: no timing may decide."
    return ""


def _decided(
    primary: Mapping[str, Contrast], others: Mapping[str, Contrast], figures: tuple[Figure, ...]
) -> Verdict:
    deciding = {name: primary[name] for name in DECIDING}
    kind = _kind(deciding.values())
    words = "; ".join(f"{name}: {one.text(DELTA_MS)}" for name, one in deciding.items())
    beside = "; ".join(f"{name}: {one.text(DELTA_MS)}" for name, one in others.items())
    return Verdict(
        kind,
        f"Added by tokens minus added by sessions, where tokens are {words}. Not decisive: {beside}.",
        rule=_rule(deciding) if kind is Kind.DEPENDS else "",
        needs=_needs(deciding.values()) if kind is Kind.INCONCLUSIVE else "",
        figures=figures,
        decisions={
            "C43": Decision(kind, f"Tokens minus sessions, where tokens are {words}."),
            "C44": Decision(kind, f"Where tokens are {words}; {beside}."),
        },
    )


def _needs(contrasts: Iterable[Contrast]) -> str:
    return f"{max(blocks_needed(one.all_blocks, DELTA_MS) for one in contrasts)} blocks"


def _kind(contrasts: Iterable[Contrast]) -> Kind:
    """Faster everywhere, nowhere or somewhere; undecided only if the decided ones do not disagree."""
    words = {one.outcome(DELTA_MS) for one in contrasts}
    if Outcome.FASTER in words and words & NEVER_FASTER:
        return Kind.DEPENDS
    if words - NEVER_FASTER - {Outcome.FASTER}:
        return Kind.INCONCLUSIVE
    return Kind.REFUTED if words & NEVER_FASTER else Kind.HOLDS


def _rule(deciding: Mapping[str, Contrast]) -> str:
    outcomes = {name: one.outcome(DELTA_MS) for name, one in deciding.items()}
    where = " or ".join(name for name, word in outcomes.items() if word is Outcome.FASTER)
    not_where = ", nor where they are ".join(name for name, word in outcomes.items() if word in NEVER_FASTER)
    return f"Tokens save more than {DELTA_MS} ms where they are {where}; not where they are {not_where}."


def _arm_figures(samples: Mapping[str, Sequence[BlockValue]]) -> tuple[Figure, ...]:
    return tuple(
        _figure(f"whole request: {name}", estimate(blocks(samples[name]), CONFIDENCE))
        if client == "open"
        else _figure(
            f"added: {name}",
            estimate(added(samples, name, _base(name)), CONFIDENCE),
            guarantees.text if guarantees else "",
        )
        for name, (_, client, _, guarantees) in ARMS.items()
    )


def _threshold(samples: Mapping[str, Sequence[BlockValue]]) -> Figure:
    share = DELTA_MS / estimate(blocks(samples["open, row"]), CONFIDENCE).value
    note = f"{share:.0%} of the open request; the four primary intervals are at {PRIMARY_CONFIDENCE:.2%}"
    return Figure("smaller differences do not matter", DELTA_MS, "ms", 0, note=note)


def _contrast_figures(contrasts: Mapping[str, Contrast]) -> tuple[Figure, ...]:
    return tuple(
        _figure(
            f"difference: {name}",
            one.all_blocks,
            f"{one.first} minus {one.second}: {one.outcome(DELTA_MS)}; "
            f"bootstrap {one.bootstrap.low:+.3f} to {one.bootstrap.high:+.3f}",
        )
        for name, one in contrasts.items()
    )


def _figure(name: str, found: Estimate, note: str = "") -> Figure:
    return Figure(name, found.value, "ms", found.blocks, found.low, found.high, note)
