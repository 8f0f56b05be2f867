"""The thread that writes recordings: what the event loop collected goes to the disk here."""

import errno
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final, TypeAlias

from audiosocket.frames import RATE_HZ, Kind
from supervisor.recordings.part_file import PartFile
from supervisor.recordings.placing import Placing

CAPACITY: Final = 2_000
"""Batches that may wait, each half a second of a call: some 25 kB."""
LOOK_EVERY_S: Final = 5.0
"""How often the room on the disk is looked at."""
CLOSE_LIMIT_S: Final = 10.0

Sent: TypeAlias = tuple[int, bytes]
"""The period, and the frame with its header."""
Heard: TypeAlias = tuple[float, int, bytes]
"""Arrival, rate in Hz, slin."""
Batch: TypeAlias = list[Sent | Heard]


@dataclass(slots=True, eq=False)
class Part:
    """A part that is being written: the thread's alone, once it was handed over."""

    path: Path
    placing: Placing
    file: PartFile | None = None
    place: int = 0
    """How many frames of stereo were taken so far, written or lost."""


@dataclass(frozen=True, slots=True)
class _Work:
    part: Part
    batch: Batch
    last: bool = False


@dataclass(slots=True)
class Losses:
    """Audio that could not be kept; read it from any thread."""

    overflow_batches: int = 0
    frames: int = 0
    """Of stereo, at the rate of their recordings."""
    trouble: str = ""
    """Why the last write failed; empty since one succeeded."""


@dataclass(slots=True, eq=False)
class RecordingWriter:
    """Make one per process, ``start`` it, and ``close`` it after the last call.

    ``on_trouble`` is called from the thread with the reason when audio is lost, and with an empty
    one when the disk takes it again. ``keep_free_bytes`` are left to others on the disk.
    """

    keep_free_bytes: int
    on_trouble: Callable[[str], None]
    losses: Losses = field(default_factory=Losses)
    _queue: "queue.Queue[_Work | None]" = field(default_factory=lambda: queue.Queue(CAPACITY))
    _thread: threading.Thread | None = None
    _looked_at: float = -LOOK_EVERY_S
    _has_room: bool = True

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Return once all that waits is on the disk, or after :data:`CLOSE_LIMIT_S`."""
        if self._thread is not None:
            self._queue.put(None, timeout=CLOSE_LIMIT_S)
            self._thread.join(CLOSE_LIMIT_S)

    def take(self, part: Part, batch: Batch, *, last: bool = False) -> bool:
        """Queue a batch, for the event loop: never blocks. ``False`` where there was no room;
        its time is silence then. The ``last`` one closes the part and is always taken."""
        try:
            self._queue.put_nowait(_Work(part, batch, last))
        except queue.Full:
            self.losses.overflow_batches += 1
            if last:  # without it the file would stay open: it waits in a thread of its own
                work = _Work(part, batch, last)
                threading.Thread(target=self._queue.put, args=(work,), daemon=True).start()
            return last
        return True

    # ------------------------------------------------------------------ in the thread

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            place_all(work.part.placing, work.batch)
            self._write(work.part, everything=work.last)
            if work.last:
                self._close(work.part)

    def _write(self, part: Part, *, everything: bool) -> None:
        stereo = part.placing.take(everything=everything)
        place, part.place = part.place, part.place + len(stereo)
        if not len(stereo):
            return
        try:
            self._look_for_room(part.path.parent)
            if part.file is None:
                part.file = PartFile(part.path, part.placing.rate_hz)
            part.file.write(place, stereo.astype("<i2").tobytes())
        except OSError as error:
            self.losses.frames += len(stereo)
            self._tell(error.strerror or str(error))
        else:
            self._tell("")

    def _close(self, part: Part) -> None:
        if part.file is not None:
            try:
                part.file.close()
            except OSError as error:
                self._tell(error.strerror or str(error))

    def _tell(self, trouble: str) -> None:
        if trouble or self.losses.trouble:
            self.losses.trouble = trouble
            self.on_trouble(trouble)

    def _look_for_room(self, folder: Path) -> None:
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            folder.mkdir(parents=True, exist_ok=True)
            self._has_room = shutil.disk_usage(folder).free >= self.keep_free_bytes
            self._looked_at = now
        if not self._has_room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def place_all(placing: Placing, batch: Batch) -> None:
    """Put a batch in its places; what arrived together is judged together."""
    for key, run in groupby(batch, key=_together):
        if key is None:
            for period, frame in run:  # type: ignore[misc]
                placing.sent(period, frame, RATE_HZ[Kind(frame[0])])
        else:
            at, rate_hz = key
            placing.heard([heard[-1] for heard in run], rate_hz, at)  # type: ignore[misc]


def _together(item: Sent | Heard) -> tuple[float, int] | None:
    return None if len(item) == 2 else (item[0], item[1])
