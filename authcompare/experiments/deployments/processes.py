"""What the kernel tells about running processes: who works for whom, and whose connection this is."""

import os
from pathlib import Path

ESTABLISHED = "01"


def tasks(process: int) -> list[Path]:
    """Where the kernel tells about each of its threads; empty if it is gone, or where there is no /proc."""
    try:
        return list(Path(f"/proc/{process}/task").iterdir())
    except OSError:
        return []


def children(process: int) -> list[int]:
    """The worker processes of a server; empty where there is no /proc."""
    found: list[int] = []
    for task in tasks(process):
        try:
            found += [int(word) for word in (task / "children").read_text().split()]
        except OSError:  # this thread ended while the others were asked
            continue
    return found


def descendants(process: int) -> list[int]:
    """Its children and theirs."""
    found: list[int] = []
    for child in children(process):
        found += [child, *descendants(child)]
    return found


def resident(process: int) -> int:
    """Bytes of it that are in memory now, what it shares with others included; 0 if it is gone."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def owner_of(client_port: int, server_port: int, candidates: list[int]) -> int | None:
    """Which process accepted the connection that was made from `client_port`."""
    inode = _socket_inode(client_port, server_port)
    if inode is None:
        return None
    return next((process for process in candidates if inode in _sockets(process)), None)


def _socket_inode(client_port: int, server_port: int) -> str | None:
    wanted = (f":{server_port:04X}", f":{client_port:04X}", ESTABLISHED)
    table = Path("/proc/net/tcp")
    lines = table.read_text().splitlines()[1:] if table.exists() else []
    for columns in (line.split() for line in lines):
        if columns[1].endswith(wanted[0]) and columns[2].endswith(wanted[1]) and columns[3] == wanted[2]:
            return columns[9]
    return None


def _sockets(process: int) -> set[str]:
    inodes = set()
    for handle in Path(f"/proc/{process}/fd").glob("*"):
        try:
            target = os.readlink(handle)
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    return inodes
