"""Secrets that a demo or a lab makes for itself, on disk, once, whatever the number of processes."""

import os
import secrets
import tempfile
from pathlib import Path


def written_once(path: Path, content: bytes) -> bytes:
    """The content of `path`; `content` if nobody had written it yet. Readable by its owner only.

    A file is complete the moment it appears: it is written beside and linked, so of two processes that start
    together one wins and both read the same bytes.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        try:
            os.link(beside, path)
        except FileExistsError:
            pass  # somebody else was first, theirs counts
        finally:
            os.unlink(beside)
    return path.read_bytes()


def secret_from(path: Path) -> str:
    """A secret of 384 bits kept in `path`, made at first use."""
    return written_once(path, secrets.token_urlsafe(48).encode()).decode()
