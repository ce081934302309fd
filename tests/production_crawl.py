"""Run by `test_production_answers.py` in a process with production's settings: ask everything, say what came.

Prints one JSON list: for each answer its path, status, headers and cookies.
"""

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from authcompare.accounts.models import User  # noqa: E402

PASSWORD = "a password of the crawl"
PATHS = [
    *("/", "/report/", "/choose/", "/sessions/", "/sessions/login/", "/sessions/password/"),
    *("/sessions/devices/", "/sessions/me/", "/sessions/notes/", "/sessions/active/", "/tokens/me/"),
    *("/tokens/notes/", "/tokens/login/", "/tokens/refresh/", "/admin/", "/admin/login/"),
    *("/admin/sessions_demo/session/", "/api/docs/", "/api/schema/", "/.well-known/jwks.json", "/healthz"),
    *("/readyz", "/nowhere/", "/tokens/nowhere/", "/favicon.ico"),
    *("/wire/", "/open/me/", "/attacks/", "/side-by-side/token/end/"),
]
call_command("migrate", verbosity=0, interactive=False)
call_command("rotatekeys", verbosity=0)
User.objects.create_superuser("root", password=PASSWORD)
answers = []


def ask(
    client: Client, method: str, path: str, data: object = None, secure: bool = True, **headers: str
) -> object:
    answer = client.generic(
        method,
        path,
        json.dumps(data),
        "application/json",
        secure=secure,
        headers={"Host": "compare.example", **headers},
    )
    cookies = {
        name: {"value": bool(each.value), **{key: value for key, value in each.items() if value}}
        for name, each in answer.cookies.items()
    }
    answers.append(
        {
            "asked": f"{'https' if secure else 'http'} {method} {path}",
            "status": answer.status_code,
            "headers": dict(answer.headers),
            "cookies": cookies,
        }
    )
    return answer


stranger, browser = Client(), Client(enforce_csrf_checks=True)
for path in PATHS:
    for method in ("GET", "POST", "DELETE", "TRACE"):
        ask(stranger, method, path, {})
    ask(stranger, "GET", path, secure=False)
    ask(stranger, "GET", path, secure=False, **{"X-Forwarded-Proto": "https"})
ask(stranger, "POST", "/tokens/login/", {"username": "root", "password": PASSWORD}, secure=False)
ask(stranger, "POST", "/tokens/login/", {"username": "root", "password": PASSWORD})
ask(Client(), "POST", "/tokens/login/", {"username": "root", "password": PASSWORD, "transport": "cookie"})
ask(browser, "GET", "/sessions/login/")
csrf = {"X-CSRFToken": browser.cookies["__Host-csrftoken"].value, "Origin": "https://compare.example"}
ask(browser, "POST", "/sessions/login/", {"username": "root", "password": PASSWORD}, **csrf)
for path in PATHS:
    ask(browser, "GET", path, Accept="text/html")
csrf["X-CSRFToken"] = browser.cookies["__Host-csrftoken"].value
ask(browser, "POST", "/sessions/logout/", **csrf)
sys.stdout.write(json.dumps(answers))
