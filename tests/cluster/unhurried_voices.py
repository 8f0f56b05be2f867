"""Replicas that speak three times as fast as people do, so that one can die in mid-sentence."""

import asyncio
from collections.abc import AsyncGenerator

from supervisor.cluster.voices import Voices
from tts.engine import TtsEngine, Voice
from tts.espeak import EspeakEngine

CHUNK_BYTES = 1600
"""100 ms."""
PAUSE_S = 0.03


class Unhurried(EspeakEngine):
    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        audio = b"".join([chunk async for chunk in super().synthesise(text, voice)])
        for at in range(0, len(audio), CHUNK_BYTES):
            yield audio[at : at + CHUNK_BYTES]
            await asyncio.sleep(PAUSE_S)


class UnhurriedVoices(Voices):
    @staticmethod
    def engine(_: object) -> TtsEngine:
        return Unhurried()
