"""A Python client generated from the OpenAPI schema works as it comes, and its names read well."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from authcompare.accounts.models import User
from authcompare.logins.models import Reason
from tests.conftest import PASSWORD
from tokens_demo.models import TokenFamily

NAME = "generated_authcompare_client"
BOTH = [
    "active_end", "active_end_all", "active_list", "change_password", "login", "logout", "me",
    "notes_change", "notes_create", "notes_delete", "notes_list", "notes_read", "notes_replace",
]  # fmt: skip
OPERATIONS = {
    *(f"{mount}_{name}" for mount in ("sessions", "tokens") for name in BOTH),
    *("sessions_login_form", "sessions_password_form", "tokens_refresh"),
    *("service_health", "service_public_keys", "service_readiness"),
}
MODELS = {
    "CredentialsRequest", "Ended", "Health", "LoggedOut", "Login", "Me", "Note", "NoteRequest",
    "OptionalPartEnum", "OverallEnum", "PaginatedNoteList", "PartEnum", "PasswordChangeRequest",
    "PatchedNoteRequest", "Problem", "ProblemErrors", "PublicKey", "PublicKeys", "Readiness",
    "RefreshRequest", "RenewedPair", "SchemeEnum", "TokenLoginRequest", "TokenPair", "TokenTypeEnum",
    "TransportEnum",
}  # fmt: skip


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package; a part that the generator had to leave out fails."""
    place = tmp_path_factory.mktemp("generated")
    call_command("spectacular", file=str(place / "schema.yml"))
    (place / "config.yml").write_text("post_hooks: []\n")
    words = ["generate", "--path", "schema.yml", "--config", "config.yml", "--meta", "none"]
    subprocess.run(
        [sys.executable, "-m", "openapi_python_client", *words, "--output-path", NAME, "--fail-on-warning"],
        cwd=place,
        check=True,
    )
    return place / NAME


@pytest.fixture
def client(generated: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(generated.parent))
    return importlib.import_module(f"{NAME}.client")


def operation(name: str) -> Any:
    return importlib.import_module(f"{NAME}.api.{name.partition('_')[0]}.{name}").sync


def test_its_operations_and_models_read_well(client: Any, generated: Path) -> None:
    assert {file.stem for file in generated.glob("api/*/[!_]*.py")} == OPERATIONS
    assert set(importlib.import_module(f"{NAME}.models").__all__) == MODELS


@pytest.mark.django_db(transaction=True)
def test_it_logs_in_reads_writes_refreshes_and_logs_out(client: Any, live_server: Any, alice: User) -> None:
    models = importlib.import_module(f"{NAME}.models")
    nobody = client.Client(base_url=live_server.url)
    pair = operation("tokens_login")(client=nobody, body=models.TokenLoginRequest("alice", PASSWORD))
    pair = operation("tokens_refresh")(client=nobody, body=models.RefreshRequest(pair.refresh))
    with client.AuthenticatedClient(base_url=live_server.url, token=pair.access) as known:
        me = operation("tokens_me")(client=known)
        assert (me.username, me.scheme) == ("alice", models.SchemeEnum.TOKEN)
        written = models.NoteRequest("generated")
        assert operation("tokens_notes_create")(client=known, body=written).text == "generated"
        assert [note.text for note in operation("tokens_notes_list")(client=known).results] == ["generated"]
    assert operation("tokens_logout")(client=nobody, body=models.RefreshRequest(pair.refresh)).told_redis
    refused = operation("tokens_refresh")(client=nobody, body=models.RefreshRequest(pair.refresh))
    assert (type(refused), refused.type_) == (models.Problem, "invalid_token")
    nobody.get_httpx_client().close()
    assert TokenFamily.objects.get().ended_reason == Reason.LOGOUT
