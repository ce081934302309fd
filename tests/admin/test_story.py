"""An administrator ends one of alice's three browser logins, her phone's tokens, then everything."""

from typing import Any

import pytest

from authcompare.accounts.models import User
from authcompare.logins.trail import AuthEvent
from sessions_demo.models import Session, digest
from tests.admin.administrators import TRAIL, Administrator
from tests.callers import SessionCaller, TokenCaller, key_of
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("check", "still"), [("none", 200), ("denylist", 401), ("database", 401)])
def test_each_is_refused_at_its_next_request_and_five_lines_of_the_trail_explain_it(
    alice: User, admin_user: User, settings: Any, store: str, check: str, still: int
) -> None:
    settings.TOKEN_CHECK = check
    browsers, phone = [SessionCaller() for _ in range(3)], TokenCaller()
    assert [one.me().status_code for one in (*browsers, phone)] == [200] * 4
    admin = Administrator.logged_in()

    admin.end(Session.objects.get(key_hash=digest(key_of(browsers[0]))))
    assert [one.me().status_code for one in browsers] == [401, 200, 200]
    admin.end(TokenFamily.objects.get())
    assert (phone.me().status_code, phone.refresh().status_code) == (still, 401)
    assert ("work until" in admin.said()) is (check == "none")
    admin.send(f"/admin/accounts/user/{alice.pk}/end-logins/", confirmed="yes")
    assert [one.me().status_code for one in browsers] == [401, 401, 401]

    lines = AuthEvent.objects.filter(actor="admin", username="alice").order_by("pk")
    assert [(line.kind, line.scheme, line.reason) for line in lines] == [
        ("ended", "session", "admin"),
        ("ended", "token", "admin"),
        ("ended_all", "", ""),
        ("ended", "session", "admin"),
        ("ended", "session", "admin"),
    ]
    shown = admin.page(f"{TRAIL}?q=alice")
    assert shown.count(">login ended</td>") == shown.count(">ended by an administrator</td>") == 4
    assert shown.count(">all logins ended</td>") == 1
