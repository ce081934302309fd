"""Row "Security: script injection": what a script in the page carries off, and what it does in place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from authcompare.experiments.browsing.claim import BrowserProbe, victim_arm
from authcompare.experiments.browsing.injecting import Attack, Policy, attack
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.scene import Scene
from authcompare.experiments.claim import Arm
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

HTTPONLY = ("session cookie, HttpOnly", "token cookie, HttpOnly")
STORED = ("localStorage", "sessionStorage", "memory")
PLACES = {
    HTTPONLY[0]: Place.SESSION,
    HTTPONLY[1]: Place.TOKEN_COOKIE,
    **{name: Place(name) for name in STORED},
}
UNDER_A_POLICY = {HTTPONLY[0]: (Policy.ON, Policy.ON_HOSTED)}  # in a quick run; elsewhere there is none

Everything = list[tuple[str, Attack]]


class Injection(BrowserProbe[Attack]):
    """Session data on the server is less exposed to scripts injected into a page than a token in
    localStorage."""

    row = "Security: script injection"
    decides = ("C45", "C46")
    budget = (6, 18)

    def arms(self, quick: bool) -> list[Arm]:
        def policies(name: str) -> Sequence[Policy]:
            return UNDER_A_POLICY.get(name, (Policy.OFF,)) if quick else tuple(Policy)

        return [victim_arm(name, place, policies=list(policies(name))) for name, place in PLACES.items()]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Attack]:
        return [
            attack(
                Scene(site, policy.variant, transcript.under(f"policy {policy}")),
                arm.parameters["place"],
                policy,
            )
            for policy in arm.parameters["policies"]
        ]

    def judge(self, samples: Mapping[str, Sequence[Attack]]) -> Verdict:
        attacks = [(name, one) for name, several in samples.items() for one in several]
        if reason := _why_broken(samples, attacks):
            return Verdict.broken(reason)
        shares = _shares(attacks)
        wrong = [
            f"{name}, policy {one.policy}: {words}"
            for name, one in attacks
            if (words := _beyond_the_rule(name, one))
        ]
        if wrong:
            return Verdict(Kind.REFUTED, wrong[0], figures=shares, doubts=tuple(wrong[1:5]))
        return _depends(attacks, shares)


def _why_broken(samples: Mapping[str, Sequence[Attack]], attacks: Everything) -> str:
    if missing := [name for name in PLACES if not samples.get(name)]:
        return f"Not visited: {', '.join(missing)}."
    for name, one in attacks:
        if reason := _why_it_proves_nothing(name, one):
            return f"{name}, policy {one.policy}: {reason}"
    tried = {one.policy for _, one in attacks}
    return "" if set(Policy) <= tried else "Not every policy was tried."


def _why_it_proves_nothing(name: str, one: Attack) -> str:
    if not one.accepted:
        return "the page's own request was not accepted, so nothing was there to be stolen."
    if not one.beacon:
        return "the collector did not hear a control beacon, so its silence proves nothing."
    if not one.ran and not one.stopped:
        return "the script did not run, and no policy said that it had stopped it."
    if one.policy == Policy.OFF and not one.ran:
        return "the script did not run."
    if one.ran and not one.finished:
        return "the script had not finished when the watch over it ended."
    if one.ran and not one.ridden:
        return "the script ran and used the page's own form, and nothing was stored."
    if one.ran and name == STORED[0] and not one.stolen:
        return "positive control, and yet nothing that was carried off lets a stranger in."
    return ""


def _beyond_the_rule(name: str, one: Attack) -> str:
    if name in HTTPONLY and one.stolen:
        return f"a stranger got in with what was carried off ({', '.join(one.stolen)})."
    if one.policy == Policy.ON and one.ran:
        return "the policy did not stop the script."
    if one.policy == Policy.ON_HOSTED and one.route != "navigation":
        return f"a script that the site itself hosts got its loot out by {one.route or 'no way'}."
    return ""


def _share(name: str, several: Iterable[bool], note: str = "") -> Figure:
    found = list(several)
    return Figure(name, sum(found), f"of {len(found)}", len(found), note=note)


class Shares(NamedTuple):
    """The figures, as they are printed."""

    stored: Figure
    kept: Figure
    ridden: Figure
    stopped: Figure
    hosted: Figure
    got_out: Figure


def _shares(attacks: Everything) -> Shares:
    ran = [(name, one) for name, one in attacks if one.ran]
    inline = [one for _, one in attacks if one.policy == Policy.ON]
    hosted = [one for _, one in attacks if one.policy == Policy.ON_HOSTED]
    stored = [one for name, one in ran if name in STORED]
    routes = ", ".join(sorted({one.route for one in hosted if one.route}))
    return Shares(
        _share("stolen from storage or memory when the script ran", (bool(one.stolen) for one in stored)),
        _share("stolen from HttpOnly cookies when it ran", (bool(o.stolen) for n, o in ran if n in HTTPONLY)),
        _share("acted as the user, whatever the place, when it ran", (one.ridden for _, one in ran)),
        _share("injected script stopped by the policy", (one.stopped for one in inline)),
        _share("script hosted by the site itself ran under the policy", (one.ran for one in hosted)),
        _share("… and got its loot out", (bool(one.route) for one in hosted), note=f"by {routes}"),
    )


def _depends(attacks: Everything, shares: Shares) -> Verdict:
    ridden = shares.ridden.share
    session, token = (_stolen(attacks, name) for name in HTTPONLY)
    stores, memory = _stolen(attacks, *STORED[:2]), _stolen(attacks, STORED[2])
    return Verdict(
        Kind.DEPENDS,
        f"Carried off and used by a stranger: {shares.stored.share} from storage or memory, "
        f"{shares.kept.share} from HttpOnly cookies of either scheme. Used in place: {ridden}. The policy "
        f"stopped {shares.stopped.share} injected scripts.",
        rule="Whether the credential can be carried off depends on the place: not out of an HttpOnly cookie, "
        "session or token; out of localStorage, sessionStorage, and memory where the script hears the page's "
        "next request, or the answer to its next renewal (see the row on storage). Whether the script can "
        "act as the user depends on neither place nor scheme: wherever it runs, it can. A content security "
        "policy stops a script that is injected into the page, not one that the site itself hosts; that one "
        "it keeps from fetching a stranger's address, not from carrying its loot there by a navigation.",
        figures=shares,
        decisions={
            "C45": Decision(
                Kind.DEPENDS,
                f"Less vulnerable to theft where its cookie is HttpOnly: {session} stolen, as of tokens in "
                f"such a cookie ({token}). Not to use in place: {ridden}. And, like every "
                "cookie, sent with forged requests, which some layer has to stop: see the row on forgery.",
            ),
            "C46": Decision(
                Kind.HOLDS,
                f"{stores} tokens in localStorage or sessionStorage were carried off by a script in the page "
                f"and accepted from a separate client, and {memory} in memory.",
            ),
        },
        doubts=_limits(attacks),
    )


def _stolen(attacks: Everything, *places: str) -> str:
    ran = [bool(one.stolen) for name, one in attacks if one.ran and name in places]
    return f"{sum(ran)} of {len(ran)}"


def _limits(attacks: Everything) -> tuple[str, ...]:
    policies = {policy: sum(one.policy == policy for _, one in attacks) for policy in Policy}
    if len(set(policies.values())) == 1:
        return ()
    without = policies.pop(Policy.OFF)
    least = min(policies.values())
    return (f"This run tried {least} of {len(PLACES)} places under a policy, and {without} without.",)
