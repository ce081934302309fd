"""Every answer of a production, of every status, to a stranger and to somebody."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.test_production import PRODUCTION, ROOT

LAB_ONLY = ("/wire/", "/open/", "/attacks/", "/side-by-side/token/")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    place = tmp_path_factory.mktemp("production")
    keys = place / "keys"
    keys.mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, "-m", "tests.production_crawl"],
        cwd=ROOT,
        env={
            **PRODUCTION,
            "DATABASE_URL": f"sqlite:///{place / 'db.sqlite3'}",
            "TOKEN_KEYS": str(keys),
            "DJANGO_SETTINGS_MODULE": "authcompare.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(done.stdout.splitlines()[-1]))


def over_tls(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in answers if each["asked"].startswith("https")]


def test_statuses_of_all_kinds_were_met(answers: list[dict[str, Any]]) -> None:
    assert {200, 302, 400, 401, 403, 404, 405} <= {each["status"] for each in answers}
    assert not [each for each in answers if each["status"] >= 500 and "/readyz" not in each["asked"]]


def test_every_answer_carries_the_headers(answers: list[dict[str, Any]]) -> None:
    for each in over_tls(answers):
        headers = each["headers"]
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload", each
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for words in ("frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "default-src 'self'"):
            assert words in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Server" not in headers
        assert "X-Powered-By" not in headers


def test_every_body_says_what_it_is(answers: list[dict[str, Any]]) -> None:
    for each in over_tls(answers):
        kind = each["headers"].get("Content-Type", "")
        if each["headers"].get("Content-Length") == "0" or each["status"] in (204, 301, 302, 303):
            continue
        assert "charset=utf-8" in kind or kind.partition(";")[0].endswith(("json", "openapi")), each
        if each["status"] >= 400 and "/tokens/" in each["asked"]:
            assert kind == "application/problem+json", each


def test_every_cookie_is_bound_to_this_host_and_to_tls(answers: list[dict[str, Any]]) -> None:
    seen = set()
    for name, cookie in ((name, cookie) for each in answers for name, cookie in each["cookies"].items()):
        seen.add(name)
        assert cookie["secure"] is True
        assert cookie["samesite"] in ("Lax", "Strict")
        assert "domain" not in cookie
        assert (name.startswith("__Host-"), cookie["path"]) == (True, "/")
        assert cookie.get("httponly", False) is ("csrf" not in name) or not cookie["value"]
    assert {"__Host-sessionid", "__Host-csrftoken", "__Host-access", "__Host-refresh"} <= seen


def test_what_is_for_somebody_is_kept_by_nobody(answers: list[dict[str, Any]]) -> None:
    for each in over_tls(answers):
        personal = each["cookies"] or "Cookie" in each["headers"].get("Vary", "")
        if personal or each["asked"].endswith(("/tokens/login/", "/tokens/refresh/")):
            assert "no-store" in each["headers"]["Cache-Control"], each


def test_logging_out_tells_the_browser_to_forget(answers: list[dict[str, Any]]) -> None:
    (out,) = [
        each for each in answers if each["asked"].endswith("POST /sessions/logout/") and each["status"] < 300
    ]
    assert out["headers"]["Clear-Site-Data"] == '"cache"'
    assert out["cookies"]["__Host-sessionid"]["value"] is False


def test_the_lab_is_nowhere(answers: list[dict[str, Any]]) -> None:
    lab = [each for each in over_tls(answers) if any(path in each["asked"] for path in LAB_ONLY)]
    assert {each["status"] for each in lab if " GET " in each["asked"]} == {404}
    assert {each["status"] for each in lab} <= {404, 405}


def test_plain_http_is_refused_to_programs_and_whoever_says_otherwise(answers: list[dict[str, Any]]) -> None:
    plain = [each for each in answers if each["asked"].startswith("http ")]
    programs = [each for each in plain if "/tokens/" in each["asked"]]
    assert programs
    assert {each["status"] for each in programs} <= {403, 426}
    assert not [each for each in plain if each["cookies"]]
    pages = {each["status"] for each in plain if each["asked"].endswith("GET /sessions/login/")}
    assert pages == {301}


def test_trace_is_not_answered(answers: list[dict[str, Any]]) -> None:
    traced = {each["status"] for each in over_tls(answers) if " TRACE " in each["asked"]}
    assert traced <= {302, 400, 401, 403, 404, 405}
