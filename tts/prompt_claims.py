"""Who makes a prompt: of the processes that share a folder, one at a time."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

FOLDER = "making"


class PromptClaims:
    """Locks on files under ``folder``; blocking, if only for microseconds: call it in a thread.

    The kernel gives back what a process held that died, so no claim outlives who made it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def take(self, name: str) -> int | None:
        """A descriptor for :meth:`give_back`, or ``None`` while somebody else has it.

        Raises ``OSError`` where the disk takes no file.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(name)
        while True:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
            if _is_still(path, descriptor):
                return descriptor
            os.close(descriptor)  # whoever had it removed the file that we locked

    def give_back(self, name: str, descriptor: int) -> None:
        """Let others have it; the file goes first, so that none of them waits for a dead name."""
        with suppress(OSError):
            self._path(name).unlink()
        os.close(descriptor)

    def _path(self, name: str) -> Path:
        return self._folder / name.rpartition("/")[2]


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
