"""The description of the API is whole and true: every path, every answer; names that read well."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from rest_framework.views import APIView

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
PAGES = {("GET", "/sessions/devices/"), ("POST", "/sessions/devices/")}
SERVICE = {"/healthz", "/readyz", "/.well-known/jwks.json"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    answer = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    return dict(answer.json())


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_it_is_valid_and_nothing_had_to_be_guessed(tmp_path: Path) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))
    assert (tmp_path / "schema.yml").read_text().startswith("openapi: 3.1")


def test_every_documented_path_exists(schema: dict[str, Any]) -> None:
    example = "0b5e2c1a-7d53-4c0f-9b07-0a2f6a0c4d11"
    for method, path, _ in operations(schema):
        view = resolve(re.sub(r"\{id\}", "1" if "notes" in path else example, path)).func
        allowed = getattr(view, "cls", None)
        assert allowed is None or hasattr(allowed, method.lower()), (method, path)


def test_every_path_of_the_api_is_documented(schema: dict[str, Any]) -> None:
    documented = {(method, path) for method, path, _ in operations(schema) if path not in SERVICE}
    assert documented == set(served(get_resolver())) - PAGES


def served(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, str]]:
    """Every method of every view of REST framework below the two mounts."""
    for pattern in resolver.url_patterns:
        place = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from served(pattern, place)
        elif is_api(pattern) and place.startswith(("/sessions/", "/tokens/")):
            view = pattern.callback.cls(**pattern.callback.initkwargs)  # type: ignore[attr-defined]
            path = re.sub(r"<\w+:pk>", "{id}", place)
            yield from ((name, path) for name in view.allowed_methods if name != "OPTIONS")


def is_api(pattern: URLPattern) -> bool:
    return issubclass(getattr(pattern.callback, "cls", object), APIView)


def test_a_client_made_from_it_reads_well(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for *_, operation in operations(schema)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"(sessions|tokens|service)(_[a-z]+)+", name) for name in names)
    shared = {name.partition("_")[2] for name in names if name.startswith("sessions_")}
    assert shared - {name.partition("_")[2] for name in names} == set()
    assert {"SchemeEnum", "TransportEnum"} <= set(schema["components"]["schemas"])
    assert not [name for name in schema["components"]["schemas"] if re.search(r"\d", name)]
    assert all(operation["summary"] and operation["tags"] for *_, operation in operations(schema))


def test_the_twins_have_the_same_operations(schema: dict[str, Any]) -> None:
    names = {operation["operationId"] for *_, operation in operations(schema)}
    by_session = {name.removeprefix("sessions_") for name in names if name.startswith("sessions_")}
    by_token = {name.removeprefix("tokens_") for name in names if name.startswith("tokens_")}
    assert by_session ^ by_token == {"login_form", "password_form", "refresh"}


def test_errors_are_described_as_the_problems_they_are(schema: dict[str, Any]) -> None:
    seen = set()
    for *_, operation in operations(schema):
        for status, answer in operation["responses"].items():
            if status.startswith("4") or "problem+json" in str(answer):
                seen.add(int(status))
                assert list(answer["content"]) == ["application/problem+json"]
    assert seen == {400, 401, 403, 404, 406, 413, 415, 422, 429, 503}


def test_without_the_database_any_operation_of_either_scheme_is_503(schema: dict[str, Any]) -> None:
    without = [path for _, path, one in operations(schema) if "503" not in one["responses"]]
    assert without == ["/.well-known/jwks.json", "/healthz"]


def test_each_credential_is_described(schema: dict[str, Any]) -> None:
    schemes = schema["components"]["securitySchemes"]
    assert set(schemes) == {"sessionCookie", "csrfToken", "bearer", "accessCookie"}
    notes = {place: schema["paths"][f"/{place}/notes/"] for place in ("sessions", "tokens")}
    assert notes["sessions"]["get"]["security"] == [{"sessionCookie": []}]
    assert notes["sessions"]["post"]["security"] == [{"sessionCookie": [], "csrfToken": []}]
    bearer, cookie = notes["tokens"]["post"]["security"]
    assert (bearer, set(cookie)) == ({"bearer": []}, {"accessCookie", "csrfToken"})
    assert schema["paths"]["/sessions/login/"]["post"]["security"] == [{"csrfToken": []}]


def test_the_version_is_that_of_the_project(schema: dict[str, Any]) -> None:
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    assert (schema["info"]["title"], schema["info"]["version"]) == (project["name"], project["version"])


def test_a_body_over_the_limit_is_413(client: Client, db: None) -> None:
    body = b'{"username": "' + b"a" * 2_621_441 + b'"}'
    answer = client.post("/tokens/login/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["type"]) == (413, "too_large")


def test_every_description_is_the_same_as_the_first() -> None:
    first, second = (Client().get("/api/schema/?format=json").json() for _ in range(2))
    assert first == second
