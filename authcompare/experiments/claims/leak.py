"""Row "Security: what a leak gives away": what can be read in a credential, and who logs in from a copy.

At the end the leaked signing key is replaced, and everybody's credentials are shown once more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.credentials.disclosing import Readable, session_keys, tokens
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.deployments.standard import BY_CLAIMS, BY_DATABASE, BY_REDIS
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.scenes.leaked_keys import (
    BOTH,
    INSIDER,
    SECRET,
    SIGNING,
    Forged,
    with_secret_key,
    with_signing_key,
)
from authcompare.experiments.scenes.leaking import (
    CONTROLS,
    DATABASE,
    Content,
    Replay,
    everything_tried,
    why_blind,
)
from authcompare.experiments.scenes.removed_keys import Removed, unlike, why_unproved, without_the_key
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

BITS = 128  # of a session key, at least (OWASP ASVS 7.2.3)
# What Apache and nginx write by default of a request: no headers but the address with its query.
LOG_FORMAT = '%(addr)s [%(time)s] "%(method)s %(path)s?%(query_string)s %(protocol)s" %(status)d'
LEAKING = Deployment(
    "leaking",
    {
        "SESSION_STORE": "cached",
        "TOKEN_CHECK": "denylist",
        "GRANIAN_LOG_ACCESS_ENABLED": "true",
        "GRANIAN_LOG_ACCESS_FMT": LOG_FORMAT,
    },
    exclusive=True,
)
SAID, COPIED, KEY, SECRETS = "what it says", "copies", "the signing key", "SECRET_KEY"
STOCK = (
    "Not tried: Django's own session table, which keeps keys in the clear, and its signed_cookies store, "
    "whose sessions SECRET_KEY signs."
)
Sample = Readable | Replay | Content | Forged | Removed
Tried = TypeVar("Tried", Replay, Content, Forged, Removed)


class Leak(Probe[Sample]):
    """Session data stays on the server and gives nothing away, while a token tells what is in it."""

    row = "Security: what a leak gives away"
    decides = ("C02", "C08", "C17")
    budget = (8, 10)

    def arms(self, quick: bool) -> list[Arm]:
        logins = 8 if quick else 20
        return [
            Arm(f"sessions, {SAID}", BY_CLAIMS, "session", parameters={"leak": SAID, "logins": logins}),
            Arm(f"tokens, {SAID}", BY_CLAIMS, "token", parameters={"leak": SAID}),
            Arm(f"sessions, {COPIED}", LEAKING, "session", parameters={"leak": COPIED}),
            Arm(f"tokens, {COPIED}", LEAKING, "token", parameters={"leak": COPIED}),
            Arm(f"tokens, none, {KEY}", BY_CLAIMS, "token", parameters={"leak": KEY}),
            Arm(f"tokens, denylist, {KEY}", BY_REDIS, "token", parameters={"leak": KEY}),
            Arm(f"tokens, database, {KEY}", BY_DATABASE, "token", parameters={"leak": KEY}),
            Arm(f"both, {SECRETS}", BY_CLAIMS, "session", parameters={"leak": SECRETS}),
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        return [*TRIED[arm.parameters["leak"]](arm, site, transcript)]

    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        if reason := _why_broken(samples):
            return Verdict.broken(reason)
        figures = tuple(_figures(samples))
        if wrong := list(_given_away(samples)):
            return Verdict(Kind.REFUTED, wrong[0], figures=figures, doubts=tuple(wrong[1:]))
        return _depends(samples, figures)


def _what_it_says(arm: Arm, site: Site, transcript: Transcript) -> Iterable[Sample]:
    if arm.client == "session":
        return session_keys(arm.parameters["logins"], site, transcript)
    return tokens(site, transcript)


def _copies(arm: Arm, site: Site, transcript: Transcript) -> Iterable[Sample]:
    copied = everything_tried(arm.client, site, transcript)
    return [*copied, *(without_the_key(site, transcript) if arm.client == "token" else [])]


TRIED: dict[str, Callable[[Arm, Site, Transcript], Iterable[Sample]]] = {
    SAID: _what_it_says,
    COPIED: _copies,
    KEY: lambda arm, site, transcript: with_signing_key(site, transcript),
    SECRETS: lambda arm, site, transcript: with_secret_key(site, transcript),
}


def _of(samples: Mapping[str, Sequence[Sample]], kind: type[Tried]) -> list[tuple[str, Tried]]:
    return [(arm, one) for arm, several in samples.items() for one in several if isinstance(one, kind)]


def _readable(samples: Mapping[str, Sequence[Sample]]) -> dict[str, Readable]:
    everything = chain.from_iterable(samples.values())
    return {one.what: one for one in everything if isinstance(one, Readable)}


def _why_broken(samples: Mapping[str, Sequence[Sample]]) -> str:
    wanted = {"session cookie", "access token", "refresh token"}
    if missing := wanted - _readable(samples).keys():
        return f"Nothing was read in: {', '.join(sorted(missing))}."
    if {SIGNING, INSIDER, BOTH, SECRET} - {one.leaked for _, one in _of(samples, Forged)}:
        return "Not every key was tried."
    tried: list[tuple[str, Replay | Forged]] = [*_of(samples, Replay), *_of(samples, Forged)]
    for arm, one in tried:
        if not one.controls:
            return f"{arm}, {one.words}: the owner was not let in, so a refusal proves nothing."
        if one.odd:
            return f"{arm}, {one.words}: {one.odd} is neither acceptance nor refusal."
    for arm, made in _of(samples, Forged):
        if made.let_in < made.made and not _asked(arm, made) and made.leaked != SECRET:
            return f"{arm}: {made.let_in} of {made.made} were let in; the lab's forger is no good."
    contents = [one for _, one in _of(samples, Content)]
    return why_blind(_of(samples, Replay), contents) or why_unproved(_removed(samples))


def _given_away(samples: Mapping[str, Sequence[Sample]]) -> Iterator[str]:
    """What a leak gives away although it should not, as sentences."""
    cookie = _readable(samples)["session cookie"]
    if cookie.about_user or not cookie.set_by_cookie:
        yield f"The session cookie tells {', '.join(cookie.about_user) or 'nothing, for none was set'}."
    if cookie.distinct < cookie.of or cookie.bits < BITS:
        yield f"Session keys: {cookie.distinct} of {cookie.of} differ, of at most {cookie.bits:.0f} bits."
    for arm, one in _of(samples, Replay):
        if one.source not in CONTROLS and one.accepted:
            yield f"{arm}: {one.accepted} of {one.tried} values of {one.source} log in as {one.shown_as}."
    for arm, made in _of(samples, Forged):
        if made.let_in and (made.leaked == SECRET or _asked(arm, made)):
            yield f"{arm}: {made.let_in} of {made.made} credentials made with {made.leaked} were let in."
    yield from filter(None, map(unlike, _removed(samples)))


def _removed(samples: Mapping[str, Sequence[Sample]]) -> list[Removed]:
    return [one for _, one in _of(samples, Removed)]


def _asked(arm: str, made: Forged) -> bool:
    """Whether the database is asked for the login that was named, and knows it for nobody's or another's."""
    return made.leaked in (SIGNING, INSIDER) and _check(arm) == "database"


def _check(arm: str) -> str:
    """The check mode, which stands in the arm's name."""
    return arm.split(", ")[1]


def _figures(samples: Mapping[str, Sequence[Sample]]) -> Iterator[Figure]:
    for one in _readable(samples).values():
        name, about = f"{one.what}: fields about the user, readable without a key", one.about_user
        yield Figure(name, len(about), "", one.of, note=", ".join(about))
    cookie = _readable(samples)["session cookie"]
    note = f"{cookie.distinct} of {cookie.of} differ"
    yield Figure("session cookie: room for", round(cookie.bits), "bits", cookie.of, note=note)
    for arm, tried in _of(samples, Replay):
        control = "control: has to be found" if tried.source in CONTROLS else "every value there was"
        name = f"{arm}: {tried.words}, let in"
        yield Figure(name, tried.accepted, f"of {tried.tried}", tried.tried, note=control)
    for arm, made in _of(samples, Forged):
        yield Figure(f"{arm}: {made.words}, let in", made.let_in, f"of {made.made}", made.made)
    for shown in _removed(samples):
        name = f"{shown.what}, let in once the key was replaced"
        yield Figure(name, shown.after, f"of {shown.of}", shown.of)


def _depends(samples: Mapping[str, Sequence[Sample]], figures: tuple[Figure, ...]) -> Verdict:
    told = _readable(samples)
    cookie, access = told["session cookie"], told["access token"]
    tried = sum(one.tried for _, one in _of(samples, Replay) if one.source not in CONTROLS)
    copies = f"0 of {tried} values from copies of the database, Redis and the log logged in"
    reads = f"an access token tells {', '.join(access.about_user)}, the session cookie nothing"
    replaced = ", ".join(f"{one.after} of {one.of} {one.what}" for one in _removed(samples))
    return Verdict(
        Kind.DEPENDS,
        f"Without a key {reads}; {copies}. Of users for whom tokens were made with the signing key, let in: "
        f"{_keys(samples)}. Once that key was replaced, this was let in: {replaced}.",
        rule="A session's credential says nothing, a token says its claims to whoever reads it. A copy of "
        "the stores logs nobody in where they keep only hashes of what is shown, as here under either "
        "scheme. A leaked signing key makes everybody's token: alone where the database is not asked (none, "
        "denylist), with a copy of the database where it is, too. To replace the key refuses them all, and "
        "all honest tokens with them; sessions, which no key signs here, go on.",
        figures=figures,
        decisions=_decisions(cookie, access, copies, _contents(samples)),
        doubts=(
            STOCK,
            "Passwords that can be guessed can be guessed from their hashes, however one logs in.",
            "Put into an address, both credentials stood in the log and logged in from there: the control.",
        ),
    )


def _keys(samples: Mapping[str, Sequence[Sample]]) -> str:
    """For how many users each check mode lets tokens be made, in words."""
    made = [(_check(arm), one) for arm, one in _of(samples, Forged)]

    def let_in(leaked: str) -> str:
        return ", ".join(
            f"{one.let_in} of {one.made} ({check})" for check, one in made if one.leaked == leaked
        )

    return (
        f"under made-up logins {let_in(SIGNING)}; under an insider's own login {let_in(INSIDER)}; with a "
        f"copy of the database as well {let_in(BOTH)}"
    )


def _contents(samples: Mapping[str, Sequence[Sample]]) -> str:
    found = [what for _, one in _of(samples, Content) if one.source == DATABASE for what in one.found]
    return " and ".join(dict.fromkeys(found))


def _decisions(cookie: Readable, access: Readable, copies: str, contents: str) -> dict[str, Decision]:
    return {
        "C02": Decision(
            Kind.HOLDS,
            f"{cookie.distinct} of {cookie.of} keys differ, {cookie.characters} characters with room "
            f"for {cookie.bits:.0f} bits, set by Set-Cookie; nothing about the user can be read in them.",
        ),
        "C08": Decision(
            Kind.DEPENDS,
            f"True of what the client holds: the cookie has {len(cookie.about_user)} readable fields about "
            f"the user, an access token {len(access.about_user)}. Not of a copy of the database: {contents} "
            f"stood in it in the clear, though {copies}. And whoever has copied the credential itself was "
            "let in with it, under either scheme.",
        ),
        "C17": Decision(
            Kind.HOLDS,
            f"{len(access.fields)} claims can be read without a key ({', '.join(access.fields)}); "
            f"{len(access.about_user)} are about the user.",
        ),
    }
