"""What happened, from the server's own record of every request (`/wire/`), not from what was planned."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from authcompare.pages.attacks.sites import VICTIM, only_at, run_of
from authcompare.pages.attacks.thief import loot_of
from authcompare.wire.exchange import Exchange
from authcompare.wire.ring import ring

WHO = {
    "victim": "You",
    "ridden": "Script in your browser",
    "forged": "Other page in your browser",
    "thief": "Thief",
}
DOES = {
    "ridden-sessions": "writes a note, by session",
    "ridden-tokens": "writes a note, by token",
    "forged-page": "sends the form of the notes",
    "forged-unguarded": "sends it to the unguarded copy",
    "forged-api": "sends a note to the API",
    "thief-cookies": "shows the cookies",
    "thief-localStorage": "shows the token",
    "thief-sessionStorage": "shows the token",
    "thief-app-request": "shows the token",
    "thief-first": "uses the copy",
    "thief-afterwards": "uses it again afterwards",
}
SHOWN = ("Cookie", "Authorization", "Origin", "Sec-Fetch-Site")


@dataclass(frozen=True)
class Line:
    """One request of the run; `label` is what it was meant to be."""

    label: str
    exchange: Exchange

    @property
    def who(self) -> str:
        return WHO.get(self.label.partition("-")[0], self.label)

    @property
    def does(self) -> str:
        """In words."""
        return DOES.get(self.label, self.label.partition("-")[2].replace("-", " "))

    @property
    def path(self) -> str:
        return self.exchange.path.partition("?")[0]

    @property
    def came(self) -> list[list[str]]:
        """What came along that tells who asks, and from where."""
        return [[name, value] for name, value in self.exchange.sent if name in SHOWN]

    @property
    def harms(self) -> bool:
        """Somebody who is not you got what they wanted."""
        return self.exchange.status < 300 and not self.label.startswith("victim")


@require_safe
@only_at(VICTIM)
def evidence(request: HttpRequest, run: str) -> HttpResponse:
    """The requests of one run, oldest first, what the thief received, and the outcome."""
    lines = lines_of(run_of(run))
    context = {"lines": lines, "loot": loot_of(run), "outcome": outcome(lines)}
    return render(request, "attacks/_happened.html", context)


def lines_of(run: str) -> list[Line]:
    """Every recorded request that carries the mark of the run."""
    marked = ((one, one.path.partition(f"?q={run}.")[2].partition("&")[0]) for one in ring().newest())
    return [Line(label, one) for one, label in marked if label][::-1]


def outcome(lines: list[Line]) -> dict[str, int]:
    """How often the thief got in, and how often the browser wrote for somebody else."""
    harm = [line for line in lines if line.harms]
    got_in = sum(line.label.startswith("thief") for line in harm)
    return {"got_in": got_in, "written": len(harm) - got_in}
