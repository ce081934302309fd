"""The description of the API names every short word that a problem can have, and what `/readyz` can say."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from rest_framework import exceptions

from authcompare import health
from authcompare.api.bodies import TYPES
from authcompare.api.service import SERVICE_COMPONENTS

ROOT = Path(health.__file__).resolve().parent.parent
WRITERS = {"body": 1, "problem": 1, "answer": 2}  # functions of `problems`, and which argument is the type
OF_REST_FRAMEWORK: list[Any] = [
    exceptions.ValidationError,
    exceptions.ParseError,
    exceptions.NotAuthenticated,
    exceptions.PermissionDenied,
    exceptions.NotFound,
    exceptions.MethodNotAllowed,
    exceptions.NotAcceptable,
    exceptions.UnsupportedMediaType,
]


def said_in_the_source() -> set[str]:
    files = [path for folder in ("authcompare", "sessions_demo", "tokens_demo") for path in _served(folder)]
    return {word for path in files for node in ast.walk(ast.parse(path.read_text())) for word in words(node)}


def _served(folder: str) -> Iterator[Path]:
    """What serves requests; experiments only send them."""
    return (path for path in (ROOT / folder).rglob("*.py") if "experiments" not in path.parts)


def words(node: ast.AST) -> Iterator[str]:
    """The types that a class, or a call, of the source gives to its problem."""
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "default_code":
        yield ast.literal_eval(node.value)
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        given = node.args[WRITERS[name] :][:1] if name in WRITERS else []
        if name in dir(exceptions) and name != "ValidationError":  # of which the type is always `invalid`
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        yield from (str(word.value) for word in given if isinstance(word, ast.Constant) and word.value)


def test_every_type_of_a_problem_is_described() -> None:
    described = set(TYPES.partition(": ")[2].rstrip(".").split(", "))
    ready_made = {kind.default_code for kind in OF_REST_FRAMEWORK}
    assert said_in_the_source() | ready_made == described


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/0"])
def test_what_readyz_says_of_the_store_is_described(settings: Any, url: str) -> None:
    settings.REDIS_URL = url
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": url}} if url else settings.CACHES
    said = Client().get("/readyz").json()["store"]
    assert said in SERVICE_COMPONENTS["OptionalPartEnum"]["enum"]
    assert said == ("away" if url else "not used")
