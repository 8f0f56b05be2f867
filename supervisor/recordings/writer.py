"""The thread that writes recordings: what the event loop collected goes to the disk here."""

import errno
import os
import queue
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final, TypeAlias

from audiosocket.clock import PERIOD_S
from audiosocket.frames import RATE_HZ, Kind
from supervisor.recordings.part_file import PartFile
from supervisor.recordings.placing import Placing

CAPACITY: Final = 2_000
"""Batches that may wait, each half a second of a call: some 25 kB."""
LOOK_EVERY_S: Final = 5.0
"""How often the room on the disk is looked at."""
PRIVATE: Final = 0o700
"""Nobody else on the machine hears what is in the folder."""
TURN_S: Final = 0.0005
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


@dataclass(frozen=True, slots=True)
class Loss:
    """Audio that could not be kept, and why; without a reason the disk takes it again."""

    seconds: float
    reason: str


@dataclass(slots=True, eq=False)
class RecordingWriter:
    """Make one per process, ``start`` it, and ``close`` it after the last call.

    ``on_loss`` is called when audio is lost, from either thread, and once when the disk takes it
    again. ``keep_free_bytes`` are left to others on the disk.
    """

    keep_free_bytes: int
    on_loss: Callable[[Loss], None]
    _queue: "queue.Queue[_Work | None]" = field(default_factory=lambda: queue.Queue(CAPACITY))
    _thread: threading.Thread | None = None
    _looked_at: float = -LOOK_EVERY_S
    _has_room: bool = True
    _in_trouble: bool = False

    def start(self) -> None:
        """Begin to write.

        Makes threads of this process take turns more often: the event loop waits for the
        interpreter no longer than that while a batch is being placed.
        """
        sys.setswitchinterval(min(sys.getswitchinterval(), TURN_S))
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Return once all that waits is on the disk, or after :data:`CLOSE_LIMIT_S`."""
        if self._thread is not None:
            self._queue.put(None, timeout=CLOSE_LIMIT_S)
            self._thread.join(CLOSE_LIMIT_S)

    def take(self, part: Part, batch: Batch, *, last: bool = False) -> None:
        """Queue a batch, for the event loop: never blocks. Where there is no room, its time is
        silence. The ``last`` one closes the part."""
        try:
            self._queue.put_nowait(_Work(part, batch, last))
        except queue.Full:
            seconds = len(batch) * PERIOD_S / 2
            self.on_loss(Loss(seconds, "the disk is too slow"))
            if last:  # without it the file would stay open: it waits in a thread of its own
                work = _Work(part, [], last)
                threading.Thread(target=self._queue.put, args=(work,), daemon=True).start()

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
            self._lost(len(stereo) / part.placing.rate_hz, error)
        else:
            self._taken()

    def _close(self, part: Part) -> None:
        if part.file is not None:
            try:
                part.file.close()
            except OSError as error:
                self._lost(0.0, error)

    def _lost(self, seconds: float, error: OSError) -> None:
        self._in_trouble = True
        self.on_loss(Loss(seconds, error.strerror or str(error)))

    def _taken(self) -> None:
        if self._in_trouble:
            self._in_trouble = False
            self.on_loss(Loss(0.0, ""))

    def _look_for_room(self, folder: Path) -> None:
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            folder.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            folder.mkdir(exist_ok=True)
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
            placing.heard([heard[-1] for heard in run], rate_hz, at)


def _together(item: Sent | Heard) -> tuple[float, int] | None:
    return None if len(item) == 2 else (item[0], item[1])
