"""Administrators at their pages, with different rights, and what the pages say."""

import re
from typing import Any

from django.contrib.auth.models import Permission

from authcompare.accounts.models import User
from authcompare.logins.models import Login
from tests.conftest import PASSWORD
from tests.test_pages_without_javascript import BROWSER, Browser

LISTS = {"session": "/admin/sessions_demo/session/", "token": "/admin/tokens_demo/tokenfamily/"}
TRAIL = "/admin/logins/authevent/"
BUDGET = "/admin/logins/guessingbudget/"


class Administrator(Browser):
    """Logged in; opens pages and sends their forms."""

    @classmethod
    def logged_in(cls, username: str = "admin") -> "Administrator":
        browser = cls(enforce_csrf_checks=True)
        browser.log_in(username)
        return browser

    def page(self, path: str) -> str:
        """What the page shows."""
        answer = self.get(path, headers=BROWSER)
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
        return str(answer.content.decode())

    def act(self, path: str, action: str, *logins: Login, confirmed: bool = True, **more: str) -> Any:
        """Choose `logins` in the list at `path` and let `action` happen to them."""
        chosen: Any = {"action": action, "_selected_action": [str(login.pk) for login in logins], **more}
        return self.send(path, **chosen, **({"confirmed": "yes"} if confirmed else {}))

    def end(self, *logins: Login, action: str = "end_selected", **more: Any) -> Any:
        return self.act(LISTS[logins[0].scheme], action, *logins, **more)

    def said(self, path: str = "/admin/") -> str:
        """The messages that wait for the next page."""
        return " ".join(re.findall(r'<li class="\w+">(.*?)</li>', self.page(path), re.DOTALL))


def staff(username: str, *permissions: str) -> User:
    """Somebody of the staff who may do this and no more."""
    user = User.objects.create_user(username, password=PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user
