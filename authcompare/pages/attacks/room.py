"""The attack room: three attacks on this very server, each with its goal, a guess and the evidence."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from authcompare.headers import POLICY
from authcompare.notes.models import Note
from authcompare.pages.attacks.sites import ELSEWHERE, SIBLING, VICTIM, address, only_at, run_of

PLACES = {
    "session": "Session cookie (HttpOnly)",
    "cookie": "Token in a cookie (HttpOnly)",
    "local": "Token in localStorage",
    "tab": "Token in sessionStorage",
    "memory": "Token in a variable of the page's script",
}


@dataclass(frozen=True)
class Attack:
    """One page of the room."""

    name: str
    title: str
    goal: str
    choices: dict[str, dict[str, str]]


ATTACKS = {
    "injection": Attack(
        "injection",
        "An injected script",
        "A comment on a page of this site contains a script. Take the visitor's login away with it, or, "
        "where that fails, write a note in their name without ever holding it.",
        {
            "place": PLACES,
            "policy": {
                "off": "This one page allows inline scripts",
                "on": "The page has the content security policy of all others",
            },
        },
    ),
    "forgery": Attack(
        "forgery",
        "A request from another site",
        "You are logged in here and visit another page. It sends a request to this site from your browser, "
        "and hopes that the browser adds your login by itself.",
        {
            "place": {name: PLACES[name] for name in ("session", "cookie", "memory")},
            "origin": {
                "elsewhere": f"Another site ({ELSEWHERE})",
                "sibling": f"A sibling of this host on the same site ({SIBLING})",
            },
        },
    ),
    "stolen": Attack(
        "stolen",
        "A stolen credential",
        "A thief has a copy of what your browser holds, and uses it from another machine. You log out. "
        "Find out for how long the copy works.",
        {
            "kind": {
                "cookie": "A copy of the session cookie",
                "access": "A copy of the access token",
                "refresh": "A copy of the refresh token, used before you use yours",
            }
        },
    ),
}


@require_safe
@only_at(VICTIM)
def index(request: HttpRequest) -> HttpResponse:
    """Which attacks there are."""
    return render(request, "attacks/index.html", {"attacks": ATTACKS.values()})


@require_safe
@only_at(VICTIM)
@ensure_csrf_cookie
def attack(request: HttpRequest, name: str) -> HttpResponse:
    """One attack; the script on it acts as the victim's browser."""
    if name not in ATTACKS:
        raise Http404
    context: dict[str, Any] = {
        "attack": ATTACKS[name],
        "elsewhere": address(request, ELSEWHERE),
        "sibling": address(request, SIBLING),
        "access_seconds": settings.TOKEN_ACCESS_SECONDS,
        "check": settings.TOKEN_CHECK,
        "wait_seconds": settings.TOKEN_REFRESH_GRACE_SECONDS + 1,
    }
    context["comment"] = comment(request, "RUN")
    return render(request, f"attacks/{name}.html", context)


def comment(request: HttpRequest, run: str) -> str:
    """What a visitor left in the guest book: a script that sends what it finds to the thief."""
    return render_to_string("attacks/comment.txt", {"run": run, "thief": address(request, ELSEWHERE)}).strip()


@require_safe
@only_at(VICTIM)
def board(request: HttpRequest, run: str) -> HttpResponse:
    """A guest book that writes a comment into the page without escaping it, and its visitor's application.

    The comment is the lab's own: a text from the address would be a hole for everybody.
    """
    response = render(request, "attacks/board.html", {"comment": comment(request, run_of(run))})
    # Framed by the room itself, so not 'none' as everywhere else.
    policy = POLICY | {"frame-ancestors": ["'self'"]}
    if request.GET.get("policy") != "on":
        # The deliberate hole of this one response in the lab: inline scripts run, and may call the thief.
        policy |= {
            "script-src": ["'self'", "'unsafe-inline'"],
            "connect-src": ["'self'", address(request, ELSEWHERE)],
        }
    response["Content-Security-Policy"] = "; ".join(f"{name} {' '.join(of)}" for name, of in policy.items())
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


@require_safe
@only_at(ELSEWHERE, SIBLING)
def lure(request: HttpRequest, run: str) -> HttpResponse:
    """The other page. It is the attacker's, so its policy lets it send where it wants."""
    victim = address(request, VICTIM)
    response = render(request, "attacks/lure.html", {"run": run_of(run), "victim": victim})
    policy = POLICY | {"connect-src": ["'self'", victim]}
    response["Content-Security-Policy"] = "; ".join(f"{name} {' '.join(of)}" for name, of in policy.items())
    return response


@csrf_exempt  # the hole to show: a copy of "write a note" that asks for nothing but the cookie
@require_POST
@only_at(VICTIM)
def unguarded(request: HttpRequest) -> HttpResponse:
    """Writes a note for whoever the session cookie names, without a look at where the request came from."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    Note.objects.create(owner_id=request.user.pk, text=str(request.POST.get("text", ""))[:100])
    return HttpResponse(status=201)
