"""Row "Size": how many bytes of each request are the credential, and what they are made of.

A browser is given cookies of the largest size it keeps and of one byte more.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from authcompare.experiments.browsing.chromium import lacking
from authcompare.experiments.browsing.dropping import Kept, keep
from authcompare.experiments.browsing.outsider import SMALL
from authcompare.experiments.browsing.variants import VICTIM
from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.credentials.weighing_requests import (
    ABOUT_USER,
    COOKIE_LIMIT,
    TOO_LARGE,
    Carried,
    Field,
    NotIssued,
    bearer_carried,
    cookie_carried,
    fields_taken,
    session_carried,
)
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.deployments.extra_claims import COUNTS, SETTING
from authcompare.experiments.estimates import Line, fit
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

ALGORITHMS = ("ES256", "HS256", "EdDSA")
SESSION, COOKIE, SERVER = "sessions", "tokens in a cookie, ES256", "the server's own limit"
BEARER = "tokens in a header"
BROWSER = "the browser's own limit"
FIELDS = (8_190, 65_536, 262_144)  # the first is what Apache, gunicorn and nginx take by default, about
HTTP_1 = (
    "Counted under HTTP/1.1, name and line end of the header included on both sides; HTTP/2 can send a "
    "repeated header in a few bytes."
)
NO_CSRF = "The CSRF cookie, which a browser sends beside a session or a token in a cookie, is not counted."
NO_BROWSER = "That a browser drops a larger cookie without a word was not tried: no browser is here."
Sample = Carried | NotIssued | Field | Kept
Issue = Callable[[str, int, Site, Transcript], Carried | NotIssued]
ISSUED: dict[str, Issue] = {SESSION: session_carried, COOKIE: cookie_carried, BEARER: bearer_carried}


class Size(Probe[Sample]):
    """Tokens are large because they hold a lot of user data, and that makes every request larger."""

    row = "Size"
    decides = ("C36", "C37")
    browser = True
    budget = (4, 6)

    def arms(self, quick: bool) -> list[Arm]:
        where = {name: _where(name) for name in ALGORITHMS}
        return [
            Arm(SESSION, where["ES256"], "session", parameters={"issue": SESSION}),
            *(Arm(_by(name), one, "token", parameters={"issue": BEARER}) for name, one in where.items()),
            Arm(COOKIE, where["ES256"], "token", parameters={"issue": COOKIE}),
            Arm(SERVER, where["ES256"], "session", parameters={"issue": SERVER}),
            *([] if lacking() else [Arm(BROWSER, VICTIM, "token", parameters={"issue": BROWSER})]),
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        if arm.parameters["issue"] == SERVER:
            return list(fields_taken(FIELDS, site))
        if arm.parameters["issue"] == BROWSER:
            return list(keep((COOKIE_LIMIT, COOKIE_LIMIT + 1), site, transcript))
        issue = ISSUED[arm.parameters["issue"]]
        return [issue(user, extra, site, transcript) for user, extra in COUNTS.items()]

    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        carried = {
            arm: [one for one in several if isinstance(one, Carried)] for arm, several in samples.items()
        }
        if reason := _why_broken(samples, carried):
            return Verdict.broken(reason)
        figures = tuple(_figures(samples, carried))
        if wrong := list(_not_kept(carried)):
            return Verdict(Kind.REFUTED, wrong[0], figures=figures, doubts=tuple(wrong[1:]))
        return _depends(samples, carried, figures)


def _where(algorithm: str) -> Deployment:
    settings = {"TOKEN_ALGORITHM": algorithm, "TOKEN_CHECK": "none", "TOKEN_EXTRA_CLAIMS": SETTING}
    return Deployment(f"size-{algorithm.lower()}", settings)


def _by(algorithm: str) -> str:
    return f"tokens, {algorithm}"


def _why_broken(samples: Mapping[str, Sequence[Sample]], carried: Mapping[str, Sequence[Carried]]) -> str:
    for arm in (SESSION, COOKIE, *map(_by, ALGORITHMS)):
        if len(carried.get(arm, ())) < 3:
            return f"{arm}: too few credentials were carried."
    for arm, one in ((arm, one) for arm, several in carried.items() for one in several):
        where = f"{arm}, {one.extra_claims} claims more"
        if not one.accepted:
            return f"{where}: answered {one.said}, so what it carried proves nothing."
        if one.extra_claims and one.parts.get("extra claims") == 0:
            return f"{where}: they are not in the token; TOKEN_EXTRA_CLAIMS is not live."
        if sum(one.parts.values()) != one.bytes:
            return f"{where}: the parts have {sum(one.parts.values())} bytes, the line {one.bytes}."
    odd = [
        one
        for one in chain.from_iterable(samples.values())
        if isinstance(one, NotIssued) and one.status != TOO_LARGE
    ]
    if odd:
        return f"A login was answered {odd[0].said}."
    return next((words for one in _kept(samples) if (words := _why_not_weighed(one))), "")


def _kept(samples: Mapping[str, Sequence[Sample]]) -> list[Kept]:
    return [one for one in samples.get(BROWSER, ()) if isinstance(one, Kept)]


def _why_not_weighed(one: Kept) -> str:
    if one.given <= COOKIE_LIMIT and one.sent != one.given:
        return f"{BROWSER}: positive control, and yet a cookie of {one.given} bytes was not kept."
    if one.sent not in (one.given, SMALL):
        return f"{BROWSER}: given {SMALL} bytes, then {one.given}, it sent {one.sent}."
    return ""


def _not_kept(carried: Mapping[str, Sequence[Carried]]) -> Iterator[str]:
    for arm, one in ((arm, one) for arm, several in carried.items() for one in several):
        where = f"{arm}, {one.extra_claims} claims more"
        if one.members:
            yield f"{where}: the token says things twice, its header {', '.join(one.members)}."
        if one.cookie > COOKIE_LIMIT:
            yield f"{where}: a cookie of {one.cookie} bytes was given out, and browsers drop it silently."


def _figures(
    samples: Mapping[str, Sequence[Sample]], carried: Mapping[str, Sequence[Carried]]
) -> Iterator[Figure]:
    for arm, several in carried.items():
        if several:
            least = several[0]
            made_of = ", ".join(f"{part} {size}" for part, size in least.parts.items())
            yield Figure(f"{arm}: bytes in each request", least.bytes, "bytes", 1, note=made_of)
    for arm in (SESSION, *map(_by, ALGORITHMS)):
        slope = _line(carried[arm]).slope
        yield Figure.of(f"{arm}: bytes per claim more", slope, "bytes", len(carried[arm]))
    for arm in (_by("ES256"), COOKIE):
        most = max(one.extra_claims for one in carried[arm])
        refused = [one for one in samples[arm] if isinstance(one, NotIssued)]
        note = "; ".join(f"with {one.extra_claims}: {one.said}" for one in refused)
        yield Figure(f"{arm}: most claims more that were issued", most, "", len(samples[arm]), note=note)
    taken = [one for one in samples.get(SERVER, ()) if isinstance(one, Field)]
    if taken:
        most = max((one.bytes for one in taken if one.status == 200), default=0)
        yield Figure("largest header field tried that this server took", most, "bytes", len(taken))
    if kept := _kept(samples):
        most = max((one.given for one in kept if one.sent == one.given), default=0)
        note = "; ".join(
            f"one of {one.given} dropped, the old one of {one.sent} still sent" for one in _dropped(samples)
        )
        yield Figure("largest cookie tried that the browser kept", most, "bytes", len(kept), note=note)


def _dropped(samples: Mapping[str, Sequence[Sample]]) -> list[Kept]:
    return [one for one in _kept(samples) if one.sent != one.given]


def _line(several: Sequence[Carried]) -> Line:
    return fit([(one.extra_claims, one.bytes) for one in several])


def _user_bytes(one: Carried) -> int:
    return one.parts["claims about the user"] + one.parts["extra claims"]


def _outweighing(several: Sequence[Carried]) -> int:
    """With how many claims more what is said of the user is more than half of the token's line."""
    least, slope = several[0], _line(several).slope.value
    return math.floor((least.bytes - 2 * _user_bytes(least)) / slope) + 1


def _depends(
    samples: Mapping[str, Sequence[Sample]],
    carried: Mapping[str, Sequence[Carried]],
    figures: tuple[Figure, ...],
) -> Verdict:
    cookie, slope = carried[SESSION][0].bytes, _line(carried[_by("ES256")]).slope.value
    least = {name: carried[_by(name)][0] for name in ALGORITHMS}
    sizes = ", ".join(f"{name} {one.bytes}" for name, one in least.items())
    share = max(_user_bytes(one) / one.bytes for one in least.values())
    why = (
        f"at most {share:.0%} of a token is about the user ({', '.join(ABOUT_USER)}), the rest is header, "
        "registered claims (sub among them) and signature"
    )
    decides = (
        f"user data is the larger part from {_outweighing(carried[_by('ES256')])} more claims on (ES256)"
    )
    return Verdict(
        Kind.DEPENDS,
        f"A token adds {sizes} bytes to every request, a session cookie alone {cookie}; {why}. Each claim "
        f"more adds {slope:.0f} bytes.",
        rule=f"This product's token is large without extra claims: {why}. At {slope:.0f} bytes each, "
        f"{decides}. A session cookie stays at {cookie} bytes.",
        figures=figures,
        decisions={
            "C36": Decision(
                Kind.DEPENDS if share < 0.5 else Kind.HOLDS,
                f"They are ({sizes} bytes against {cookie}), but {why}; {decides}.",
            ),
            "C37": Decision(
                Kind.HOLDS,
                f"{slope:.0f} bytes more per claim and request, 0 for a session{_limits(samples)}.",
            ),
        },
        doubts=(HTTP_1, NO_CSRF) if _kept(samples) else (HTTP_1, NO_CSRF, NO_BROWSER),
    )


def _limits(samples: Mapping[str, Sequence[Sample]]) -> str:
    refused = [one for one in samples[COOKIE] if isinstance(one, NotIssued)][:1]
    said = [f"with {one.extra_claims} claims more a cookie was refused at issue" for one in refused]
    said += [
        f"a browser dropped one of {one.given} bytes in silence and went on with the old one"
        for one in _dropped(samples)
    ]
    return "".join(f"; {words}" for words in said)
