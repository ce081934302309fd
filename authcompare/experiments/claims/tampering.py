"""Row "Security: tampering": whether a forged or altered credential is ever taken for a real one."""

from collections.abc import Iterable, Mapping, Sequence

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.deployments.standard import BY_CLAIMS, BY_DATABASE, BY_REDIS
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.promises import ACCESS_SECONDS, SESSIONS, of_tokens
from authcompare.experiments.scenes.showing import (
    ENDED,
    FIXED,
    FORGED,
    GOOD,
    SIGNED,
    Showing,
    Trial,
    session_trials,
    token_trials,
)
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

TRIED = {"session": {FORGED, ENDED, FIXED}, "token": {FORGED, ENDED}}  # at least; SIGNED needs the key


class Tampering(Probe[Trial]):
    """A credential that was forged or altered is refused, whichever scheme it belongs to."""

    row = "Security: tampering"
    decides = ("C22", "C23")
    budget = (4, 12)
    read_only = True

    def arms(self, quick: bool) -> list[Arm]:
        return [
            Arm("sessions, database", BY_CLAIMS, "session", SESSIONS["database"]),
            Arm("sessions, cached", BY_REDIS, "session", SESSIONS["cached"]),
            Arm("tokens, none, ES256", BY_CLAIMS, "token", of_tokens("none", ACCESS_SECONDS)),
            Arm("tokens, denylist, HS256", BY_REDIS, "token", of_tokens("denylist", ACCESS_SECONDS)),
            Arm("tokens, database, EdDSA", BY_DATABASE, "token", of_tokens("database", ACCESS_SECONDS)),
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Trial]:
        """Whoever logs in for it is logged out again: it may be somebody's own deployment."""
        showing = Showing(arm, site, transcript)
        try:
            return list(session_trials(showing) if arm.client == "session" else token_trials(showing))
        finally:
            showing.log_out()

    def judge(self, samples: Mapping[str, Sequence[Trial]]) -> Verdict:
        trials = [(arm, trial) for arm, several in samples.items() for trial in several]
        if reason := _why_unproved(samples, trials):
            return Verdict.broken(reason)
        wrong = [
            pair for pair in trials if pair[1].kind in (FORGED, SIGNED, FIXED, ENDED) and not pair[1].waits
        ]
        let_in = [f"{arm}: {trial.name}" for arm, trial in wrong if trial.outcome is Outcome.ACCEPTED]
        figures = _figures(wrong)
        if let_in:
            words = f"{len(let_in)} of {len(wrong)} wrong credentials were let in: {'; '.join(let_in[:5])}."
            return Verdict(Kind.REFUTED, words, figures=figures)
        odd = [(arm, trial) for arm, trial in trials if trial.outcome is Outcome.BROKEN]
        if odd:
            arm, trial = odd[0]
            words = f"answered {trial.said}, which is neither acceptance nor refusal"
            return Verdict.broken(f"{arm}, {trial.name}: {words}.")
        words = (
            f"{len(wrong)} of {len(wrong)} wrong credentials refused in {len(samples)} arms, each between "
            f"accepted controls{_not_counted(trials)}."
        )
        return Verdict(
            Kind.HOLDS, words, figures=figures, decisions=_decisions(trials), doubts=_limits(trials)
        )


def _why_unproved(samples: Mapping[str, Sequence[Trial]], trials: Iterable[tuple[str, Trial]]) -> str:
    if not samples or not all(samples.values()):
        return "Some arm was not visited."
    if missing := TRIED.keys() - set(map(_scheme, samples)):
        return f"No {' and no '.join(sorted(missing))} was tried."
    for arm, several in samples.items():
        if left_out := TRIED[_scheme(arm)] - {trial.kind for trial in several}:
            return f"{arm}: nothing was tried that is {', '.join(sorted(left_out))}."
    for arm, trial in trials:
        where = f"{arm}, {trial.name}"
        if {trial.before, trial.after} != {Outcome.ACCEPTED}:
            return f"{where}: a control was not accepted, so a refusal proves nothing."
        if trial.kind == GOOD and trial.outcome is not Outcome.ACCEPTED:
            return f"{where}: refused, so the refusals of what else the lab has signed prove nothing."
    return ""


def _scheme(arm: str) -> str:
    """What is tried there, which the arm's name begins with."""
    return "token" if arm.startswith("token") else "session"


def _lived(trials: Iterable[tuple[str, Trial]]) -> list[tuple[str, Trial]]:
    """Where a token whose login has ended was let in, which is no defect until it expires."""
    return [(arm, trial) for arm, trial in trials if trial.waits and trial.outcome is Outcome.ACCEPTED]


def _not_counted(trials: Iterable[tuple[str, Trial]]) -> str:
    lived = "; ".join(trial.waits.format(arm) for arm, trial in _lived(trials))
    return f"; not counted: the token of an ended login, let in {lived}" if lived else ""


def _figures(wrong: Sequence[tuple[str, Trial]]) -> tuple[Figure, ...]:
    names = {
        FORGED: "forged or altered",
        SIGNED: "really signed, one claim or header wrong",
        ENDED: "of ended logins",
    }
    names[FIXED] = "keys brought along to a login"
    counted = [(words, [trial for _, trial in wrong if trial.kind == kind]) for kind, words in names.items()]
    return tuple(
        Figure(
            f"refused: {words}",
            sum(one.outcome is Outcome.REFUSED for one in trials),
            f"of {len(trials)}",
            len(trials),
        )
        for words, trials in counted
        if trials
    )


def _decisions(trials: Sequence[tuple[str, Trial]]) -> dict[str, Decision]:
    forged = sum(trial.kind == FORGED and _scheme(arm) == "token" for arm, trial in trials)
    signed = sum(trial.kind == SIGNED for _, trial in trials)
    lived = "; ".join(arm for arm, _ in _lived(trials))
    decisions = {
        "C22": Decision(Kind.HOLDS, f"{forged} forged tokens refused, the real ones accepted throughout.")
    }
    if signed and lived:
        rest = f"that of an ended login was let in by {lived} and refused where the server is asked"
        decisions["C23"] = Decision(
            Kind.DEPENDS,
            f"A right signature is not enough: {signed} with one wrong claim or header were refused; {rest}.",
        )
    return decisions


def _limits(trials: Sequence[tuple[str, Trial]]) -> tuple[str, ...]:
    if any(trial.kind == SIGNED for _, trial in trials):
        return ()
    return ("Without the deployment's key, tokens that are really signed but wrong could not be tried.",)
