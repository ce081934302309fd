"""The victim under one of its names: log in there, see what arrived, try what was stolen."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.browsing.outsider import Outsider
from authcompare.experiments.browsing.places import ACCESS_COOKIE, SESSION_COOKIE, Place
from authcompare.experiments.browsing.variants import VARIANTS, host_of, written
from authcompare.experiments.browsing.world import World
from authcompare.experiments.clients import TokenClient, compose, logged_in
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.transcript import Line, Transcript

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

LOG_IN = "([name, password]) => app.logIn(name, password)"
CALL = "([method, path, sent]) => app.call(method, path, sent).then((answer) => answer.status)"

T = TypeVar("T")


@dataclass(frozen=True)
class Arrived:
    """One request as the server saw it, and what it answered. A cookie that came twice is named twice."""

    method: str
    cookies: tuple[str, ...]
    authorized: bool
    status: int
    said: str
    gave: tuple[str, ...]

    def carries(self, place: Place) -> bool:
        """Whether a credential came with it, out of that place or in the header."""
        return self.authorized or not place.cookies.isdisjoint(self.cookies)


class Scene:
    """One variant of the victim, under a name that nobody has used before.

    `cell` is a mark that every request of one act carries.
    """

    def __init__(self, site: Site, variant: str, transcript: Transcript) -> None:
        if site.world is None:
            raise Broken("A browser claim needs a deployment over TLS.")
        self.world: World = site.world
        self.site, self.transcript = site, transcript
        self.variant, self.host = variant, host_of(variant, new_cell())
        self.door = replace(site.doors[0], host=self.host)
        self.origin = self.door.origin

    @property
    def outsider(self) -> Outsider:
        """Somebody else's site."""
        return self.world.outsider

    def act(self, what: Callable[["BrowserContext"], T], policy: ThirdParty = ThirdParty.BLOCKED) -> T:
        """In a browser that has never been there."""
        return self.world.chromium.act(policy, what, self.site.stop)

    def enter(self, page: "Page", place: Place, cell: str = "") -> "Page":
        """Go to the victim, log in there, keep the credential in that place. Raises Broken.

        What the page's own form sends carries the mark of the cell.
        """
        shown = page.goto(self.page_of(place, cell))
        if shown is None or not shown.ok:
            raise Broken(f"The page to log in on was answered {shown.status if shown else 'by nobody'}.")
        status = page.evaluate(LOG_IN, [self.site.username, self.site.password])
        if status != 200:
            raise Broken(f"The login on the page was answered {status}.")
        return page

    def page_of(self, place: Place, cell: str = "") -> str:
        """The address of the victim's page that keeps the credential there."""
        return f"{self.origin}/victim/?place={quote(place)}&cell={cell}"

    def works(self, page: "Page", note: str = "") -> bool:
        """Whether the page's own credential is accepted."""
        cell = new_cell()
        accepted = page.evaluate(CALL, ["GET", f"/me/?cell={cell}", None]) == 200
        self.seen(cell, note)
        return accepted

    def seen(self, cell: str, note: str = "") -> list[Arrived]:
        """What arrived with that mark, in order; with a note it goes into the transcript. Raises Broken."""
        asked = self._stranger.send("GET", f"/witness/?of={cell}", {})
        if asked.status != 200:
            raise Broken(f"The witness answered {asked.status}.")
        exchanges = asked.json["seen"]
        for one in exchanges:
            if one["layers"] != written(VARIANTS[self.variant]):
                raise Broken(f"{self.host} was served with other layers: {one['layers']}.")
            if note:
                self.transcript.keep(_line(note, one))
        return [_arrived(one) for one in exchanges]

    def store_note(self, text: str) -> int:
        """A note of the user's, as any of the user's clients may write it; its id."""
        answer = self._reader.call("POST", "/notes/", {"text": text})
        if answer.status != 201:
            raise Broken(f"A note could not be stored: {answer.status}.")
        return int(answer.json["id"])

    def has_note(self, text: str) -> bool:
        """Whether one of the newest notes says exactly that."""
        answer = self._reader.notes()
        if answer.status != 200:
            raise Broken(f"The notes could not be read: {answer.status}.")
        return any(note["text"] == text for note in answer.json["results"])

    def bearer(self) -> dict[str, str]:
        """The header of a login that was not made in the browser."""
        headers: dict[str, str] = self._reader.credential_headers()
        return headers

    def opens(self, candidates: Iterable[str], note: str) -> tuple[str, ...]:
        """As what a stolen text is accepted, from a client that has never been a browser's."""
        ways = [way for candidate in candidates for way in self._ways(candidate, note)]
        return tuple(dict.fromkeys(ways))

    def _ways(self, candidate: str, note: str) -> list[str]:
        bearer = {"Authorization": f"Bearer {candidate}"}
        if candidate.count(".") == 2:
            attempts = {
                "access token": ("/tokens/me/", bearer),
                "access cookie": ("/tokens/me/", {"Cookie": f"{ACCESS_COOKIE}={candidate}"}),
            }
        else:
            attempts = {"session": ("/sessions/me/", {"Cookie": f"{SESSION_COOKIE}={candidate}"})}
        return [way for way, (path, headers) in attempts.items() if self._lets_in(path, headers, note)]

    def _lets_in(self, path: str, headers: dict[str, str], note: str) -> bool:
        request = compose(self.door, "GET", path, headers)
        answer = self._stranger.connection.send(request)
        if answer.status == 200:
            self.transcript.record(note, request, answer)
        return answer.status == 200

    @cached_property
    def _stranger(self) -> TokenClient:
        """A client that has logged in nowhere."""
        return TokenClient(self.door)

    @cached_property
    def _reader(self) -> Any:
        """A client of the user's own, beside the browser."""
        return logged_in("token", self.door, self.site.username, self.site.password)


def new_cell() -> str:
    """Nobody has used it before."""
    return secrets.token_hex(6)


def _arrived(one: dict[str, Any]) -> Arrived:
    return Arrived(
        one["method"],
        tuple(sorted(name for name, _ in one["cookies"])),
        bool(one["authorization"]),
        one["status"],
        one["said"],
        tuple(one["gave"]),
    )


def _line(note: str, one: dict[str, Any]) -> Line:
    pairs = {
        "Host": one["host"],
        "Cookie": "; ".join(f"{name}={value}" for name, value in one["cookies"]),
        "Authorization": one["authorization"],
        "Origin": one["origin"],
        "Sec-Fetch-Site": one["site"],
    }
    sent = [f"{name}: {value}" for name, value in pairs.items() if value]
    gave = [f"Set-Cookie: {name}" for name in one["gave"]]
    return Line(
        note,
        "\n".join([f"{one['method']} {one['path']}", *sent]),
        "\n".join([str(one["status"]), *gave, *filter(None, [one["said"]])]),
    )
