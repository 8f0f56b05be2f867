"""One ``ramal serve`` per data directory: a second one would fight for the same ports, and mark
extensions as failed that the first one answers."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from supervisor.errors import OperatorError


class AnotherServerError(OperatorError):
    """A server runs on this data directory already."""


@contextmanager
def only_server(data_dir: Path) -> Iterator[None]:
    """Hold the data directory's lock; the kernel frees it when the process dies.

    A server that drains holds it to the end: residents who were called before still answer on its
    return ports, so a successor could not have them. Raises ``OperatorError``.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "serve.lock").open("a+")
    except OSError as error:
        raise OperatorError(
            f"The data directory {data_dir.absolute()} cannot be used ({error.strerror}: "
            f"{error.filename}); set data_dir to a folder that this user may write to."
        ) from None
    with lock:
        _take(lock, data_dir)
        yield


def _take(lock: IO[str], data_dir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise AnotherServerError(
            f"Another ramal serve (process {lock.read().strip()}) runs on {data_dir.absolute()}, "
            "or finishes its last calls; stop it, or give this one a data_dir, a database and "
            "ports of its own."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
