"""The thief: receives what a script sends, and uses it from another machine, over HTTP, as anybody could."""

import json
import re
from http.client import HTTPConnection
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from authcompare.pages.attacks.sites import ELSEWHERE, VICTIM, only_at, run_of
from authcompare.wire.masking import masked

KEPT_SECONDS = 600
PATIENCE_SECONDS = 5
MAX_LOOT = 10
NAME = re.compile("[A-Za-z-]{1,20}")  # of a place, of a point in the story
SENDABLE = re.compile("[ -~]{1,8192}")  # what a header can carry
AGENT = "Thief/1.0 (another machine)"


def loot_of(run: str) -> dict[str, str] | None:
    """What reached the thief, by where it was found; None if nothing ever came."""
    found: dict[str, str] | None = cache.get(f"attack-loot-{run}")
    return found


@csrf_exempt  # the attacker's own site takes whatever is sent to it, from anywhere
@require_POST
@only_at(ELSEWHERE)
def take(request: HttpRequest, run: str) -> HttpResponse:
    """Loot, as JSON `{where it was found: value}`; each piece is tried at once."""
    loot = read(request.body)
    if loot is None:
        return HttpResponseBadRequest()
    try:
        for where, value in loot.items():
            use(request, run_of(run), f"thief-{where}", value)
    except OSError:
        return away()
    shown = {where: masked("value", value) for where, value in loot.items()}
    cache.set(f"attack-loot-{run}", shown, KEPT_SECONDS)
    return HttpResponse(status=204)


def away() -> HttpResponse:
    """All threads of the server may be busy with thieves."""
    return HttpResponse(
        "The application did not answer.", status=503, content_type="text/plain; charset=utf-8"
    )


def read(body: bytes) -> dict[str, str] | None:
    """What was sent, if it is of use to a thief; None if it is not even loot."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(sent, dict) or len(sent) > MAX_LOOT:
        return None
    sound = all(NAME.fullmatch(where) and SENDABLE.fullmatch(str(value)) for where, value in sent.items())
    return {where: str(value) for where, value in sent.items()} if sound else None


def use(request: HttpRequest, run: str, label: str, value: str) -> None:
    """Show the piece as what it looks like: cookies, or a token."""
    if "=" in value.partition(".")[0]:
        show(request, "/sessions/me/", run, label, Cookie=value)
        show(request, "/tokens/me/", run, label, Cookie=value)
    else:
        show(request, "/tokens/me/", run, label, Authorization=f"Bearer {value.removeprefix('Bearer ')}")


def show(
    request: HttpRequest, path: str, run: str, label: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    """One request of the thief to the application: status and JSON."""
    server = HTTPConnection("127.0.0.1", int(request.get_port()), timeout=PATIENCE_SECONDS)
    sent = {"Host": f"{VICTIM}:{request.get_port()}", "User-Agent": AGENT, **headers}
    try:
        marked = f"{path}?q={run}.{label}"
        if body is None:
            server.request("GET", marked, headers=sent)
        else:
            server.request("POST", marked, json.dumps(body), {**sent, "Content-Type": "application/json"})
        answer = server.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        server.close()


@require_POST
@only_at(VICTIM)
def steal(request: HttpRequest, run: str) -> HttpResponse:
    """A copy of this browser's credential gets into a thief's hands: `kind` is cookie, access or refresh.

    How it got there (a stolen laptop, a log, a script) does not matter; here the browser hands it over.
    """
    kind, given = str(request.POST.get("kind")), str(request.POST.get("token", ""))
    copy = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "") if kind == "cookie" else given
    if kind not in USES or not SENDABLE.fullmatch(copy):
        return HttpResponseBadRequest()
    cache.set(f"attack-copy-{run_of(run)}", {"kind": kind, "copy": copy}, KEPT_SECONDS)
    return HttpResponse(status=204)


@require_POST
@only_at(VICTIM)
def reuse(request: HttpRequest, run: str) -> HttpResponse:
    """The thief uses the copy; `label` says at which point of the story."""
    stolen = cache.get(f"attack-copy-{run_of(run)}")
    point = str(request.POST.get("label", ""))
    if stolen is None or not NAME.fullmatch(point):
        return HttpResponseBadRequest()
    try:
        status = USES[stolen["kind"]](request, run, f"thief-{point}", stolen["copy"])
    except OSError:
        return away()
    return JsonResponse({"status": status})


def use_cookie(request: HttpRequest, run: str, label: str, copy: str) -> int:
    """The copied session cookie."""
    return show(request, "/sessions/me/", run, label, Cookie=f"{settings.SESSION_COOKIE_NAME}={copy}")[0]


def use_access(request: HttpRequest, run: str, label: str, copy: str) -> int:
    """The copied access token."""
    return show(request, "/tokens/me/", run, label, Authorization=f"Bearer {copy}")[0]


def use_refresh(request: HttpRequest, run: str, label: str, copy: str) -> int:
    """The copied refresh token; the thief goes on with the new one."""
    status, pair = show(request, "/tokens/refresh/", run, label, {"refresh": copy})
    if status == 200:
        cache.set(f"attack-copy-{run}", {"kind": "refresh", "copy": pair["refresh"]}, KEPT_SECONDS)
    return status


USES = {"cookie": use_cookie, "access": use_access, "refresh": use_refresh}
