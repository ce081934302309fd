"""Row "Security: tampering": whether a forged or altered credential is ever taken for a real one."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.clients import SessionClient, logged_in
from authcompare.experiments.credentials.forgeries import (
    Genuine,
    public_key_forgeries,
    session_forgeries,
    signed_but_wrong,
    token_forgeries,
)
from authcompare.experiments.credentials.signing import Signer
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.deployments.standard import BY_CLAIMS, BY_DATABASE, BY_REDIS
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.promises import SESSIONS, of_tokens
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

LIFE_SECONDS = 300  # of an access token, by default
FORGED = "forged"  # nobody signed it, or nobody gave it out
SIGNED = "signed"  # really signed, with something else wrong
ENDED = "ended"  # really given out, but its login has ended
FIXED = "fixed"  # a key the client brought along to its login
GOOD = "good"  # the forger's own control: made by the same hand, nothing wrong
TRIED = {"session": {FORGED, ENDED, FIXED}, "token": {FORGED, ENDED}}  # at least; SIGNED needs the key


@dataclass(frozen=True)
class Trial:
    """One credential shown between two controls. `waits` says that it may be let in until it expires."""

    kind: str
    name: str
    before: Outcome
    outcome: Outcome
    after: Outcome
    said: str
    waits: bool = False


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
            Arm("tokens, none, ES256", BY_CLAIMS, "token", of_tokens("none", LIFE_SECONDS)),
            Arm("tokens, denylist, HS256", BY_REDIS, "token", of_tokens("denylist", LIFE_SECONDS)),
            Arm("tokens, database, EdDSA", BY_DATABASE, "token", of_tokens("database", LIFE_SECONDS)),
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Trial]:
        bench = Bench(arm, site, transcript)
        return list(_session_trials(bench) if arm.client == "session" else _token_trials(bench))

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


class Bench:
    """Shows one credential after the other, each between two controls."""

    def __init__(self, arm: Arm, site: Site, transcript: Transcript) -> None:
        self.arm, self.site, self.transcript = arm, site, transcript
        self.holder: Any = self.log_in()

    def log_in(self) -> Any:
        """A fresh login of the lab's user."""
        site = self.site
        return logged_in(self.arm.client, site.doors[0], site.username, site.password, self.transcript)

    def show(self, kind: str, name: str, credential: str, waits: bool = False) -> Trial:
        """Ask who I am with this credential."""
        return self._between(kind, name, lambda: self.holder.show(credential, name), waits)

    def refresh_by_access(self, kind: str, name: str) -> Trial:
        """Try to refresh with the access token of another login: whoever believes it may end that login."""
        thief = self.log_in()
        return self._between(kind, name, lambda: thief.refresh(thief.access, name))

    def _between(self, kind: str, name: str, attempt: Callable[[], Answer], waits: bool = False) -> Trial:
        before = outcome(self.holder.me(), self.arm.client)
        answer = attempt()
        after = outcome(self.holder.me(), self.arm.client)
        return Trial(kind, name, before, outcome(answer, self.arm.client), after, described(answer), waits)


def _session_trials(bench: Bench) -> Iterator[Trial]:
    bench.holder.me("control: the real one")
    for name, key in session_forgeries(bench.holder.credential).items():
        yield bench.show(FORGED, name, key)
    yield bench.show(ENDED, "of a login that has ended", _ended_credential(bench))
    yield bench.show(FIXED, "brought along to a login (fixation)", _brought_along(bench))


def _brought_along(bench: Bench) -> str:
    """A key of the attacker's choice that a victim has carried through a login.

    It is put there when the form is open: the answer that brings the form makes the browser forget it.
    """
    planted, site = secrets.token_hex(16), bench.site
    victim = SessionClient(site.doors[0])
    victim.send("GET", "/sessions/login/", {})
    victim.jar[bench.holder.session_cookie] = planted
    answer = victim.call("POST", "/login/", {"username": site.username, "password": site.password})
    if answer.status != 200:
        raise Broken(f"A browser with an unknown cookie cannot log in: {described(answer)}.")
    return planted


def _token_trials(bench: Bench) -> Iterator[Trial]:
    bench.holder.me("control: the real one")
    good = Genuine(bench.holder.access, bench.holder.refresh_token, _signer(bench))
    for name, token in token_forgeries(good).items():
        yield bench.show(FORGED, name, token)
    yield bench.refresh_by_access(FORGED, "the access token as a refresh token")
    if good.signer is not None:
        for name, token in public_key_forgeries(good).items():
            yield bench.show(FORGED, name, token)
        yield bench.show(GOOD, "signed by the lab with the real key, nothing wrong", good.resigned({}, {}))
        for name, token in signed_but_wrong(good).items():
            yield bench.show(SIGNED, name, token)
    waits = bool(bench.arm.guarantees and bench.arm.guarantees.logout_seen)
    yield bench.show(ENDED, "of a login that has ended", _ended_credential(bench), waits)


def _signer(bench: Bench) -> Signer | None:
    return Signer.of(bench.site.keys) if bench.site.keys else None


def _ended_credential(bench: Bench) -> str:
    other = bench.log_in()
    credential = str(other.credential)
    other.logout()
    return credential


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


def _lived(trials: Iterable[tuple[str, Trial]]) -> list[str]:
    """The arms that let in a token whose login has ended, as they say they do until it expires."""
    return [arm for arm, trial in trials if trial.waits and trial.outcome is Outcome.ACCEPTED]


def _not_counted(trials: Iterable[tuple[str, Trial]]) -> str:
    lived = "; ".join(_lived(trials))
    return f"; not counted: the token of an ended login, let in as promised by {lived}" if lived else ""


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
    lived = "; ".join(_lived(trials))
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
