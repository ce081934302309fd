"""`/side-by-side/`: one walk, two columns, each step with what was sent, done, held and kept.

The address holds the whole state: `?step=3&session=STATE&token=STATE` (see `steps.State`).
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from authcompare.pages.holdings import held, kept, login_of
from authcompare.pages.steps import Being, Side, State, Step, asks, steps_to
from authcompare.pages.walk import BY_NUMBER, STEPS
from authcompare.wire.exchange import Exchange
from authcompare.wire.ring import ring

# What differs between the two schemes, or says who may come in: marked in every request and answer.
MARKED = {"Authorization", "Cookie", "X-CSRFToken", "Set-Cookie", "WWW-Authenticate", "Clear-Site-Data"}
TITLES = {"session": "Session: the server remembers", "token": "Token: the client carries"}
BY_ITSELF = {"session"}  # what a browser without JavaScript can do

Known = dict[str, Exchange]


@dataclass(frozen=True)
class Panel:
    """One column: all that `_scheme_panel.html` shows."""

    scheme: str
    step: Step
    state: State
    being: Being
    known: Known
    cookies: dict[str, str]

    @property
    def title(self) -> str:
        return TITLES[self.scheme]

    @property
    def by_itself(self) -> bool:
        """Whether the browser can do this without JavaScript."""
        return self.scheme in BY_ITSELF

    @property
    def side(self) -> Side:
        return self.step.sides[self.scheme]

    @property
    def is_done(self) -> bool:
        """Whether this very step was done, so that there is something to look at."""
        return bool(self.state.ids) and self.step.is_shown_by(self.state.step)

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """Its requests, as far as the wire still has them."""
        return [self.known[one] for one in self.state.ids if one in self.known] if self.is_done else []

    @property
    def verdict(self) -> str:
        """What the outcome means."""
        return self.side.meaning(self.exchanges)

    @property
    def before(self) -> list[Step]:
        """The steps that have to be done first."""
        return [BY_NUMBER[number] for number in steps_to(self.step.needs, self.being)]

    @property
    def asks_json(self) -> str:
        """For the script of the page: the requests from here, and those for who holds nothing."""
        starts = {"now": self.being, "nothing": Being.NOTHING}
        return json.dumps({name: asks(BY_NUMBER, self.scheme, self.step, at) for name, at in starts.items()})

    @cached_property
    def login(self) -> Any:
        """The row that the server keeps, if it is known which."""
        before = self.known.get(self.state.login)
        said = [one.login for one in (before, *self.exchanges) if one is not None and one.login]
        return login_of(said[-1] if said else self.state.login)

    @property
    def held(self) -> list[dict[str, str]]:
        return held(self.scheme, self.cookies)

    @property
    def kept(self) -> dict[str, Any]:
        return kept(self.login)

    @property
    def in_memory(self) -> bool:
        """Whether what the server keeps can be looked at by one process only."""
        return self.scheme == "session" and settings.SESSION_STORE == "memory" and self.being is Being.LIVE

    @property
    def then(self) -> str:
        """The state with the login that is known by now."""
        return str(State(self.state.step, str(self.login.pk) if self.login else "", self.state.ids))


@require_safe
def side_by_side(request: HttpRequest) -> HttpResponse:
    """Whatever the address says: the nearest step that there is."""
    on = settings.LAB and settings.WIRE
    number = request.GET.get("step", "1")
    step = next((one for one in STEPS if str(one.number) == number), STEPS[0])
    panels = panels_of(request, step) if on else []
    states = {panel.scheme: panel.then for panel in panels}
    context = {
        "on": on,
        "steps": STEPS,
        "step": step,
        "panels": panels,
        "marked": MARKED,
        "address": "?" + urlencode({name: state for name, state in states.items() if state}),
        "previous": BY_NUMBER.get(step.number - 1),
        "next": BY_NUMBER.get(step.number + 1),
        "username": "alice" if settings.DEMO_PASSWORD else "",
        "password": settings.DEMO_PASSWORD,
    }
    response = render(request, "side_by_side.html", context)
    if on and request.session.login is None:  # type: ignore[attr-defined]
        # Django would have the browser drop the cookie of a session that is over. Looking must not do that:
        # the next step is to show it once more.
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
    return response


def panels_of(request: HttpRequest, step: Step) -> list[Panel]:
    """Both columns, in the same order always."""
    known = {one.id: one for one in ring().newest()}
    states = {scheme: State.parse(request.GET.get(scheme, "")) for scheme in TITLES}
    session: Any = request.session
    if session.login is not None and states["session"].step == 0:  # logged in on another page
        states["session"] = State(1, str(session.login.pk))
    beings = {
        "session": Being.LIVE if session.login is not None else _over(states["session"]),
        "token": _being(states["token"]),
    }
    return [Panel(scheme, step, states[scheme], beings[scheme], known, request.COOKIES) for scheme in TITLES]


def _being(state: State) -> Being:
    return BY_NUMBER[state.step].leaves if state.step else Being.NOTHING


def _over(state: State) -> Being:
    """A session that is not live any more: how it ended, or that there was none."""
    being = _being(state)
    return being if being is not Being.LIVE else Being.NOTHING
