"""Everybody else's site: the attacker's pages, the collector of stolen goods, the honest partner.

One small server answers under every name but the victim's; which name was meant stands in the Host header.
It knows nothing of the system and keeps what it was sent.
"""

import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authcompare.experiments.browsing.certificate import Certificate

BLANK = b"<!doctype html><title>somebody else</title><body></body>"
SCRIPTS = Path(__file__).resolve().parent / "scripts"
PAYLOAD = "/payload.js"
COLLECT = "/collect"
SET_COOKIE = "/set"  # gives the browser a cookie …
SEEN = "/seen"  # … and sees whether it comes back when this is a third party's
MAX_BODY = 1_000_000
SMALL = 10  # bytes of name and value together; `?bytes=` asks for another size


@dataclass(frozen=True)
class Received:
    """One request that arrived."""

    method: str
    path: str
    cell: str
    cookie: str
    said: str


class Outsider:
    """Listens on a port of its own until closed. `received` grows; nothing is ever taken out."""

    def __init__(self, certificate: Certificate) -> None:
        self.received: list[Received] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self.received.append))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        # The handshake belongs to the thread of the connection: a browser may connect and say nothing.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = Thread(target=self._server.serve_forever, args=[0.02], daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The same for all its names."""
        return int(self._server.server_address[1])

    def origin(self, name: str) -> str:
        """Under one of its names."""
        return f"https://{name}:{self.port}"

    def of_cell(self, cell: str) -> list[Received]:
        """What arrived for one cell, in order."""
        return [one for one in self.received if one.cell == cell]

    def close(self) -> None:
        """Stop listening; may be called twice."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that has gone while it was being answered is nothing to report."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def cookie_of(size: int) -> str:
    """One that goes along from everywhere; name and value have that many bytes together."""
    return f"third={'x' * (size - len('third'))}; Path=/; Secure; SameSite=None"


def attack() -> bytes:
    """The script that an attacker wants to run in somebody else's page."""
    return b"\n".join((SCRIPTS / name).read_bytes() for name in ("reading.js", "payload.js"))


def _handler(keep: Callable[[Received], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """A page, a script, or a place to leave something."""

        protocol_version = "HTTP/1.1"
        timeout = 10  # seconds for a client to say what it wants
        wbufsize = -1  # head and body in one packet: see `verifier.Handler`

        def do_GET(self) -> None:
            """Keep what came, answer by the path."""
            where = urlsplit(self.path)
            query = parse_qs(where.query)
            body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY))
            said = body.decode(errors="replace") or query.get("said", [""])[0]
            keep(
                Received(
                    self.command,
                    where.path,
                    query.get("cell", [""])[0],
                    self.headers.get("Cookie", ""),
                    said,
                )
            )
            if where.path == PAYLOAD:
                self.answer(attack(), "text/javascript")
            elif where.path == SET_COOKIE:
                self.answer(BLANK, "text/html", cookie_of(int(query.get("bytes", [SMALL])[0])))
            else:
                self.answer(BLANK, "text/html")

        do_POST = do_OPTIONS = do_GET  # noqa: N815

        def answer(self, body: bytes, kind: str, cookie: str = "") -> None:
            """Readable by everybody, as a collector is."""
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
            self.send_header("Access-Control-Allow-Credentials", "true")
            if cookie:
                self.send_header("Set-Cookie", cookie)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing; what arrived is kept."""

    return Handler
