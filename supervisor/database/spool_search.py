"""Looking for a call in the spool's folders, whoever has locked them; nothing is changed there."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from conversation.journal import Entry
from supervisor.database.spool_record import DamagedLineError, decode_line
from supervisor.remembered import Remembered

MOST_S: Final = 0.25
"""A caller waits. What was written last is read first: it is what the call was about."""


def find_in_spool(root: Path, call_id: UUID, *, limit_s: float = MOST_S) -> Remembered | None:
    """What the spool under ``root`` holds of a call; ``None`` for nothing.

    Blocks. Segments that vanish meanwhile were delivered; damaged lines are passed over.
    """
    until_s = time.monotonic() + limit_s
    found: list[Entry] = []
    for segment in _youngest_first(root):
        with suppress(OSError):
            found += _entries(segment.read_bytes(), call_id)
        if time.monotonic() > until_s:
            break
    return Remembered.of(found) if found else None


def _youngest_first(root: Path) -> list[Path]:
    return [path for _, path in sorted(_segments(root), reverse=True)]


def _segments(root: Path) -> Iterator[tuple[float, Path]]:
    with suppress(OSError):
        for path in root.glob("*/[0-9]*.log"):
            with suppress(OSError):
                yield path.stat().st_mtime, path


def _entries(data: bytes, call_id: UUID) -> Iterator[Entry]:
    """A call's id is in every line of its own; a line that only mentions it is not one of them."""
    name = str(call_id).encode()
    at = data.find(name)
    while at >= 0:
        begin, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at) + 1
        if not end:
            return
        with suppress(DamagedLineError):
            entry = decode_line(data[begin:end])
            if entry.call_id == call_id:
                yield entry
        at = data.find(name, end)
