"""The session scheme: the contract in each store, and what only sessions have."""

from typing import Any

import pytest
from django.contrib.auth.views import PasswordChangeView
from django.urls import path

from authcompare.accounts.models import User
from authcompare.problems import bad_request
from sessions_demo.models import Session
from tests.callers import SessionCaller
from tests.people import PASSWORD
from tests.scheme_contract import SchemeContract
from tests.test_pages_without_javascript import BROWSER

NEW = "a new password, quite long"
urlpatterns = [path("change/", PasswordChangeView.as_view(success_url="/"))]
handler400 = bad_request


class TestDatabaseSessions(SchemeContract):
    caller = SessionCaller
    kind = Session
    overrides = {"SESSION_STORE": "database"}


class TestCachedSessions(SchemeContract):
    caller = SessionCaller
    kind = Session
    overrides = {"SESSION_STORE": "cached"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "answered"),
    [(BROWSER, (302, "/sessions/login/?next=/change/")), ({}, (400, None))],
    ids=["a person", "a program"],
)
def test_a_password_page_of_djangos_own_ends_the_login_that_asks_and_is_no_error(
    alice: User, settings: Any, headers: dict[str, str], answered: Any
) -> None:
    caller = SessionCaller()
    settings.ROOT_URLCONF = "tests.test_sessions"
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    answer = caller.client.post("/change/", form, headers={**caller.headers(), **headers})
    assert (answer.status_code, answer.headers.get("Location")) == answered
    assert Session.objects.get(user=alice).ended_reason == "password"
    assert User.objects.get().check_password(NEW)
