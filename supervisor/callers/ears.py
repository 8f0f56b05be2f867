"""What a simulated person hears: when the other side speaks, and when it is silent.

Everything here is by the caller's own clock (``time.monotonic`` seconds, taken where a frame
comes off the socket), because that is where a call is judged.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from audiosocket.frames import TELEPHONE_HZ
from audiosocket.slin import Samples

AUDIBLE_RMS = 40.0
"""A frame louder than this is not silence: -58 dBFS, above the noise floor of G.711 (about 8)
and below the softest consonant of a voice at -20 dBFS."""

BURST_GAP_S = 0.1
"""Sounds closer together than this are one burst: stops inside words are shorter."""

TURN_GAP_S = 0.4
"""Sounds closer together than this belong to one turn: espeak-ng pauses 0.2 to 0.3 s at a comma."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of the other side's speech, in seconds of the monotonic clock.

    ``start`` is when its first audible frame arrived, ``end`` when its last one had been heard.
    """

    start: float
    end: float


class Ears:
    """Takes the received frames of a call; others await what they are listening for."""

    def __init__(self) -> None:
        self.sounds: list[Sound] = []
        """Stretches of speech so far, newest last; gaps below :data:`TURN_GAP_S` are bridged."""
        self.bursts: list[Sound] = []
        """The same with only gaps below :data:`BURST_GAP_S` bridged: for exact onsets."""
        self.now = 0.0
        """When the newest frame arrived."""
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._ended: str | None = None

    def take(self, samples: Samples, at: float) -> bool:
        """Hear one frame (8 kHz int16) that arrived at ``at``; true if it was audible."""
        self.now = at
        audible = loudness(samples) > AUDIBLE_RMS
        if audible:
            heard = Sound(at, at + samples.size / TELEPHONE_HZ)
            _extend(self.sounds, heard, TURN_GAP_S)
            _extend(self.bursts, heard, BURST_GAP_S)
        self._wake()
        return audible

    def end(self, why: str) -> None:
        """No more will be heard; whoever waits gets :class:`LineEndedError`."""
        self._ended = why
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(LineEndedError(why))
        self._waiting.clear()

    @property
    def speaking(self) -> bool:
        """Whether the other side made a sound within the last :data:`TURN_GAP_S`."""
        return bool(self.sounds) and self.now - self.sounds[-1].end < TURN_GAP_S

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait until ``met()``, asked after each frame. Raises :class:`LineEndedError`."""
        if met():
            return
        if self._ended is not None:
            raise LineEndedError(self._ended)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((met, future))
        await future

    async def quiet_after(self, since: float, quiet_s: float) -> Sound:
        """Wait for speech later than ``since`` with ``quiet_s`` of silence after it.

        The end of the line is silence too; without any speech it is :class:`LineEndedError`.
        """

        def spoke() -> bool:
            return bool(self.sounds) and self.sounds[-1].end > since

        try:
            await self.until(lambda: spoke() and self.now - self.sounds[-1].end >= quiet_s)
        except LineEndedError:
            if not spoke():
                raise
        return self.sounds[-1]

    async def speech_for(self, since: float, speech_s: float) -> None:
        """Wait until a sound that is still going on, later than ``since``, lasts ``speech_s``."""

        def met() -> bool:
            if not self.speaking or self.sounds[-1].end <= since:
                return False
            return self.sounds[-1].end - max(self.sounds[-1].start, since) >= speech_s

        await self.until(met)

    def _wake(self) -> None:
        still: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        for met, future in self._waiting:
            if future.done():
                continue
            if met():
                future.set_result(None)
            else:
                still.append((met, future))
        self._waiting = still


def _extend(sounds: list[Sound], heard: Sound, gap_s: float) -> None:
    if sounds and heard.start - sounds[-1].end < gap_s:
        sounds[-1] = Sound(sounds[-1].start, heard.end)
    else:
        sounds.append(heard)


class LineEndedError(Exception):
    """The line ended while somebody was still listening; the message says how."""


def loudness(samples: Samples) -> float:
    """RMS of int16 samples, 0..32768; 0 for none."""
    if not samples.size:
        return 0.0
    floats = samples.astype(np.float32)
    return float(np.sqrt(np.dot(floats, floats) / floats.size))
