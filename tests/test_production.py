"""Production settings: refuse to start half configured, and clean under `check --deploy` when whole."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from authcompare import settings as product

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "DEBUG": "False",
    "SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "compare.example",
    "DATABASE_URL": "sqlite:////tmp/never-opened.sqlite3",
}


def manage(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """manage.py with this environment and nothing else."""
    return python("manage.py", *arguments, **environment)


def python(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A process of its own, likewise."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_refuses_to_start_with_one_message_that_names_all_that_is_missing() -> None:
    done = manage("check", DEBUG="False")
    assert done.returncode != 0
    message = done.stderr.strip().splitlines()[-1]
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "TOKEN_KEYS"):
        assert name in message


def test_is_clean_for_deployment_with_them_set(tmp_path: Path) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, TOKEN_KEYS=str(tmp_path))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"DEBUG": "True"}, "DEBUG shows the inside: set it to False to serve compare.example"),
        ({"DEBUG": "True", "ALLOWED_HOSTS": "localhost,*"}, "to serve *"),
        ({"DEBUG": "True", "ALLOWED_HOSTS": "localhost,a.test"}, ""),
        ({"SECRET_KEY": "change-me"}, "SECRET_KEY: 50 characters"),
        ({"SESSION_STORE": "memory"}, "SESSION_STORE='memory'"),
        ({"SESSION_STORE": "cached"}, "REDIS_URL"),
        ({"TOKEN_CHECK": "denylist"}, "REDIS_URL"),
        ({"TOKEN_CHECK": "sometimes"}, "denylist"),
        ({"TOKEN_ALGORITHM": "RS256"}, "EdDSA"),
        ({"LAB_FAST_HASHER": "1"}, ""),
        ({"SESSION_IDLE_SECONDS": "soon"}, "SESSION_IDLE_SECONDS"),
        ({"TOKEN_ACCESS_SECONDS": "-1"}, "TOKEN_ACCESS_SECONDS"),
        ({"TOKEN_REMEMBERED": "0"}, "TOKEN_REMEMBERED"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(
    wrong: dict[str, str], says: str, tmp_path: Path
) -> None:
    done = manage("check", **{**PRODUCTION, "TOKEN_KEYS": str(tmp_path), **wrong})
    if not says:
        assert done.returncode == 0  # a lab setting has no effect here; on this machine one may look inside
        return
    assert done.returncode != 0
    assert says in done.stderr.strip().splitlines()[-1]


def test_the_lab_does_not_exist_in_production(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); from django.conf import settings as s; import authcompare.urls as u;"
        "print([str(p.pattern) for p in u.urlpatterns], s.PASSWORD_HASHERS[0],"
        "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE)"
    )
    environment = {**PRODUCTION, "TOKEN_KEYS": str(tmp_path), "LAB_FAST_HASHER": "1"}
    done = python("-c", code, DJANGO_SETTINGS_MODULE="authcompare.settings", **environment)
    assert "open/" not in done.stdout
    assert "PBKDF2" in done.stdout
    assert "__Host-sessionid __Host-csrftoken True" in done.stdout


def test_a_worker_has_imported_its_views_before_anybody_asks(tmp_path: Path) -> None:
    code = "import authcompare.wsgi, sys; print('authcompare.urls' in sys.modules)"
    done = python("-c", code, **PRODUCTION, TOKEN_KEYS=str(tmp_path))
    assert done.stdout == "True\n", done.stderr


@pytest.mark.parametrize("debug", ["True", "False"])
def test_what_django_logs_is_written_once(debug: str, tmp_path: Path) -> None:
    code = "import authcompare.wsgi, logging; logging.getLogger('django.request').warning('Not Found: /x')"
    local = {"ALLOWED_HOSTS": "localhost", "TOKEN_KEYS": str(tmp_path), "DEBUG": debug}
    done = python("-c", code, **{**PRODUCTION, **local})
    assert done.stderr.count("Not Found: /x") == 1


def test_a_redis_that_does_not_answer_is_waited_for_a_quarter_of_a_second() -> None:
    waits = product.CACHES["default"]["OPTIONS"]
    assert (waits["SOCKET_CONNECT_TIMEOUT"], waits["SOCKET_TIMEOUT"]) == (0.25, 0.25)


def test_env_example_names_exactly_what_settings_read() -> None:
    read = set(re.findall(r'(?:env\.\w+|number)\(\s*"(\w+)"', Path(product.__file__).read_text()))
    named = set(re.findall(r"^#?\s?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named == read


def test_demo_users_are_refused_in_production(tmp_path: Path) -> None:
    done = manage("demousers", **PRODUCTION, TOKEN_KEYS=str(tmp_path))
    assert done.returncode != 0
    assert "not in production" in done.stderr


def test_env_example_as_it_stands_does_not_start() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    done = manage("check", **example)
    assert done.stderr.strip().splitlines()[-1].endswith("needs: SECRET_KEY")
