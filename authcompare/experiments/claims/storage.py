"""Row "Storage": what a script on the page can read of the credential, by the place where it is kept.

Where it can read nothing, it tries to throw the cookie out, and to set one of its own instead.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

from authcompare.experiments.browsing.claim import BrowserProbe, victim_arm
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.reading import Reading, read
from authcompare.experiments.browsing.replacing import JUNK, Evicted, Whose, evict
from authcompare.experiments.browsing.scene import Scene
from authcompare.experiments.claim import Arm
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

HTTPONLY = ("session cookie, HttpOnly", "token cookie, HttpOnly")
EXPOSED = (
    "session cookie, readable",
    "token in a cookie that a script wrote",
    "localStorage",
    "sessionStorage",
)
MEMORY, MEMORY_EARLY = "memory", "memory, fetch kept at load"
PLACES = {
    HTTPONLY[0]: ("product", Place.SESSION),
    HTTPONLY[1]: ("product", Place.TOKEN_COOKIE),
    EXPOSED[0]: ("readable", Place.SESSION),
    EXPOSED[1]: ("product", Place.READABLE_COOKIE),
    EXPOSED[2]: ("product", Place.LOCAL_STORAGE),
    EXPOSED[3]: ("product", Place.SESSION_STORAGE),
    MEMORY: ("product", Place.MEMORY),
    MEMORY_EARLY: ("product", Place.MEMORY_EARLY),
}
WRITTEN_OVER = "session cookie, HttpOnly, written over"
NAMES = ("product", "plain-name")  # `__Host-sessionid` as in production, `sessionid` as in the lab
SPLIT = (
    "Not tried, for this product issues none: an access token in memory, its refresh token in an HttpOnly "
    "cookie; a script there need not listen, it can ask for a renewal itself."
)
RENEWALS = {200, 400, 401, 403}  # given, nothing to renew with, refused


Sample = Reading | Evicted


class Storage(BrowserProbe[Sample]):
    """A token is stored in localStorage, sessionStorage or a cookie, where scripts can read it; a session
    ID is in a cookie, on the server's side."""

    row = "Storage"
    decides = ("C19", "C21", "C41")
    budget = (8, 12)

    def arms(self, quick: bool) -> list[Arm]:
        places = [victim_arm(name, place, variant=variant) for name, (variant, place) in PLACES.items()]
        names = NAMES[:1] if quick else NAMES
        return [*places, victim_arm(WRITTEN_OVER, Place.SESSION, variants=list(names))]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        if arm.name == WRITTEN_OVER:
            variants = arm.parameters["variants"]
            return [evict(Scene(site, variant, transcript.under(variant))) for variant in variants]
        return [read(Scene(site, arm.parameters["variant"], transcript), arm.parameters["place"])]

    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        if missing := [name for name in (*PLACES, WRITTEN_OVER) if not samples.get(name)]:
            return Verdict.broken(f"Not visited: {', '.join(missing)}.")
        readings = {name: one for name in PLACES for one in samples[name] if isinstance(one, Reading)}
        evicted = [one for one in samples[WRITTEN_OVER] if isinstance(one, Evicted)]
        if reason := _why_broken(readings) or _why_not_written_over(evicted):
            return Verdict.broken(reason)
        out, replaced = _written_over(evicted)
        figures = (*_figures(readings), out, replaced)
        taken = [
            words for name in (*HTTPONLY, MEMORY, MEMORY_EARLY) if (words := _taken(name, readings[name]))
        ]
        taken += [
            f"{WRITTEN_OVER}, {one.variant}: a script wrote over it while it was there, and made "
            f"{one.overwritten} of the victim."
            for one in evicted
            if one.overwritten is not Whose.VICTIM
        ]
        if taken:
            return Verdict(Kind.REFUTED, taken[0], figures=figures, doubts=tuple(taken[1:]))
        return _depends(readings, figures, out, replaced)


def _why_broken(readings: Mapping[str, Reading]) -> str:
    for name, reading in readings.items():
        if not all(reading.accepted):
            return f"{name}: the page's own request was not accepted, so nothing was there to be read."
        if not all(reading.canaries):
            return f"{name}: a canary laid out to be found was not; the reader does not read."
        if reading.renewal not in RENEWALS:
            return f"{name}: the attempt to renew was answered {reading.renewal}."
    if not readings[HTTPONLY[0]].jar:
        return f"{HTTPONLY[0]}: what the browser's jar holds let nobody in, so it was not looked into."
    for name in EXPOSED:
        if not readings[name].looked:
            return f"{name}: positive control, and yet nothing was read that lets a stranger in."
    return ""


def _why_not_written_over(evicted: Sequence[Evicted]) -> str:
    for one in evicted:
        where = f"{WRITTEN_OVER}, {one.variant}"
        if one.before is not Whose.VICTIM:
            return f"{where}: the login was {one.before}'s to begin with, so there was none to replace."
        if not one.junk:
            return f"{where}: no junk cookie came to the server, so a script may have set none."
        if (one.name in one.lost) != (one.emptied is Whose.NOBODY):
            return f"{where}: after the junk {len(one.lost)} cookies were lost, and it was {one.emptied}'s."
        if one.taken and one.after is Whose.NOBODY:
            return f"{where}: the script's own login stood for nobody, so it proves nothing."
    return ""


def _taken(name: str, reading: Reading) -> str:
    """What a script got from a place that is said to be out of its reach, as a sentence; else empty."""
    if reading.looked:
        return f"{name}: read in {', '.join(reading.seen_in)}, and a stranger was let in with it."
    if reading.asked:
        return f"{name}: a renewal that the browser proved by itself answered with a credential to read."
    if reading.listed:
        return f"{name}: what the server tells of the login let a stranger in."
    if reading.listened and name != MEMORY:
        return f"{name}: overheard in the page's next request."
    if reading.answered and name in HTTPONLY:
        return f"{name}: overheard in the answer to its next renewal."
    return ""


def _figures(readings: Mapping[str, Reading]) -> tuple[Figure, ...]:
    def count(name: str, found: Callable[[Reading], object]) -> Figure:
        yes = [place for place, one in readings.items() if found(one)]
        return Figure(name, len(yes), f"of {len(readings)} places", len(readings), note="; ".join(yes))

    return (
        count("a script that looks has it", attrgetter("looked")),
        count("a script that listens to the next request has it", attrgetter("listened")),
        count("a script that listens to the answer to the next renewal has it", attrgetter("answered")),
        count("a script that asks for a renewal has it", attrgetter("asked")),
        count("no script had it", lambda one: not (one.looked or one.listened or one.answered or one.asked)),
        count("the browser's own jar holds it", attrgetter("jar")),
        count("what the server tells of the login opens it", attrgetter("listed")),
    )


def _written_over(evicted: Sequence[Evicted]) -> tuple[Figure, Figure]:
    def count(name: str, several: Sequence[bool], note: str) -> Figure:
        return Figure(name, sum(several), f"of {len(several)}", len(several), note=note)

    lost, taken, refused = (
        ", ".join(sorted({name for one in evicted for name in names(one)}))
        for names in (attrgetter("lost"), attrgetter("taken"), attrgetter("refused"))
    )
    out = [one.emptied is Whose.NOBODY for one in evicted]
    replaced = [one.after is Whose.ATTACKER for one in evicted]
    return (
        count(f"a script that sets {JUNK} junk cookies logs the victim out", out, f"thrown out: {lost}"),
        count("… and makes it act as the attacker", replaced, f"set by the script: {taken}; not: {refused}"),
    )


def _heard(one: Reading) -> str:
    places = {"in the page's next request": one.listened, "in the answer to its next renewal": one.answered}
    return " and ".join(where for where, found in places.items() if found) or "nowhere"


def _depends(
    readings: Mapping[str, Reading], figures: tuple[Figure, ...], out: Figure, replaced: Figure
) -> Verdict:
    looked = f"{len(EXPOSED)} of {len(EXPOSED)}"
    memory, early = (_heard(readings[name]) for name in (MEMORY, MEMORY_EARLY))
    written = (
        "A script can still throw out a cookie that it cannot read, and set its own, even under `__Host-`."
        if replaced.value
        else "A script did not get its own in the place of a cookie that it cannot read."
    )
    return Verdict(
        Kind.DEPENDS,
        f"Read at once in {looked} places that scripts can read (storage, cookies without HttpOnly), of "
        "either scheme, and used by a stranger; never in an HttpOnly cookie, of either scheme "
        f"({len(HTTPONLY)} of {len(HTTPONLY)}); from memory, heard "
        f"{memory}. {JUNK} junk cookies threw an HttpOnly cookie out in {out.share}, and the script's own "
        f"replaced it in {replaced.share}.",
        rule="The place decides, not the scheme. HttpOnly cookie: no script reads it, whether it holds a "
        "session ID or a token. localStorage, sessionStorage, a cookie without HttpOnly: every script reads "
        f"it. Memory: a script that looks finds nothing, one that stays heard it {memory}; where the page "
        f"has kept its own fetch, {early}. {written}",
        figures=figures,
        decisions=_decisions(readings, memory),
        doubts=(
            "Not tried: a debugger, an extension, a worker, the memory of the process.",
            "Not tried: a page that keeps all functions that it uses, not fetch alone, as they were at load.",
            SPLIT,
            "What a script cannot read it can still use from inside the page: see script injection.",
        ),
    )


def _decisions(readings: Mapping[str, Reading], memory: str) -> dict[str, Decision]:
    hidden, written, read = readings[HTTPONLY[1]], readings[EXPOSED[1]], EXPOSED[1:]
    kept = [name for name in readings if "session cookie" not in name]
    return {
        "C19": Decision(
            Kind.DEPENDS,
            f"It can be, but need not: a token was read at once in {len(read)} of {len(read)} such places "
            f"({'; '.join(read)}), not in an HttpOnly cookie, and from memory it was heard {memory}. Each of "
            f"the {len(kept)} places where a token was kept worked.",
        ),
        "C21": Decision(
            Kind.DEPENDS,
            "Both at once goes with a cookie that scripts can read: the page copied the token into the "
            f"header ({sum(written.accepted)} of 2 requests accepted), and any script there can steal it. "
            "With an HttpOnly cookie it does not: the cookie was accepted by itself "
            f"({sum(hidden.accepted)} of 2), and no script could read it to copy it into a header.",
        ),
        "C41": Decision(
            Kind.REFUTED,
            "The cookie is the browser's: what its jar holds let a stranger in, what the server tells of the "
            "same login let nobody in. The ID is with the client, the data with the server.",
        ),
    }
