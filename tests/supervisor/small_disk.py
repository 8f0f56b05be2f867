"""A disk that is full, for an ordinary user.

Where the system lets users have a mount namespace, a folder becomes a ``tmpfs`` of a few pages, in
the processes that are started on it alone. Elsewhere they are forbidden to let any file grow
(``RLIMIT_FSIZE``): the same ``OSError`` at the same places, from the first byte on.
"""

import os
import resource
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from supervisor.database.spool import used_bytes

_MOUNT = 'mount -t tmpfs -o size="$1" tmpfs "$0" && shift && exec "$@"'
_USER = () if os.geteuid() == 0 else ("--user", "--map-root-user")
"""Root needs no user namespace, in which it would be a stranger to the files of other users."""
_UNSHARE = ("unshare", *_USER, "--mount", "sh", "-c", _MOUNT)


@dataclass(frozen=True)
class SmallDisk:
    """``folder`` takes ``size_bytes`` of what processes started by :meth:`command` write."""

    folder: Path
    size_bytes: int
    kind: Literal["tmpfs", "rlimit"]

    def command(self, *command: str) -> Sequence[str]:
        """What to run instead of a command."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.kind == "tmpfs":
            return (*_UNSHARE, str(self.folder), str(self.size_bytes), *command)
        return command

    def fill(self, pids: Iterable[int]) -> None:
        """The disk is full now; a real one fills up by itself."""
        if self.kind == "rlimit":
            for pid in pids:
                hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))

    def used_bytes(self, pid: int) -> int:
        """What lies in the folder, as that process sees it."""
        return used_bytes(Path(f"/proc/{pid}/root{self.folder.absolute()}"))


@cache
def best_kind(folder: Path) -> Literal["tmpfs", "rlimit"]:
    """The real thing, where this user may have it."""
    trial = SmallDisk(folder, 4096, "tmpfs").command("true")
    try:
        done = subprocess.run(trial, capture_output=True, check=False, timeout=10)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return "rlimit"
    return "tmpfs" if done.returncode == 0 else "rlimit"
