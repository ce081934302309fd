"""One HTTP/2 connection without TLS to a server known to speak it (RFC 9113 §3.3), a request at a time.

Every header field is kept in the connection's table (RFC 7541 §2.3.2), as browsers keep most of them: a
credential is sent once, and named in a byte from then on.
"""

from collections.abc import Iterator, Sequence

from authcompare.experiments.deployments.deployment import Door
from authcompare.experiments.exchanges.wire import Answer, Connection

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
MORE_WINDOW = 2**31 - 1 - 65_535  # a connection takes this many bytes beyond the first window
STATIC = {(":method", "GET"): 2, (":method", "POST"): 3, (":scheme", "http"): 6}
STATUSES = {0x88: 200, 0x89: 204, 0x8A: 206, 0x8B: 304, 0x8C: 400, 0x8D: 404, 0x8E: 500}
FIRST_DYNAMIC, TABLE_BYTES, ENTRY_BYTES = 62, 4096, 32

Field = tuple[str, str]


class FieldTable:
    """What both ends remember of the fields sent so far. Nothing is ever put out of it to make room."""

    def __init__(self) -> None:
        self._kept: list[Field] = []
        self._bytes = 0

    def encoded(self, fields: Sequence[Field]) -> bytes:
        """A header block. Raises ValueError where the table would have to forget something."""
        return b"".join(self._encoded(field) for field in fields)

    def _encoded(self, field: Field) -> bytes:
        if field in STATIC:
            return bytes([0x80 | STATIC[field]])
        if field in self._kept:
            newer = len(self._kept) - 1 - self._kept.index(field)
            return _integer(FIRST_DYNAMIC + newer, 7, 0x80)
        self._bytes += sum(map(len, field)) + ENTRY_BYTES
        if self._bytes > TABLE_BYTES:
            raise ValueError(f"More than {TABLE_BYTES} bytes of different header fields on one connection.")
        self._kept.append(field)
        return b"\x40" + b"".join(_text(part) for part in field)


def _integer(value: int, bits: int, first: int) -> bytes:
    """RFC 7541 §5.1."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    rest, made = value - most, [first | most]
    while rest >= 128:
        made.append(rest % 128 | 128)
        rest //= 128
    return bytes([*made, rest])


def _text(text: str) -> bytes:
    data = text.encode("latin-1")
    return _integer(len(data), 7, 0) + data


def fields_of(request: bytes) -> list[Field]:
    """The header fields of an HTTP/1.1 request as HTTP/2 has them (RFC 9113 §8.3.1)."""
    first, *lines = request.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")
    method, path, _ = first.split(" ")
    named = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    host = next(value for name, value in named if name == "host")
    others = [field for field in named if field[0] != "host"]
    return [(":method", method), (":scheme", "http"), (":authority", host), (":path", path), *others]


class Http2Connection(Connection):
    """Takes the same requests as its parent, without a body; `sent` is how many bytes the last one was."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.sent = 0
        self._table, self._stream = FieldTable(), -1

    def open(self) -> None:
        if self._socket is not None:  # what the server may have said meanwhile is read before the next answer
            return
        super().open()
        assert self._socket is not None
        self._table, self._stream = FieldTable(), -1
        window = _frame(WINDOW_UPDATE, 0, 0, MORE_WINDOW.to_bytes(4, "big"))
        self._socket.sendall(PREFACE + _frame(SETTINGS, 0, 0, b"") + window)

    def exchange(self, request: bytes) -> Answer:
        """See Connection.exchange(). Raises OSError."""
        assert self._socket is not None
        self._stream += 2
        block = self._table.encoded(fields_of(request))
        frame = _frame(HEADERS, END_STREAM | END_HEADERS, self._stream, block)
        self.sent = len(frame)
        self._socket.sendall(frame)
        return self._answer()

    def _answer(self) -> Answer:
        head, body = b"", b""
        for kind, flags, payload in self._frames():
            if kind == HEADERS:
                head = _status_line(payload)
            elif kind == DATA:
                body += payload
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                break
        return Answer(head, body)

    def _frames(self) -> Iterator[tuple[int, int, bytes]]:
        """Of the answer; what concerns the connection as a whole is answered here."""
        assert self._socket is not None
        while True:
            head = self._read(9)
            kind, flags, payload = head[3], head[4], self._read(int.from_bytes(head[:3], "big"))
            if kind in (RST_STREAM, GOAWAY):
                code = payload[:4] if kind == RST_STREAM else payload[4:8]
                raise ConnectionError(f"the server gave up, code {int.from_bytes(code, 'big')}")
            if kind in (SETTINGS, PING) and not flags & ACK:
                self._socket.sendall(_frame(kind, ACK, 0, payload if kind == PING else b""))
            yield kind, flags, payload

    def _read(self, length: int) -> bytes:
        """Never more than is asked for: the next frame stays where it is."""
        assert self._socket is not None
        got = b""
        while len(got) < length:
            data = self._socket.recv(length - len(got))
            if not data:
                raise ConnectionError("the server closed the connection before it had answered")
            got += data
        return got


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags])
    return head + stream.to_bytes(4, "big") + payload


def _status_line(block: bytes) -> bytes:
    """Of the header block only the status is read: the first field, and for these a single byte."""
    return b"HTTP/2.0 %03d" % STATUSES.get(block[0], 0)
