"""The way from a phone's loudspeaker back into its microphone: what we say comes back, later."""

from collections import deque

import numpy as np

from audiosocket.frames import FRAME_MS, TELEPHONE_HZ
from audiosocket.slin import Samples

FRAME_SAMPLES = TELEPHONE_HZ * FRAME_MS // 1000

SLACK_FRAMES = 3
"""How much later than asked the echo may come on a machine that is busy."""


class EchoPath:
    """Mixes what was heard, ``delay_ms`` ago and ``return_loss_db`` softer, into what is sent.

    Frames are 8 kHz int16 of 20 ms. The delay is kept to whole frames.
    """

    def __init__(self, delay_ms: float, return_loss_db: float) -> None:
        frames = max(1, round(delay_ms / FRAME_MS))
        silence = np.zeros(FRAME_SAMPLES, np.int16)
        self._on_its_way: deque[Samples] = deque([silence] * frames, maxlen=frames + SLACK_FRAMES)
        self._gain = 10 ** (-return_loss_db / 20)

    def hear(self, samples: Samples) -> None:
        """Take a frame from the loudspeaker."""
        self._on_its_way.append(samples)

    def pick_up(self, samples: Samples) -> Samples:
        """The frame that the microphone sends for ``samples`` spoken into it."""
        if not self._on_its_way:
            return samples
        back = self._on_its_way.popleft()
        if back.size != samples.size:
            return samples
        mixed = samples.astype(np.float32) + self._gain * back.astype(np.float32)
        echoed: Samples = np.clip(mixed, -32768, 32767).astype(np.int16)
        return echoed
