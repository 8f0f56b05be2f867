"""A worker's legs as they come: those that are to be recorded are, and any can be listened to."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import structlog

from audiosocket.connection import Connection
from conversation.monitor import Monitor
from supervisor.alarms import Alarms
from supervisor.metrics import Metrics
from supervisor.recordings.live import LiveTap
from supervisor.recordings.names import FOLDER
from supervisor.recordings.recorder import Recorder
from supervisor.recordings.writer import Loss, RecordingWriter
from supervisor.settings import Settings

MOST_LISTENERS: Final = 4
"""Of one call."""

_log = structlog.get_logger(__name__)


class TooManyListenersError(Exception):
    """Enough people listen to the call."""


@dataclass(slots=True, eq=False)
class _Listening:
    """Somebody who listens to a party of a call, whichever connection that has."""

    party: str
    sock: socket.socket
    tap: tuple[Connection, LiveTap] | None = None
    dropped_blocks: int = 0


@dataclass(slots=True)
class _Call:
    legs: dict[str, Connection] = field(default_factory=dict)
    listening: list[_Listening] = field(default_factory=list)


class Monitoring:
    """One per worker. ``recorder`` is ``None`` where nothing can be recorded."""

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder
        self._calls: dict[UUID, _Call] = {}

    def of_extension(self, parties: frozenset[str]) -> Monitor:
        """What a session tells of its legs' connections; those of ``parties`` are recorded."""

        def leg_up(call_id: UUID, party: str, connection: Connection) -> Mapping[str, Any] | None:
            self._take_up(call_id, party, connection)
            if self._recorder is None or party not in parties:
                return None
            return self._recorder.record(call_id, party, connection)

        return leg_up

    def listen(self, call_id: UUID, party: str, sock: socket.socket) -> bool:
        """Send what ``party`` says and hears to ``sock``, ours from now on, until the call ends.

        ``False`` for a call that is not here; raises :class:`TooManyListenersError`. The socket is
        closed then.
        """
        call = self._calls.get(call_id)
        if call is None or len(call.listening) >= MOST_LISTENERS:
            sock.close()
            if call is None:
                return False
            raise TooManyListenersError(f"{MOST_LISTENERS} listen to this call already")
        listening = _Listening(party, sock)
        call.listening.append(listening)
        if (connection := call.legs.get(party)) is not None:
            self._attach(call_id, listening, connection)
        return True

    # ------------------------------------------------------------------ legs come and go

    def _take_up(self, call_id: UUID, party: str, connection: Connection) -> None:
        call = self._calls.setdefault(call_id, _Call())
        call.legs[party] = connection
        for listening in call.listening:
            if listening.party == party:
                self._attach(call_id, listening, connection)
        connection.ended.add_done_callback(lambda _: self._give_up(call_id, party, connection))

    def _give_up(self, call_id: UUID, party: str, connection: Connection) -> None:
        call = self._calls.get(call_id)
        if call is None:
            return
        if call.legs.get(party) is connection:
            del call.legs[party]
        if party == "visitor" or not call.legs:
            del self._calls[call_id]
            for listening in tuple(call.listening):
                self._end(call, listening)

    def _attach(self, call_id: UUID, listening: _Listening, connection: Connection) -> None:
        self._detach(listening)
        call = self._calls[call_id]
        rate_hz = connection.playback.rate_hz
        tap = LiveTap(listening.sock, rate_hz, lambda: self._end(call, listening))
        listening.tap = (connection, tap)
        connection.add_tap(tap)

    def _detach(self, listening: _Listening) -> None:
        if listening.tap is not None:
            connection, tap = listening.tap
            connection.remove_tap(tap)
            listening.dropped_blocks += tap.dropped_blocks
            listening.tap = None

    def _end(self, call: _Call, listening: _Listening) -> None:
        if listening in call.listening:
            call.listening.remove(listening)
            self._detach(listening)
            listening.sock.close()
            _log.info("listening.ended", dropped_blocks=listening.dropped_blocks)


ALARM: Final = "recording.lost"


@asynccontextmanager
async def monitored(
    settings: Settings, metrics: Metrics, alarms: Alarms
) -> AsyncIterator[Monitoring]:
    """A worker's monitoring, with its writing thread; what that loses is counted and alarmed."""
    loop = asyncio.get_running_loop()

    def tell(loss: Loss) -> None:
        metrics.recording_lost.inc(loss.seconds)
        if loss.reason:
            text = (
                f"Calls go on unrecorded ({loss.reason}): make room on the disk of data_dir, "
                "or see why it does not take files."
            )
            alarms.raise_alarm(ALARM, text, folder=str(folder))
        else:
            alarms.end_alarm(ALARM, "Calls are recorded again.")

    folder = settings.data_dir.resolve() / FOLDER

    def on_loss(loss: Loss) -> None:
        loop.call_soon_threadsafe(tell, loss)

    writer = RecordingWriter(settings.recording.keep_free_mb * 2**20, on_loss)
    writer.start()
    try:
        yield Monitoring(Recorder(folder, writer))
    finally:
        await asyncio.to_thread(writer.close)
