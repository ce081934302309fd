"""Header fields as RFC 7541 writes them, and a server that understands what this client says."""

import pytest

from authcompare.experiments.clients import compose, logged_in
from authcompare.experiments.deployments.deployment import Deployment
from authcompare.experiments.exchanges.http2 import FieldTable, Http2Connection, fields_of
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.live.fleet import Fleet


def test_a_field_is_sent_once_and_named_from_then_on() -> None:
    table = FieldTable()
    field = ("custom-key", "custom-header")  # RFC 7541 appendix C.2.1
    assert table.encoded([field]).hex() == "400a637573746f6d2d6b65790d637573746f6d2d686561646572"
    assert table.encoded([field]).hex() == "be"
    table.encoded([("another", "one")])
    assert table.encoded([field]).hex() == "bf"  # an older entry has a higher number


def test_a_long_value_has_a_length_of_several_bytes() -> None:
    assert FieldTable().encoded([("a", "b" * 1337)]).hex().startswith("4001617fba09")  # 127 + 0x3a + 9 * 128


def test_a_table_that_would_have_to_forget_is_refused() -> None:
    with pytest.raises(ValueError, match="4096 bytes"):
        FieldTable().encoded([(f"name-{number}", "x" * 400) for number in range(10)])


def test_the_host_becomes_the_authority() -> None:
    request = b"GET /open/me/ HTTP/1.1\r\nHost: a.localhost:1\r\nAccept: application/json\r\n\r\n"
    assert fields_of(request) == [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "a.localhost:1"),
        (":path", "/open/me/"),
        ("accept", "application/json"),
    ]


def test_both_ways_work_over_http2_and_a_repeated_credential_takes_no_room(fleet: Fleet) -> None:
    (site,) = fleet.start([Deployment("http2")])
    door = site.doors[0]
    for scheme, path in (("session", "/sessions/me/"), ("token", "/tokens/me/")):
        client = logged_in(scheme, door, site.username, site.password)
        request = compose(door, "GET", path, client.showing(client.credential))
        connection = Http2Connection(door)
        answers, sent = [], []
        for _ in range(300):  # more than 65,535 bytes, which is the first window
            answers.append(connection.send(request))
            sent.append(connection.sent)
        assert {answer.status for answer in answers} == {200}
        assert {answer.body for answer in answers} == {Connection(door).send(request).body}
        assert sent[0] > 100 > 30 > max(sent[1:])
        connection.close()
    fleet.end()


def test_a_refusal_over_http2_is_not_taken_for_an_answer(fleet: Fleet) -> None:
    (site,) = fleet.start([Deployment("http2-refused")])
    connection = Http2Connection(site.doors[0])
    answer = connection.send(compose(site.doors[0], "GET", "/tokens/me/", {"Authorization": "Bearer no"}))
    assert answer.status != 200
    assert answer.json["type"] == "invalid_token"
    connection.close()
    fleet.end()
