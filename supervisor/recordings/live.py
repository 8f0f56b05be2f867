"""Listening to a call that goes on: both directions as stereo, every 100 ms, to a socket.

Whoever listens must keep up: what the socket does not take at once is left out for that listener,
and the call never waits.
"""

import socket
from collections.abc import Callable
from typing import Final

import numpy as np

from audiosocket import slin
from audiosocket.frames import FRAME_MS, HEADER_BYTES, TELEPHONE_HZ
from audiosocket.resampling import Resampler
from audiosocket.slin import Samples

LISTEN_HZ: Final = TELEPHONE_HZ
"""What is listened to has this rate, whatever the call's."""
BLOCK_FRAMES: Final = 5
"""Every 100 ms a block: 3200 bytes of stereo."""
BLOCK_SAMPLES: Final = BLOCK_FRAMES * FRAME_MS * LISTEN_HZ // 1000
CUSHION_SAMPLES: Final = 3 * FRAME_MS * LISTEN_HZ // 1000
"""What is heard is sent on 60 ms later, so that a frame that is late leaves no hole."""
MOST_KEPT_SAMPLES: Final = 3 * BLOCK_SAMPLES
"""A party whose audio comes in bursts is heard this much later at most."""
SOCKET_BYTES: Final = 32 * 1024
"""Kept for a listener who does not keep up: under a second."""


class LiveTap:
    """An :class:`audiosocket.tap.Tap` that sends what it hears on; one per listener and leg.

    Left is the party, right is what the party hears. ``on_gone`` is called once, when the
    listener's end of the socket is closed. ``dropped_blocks`` were not taken in time.
    """

    def __init__(self, sock: socket.socket, rate_hz: int, on_gone: Callable[[], None]) -> None:
        sock.setblocking(False)
        self.dropped_blocks = 0
        self._sock = sock
        self._on_gone = on_gone
        self._rate_hz = rate_hz
        self._sent: list[bytes] = []
        self._heard = np.zeros(CUSHION_SAMPLES, dtype=np.int16)
        self._resamplers: dict[tuple[str, int], Resampler] = {}

    def frame_sent(self, frame: bytes, period: int) -> None:
        """See :class:`audiosocket.tap.Tap`: our frames are the clock of what is sent on."""
        self._sent.append(frame[HEADER_BYTES:])
        if len(self._sent) == BLOCK_FRAMES:
            right = self._at_our_rate("sent", b"".join(self._sent), self._rate_hz)
            self._sent = []
            self._send_on(right)

    def audio_heard(self, payload: bytes, rate_hz: int, at: float) -> None:
        """See :class:`audiosocket.tap.Tap`."""
        samples = self._at_our_rate("heard", payload[: len(payload) // 2 * 2], rate_hz)
        self._heard = np.concatenate((self._heard, samples))[-MOST_KEPT_SAMPLES:]

    def _send_on(self, right: Samples) -> None:
        stereo = np.zeros((right.size, 2), dtype="<i2")
        left, self._heard = self._heard[: right.size], self._heard[right.size :]
        stereo[: left.size, 0], stereo[:, 1] = left, right
        try:
            self._sock.send(stereo.tobytes())
        except BlockingIOError:
            self.dropped_blocks += 1
        except OSError:
            self._on_gone()

    def _at_our_rate(self, direction: str, audio: bytes, rate_hz: int) -> Samples:
        samples = slin.from_bytes(audio)
        if rate_hz == LISTEN_HZ:
            return samples
        key = (direction, rate_hz)
        if key not in self._resamplers:
            self._resamplers[key] = Resampler(rate_hz, LISTEN_HZ)
        return self._resamplers[key].process(samples)
