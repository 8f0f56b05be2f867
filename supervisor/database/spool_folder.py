"""Folders of the spool: one per process, locked for as long as that process lives."""

import errno
import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path


def lock_folder(folder: Path) -> int | None:
    """Lock it until the descriptor is closed; ``None`` if another process has it, or it is gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def make_folder(root: Path) -> tuple[Path, int]:
    """A new folder under ``root``, which nobody sees before it is locked, and its lock.

    Raises ``OSError``.
    """
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{os.getpid()}-{secrets.token_hex(4)}"
    hidden, folder = root / f".{name}", root / name
    hidden.mkdir(mode=0o700)
    lock = lock_folder(hidden)
    try:
        if lock is None:
            raise OSError(errno.ENOLCK, "no locks on this file system", str(root))
        hidden.rename(folder)
        fsync_folder(root)
    except OSError:
        _give_up(lock, hidden)
        raise
    return folder, lock


def _give_up(lock: int | None, folder: Path) -> None:
    if lock is not None:
        os.close(lock)
    with suppress(OSError):
        folder.rmdir()


def fsync_folder(folder: Path) -> None:
    """See that the names in a folder are on the disk. Raises ``OSError``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
