"""Replicas with XTTS, on a tiny checkpoint that loads in them alone, and a GPU that can be lost."""

from typing import Any

from supervisor.cluster.voices import Voices
from tests.engines.lost_gpu import xtts_on_a_gpu


class NarrowVoices(Voices):
    async def __init__(self, told: dict[str, Any]) -> None:  # type: ignore[misc] # Serve awaits it
        self._gpu = xtts_on_a_gpu()  # until the process ends
        self._gpu.__enter__()
        await super().__init__(told)  # type: ignore[misc]
