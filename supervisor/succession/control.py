"""The control socket of a running server: ``serve.socket`` in its data directory."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

NAME: Final = "serve.socket"
LONGEST_PATH: Final = 100
"""Linux allows 107 bytes in ``sun_path``, macOS 103."""
_CREDENTIALS: Final = struct.Struct("iII")
"""``struct ucred`` of Linux (unix(7)): process, user, group."""


def listen(data_dir: Path) -> socket.socket:
    """A listening socket that only this user can connect to, in place of one that a dead server
    left. Raises ``OSError``."""
    (data_dir / NAME).unlink(missing_ok=True)
    listener = _new()
    before = os.umask(0o177)
    try:
        with _short(data_dir) as path:
            listener.bind(path)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)
    listener.listen(4)
    listener.setblocking(False)
    return listener


def connect(data_dir: Path) -> socket.socket:
    """A line to the server that runs. Raises ``OSError`` where none listens."""
    line = _new()
    try:
        with _short(data_dir) as path:
            line.connect(path)
    except OSError:
        line.close()
        raise
    return line


def is_trusted(line: socket.socket) -> bool:
    """Whether the process at the other end is this user's, or root's."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the socket's own permissions must do
    data = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(data)
    return user in (0, os.geteuid())


def _new() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)


@contextmanager
def _short(data_dir: Path) -> Iterator[str]:
    """A path to the socket that fits into an address, however deep the data directory is."""
    path = str(data_dir / NAME)
    if len(path.encode()) <= LONGEST_PATH:
        yield path
        return
    folder = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{NAME}"
    finally:
        os.close(folder)
