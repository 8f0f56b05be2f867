"""One ``ramal serve`` per data directory: a second one would fight for the same ports, and mark
extensions as failed that the first one answers."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from supervisor.errors import OperatorError
from supervisor.succession import control


class AnotherServerError(OperatorError):
    """A server runs on this data directory already."""


class Seat:
    """The lock of a data directory, and the socket where its server can be asked for its place."""

    def __init__(self, lock: IO[str], listener: socket.socket) -> None:
        self.lock = lock
        self.listener = listener

    @classmethod
    def inherited(cls, lock: int, listener: int) -> "Seat":
        """The seat that a predecessor sent us as descriptors."""
        sock = socket.socket(fileno=listener)
        sock.setblocking(False)
        return cls(os.fdopen(lock, "a+"), sock)

    def sign(self) -> None:
        """Write down that the server is this process."""
        self.lock.truncate(0)
        self.lock.write(str(os.getpid()))
        self.lock.flush()

    def give_up(self) -> None:
        """Close it: the lock is free once no process has it open."""
        self.lock.close()
        self.listener.close()


@contextmanager
def only_server(data_dir: Path) -> Iterator[Seat]:
    """Sit down on the data directory; the kernel frees its lock when the process dies.

    A server that drains after a signal holds it to the end: residents who were called before
    still answer on its return ports, so another one could not have them. Raises
    :class:`AnotherServerError`, or another ``OperatorError``.
    """
    lock = _opened(data_dir)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        pid = lock.read().strip()
        lock.close()
        raise AnotherServerError(
            f"Another ramal serve (process {pid}) runs on {data_dir.absolute()}, or finishes its "
            "last calls; replace it (ramal serve --replace), stop it, or give this one a data_dir, "
            "a database and ports of its own."
        ) from None
    seat = Seat(lock, control.listen(data_dir))
    seat.sign()
    try:
        yield seat
    finally:
        seat.give_up()


def _opened(data_dir: Path) -> IO[str]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        return (data_dir / "serve.lock").open("a+")
    except OSError as error:
        raise OperatorError(
            f"The data directory {data_dir.absolute()} cannot be used ({error.strerror}: "
            f"{error.filename}); set data_dir to a folder that this user may write to."
        ) from None
