"""What records a connection: collects its frames on the event loop, and leaves the rest to a
thread.

A frame costs the event loop a tuple and an append. Every half a second what was collected is
handed over, so that a killed process loses no more than that.
"""

import random
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

from audiosocket.connection import Connection
from supervisor.recordings.names import PartName
from supervisor.recordings.placing import Placing
from supervisor.recordings.writer import Batch, Part, RecordingWriter

BATCH_FRAMES: Final = 50
"""Of both directions together: half a second."""


class TakeBatch(Protocol):
    """Hands a batch over; :meth:`RecordingWriter.take` of a part."""

    def __call__(self, batch: Batch, *, last: bool = False) -> None:
        """Must not block."""


class RecordingTap:
    """An :class:`audiosocket.tap.Tap` that collects frames into batches."""

    __slots__ = ("_batch", "_room", "_take")

    def __init__(self, take: TakeBatch) -> None:
        self._take = take
        self._batch: Batch = []
        self._room = random.randint(2, BATCH_FRAMES)  # noqa: S311 - calls take turns

    def frame_sent(self, frame: bytes, period: int) -> None:
        """See :class:`audiosocket.tap.Tap`."""
        self._batch.append((period, frame))
        if len(self._batch) >= self._room:
            self._room = BATCH_FRAMES
            self._hand_over()

    def audio_heard(self, payload: bytes, rate_hz: int, at: float) -> None:
        """See :class:`audiosocket.tap.Tap`."""
        self._batch.append((at, rate_hz, payload))

    def end(self) -> None:
        """The connection is over."""
        self._hand_over(last=True)

    def _hand_over(self, *, last: bool = False) -> None:
        batch, self._batch = self._batch, []
        self._take(batch, last=last)


class Recorder:
    """Records connections into ``folder``, each into a part of its own."""

    def __init__(self, folder: Path, writer: RecordingWriter) -> None:
        self._folder = folder
        self._writer = writer

    def record(self, call_id: UUID, party: str, connection: Connection) -> dict[str, Any]:
        """Record a connection from now to its end; returns what the call's log keeps of that.

        Raises nothing for a disk that takes nothing: the writer tells, and the call goes on.
        """
        name = PartName(call_id, party, datetime.now(UTC))
        rate_hz = connection.playback.rate_hz
        part = Part(name.live_in(self._folder), Placing(rate_hz, connection.started_at))

        def take(batch: Batch, *, last: bool = False) -> None:
            self._writer.take(part, batch, last=last)

        tap = RecordingTap(take)
        connection.add_tap(tap)
        connection.ended.add_done_callback(lambda _: tap.end())
        leg = str(connection.call_id)
        return {
            "party": party,
            "name": str(name),
            "leg": leg,
            "rate_hz": rate_hz,
            "machine": socket.gethostname(),
        }
