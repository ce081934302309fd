"""What import-linter cannot see, and import-linter itself."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["authcompare", "sessions_demo", "tokens_demo"]
MAX_LINES = 250
STARTS_PROCESSES = {
    "authcompare/experiments/servers.py",
    "authcompare/pages/management/commands/demo.py",
}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def modules(app: str) -> set[str]:
    """The names at the top of an app, migrations and commands aside."""
    names = {path.name.removesuffix(".py") for path in (ROOT / app).iterdir()}
    return {name for name in names if not name.startswith((".", "__"))} - {
        "migrations",
        "management",
        "README.md",
    }


def test_import_directions_are_kept() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_twins_have_the_same_modules_but_for_the_one_idea_of_each() -> None:
    assert modules("sessions_demo") - {"store"} == modules("tokens_demo") - {"tokens"}
    assert "store" in modules("sessions_demo")
    assert "tokens" in modules("tokens_demo")


@pytest.mark.parametrize(
    ("demo", "other"), [("sessions_demo", "tokens_demo"), ("tokens_demo", "sessions_demo")]
)
def test_neither_demo_names_the_other(demo: str, other: str) -> None:
    assert not [path for path in sources(demo) if other in path.read_text()]


def test_the_resource_never_asks_how_one_logged_in() -> None:
    words = re.compile("session|token|jwt", re.IGNORECASE)
    assert not [
        path
        for path in (ROOT / "authcompare/notes").rglob("*")
        if path.is_file() and path.suffix != ".pyc" and words.search(path.read_text())
    ]


def test_readme_rows_are_the_discovered_claims() -> None:
    rows = re.findall(r"\]\((authcompare/experiments/claims/\w+\.py)\)", (ROOT / "README.md").read_text())
    claims = [path for path in sources("authcompare/experiments/claims") if path.name != "__init__.py"]
    assert sorted(rows) == [str(path.relative_to(ROOT)) for path in claims]


@pytest.mark.parametrize("path", [str(path.relative_to(ROOT)) for path in sources(*PACKAGES, "tests")])
def test_no_file_is_too_long_to_read(path: str) -> None:
    assert len((ROOT / path).read_text().splitlines()) <= MAX_LINES


def test_no_drawer_without_a_name() -> None:
    assert not [
        path for path in sources(*PACKAGES, "tests") if path.stem in {"utils", "helpers", "common", "misc"}
    ]


def test_processes_are_started_in_two_places_only() -> None:
    starters = {str(path.relative_to(ROOT)) for path in sources(*PACKAGES) if "subprocess" in imports(path)}
    assert starters == STARTS_PROCESSES


def test_the_product_never_reads_its_tests() -> None:
    assert not [path for path in sources(*PACKAGES) if "tests" in imports(path)]


def imports(path: Path) -> set[str]:
    """The top-level names that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_top_level_folders_are_the_five() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    folders = {
        line.split("/")[0] for line in done.stdout.splitlines() if "/" in line and not line.startswith(".")
    }
    assert folders <= {*PACKAGES, "templates", "tests"}


def test_tests_need_what_the_demo_needs() -> None:
    assert "-r ../requirements.txt" in (ROOT / "tests/requirements.txt").read_text()
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"] == ">=3.11"


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_tools_are_content(command: list[str]) -> None:
    tool = Path(sys.executable).with_name(command[0])
    done = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
