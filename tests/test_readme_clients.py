"""The README's clients do what they say, as they stand there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sessions_demo.models import Session
from tests.people import User
from tokens_demo.models import TokenFamily

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"^```(?P<kind>sh curl|sh httpie|python client)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
BLOCKS = {found["kind"]: found["text"] for found in BLOCK.finditer((ROOT / "README.md").read_text())}
PASSWORD = "correct-horse-battery"  # no blanks: a shell takes them apart

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password=PASSWORD)


def run(place: Path, server: Any, *command: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    # HTTPie reads its standard input where it is no terminal, and asks the network whether it is the newest.
    quiet = {"default_options": ["--ignore-stdin"], "disable_update_warnings": True}
    (place / "config.json").write_text(json.dumps(quiet))
    own = {"URL": server.url, "PASSWORD": PASSWORD, "HTTPIE_CONFIG_DIR": str(place), "HOME": str(place)}
    done = subprocess.run(
        command, cwd=place, env={"PATH": path, **own}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl_logs_in_reads_and_logs_out_both_ways(alice: User, live_server: Any, tmp_path: Path) -> None:
    said = run(tmp_path, live_server, "bash", "-euo", "pipefail", "-c", BLOCKS["sh curl"]).splitlines()
    by_token, out, me, by_session, gone = said
    assert json.loads(by_token)["results"] == json.loads(by_session)["results"] == []
    assert json.loads(out)["detail"] == "Logged out."
    assert (json.loads(me)["scheme"], gone) == ("session", "204")
    assert [kind.objects.active().exists() for kind in (Session, TokenFamily)] == [False, False]


def test_httpie_logs_in_writes_and_reads(alice: User, live_server: Any, tmp_path: Path) -> None:
    assert "from HTTPie" in run(tmp_path, live_server, "bash", "-euo", "pipefail", "-c", BLOCKS["sh httpie"])
    assert [note.text for note in alice.notes.all()] == ["from HTTPie"]


def test_python_logs_in_writes_reads_and_logs_out(alice: User, live_server: Any, tmp_path: Path) -> None:
    shutil.copy(ROOT / "authcompare/experiments/api_client.py", tmp_path)
    given = f"URL, PASSWORD = {live_server.url!r}, {PASSWORD!r}\n"
    assert (
        run(tmp_path, live_server, sys.executable, "-c", given + BLOCKS["python client"])
        == "['from Python']\n"
    )
    assert [note.text for note in alice.notes.all()] == ["from Python"]
