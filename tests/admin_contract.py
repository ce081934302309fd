"""What the admin of any scheme must do, wherever its users log in; inherited as the scheme contract is."""

from typing import Any

import pytest
from django.test import Client

from tests.people import PASSWORD, User

PAGE = {"Accept": "text/html"}


class AdminContract:
    caller: Any
    kind: Any

    @pytest.fixture(autouse=True)
    def _somebody_is_logged_in(self, alice: User, admin_user: User, clock: Any) -> None:
        self.caller()
        self.browser = Client(headers=PAGE)

    def log_in(self, password: str = PASSWORD) -> Any:
        """As a person who wants to see the admin and is sent to its door."""
        door = self.browser.get("/admin/", follow=True).redirect_chain[-1][0]
        return self.browser.post(door, {"username": "admin", "password": password})

    def end(self) -> Any:
        """What the list answers to the end of alice's login."""
        page = f"/admin/{self.kind._meta.app_label}/{self.kind._meta.model_name}/"
        assert "alice" in self.browser.get(page).content.decode()
        chosen = {"action": "end_selected", "_selected_action": str(self.login().pk), "confirmed": "yes"}
        return self.browser.post(page, chosen)

    def login(self) -> Any:
        return self.kind.objects.get(user__username="alice")

    def test_an_administrator_ends_a_login(self) -> None:
        self.log_in()
        self.end()
        assert (self.login().ended_reason, self.login().ended_by) == ("admin", "admin")

    def test_after_ten_minutes_the_password_is_asked_for_first(self, clock: Any) -> None:
        self.log_in()
        clock.shift(601)
        door = self.end().headers["Location"]
        assert self.login().ended_at is None
        assert self.browser.get(door).status_code == 200
        page = door.partition("?next=")[2]
        again = self.browser.post(door, {"username": "admin", "password": PASSWORD, "next": page})
        assert again.headers["Location"] == page
        self.end()
        assert self.login().ended_by == "admin"

    def test_guesses_at_its_door_count_as_at_every_other(self, settings: Any) -> None:
        for _ in range(settings.LOGIN_LIMIT):
            self.log_in("wrong")
        assert "Too many attempts" in self.log_in().content.decode()
        assert self.caller("admin").login_answer.status_code == 429
        assert self.browser.get("/admin/").status_code == 302

    def test_one_changes_ones_own_password_elsewhere(self) -> None:
        self.log_in()
        answer = self.browser.get("/admin/password_change/")
        assert answer.headers["Location"] in ("/sessions/password/", "/admin/")

    def test_where_a_new_password_is_required_the_old_one_does_not_open_it(self, admin_user: User) -> None:
        admin_user.require_new_password(by=admin_user)
        assert "choose a new password" in self.log_in().content.decode()
        assert self.browser.get("/admin/").status_code == 302
