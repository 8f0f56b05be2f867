"""A small engine that clones for real: espeak-ng at the pitch of the voice that it heard."""

import io
import json
from collections.abc import AsyncGenerator
from dataclasses import replace

import numpy as np
import soundfile

from tts.cloning import CloningError
from tts.engine import Voice
from tts.espeak import EspeakEngine
from tts.speaker_count import Floats, pitch_of_seconds

LOWEST, RANGE = 70.0, 24.0
"""Semitones above 1 Hz, and how many espeak-ng is taken to have."""


class PitchCloner(EspeakEngine):
    """Implements :class:`tts.cloning.VoiceCloner` beside its engine."""

    def __init__(self) -> None:
        super().__init__()
        self.cloned = 0
        self.forgotten: list[str] = []

    async def clone(self, reference: bytes) -> bytes:
        """See :meth:`tts.cloning.VoiceCloner.clone`."""
        self.cloned += 1
        samples, rate_hz = soundfile.read(io.BytesIO(reference), dtype="float32")
        pitch = pitch_of_seconds(samples, rate_hz)
        if not pitch.size:
            raise CloningError("nobody's voice has a pitch in there")
        return json.dumps({"pitch": round(float(np.median(pitch)), 2)}).encode()

    def forget(self, version: str) -> None:
        """See :meth:`tts.cloning.VoiceCloner.forget`."""
        self.forgotten.append(version)

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """Deeper and higher like the voice's latents."""
        if voice.latents is not None:
            pitch = json.loads(voice.latents)["pitch"]
            share = min(1.0, max(0.0, (pitch - LOWEST) / RANGE))
            voice = replace(voice, name="pt-br", pitch=share)
        async for chunk in super().synthesise(text, voice):
            yield chunk


def pitch_of(slin: bytes, rate_hz: int) -> float:
    """The median pitch of speech, in semitones above 1 Hz."""
    samples: Floats = np.frombuffer(slin, "<i2").astype(np.float32) / 32768
    return float(np.median(pitch_of_seconds(samples, rate_hz)))
