"""Replicas with XTTS, on a tiny checkpoint that loads in them alone."""

from typing import Any

from supervisor.cluster.voices import Voices
from tests.tts.tiny_xtts import narrow_decoder


class NarrowVoices(Voices):
    async def __init__(self, told: dict[str, Any]) -> None:  # type: ignore[misc] # Serve awaits it
        with narrow_decoder():
            await super().__init__(told)  # type: ignore[misc]
