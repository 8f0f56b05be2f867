"""What was said and heard, with the time of every frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from audiosocket import slin
from audiosocket.slin import Samples

JITTER_S: Final = 0.1
"""Frames this much off their place still follow the one before, as a phone would play them."""


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """An audio frame and the monotonic time at which it was sent or arrived."""

    at: float
    audio: bytes


class Track:
    """One direction of a call, at one rate; holds ``max_s`` of audio at most, then takes no more.

    ``frames`` is in order of time; read it freely, add with :meth:`add`.
    """

    def __init__(self, rate_hz: int, *, max_s: float) -> None:
        self.rate_hz = rate_hz
        self.frames: list[TimedFrame] = []
        self._room_bytes = int(max_s * rate_hz) * 2

    @property
    def is_full(self) -> bool:
        """Whether audio was left out."""
        return self._room_bytes <= 0

    def add(self, at: float, audio: bytes) -> None:
        """Note a frame of slin."""
        if self._room_bytes > 0:
            self._room_bytes -= len(audio)
            self.frames.append(TimedFrame(at, audio))

    def samples(self, begin: float) -> Samples:
        """The track as it sounded, from the moment ``begin`` on; silence where nothing came."""
        placed: list[tuple[int, Samples]] = []
        end = 0
        for frame in self.frames:
            start = round((frame.at - begin) * self.rate_hz)
            if abs(start - end) < JITTER_S * self.rate_hz or start < end:
                start = end
            placed.append((start, slin.from_bytes(frame.audio)))
            end = start + len(frame.audio) // 2
        whole = np.zeros(end, dtype=np.int16)
        for start, samples in placed:
            whole[start : start + samples.size] = samples
        return whole

    def sound_after(self, moment: float, *, above_dbfs: float = -50.0) -> float | None:
        """Time of the first frame at or after ``moment`` that is louder; None if there is none."""
        for frame in self.frames:
            if frame.at >= moment and slin.level_dbfs(slin.from_bytes(frame.audio)) > above_dbfs:
                return frame.at
        return None

    def silence_after(
        self, moment: float, *, below_dbfs: float = -50.0, lasting_frames: int = 5
    ) -> float | None:
        """Time of the first of so many quiet frames in a row after ``moment``; None without."""
        run: list[float] = []
        for frame in self.frames:
            if frame.at < moment:
                continue
            quiet = slin.level_dbfs(slin.from_bytes(frame.audio)) <= below_dbfs
            run = [*run, frame.at] if quiet else []
            if len(run) >= lasting_frames:
                return run[0]
        return None


def lateness_ms(
    times: Sequence[float], *, period_s: float = 0.02, window_frames: int = 50
) -> list[float]:
    """How late each of a row of evenly paced frames arrived, in milliseconds.

    Late against the most punctual of the ``window_frames`` that end with it, as a phone's jitter
    buffer sees it: frames that were never sent make those of the next second late, not the whole
    rest of the call.
    """
    if not len(times):
        return []
    offsets = np.asarray(times) - np.arange(len(times)) * period_s
    padded = np.concatenate((np.full(window_frames - 1, np.inf), offsets))
    best = np.lib.stride_tricks.sliding_window_view(padded, window_frames).min(axis=1)
    late: list[float] = ((offsets - best) * 1000).tolist()
    return late
