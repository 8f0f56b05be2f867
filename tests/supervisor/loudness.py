"""A caller who only notices whether somebody speaks."""

import asyncio

from audiosocket.listener import IgnoringListener
from audiosocket.slin import Samples


class Loudness(IgnoringListener):
    """Says when something other than silence comes."""

    def __init__(self) -> None:
        self.sound = asyncio.Event()

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        if int(abs(samples.astype(int)).max()) > 500:
            self.sound.set()
