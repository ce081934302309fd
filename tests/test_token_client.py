"""The client for API authors, against a live server and its threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from authcompare.accounts.models import User
from authcompare.experiments.api_client import ApiClient, ApiError, LoggedOut
from authcompare.logins.models import Reason
from tests.conftest import PASSWORD
from tests.forging import parts
from tokens_demo.models import TokenFamily
from tokens_demo.views import RefreshView

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(live_server: Any, alice: User) -> ApiClient:
    return ApiClient(live_server.url, "alice", PASSWORD)


@pytest.fixture
def refreshes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked for at `/tokens/refresh/`, by the thread that did."""
    genuine, seen = RefreshView.post, []

    def post(view: RefreshView, request: Any) -> Any:
        seen.append(threading.current_thread().name)
        return genuine(view, request)

    monkeypatch.setattr(RefreshView, "post", post)
    return seen


def test_a_block_logs_in_reads_writes_and_logs_out(live_server: Any, alice: User) -> None:
    with ApiClient(live_server.url, "alice", PASSWORD) as api:
        note = api.call("POST", "/tokens/notes/", {"text": "from a program"})
        assert api.call("GET", f"/tokens/notes/{note['id']}/")["text"] == "from a program"
        assert api.call("DELETE", f"/tokens/notes/{note['id']}/") is None
    assert TokenFamily.objects.get().ended_reason == Reason.LOGOUT
    with pytest.raises(LoggedOut):
        api.call("GET", "/tokens/me/")


def test_it_refreshes_ahead_of_expiry(api: ApiClient, refreshes: list[str]) -> None:
    before = api._access
    api.call("GET", "/tokens/me/")
    assert not refreshes
    api._refresh_at = 0.0
    assert api.call("GET", "/tokens/me/")["username"] == "alice"
    assert len(refreshes) == 1
    assert api._access != before


def test_many_threads_share_one_refresh(api: ApiClient, refreshes: list[str]) -> None:
    api._refresh_at = 0.0
    together = threading.Barrier(16)

    def call(_: int) -> str:
        together.wait()
        return str(api.call("GET", "/tokens/me/")["username"])

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(call, range(16))) == ["alice"] * 16
    assert len(refreshes) == 1


def test_it_tries_once_more_when_a_token_is_refused(api: ApiClient, refreshes: list[str]) -> None:
    api._access = api._access[:-4] + "AAAA"
    assert api.call("GET", "/tokens/me/")["username"] == "alice"
    assert len(refreshes) == 1


def test_an_ended_login_is_said_so_and_not_asked_for_again(api: ApiClient, refreshes: list[str]) -> None:
    TokenFamily.objects.all().end(Reason.ADMIN)
    api._access = "x.y.z"
    with pytest.raises(LoggedOut) as raised:
        api.call("GET", "/tokens/me/")
    assert raised.value.problem["type"] == "invalid_token"
    assert len(refreshes) == 1


def test_an_answer_that_got_lost_is_asked_for_again(
    api: ApiClient, refreshes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = api._send
    lost: list[Any] = []

    def lossy(method: str, path: str, *more: Any) -> Any:
        answer = genuine(method, path, *more)
        if path == "/tokens/refresh/" and not lost:
            lost.append(answer)
            raise ConnectionResetError
        return answer

    monkeypatch.setattr(api, "_send", lossy)
    api._refresh_at = 0.0
    assert api.call("GET", "/tokens/me/")["username"] == "alice"
    assert parts(api._refresh)[1] == parts(lost[0]["refresh"])[1]
    assert TokenFamily.objects.active().count() == 1
    assert len(refreshes) == 2


def test_refusals_of_other_kinds_are_errors_with_their_problem(live_server: Any, api: ApiClient) -> None:
    with pytest.raises(ApiError, match="404"):
        api.call("GET", "/tokens/notes/999999/")
    with pytest.raises(ApiError) as raised:
        ApiClient(live_server.url, "alice", "wrong")
    assert (raised.value.status, raised.value.problem["type"]) == (401, "credentials")


@pytest.mark.parametrize("url", ["http://compare.example", "ftp://compare.example", "compare.example"])
def test_a_password_goes_over_https_only_except_to_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="https only"):
        ApiClient(url, "alice", PASSWORD)


@pytest.fixture(autouse=True)
def _no_connection_left() -> Any:
    yield
    connections.close_all()
