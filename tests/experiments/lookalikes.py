"""Servers that refuse everything for the wrong reason, or are dead."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from authcompare.experiments.deployments.deployment import Deployment, Door, Site
from authcompare.experiments.exchanges.wire import Answer, Connection

PROBLEM = "application/problem+json"
DEAD = 0  # closes every connection without an answer
NOWHERE = Door("lookalike.localhost", "127.0.0.1", 9)


@contextmanager
def lookalike(
    status: int,
    body: bytes = b"{}",
    *,
    before: Site | None = None,
    passed_on: tuple[str, ...] = (),
    **headers: str,
) -> Iterator[Site]:
    """Every request gets the same answer, or none if that is DEAD; but under paths that are `passed_on`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: see `verifier.Handler`

        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if before and self.path.startswith(passed_on):
                answer = _answer_of(before.doors[0], _request(self, sent))
                self.say(answer.status, answer.body, answer.headers)
            elif status == DEAD:
                self.close_connection = True
            else:
                self.say(status, body, [(name.replace("_", "-"), value) for name, value in headers.items()])

        do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

        def say(self, status: int, body: bytes, headers: Iterable[tuple[str, str]]) -> None:
            self.send_response(status)
            for name, value in headers:
                if name not in ("content-length", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    site = before or Site(Deployment("lookalike"), (NOWHERE,), "alice", "password")
    with _served(Handler, site) as port:
        yield replace(site, doors=(replace(site.doors[0], port=port),))


def _request(handler: BaseHTTPRequestHandler, sent: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in handler.headers.items())
    return f"{handler.requestline}\r\n{head}\r\n".encode("latin-1") + sent


def _answer_of(door: Door, request: bytes) -> Answer:
    """Where there is none, whoever asked gets none either."""
    answer = Connection(door).send(request)
    if answer.failure:
        raise ConnectionError(answer.failure)
    return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # claims ask many things at once

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who has seen enough hangs up."""


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler], site: Site) -> Iterator[int]:
    """On a port of its own; over TLS where the site has browsers around it."""
    server = _Server(("127.0.0.1", 0), handler)
    if site.world:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(site.world.certificate.chain, site.world.certificate.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
