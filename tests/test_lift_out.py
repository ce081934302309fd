"""Each app in somebody else's project: the steps of its README, to the letter, then both contracts."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.admin_contract import AdminContract
from tests.scheme_contract import SchemeContract

ROOT = Path(__file__).resolve().parent.parent
STEP = re.compile(r"^```(?P<kind>sh|python|html) (?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
# What the contract takes from the site around it: notes to protect, our callers.
NOTES = """
from authcompare.notes.views import NoteDetail, NoteList

urlpatterns += [
    path("{mount}/notes/", NoteList.as_view(**{how})),
    path("{mount}/notes/<int:pk>/", NoteDetail.as_view(**{how})),
]
"""
SITE_OF_THE_TEST = """
INSTALLED_APPS.append("authcompare.notes")
REST_FRAMEWORK["DEFAULT_PAGINATION_CLASS"] = "rest_framework.pagination.PageNumberPagination"
REST_FRAMEWORK["PAGE_SIZE"] = 20
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 10}
DATABASES["default"]["TEST"] = {"NAME": str(BASE_DIR / "test.sqlite3")}
"""
CONTRACT = """
import pytest

from tests.admin_contract import AdminContract
from tests.callers import {caller}
from tests.scheme_contract import SchemeContract
from {app}.models import {kind}


class TestLifted(SchemeContract):
    caller = {caller}
    kind = {kind}


@pytest.mark.django_db
class TestItsAdmin(AdminContract):
    caller = {caller}
    kind = {kind}
"""
TESTS = ("__init__.py", "callers.py", "people.py", "scheme_contract.py", "admin_contract.py")
PARTS = {
    "sessions_demo": {"mount": "sessions", "how": "by_session", "caller": "SessionCaller", "kind": "Session"},
    "tokens_demo": {"mount": "tokens", "how": "by_token", "caller": "TokenCaller", "kind": "TokenFamily"},
}


class Site:
    """A fresh `startproject` with an own user model, in a folder of its own."""

    def __init__(self, folder: Path, app: str, redis_url: str) -> None:
        self.folder, self.app = folder, app
        readme = (ROOT / app / "README.md").read_text()
        self.steps = {found["name"]: found["text"] for found in STEP.finditer(readme)}
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        own = {"AUTHCOMPARE": str(ROOT), "REDIS_URL": redis_url, "DJANGO_SETTINGS_MODULE": "shop.settings"}
        self.environment = {**kept, "PATH": path, **own}

    def run(self, *words: str) -> str:
        done = subprocess.run(
            words, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    def follow(self, step: str) -> str:
        """A shell step is run, a file is written; `settings.py` goes to the end of what is there."""
        if step in ("fresh", "copy", "migrate", "back"):
            return self.run("bash", "-euc", self.steps[step])
        file = self.folder / (step if "/" in step else f"shop/{step}")
        before = file.read_text() if step == "settings.py" else ""
        file.write_text(before + self.steps[step])
        return ""

    def add(self, file: str, text: str) -> None:
        with (self.folder / file).open("a") as there:
            there.write(text)

    def lift(self) -> None:
        for step in ("fresh", "copy", *self.pages(), "people/models.py", "settings.py", "urls.py", "migrate"):
            self.follow(step)

    def pages(self) -> list[str]:
        """The templates that it tells to write; the one scheme has none."""
        return [step for step in self.steps if step.startswith("templates/")]

    def ask_everything(self) -> str:
        """The contract needs something to protect and somebody who calls."""
        parts = PARTS[self.app]
        shutil.copytree(ROOT / "authcompare/notes", self.folder / "authcompare/notes")
        self.add("shop/settings.py", SITE_OF_THE_TEST)
        self.add("shop/urls.py", NOTES.format(**parts))
        (self.folder / "tests").mkdir()
        for name in TESTS:
            shutil.copy(ROOT / "tests" / name, self.folder / "tests" / name)
        self.add("tests/conftest.py", "from tests.people import *\n")
        self.add("tests/test_lifted.py", CONTRACT.format(app=self.app, **parts))
        return self.run("python", "-m", "pytest", "-p", "no:cacheprovider", "tests/test_lifted.py")


@pytest.mark.parametrize("with_redis", [True, False], ids=["with Redis", "without"])
@pytest.mark.parametrize("app", sorted(PARTS))
def test_the_app_lives_in_a_project_that_follows_its_readme(
    app: str, with_redis: bool, tmp_path: Path, redis_server: object
) -> None:
    site = Site(tmp_path, app, os.environ["REDIS_URL"] if with_redis else "")
    site.lift()
    asked = [name for name in dir(SchemeContract) + dir(AdminContract) if name.startswith("test_")]
    passed = re.search(r"(\d+) passed", site.ask_everything())
    assert passed is not None
    assert int(passed[1]) >= len(asked)
    site.follow("back")
