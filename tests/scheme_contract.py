"""What every scheme must do, written once. A scheme's tests inherit it and say what they are."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authcompare.logins.models import Login, Reason
from authcompare.logins.trail import AuthEvent
from tests.callers import Caller
from tests.people import PASSWORD, User, copied

PROBLEM = "application/problem+json"


class SchemeContract:
    """`caller` logs in and calls; `kind` is its login; `overrides` are the settings under test."""

    caller: type[Caller]
    kind: type[Login]
    overrides: dict[str, Any] = {}

    @pytest.fixture(autouse=True)
    def _settings(self, settings: Any) -> None:
        for name, value in self.overrides.items():
            setattr(settings, name, value)

    @staticmethod
    def assert_refused(answer: Any, challenge: str) -> None:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith(challenge)
        assert answer.headers["Content-Type"] == PROBLEM

    # Who answered

    def test_me_says_who_answered_and_by_which_login(self, alice: User) -> None:
        body = self.caller().me().json()
        login = self.kind._default_manager.get()
        assert body["username"] == "alice"
        assert body["id"] == alice.pk
        assert body["is_staff"] is False
        assert body["scheme"] == self.kind.scheme
        assert body["login"] == str(login.pk)
        assert set(body) == {
            "id", "username", "is_staff", "scheme", "authenticated_by", "login", "expires_at"
        }  # fmt: skip

    def test_stranger_is_refused_with_a_challenge(self, db: None) -> None:
        stranger = self.caller("nobody")
        self.assert_refused(stranger.me(), self.caller.challenge)
        self.assert_refused(stranger.call("GET", "notes/"), self.caller.challenge)
        self.assert_refused(stranger.call("GET", "active/"), self.caller.challenge)

    @pytest.mark.parametrize("username", ["alice", "nobody", "gone", "ALICE"])
    def test_unknown_inactive_and_wrong_get_the_same_answer(self, alice: User, username: str) -> None:
        User.objects.create_user("gone", password=PASSWORD, is_active=False)
        password = PASSWORD if username != "alice" else PASSWORD.strip()
        answer = self.caller(username, password).login_answer
        self.assert_refused(answer, self.caller.challenge)
        assert answer.json()["type"] == "credentials"
        assert answer.json()["detail"] == "Username or password is wrong."

    @pytest.mark.parametrize(
        "body", [None, [], "text", {}, {"username": "alice"}, {"username": ["a"], "password": {}}]
    )
    def test_login_with_a_wrong_shape_is_a_clear_error(self, alice: User, body: Any) -> None:
        answer = self.caller("nobody").call("POST", "login/", body)
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == PROBLEM

    @pytest.mark.parametrize("bad", ["\x00", "\ud800", "a" * 5000])
    def test_login_with_impossible_text_is_a_clear_error(self, alice: User, bad: str) -> None:
        assert (
            self.caller("nobody").call("POST", "login/", {"username": bad, "password": "p"}).status_code
            == 400
        )

    def test_login_is_written_to_the_trail(self, alice: User) -> None:
        self.caller()
        event = AuthEvent.objects.get(kind="login")
        assert (event.username, event.scheme, event.ip) == ("alice", self.kind.scheme, "127.0.0.1")
        assert event.login_id == self.kind._default_manager.get().pk

    # The resource

    def test_notes_can_be_written_read_changed_and_deleted(self, alice: User) -> None:
        caller = self.caller()
        made = caller.call("POST", "notes/", {"text": " first "})
        assert (made.status_code, made.json()["text"]) == (201, " first ")
        path = f"notes/{made.json()['id']}/"
        assert caller.call("PUT", path, {"text": "second"}).json()["text"] == "second"
        assert caller.call("PATCH", path, {"text": "third"}).json()["text"] == "third"
        assert caller.call("GET", "notes/").json()["results"][0]["text"] == "third"
        assert caller.call("DELETE", path).status_code == 204
        assert caller.call("GET", path).status_code == 404

    def test_somebody_elses_note_is_not_there(self, alice: User, bob: User) -> None:
        path = f"notes/{self.caller().call('POST', 'notes/', {'text': 'mine'}).json()['id']}/"
        other = self.caller("bob")
        assert other.call("GET", "notes/").json()["count"] == 0
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            assert other.call(method, path, {"text": "stolen"}).status_code == 404
        assert alice.notes.get().text == "mine"

    @pytest.mark.parametrize("text", ["", "x" * 10_001, "\x00", "\ud800", None, 5, ["a"]])
    def test_a_bad_note_is_refused_and_nothing_is_written(self, alice: User, text: Any) -> None:
        answer = self.caller().call("POST", "notes/", {"text": text})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["text"])
        assert not alice.notes.exists()

    def test_the_list_is_paginated(self, alice: User) -> None:
        caller = self.caller()
        for number in range(21):
            caller.call("POST", "notes/", {"text": f"note {number}"})
        page = caller.call("GET", "notes/").json()
        assert (page["count"], len(page["results"]), page["results"][0]["text"]) == (21, 20, "note 20")
        assert len(caller.call("GET", "notes/?page=2").json()["results"]) == 1
        assert caller.call("GET", "notes/?page=9").status_code == 404

    @pytest.mark.parametrize(
        "path", ["notes/999999999999999999999999/", "notes/0/", f"active/{uuid.UUID(int=7)}/"]
    )
    def test_what_is_not_there_is_404(self, alice: User, path: str) -> None:
        assert self.caller().call("DELETE", path).status_code == 404

    # Ends

    def test_logged_out_login_is_refused_on_next_request(self, alice: User) -> None:
        caller = self.caller()
        assert caller.me().status_code == 200
        assert caller.log_out().status_code in (200, 204)
        self.assert_refused(caller.me(), self.caller.challenge)
        assert self.kind._default_manager.get().ended_reason == Reason.LOGOUT

    def test_login_ended_elsewhere_is_refused_on_next_request(self, alice: User) -> None:
        here, there = self.caller(), self.caller()
        there_id = there.me().json()["login"]
        assert there.me().status_code == 200
        assert here.call("DELETE", f"active/{there_id}/").status_code == 204
        self.assert_refused(there.me(), self.caller.challenge)
        assert here.me().status_code == 200
        assert here.call("DELETE", f"active/{there_id}/").status_code == 404

    def test_somebody_elses_login_cannot_be_ended(self, alice: User, bob: User) -> None:
        mine, other = self.caller(), self.caller("bob")
        answer = other.call("DELETE", f"active/{mine.me().json()['login']}/")
        assert answer.status_code == 404
        assert mine.me().status_code == 200

    def test_all_others_or_all_can_be_ended(self, alice: User) -> None:
        here, *others = self.caller(), self.caller(), self.caller()
        assert here.call("DELETE", "active/?others=true").json()["ended"] == 2
        assert [other.me().status_code for other in others] == [401, 401]
        assert here.call("DELETE", "active/").json()["ended"] == 1
        assert here.me().status_code == 401

    def test_active_lists_this_one_as_current(self, alice: User) -> None:
        self.caller()
        here = self.caller()
        listed = here.call("GET", "active/").json()
        assert [login["current"] for login in listed] == [True, False]
        assert listed[0]["id"] == here.me().json()["login"]

    def test_of_a_thousand_logins_a_hundred_are_listed_and_all_can_be_ended(self, alice: User) -> None:
        here = self.caller()
        assert here.me().status_code == 200
        with CaptureQueriesContext(connection) as asked_of_one:
            here.call("GET", "active/")
        copied(self.kind._default_manager.get(), 999)
        with CaptureQueriesContext(connection) as asked_of_all:
            listed = here.call("GET", "active/")
        assert len(asked_of_all) == len(asked_of_one) <= 3
        assert (len(listed.json()), listed.headers["X-Total-Count"]) == (100, "1000")
        assert [login["id"] for login in listed.json() if login["current"]] == [here.me().json()["login"]]
        assert here.call("DELETE", "active/?others=true").json()["ended"] == 999
        assert here.call("GET", "active/").headers["X-Total-Count"] == "1"

    @pytest.mark.parametrize(
        ("end", "reason"),
        [
            (lambda user: user.set_password("another password") or user.save(), Reason.PASSWORD),
            (lambda user: User.objects.filter(pk=user.pk).update(password="x"), Reason.PASSWORD),
            (lambda user: setattr(user, "is_active", False) or user.save(), Reason.DEACTIVATED),
            (lambda user: User.objects.update(is_active=False), Reason.DEACTIVATED),
        ],
    )
    def test_a_changed_password_or_a_deactivation_ends(self, alice: User, end: Any, reason: Reason) -> None:
        caller = self.caller()
        assert caller.me().status_code == 200
        end(User.objects.get(pk=alice.pk))
        self.assert_refused(caller.me(), self.caller.challenge)
        assert self.kind._default_manager.get().ended_reason == reason

    def test_reactivation_revives_nothing(self, alice: User) -> None:
        caller = self.caller()
        User.objects.update(is_active=False)
        User.objects.update(is_active=True)
        self.assert_refused(caller.me(), self.caller.challenge)

    def test_a_deleted_user_is_refused_and_stays_in_the_trail(self, alice: User) -> None:
        caller = self.caller()
        assert caller.me().status_code == 200
        alice.delete()
        self.assert_refused(caller.me(), self.caller.challenge)
        assert AuthEvent.objects.filter(username="alice", reason=Reason.DELETED).exists()

    def test_password_change_keeps_this_device_and_ends_all_others(self, alice: User) -> None:
        here, there = self.caller(), self.caller()
        new = "a new password, quite long"
        wrong = here.call("POST", "password/", {"old_password": "wrong", "new_password": new})
        assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["old_password"])
        weak = here.call("POST", "password/", {"old_password": PASSWORD, "new_password": "short"})
        assert (weak.status_code, list(weak.json()["errors"])) == (400, ["new_password"])
        assert there.me().status_code == 200
        answer = here.call("POST", "password/", {"old_password": PASSWORD, "new_password": new})
        assert answer.status_code in (200, 204)
        if answer.status_code == 200:
            here.access = answer.json()["access"]  # type: ignore[attr-defined]
        assert here.me().status_code == 200
        self.assert_refused(there.me(), self.caller.challenge)
        assert self.caller("alice", new).login_answer.status_code == 200

    # Time

    def test_ending_others_asks_for_the_password_again_after_ten_minutes(
        self, alice: User, clock: Any, settings: Any
    ) -> None:
        settings.TOKEN_ACCESS_SECONDS = 3600
        here, there = self.caller(), self.caller()
        clock.shift(601)
        there_id = there.me().json()["login"]
        answer = here.call("DELETE", f"active/{there_id}/")
        assert (answer.status_code, answer.json()["type"]) == (403, "reauthenticate")
        assert here.call("DELETE", "active/?others=true").status_code == 403
        assert here.call("DELETE", f"active/{here.me().json()['login']}/").status_code == 204
        assert there.me().status_code == 200

    # Guessing

    def test_guesses_beyond_the_limit_are_429_even_with_the_right_password(self, alice: User) -> None:
        for _ in range(5):
            assert self.caller("alice", "wrong").login_answer.status_code == 401
        answer = self.caller("Alice", "wrong").login_answer
        assert (answer.status_code, answer.json()["type"]) == (429, "locked")
        assert int(answer.headers["Retry-After"]) > 0
        assert self.caller("alice").login_answer.status_code == 429
