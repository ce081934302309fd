"""What is published of a request: nothing that could be used, or guessed from what is shown."""

import json

from authcompare.experiments.clients import compose
from authcompare.experiments.exchanges.transcript import Transcript, label, masked_message
from authcompare.experiments.exchanges.wire import Answer
from tests.experiments.pretended import NOBODY


def test_secrets_are_labelled_in_the_transcript() -> None:
    transcript, key, password = Transcript(heading="logout"), "s3cret-key", "hunter2hunter2"
    headers = {
        "Cookie": f"sessionid={key}; csrftoken=abc",
        "Authorization": f"Bearer {key}",
        "X-CSRFToken": "abc",
    }
    request = compose(
        NOBODY, "POST", "/sessions/login/", headers, {"username": "alice", "password": password}
    )
    head = f"HTTP/1.1 200 OK\r\nSet-Cookie: sessionid={key}; HttpOnly\r\nServer: x".encode()
    transcript.record("logs in", request, Answer(head, json.dumps({"access": key}).encode()))
    line = transcript.lines[0]
    assert line.note == "logout: logs in"
    assert not any(secret in line.request + line.answer for secret in (key, password, "abc;"))
    assert label(key) in line.request
    assert label(key) in line.answer
    assert "HttpOnly" in line.answer
    assert '"password": "<password>"' in line.request


def test_a_credential_without_a_scheme_is_labelled_whole_and_of_a_password_nothing_is_told() -> None:
    request = compose(NOBODY, "GET", "/tokens/me/", {"Authorization": "s3cret-key"}, None)
    shown = masked_message(request)
    assert f"Authorization: {label('s3cret-key')}" in shown
    changes = {"old_password": "hunter2hunter2", "new_password": "hunter3hunter3"}
    shown = masked_message(compose(NOBODY, "POST", "/tokens/password/", {}, changes))
    assert '{"old_password": "<old_password>", "new_password": "<new_password>"}' in shown
