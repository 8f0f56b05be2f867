"""What becomes of recordings once their call is over: kept as FLAC, deleted in time.

Runs in the supervisor, its heavy work in a thread of low priority. A part whose writer died is
kept like any other: what a killed worker leaves is a whole WAV file.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog

from supervisor.alarms import Alarms
from supervisor.database.complaint import Complaint
from supervisor.database.pool import TROUBLE, Connection, Pool, end_if_cancelled
from supervisor.database.recordings import (
    EXPIRED_AT_ONCE,
    expire,
    forget_part,
    keep_part,
    note_removal,
    part_state,
    parts_to_remove,
)
from supervisor.recordings.archive import DamagedError, archive
from supervisor.recordings.names import LIVE, RENDERED, PartName
from supervisor.recordings.part_file import is_being_written

LOOK_EVERY_S: Final = 2.0
EXPIRE_EVERY_S: Final = 600.0
LOST_AFTER_S: Final = 60.0
"""A call that nobody writes for so long, without an end, was lost with its worker."""
ATTEMPT_LIMIT_S: Final = 600.0
RENDERED_KEPT_S: Final = 3600.0
ALARM: Final = "recording.not_kept"
NICE: Final = 10

Result = TypeVar("Result")
_log = structlog.get_logger(__name__)


class Archivist:
    """Looks after the recordings of this machine; ``run`` it as long as the supervisor runs."""

    def __init__(self, folder: Path, pool: Pool, alarms: Alarms) -> None:
        self._folder = folder
        self._pool = pool
        self._alarms = alarms
        self._complaint = Complaint(_log.warning, "recordings.wait")
        self._expired_at = -EXPIRE_EVERY_S
        self._patient = ThreadPoolExecutor(1, "recordings", initializer=be_patient)

    async def run(self) -> None:
        """Look every :data:`LOOK_EVERY_S`, whatever happens to the disk or the database."""
        try:
            while True:
                await self._try_to_look()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self._patient.shutdown(wait=False, cancel_futures=True)

    async def _try_to_look(self) -> None:
        try:
            async with asyncio.timeout(ATTEMPT_LIMIT_S):
                await self.look()
            self._complaint.over()
        except TROUBLE as error:
            end_if_cancelled()
            self._complaint.about(error)
        except Exception as error:
            # Calls do not depend on what becomes of recordings: a defect here must not end the
            # server. Nothing is lost by it but time, and it is told.
            _log.exception("recordings.failed")
            text = f"Recordings are not looked after ({error}); the log has the traceback."
            self._alarms.raise_alarm(ALARM, text)

    async def look(self) -> None:
        """Keep what is finished, expire what is old, remove what was deleted."""
        names = await self._patiently(finished, self._folder)
        async with self._pool.acquire(timeout=LOOK_EVERY_S) as connection:
            for name in names:
                await self._take_up(connection, name)
            if time.monotonic() - self._expired_at >= EXPIRE_EVERY_S:
                while await expire(connection) == EXPIRED_AT_ONCE:
                    pass
                self._expired_at = time.monotonic()
                await self._patiently(clear_rendered, self._folder)
            for name in await parts_to_remove(connection):
                if await self._patiently(remove_files, self._folder, name):
                    await note_removal(connection, name)

    async def _take_up(self, connection: Connection, name: PartName) -> None:
        live = name.live_in(self._folder)
        state = await part_state(connection, name)
        if state is None or not (state.call_is_over or _age_s(live) > LOST_AFTER_S):
            return
        if not state.is_kept and not state.is_deleted:
            try:
                target = self._folder / name.archived_as
                archived = await self._patiently(archive, live, target)
            except (OSError, DamagedError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                text = (
                    f"A recording stays a WAV file ({reason}): make room on the disk of data_dir."
                )
                self._alarms.raise_alarm(ALARM, text, file=str(live))
                return
            self._alarms.end_alarm(ALARM, "Recordings are kept again.")
            if archived is None:
                await forget_part(connection, name)
            else:
                await keep_part(connection, name, archived)
        if not state.is_deleted:
            live.unlink()

    async def _patiently(self, work: Callable[..., Result], *arguments: Any) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._patient, work, *arguments)


def finished(folder: Path) -> list[PartName]:
    """Parts of calls of which nobody writes a part any more, oldest first."""
    found = [
        name
        for path in (folder / LIVE).glob("*.wav")
        if (name := PartName.parse(path.stem)) is not None
    ]
    found.sort(key=lambda name: (str(name.call_id), name.started_at))
    return [
        name
        for _, parts in groupby(found, key=lambda name: name.call_id)
        for name in _unless_written(folder, list(parts))
    ]


def _unless_written(folder: Path, parts: Sequence[PartName]) -> Sequence[PartName]:
    return [] if any(is_being_written(part.live_in(folder)) for part in parts) else parts


def remove_files(folder: Path, name: PartName) -> bool:
    """Remove every file of a part; ``False`` where this machine has none."""
    files = [folder / name.archived_as, name.live_in(folder)]
    files += (folder / RENDERED).glob(f"{name.call_id}.*")
    there = [file for file in files if file.exists()]
    for file in there:
        file.unlink(missing_ok=True)
    return bool(there)


def clear_rendered(folder: Path) -> None:
    """Remove what was made for downloads some time ago."""
    for file in (folder / RENDERED).glob("*"):
        if time.time() - file.stat().st_atime > RENDERED_KEPT_S:
            file.unlink(missing_ok=True)


def be_patient() -> None:
    """Let everybody else go first, on Linux, where a thread has a niceness of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def _age_s(file: Path) -> float:
    return time.time() - file.stat().st_mtime
