"""Servers that refuse everything for the wrong reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from authcompare.experiments.deployments.deployment import Deployment, Door, Site

PROBLEM = "application/problem+json"


@contextmanager
def lookalike(status: int, body: bytes = b"{}", **headers: str) -> Iterator[Site]:
    """Every request gets the same answer."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        do_DELETE = do_POST  # noqa: N815

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        door = Door("lookalike.localhost", "127.0.0.1", server.server_address[1])
        yield Site(Deployment("lookalike"), (door,), "alice", "password")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
