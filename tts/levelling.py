"""Speech that comes in pieces, made as loud as all other speech, without waiting for its end."""

from typing import Final

import numpy as np

from tts.shaping import Samples, amplify, first_sound, frame_powers, gain_to_target, last_sound

ENOUGH_S: Final = 0.1
"""Of speech, before a level can be told."""
STEEPEST_DB_PER_S: Final = 4.0
"""How fast the gain follows what becomes known of the level: nobody hears that."""


class Leveller:
    """Trims the silence around a text's pieces and brings all of it to one level: int16 in and out.

    The gain begins with what the first piece shows, and goes slowly where the rest points.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._frame = rate_hz // 100
        self._powers = np.zeros(0)
        self._held = np.zeros(0, np.int16)
        self._gain_db: float | None = None
        self._has_begun = False

    def process(self, samples: Samples) -> Samples:
        """What may go out after ``samples``; nothing while all is silence."""
        self._held = np.concatenate([self._held, samples])
        if not self._has_begun:
            self._held = self._held[first_sound(self._held, self._frame) :]
            self._has_begun = self._held.size > 0
        whole = last_sound(self._held, self._frame)
        self._listen(samples)
        if self._gain_db is None:
            return np.zeros(0, np.int16)
        out, self._held = self._held[:whole], self._held[whole:]
        return self._levelled(out)

    def finish(self) -> Samples:
        """What is left of a piece; the next one is trimmed anew, and at the same level."""
        if self._gain_db is None:
            self._gain_db = self._wanted_db
        out = self._held[: last_sound(self._held, self._frame)]
        self._held = np.zeros(0, np.int16)
        self._has_begun = False
        return self._levelled(out)

    def _listen(self, samples: Samples) -> None:
        self._powers = np.concatenate([self._powers, frame_powers(samples, self._rate_hz)])
        heard_s = np.count_nonzero(self._powers > self._powers.max(initial=0.0) / 1000) / 100
        if self._gain_db is None and self._has_begun and heard_s >= ENOUGH_S:
            self._gain_db = self._wanted_db

    @property
    def _wanted_db(self) -> float:
        return float(20 * np.log10(gain_to_target(self._powers)))

    def _levelled(self, samples: Samples) -> Samples:
        if not samples.size or self._gain_db is None:
            return samples
        most_db = STEEPEST_DB_PER_S * samples.size / self._rate_hz
        step_db = float(np.clip(self._wanted_db - self._gain_db, -most_db, most_db))
        course_db = self._gain_db + step_db * np.linspace(0, 1, samples.size)
        self._gain_db += step_db
        return amplify(samples, (10 ** (course_db / 20)).astype(np.float32))
