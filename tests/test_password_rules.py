"""What a password may be, at every door: long, of any letters; not short, common or guessable."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.test import Client

from authcompare.accounts.models import User
from tests.callers import Caller, SessionCaller, TokenCaller
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("kind", [SessionCaller, TokenCaller])


def change(caller: Caller, new: str, old: str = PASSWORD) -> Any:
    return caller.call("POST", "password/", {"old_password": old, "new_password": new})


@BOTH
@pytest.mark.parametrize(
    "new",
    [
        "qjzkwxvpmf",
        "7391846205",
        "пароль-из-слов",
        "🐢🐢🦊🦊🐝🐝🦉🦉🐙🐙",
        "   spaces at both ends   ",
        "x" * 63 + "q",
        "y" * 1023 + "q",
    ],
)
def test_anything_long_and_uncommon_is_a_password_and_is_told_apart_to_its_last_letter(
    alice: User, kind: type[Caller], new: str
) -> None:
    assert change(kind(), new).status_code in (200, 204)
    assert kind("alice", new).login_answer.status_code == 200
    assert kind("alice", new[:-1]).login_answer.status_code == 401


@BOTH
@pytest.mark.parametrize("new", ["qjzkwxvpm", "password123", "AuthCompare-77", "my auth compare"])
def test_what_is_short_common_or_of_this_place_is_refused_beside_its_field(
    alice: User, kind: type[Caller], new: str
) -> None:
    answer = change(kind(), new)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["new_password"])


def test_none_of_three_thousand_common_passwords_of_that_length_is_taken() -> None:
    common = CommonPasswordValidator().passwords
    assert len(common) > 15_000  # from breaches; shorter ones are refused for their length already
    assert "password123" in common


@BOTH
def test_a_wrong_or_missing_old_password_changes_nothing(alice: User, kind: type[Caller]) -> None:
    caller = kind()
    assert change(caller, "qjzkwxvpmf", old="wrong").status_code == 400
    assert caller.call("POST", "password/", {"new_password": "qjzkwxvpmf"}).status_code == 400
    assert kind().login_answer.status_code == 200


@BOTH
def test_no_password_has_to_be_changed_for_its_age(alice: User, kind: type[Caller], clock: Any) -> None:
    clock.shift(5 * 366 * 24 * 3600)
    caller = kind()
    assert caller.login_answer.status_code == 200
    assert caller.me().status_code == 200


@pytest.mark.parametrize("path", ["/sessions/login/", "/sessions/password/"])
def test_forms_hide_passwords_and_let_managers_fill_and_paste(client: Client, alice: User, path: str) -> None:
    if "password" in path:
        client.force_login(alice)
    page = client.get(path).content.decode()
    fields = [field for field in re.findall(r"<input[^>]*>", page) if "password" in field]
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
    assert "onpaste" not in page


def test_there_is_no_user_until_somebody_makes_one() -> None:
    assert not User.objects.exists()
    for name in ("admin", "root", "test"):
        assert SessionCaller(name, name).login_answer.status_code == 401


def test_there_are_no_hints_and_no_questions() -> None:
    names = {field.name for field in User._meta.get_fields()}
    assert not [name for name in names if re.search("hint|question|answer", name)]


def test_what_production_hashes_with_is_slow_enough() -> None:
    assert PBKDF2PasswordHasher.digest().name == "sha256"
    assert PBKDF2PasswordHasher.iterations >= 600_000
