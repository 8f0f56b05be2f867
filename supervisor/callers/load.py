"""``ramal load``: many callers at once, in waves; concurrency against latency and lateness."""

import asyncio
import contextlib
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.listener import EndReason, IgnoringListener
from audiosocket.recording import lateness_ms
from audiosocket.slin import Samples
from supervisor.callers.address import Address
from supervisor.callers.ears import Ears, LineEndedError
from supervisor.callers.measures import Quantiles, quantiles, voice_to_voice_ms
from supervisor.callers.microphone import Microphone
from supervisor.errors import OperatorError

MOST_CALLS = 1000
MOST_SECONDS = 3600
WAVES = 4
"""A run has as many parts: a quarter of the calls, then half, then three quarters, then all."""

ARRIVAL_GAP_S = 0.02
"""Between two new calls of a wave, so that they are not one burst of connections."""

PATIENCE_S = 6.0
"""Without an answer for so long, a caller speaks again."""

QUIET_S = 0.5


@dataclass(slots=True)
class _Lived:
    """What one call saw, for the waves to be cut from it."""

    connected_at: float = 0.0
    arrivals: "array[float]" = field(default_factory=lambda: array("d"))
    latencies: list[tuple[float, float]] = field(default_factory=list)
    """Voice-to-voice in ms, by the moment of the speech's end."""
    ended_by: EndReason | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """A part of the run with as many ``calls`` up; quantiles in ms, None for nothing measured."""

    calls: int
    seconds: float
    first_frame: Quantiles | None
    """UUID frame to the first frame, of the calls that began in it."""
    voice_to_voice: Quantiles | None
    lateness: Quantiles | None
    """Of the received frames, each call against its own even 20 ms clock."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A finished run."""

    calls: int
    waves: Sequence[Wave]
    lost: dict[str, int]
    """Calls that could not be placed, or ended before we ended them, by reason."""

    def document(self) -> dict[str, Any]:
        """The report as JSON-able data."""
        return asdict(self)


async def run_load(
    address: Address, calls: int, seconds: float, phrases: Sequence[Samples]
) -> LoadReport:
    """Place ``calls`` calls in waves, keep them up, and talk ``phrases`` into them in turn.

    Raises :class:`OperatorError` where nothing answers, or beyond :data:`MOST_CALLS` and
    :data:`MOST_SECONDS`.
    """
    if not (1 <= calls <= MOST_CALLS and 1 <= seconds <= MOST_SECONDS):
        raise OperatorError(f"Give 1 to {MOST_CALLS} calls and 1 to {MOST_SECONDS} seconds.")
    clock = MediaClock()
    steps = [calls * wave // min(WAVES, calls) for wave in range(1, min(WAVES, calls) + 1)]
    lived: list[_Lived] = []
    begins: list[float] = []
    deadline = time.monotonic() + seconds
    async with asyncio.TaskGroup() as tasks:
        for number, step in enumerate(steps):
            begins.append(time.monotonic())
            while len(lived) < step:
                lived.append(_Lived())
                tasks.create_task(_caller(address, clock, lived[-1], phrases, deadline))
                await asyncio.sleep(ARRIVAL_GAP_S)
            await asyncio.sleep(
                max(
                    0.0,
                    deadline - seconds * (len(steps) - 1 - number) / len(steps) - time.monotonic(),
                )
            )
    if all(one.refused for one in lived):
        raise OperatorError(f"No call reached {address} ({lived[0].refused}); check the address.")
    edges = [*begins, deadline]
    waves = [_wave(step, lived, edges[i], edges[i + 1]) for i, step in enumerate(steps)]
    return LoadReport(calls, waves, dict(_lost(lived)))


class _Listener(IgnoringListener):
    def __init__(self, lived: _Lived, clock: MediaClock) -> None:
        self.ears = Ears()
        self._lived = lived
        self._clock = clock

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        now = self._clock.now()
        self._lived.arrivals.append(now)
        self.ears.take(samples, now)

    def call_ended(self, reason: EndReason) -> None:
        self._lived.ended_by = reason
        self.ears.end(reason)


async def _caller(
    address: Address, clock: MediaClock, lived: _Lived, phrases: Sequence[Samples], deadline: float
) -> None:
    listener = _Listener(lived, clock)
    try:
        caller = await Caller.connect(
            address.host, address.port, uuid4(), clock=clock, listener=listener, record_s=0
        )
    except (OSError, TimeoutError) as error:
        lived.refused = getattr(error, "strerror", None) or "no answer"
        return
    lived.connected_at = caller.started_at
    microphone = Microphone(caller.playback)
    try:
        with contextlib.suppress(LineEndedError, TimeoutError):
            async with asyncio.timeout(deadline - clock.now()):
                await _talk(listener.ears, microphone, phrases, lived)
        ended_before = lived.ended_by
        await caller.hang_up()
        lived.ended_by = ended_before
    finally:
        caller.abort()


async def _talk(
    ears: Ears, microphone: Microphone, phrases: Sequence[Samples], lived: _Lived
) -> None:
    since, turn = float("-inf"), 0
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await ears.quiet_after(since, QUIET_S)
        if turn:
            said = microphone.said[-1]
            latency_ms = voice_to_voice_ms(said, ears.bursts, before=float("inf"))
            if latency_ms is not None:
                lived.latencies.append((said.end, latency_ms))
        await microphone.say("", phrases[turn % len(phrases)])
        since, turn = ears.now, turn + 1


def _wave(calls: int, lived: Sequence[_Lived], begin: float, end: float) -> Wave:
    up = [one for one in lived if one.arrivals]
    began = [one for one in up if begin <= one.connected_at < end]
    late: list[float] = []
    for one in up:
        late += lateness_ms([at for at in one.arrivals if begin <= at < end])
    return Wave(
        calls,
        round(end - begin, 2),
        quantiles([(one.arrivals[0] - one.connected_at) * 1000 for one in began]),
        quantiles([ms for one in up for at, ms in one.latencies if begin <= at < end]),
        quantiles(late),
    )


def _lost(lived: Sequence[_Lived]) -> Counter[str]:
    return Counter(str(one.refused or one.ended_by) for one in lived if one.refused or one.ended_by)
