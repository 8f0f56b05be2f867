"""Where every frame belongs in a recording: two channels on one time, exact to the frame.

What we sent is placed by the media clock's count of periods. What was heard has no count: it
follows on what came before, as a phone would play it, unless the wall's time shows that something
was missing in between. Pure arithmetic and samples; no files and no clock.
"""

from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from audiosocket import slin
from audiosocket.clock import PERIOD_S
from audiosocket.frames import FRAME_MS, HEADER_BYTES
from audiosocket.resampling import Resampler
from audiosocket.slin import Samples

GAP_S: Final = 0.1
"""Audio that is later than this was not merely delayed: time passed without any."""
WATCHED_FRAMES: Final = 25
"""Frames over half a second: the most punctual of them shows how far behind we really are."""
QUIET_DBFS: Final = -45.0
PAUSE_FRAMES: Final = 10
"""Where nobody spoke for so long, silence can be added without touching a word."""
ROOM_S: Final = GAP_S + PERIOD_S
"""What was heard until now may still be placed as far back as this."""


class Channel:
    """Audio of one direction that is not taken yet; ``end`` is the sample where more belongs."""

    __slots__ = ("_begin", "_pieces", "end")

    def __init__(self) -> None:
        self.end = 0
        self._begin = 0
        self._pieces: list[bytes] = []

    def put(self, audio: bytes) -> None:
        """Add slin that follows at once."""
        self._pieces.append(audio)
        self.end += len(audio) // 2

    def be_silent_until(self, place: int) -> None:
        """Add silence up to ``place``, if we are not beyond it."""
        if place > self.end:
            self.put(bytes(2 * (place - self.end)))

    def take(self, place: int) -> Samples:
        """What comes before ``place``, once; silence where there is nothing."""
        self.be_silent_until(place)
        whole = b"".join(self._pieces)
        count = 2 * (place - self._begin)
        self._begin, self._pieces = place, [whole[count:]]
        return slin.from_bytes(whole[:count])


class Placing:
    """Puts the frames of one connection in their places, and gives them as stereo.

    Left is the party, right is what the party hears. ``started_at`` is the clock time of the first
    sample; ``rate_hz`` that of the recording: audio at another rate is resampled.
    """

    def __init__(self, rate_hz: int, started_at: float) -> None:
        self.rate_hz = rate_hz
        self._started_at = started_at
        self._first_period: int | None = None
        self._heard = Channel()
        self._sent = Channel()
        self._resamplers: dict[tuple[str, int], Resampler] = {}
        self._quiet_frames = 0
        self._late: deque[int] = deque(maxlen=WATCHED_FRAMES)

    def sent(self, period: int, frame: bytes, rate_hz: int) -> None:
        """A frame of ours, header included, in its period of the media clock."""
        if self._first_period is None:
            self._first_period = period
        place = (period - self._first_period) * self.rate_hz * FRAME_MS // 1000
        self._sent.be_silent_until(place)
        self._sent.put(self._at_our_rate("sent", frame[HEADER_BYTES:], rate_hz))

    def heard(self, run: list[bytes], rate_hz: int, at: float) -> None:
        """Frames of the peer that arrived together at clock time ``at``."""
        audio = self._at_our_rate("heard", run[0] if len(run) == 1 else b"".join(run), rate_hz)
        late = round((at - self._started_at) * self.rate_hz) - len(audio) // 2 - self._heard.end
        if missing := self._missing(late):
            self._heard.be_silent_until(self._heard.end + missing)
        self._heard.put(audio)
        if late * 1000 < FRAME_MS * self.rate_hz:
            self._quiet_frames = 0  # there is nothing to make up for, nor a pause to look for
        elif slin.level_dbfs(slin.from_bytes(audio)) < QUIET_DBFS:
            self._quiet_frames += len(run)
        else:
            self._quiet_frames = 0

    def take(self, *, everything: bool = False) -> npt.NDArray[np.int16]:
        """What is certain by now and was not taken yet; shape (n, 2)."""
        if everything:
            place = max(self._heard.end, self._sent.end)
        else:
            room = round(ROOM_S * self.rate_hz)
            place = min(max(self._heard.end, self._sent.end - room), self._sent.end)
        return np.stack((self._heard.take(place), self._sent.take(place)), axis=1)

    def _missing(self, late: int) -> int:
        """How many samples of silence belong in front of what came ``late`` samples after the end
        of what we have."""
        self._late.append(late)
        if late >= GAP_S * self.rate_hz:
            self._late.clear()
            return late
        if self._quiet_frames < PAUSE_FRAMES or len(self._late) < WATCHED_FRAMES:
            return 0
        behind = min(self._late)  # if not one of them was punctual, it is we who are early
        if behind * 1000 < FRAME_MS * self.rate_hz:
            return 0
        self._late.clear()
        return behind

    def _at_our_rate(self, direction: str, audio: bytes, rate_hz: int) -> bytes:
        if len(audio) & 1:
            audio = audio[:-1]
        if rate_hz == self.rate_hz:
            return audio
        key = (direction, rate_hz)
        if key not in self._resamplers:
            self._resamplers[key] = Resampler(rate_hz, self.rate_hz)
        return self._resamplers[key].process(slin.from_bytes(audio)).tobytes()
