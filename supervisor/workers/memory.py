"""How much memory a worker may have."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

SHARE: Final = 0.5
"""Of the machine's, for one worker, where nobody says: one that leaks must not take it all."""
CGROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
"""A container's own limit (Linux, control groups version 2); ``max`` where there is none."""


def memory_limit_bytes(limit_mb: int | None) -> int:
    """The limit of the settings, or a share of what there is."""
    if limit_mb is not None:
        return limit_mb * 2**20
    return int(_there_is_bytes() * SHARE)


def _there_is_bytes() -> int:
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):
        return min(machine, int(CGROUP_LIMIT.read_text()))
    return machine
