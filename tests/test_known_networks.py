"""Where an account has logged in from: its owner's places are none of the strangers'."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from authcompare.accounts.models import User
from authcompare.logins.budget import UNKNOWN
from authcompare.logins.credentials import has_logged_in
from authcompare.logins.models import Login
from sessions_demo.models import Session
from tests.callers import SessionCaller, TokenCaller
from tests.conftest import PASSWORD
from tests.test_guessing import guess
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db
KINDS = [(SessionCaller, Session), (TokenCaller, TokenFamily)]
NETWORKS = [
    ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
    ("2001:db8::1", "2001:db8::/64", "2001:db8:0:1::/64"),
    ("nowhere", UNKNOWN, "192.0.2.1"),
]


@pytest.mark.parametrize(("address", "known", "strange"), NETWORKS)
def test_a_login_makes_its_network_known(
    alice: User, bob: User, proxied: None, address: str, known: str, strange: str
) -> None:
    assert not has_logged_in("alice", known)
    assert guess(address, password=PASSWORD) == 200
    assert has_logged_in("alice", known)
    assert not has_logged_in("alice", strange)
    assert not has_logged_in("bob", known)


@pytest.mark.parametrize(("caller", "kind"), KINDS, ids=["session", "token"])
@pytest.mark.parametrize(("address", "known"), [each[:2] for each in NETWORKS])
def test_the_migration_knows_logins_of_before(
    alice: User, caller: Any, kind: type[Login], address: str, known: str
) -> None:
    caller()
    ip = None if known is UNKNOWN else address
    kind._default_manager.update(ip=ip, network=UNKNOWN)  # as the column begins
    migration = import_module(f"{kind._meta.app_label}.migrations.0004_where_an_account_has_logged_in")
    migration.fill(apps, SimpleNamespace(connection=connection))
    assert kind._default_manager.get().network == known
