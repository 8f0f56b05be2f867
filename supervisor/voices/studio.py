"""A voice tried out before callers hear it: a short text, at the engines, below their calls."""

from dataclasses import replace
from typing import Final

from engines.remote_speech import RemoteSpeech
from supervisor.database.voices import VoiceRow
from supervisor.settings import Settings
from supervisor.speech_ladders import origins_of
from supervisor.voices.casting import SPEAKS_CLONED, clone_of
from supervisor.voices.latents import LatentsStore
from tts.cache import PromptCache
from tts.cloning import clone_id
from tts.engine import SynthesisError, Voice, in_background
from tts.profiles import ProfileName
from tts.speaker import Speaker

PATIENCE_S: Final = 20.0
"""For each sentence's first sound: a model without a GPU takes its time."""


class StudioError(Exception):
    """A voice cannot be tried out now; the message says why, in one sentence."""


class Studio:
    """Speaks with cloned voices; nothing that it says is kept. Make it on the event loop."""

    def __init__(self, settings: Settings, latents: LatentsStore) -> None:
        """Raises ``ValueError`` where the settings name no engine that may know cloned voices."""
        if settings.tts.steps[0] != SPEAKS_CLONED:
            raise ValueError(
                'no engine here speaks with cloned voices: put "remote" first in tts.ladder'
            )

        async def find(voice: Voice) -> bytes | None:
            return await latents.find(clone_id(voice) or "", voice.version)

        origins = origins_of(settings, "tts")
        self._tts = settings.tts
        self._engine = RemoteSpeech(
            origins, first_sound_s=PATIENCE_S, stall_s=PATIENCE_S, latents=find
        )
        self._speaker = Speaker(self._engine, PromptCache(memory_bytes=0))

    async def say(
        self,
        row: VoiceRow,
        text: str,
        language: str,
        *,
        rate_hz: int,
        profile: ProfileName | None = None,
        pitch: float | None = None,
        speed: float | None = None,
    ) -> bytes:
        """Slin of ``text`` in the voice, or as it would sound otherwise.

        Raises :class:`StudioError`.
        """
        tried = replace(
            row,
            pitch=row.pitch if pitch is None else pitch,
            speed=row.speed if speed is None else speed,
        )
        voice = replace(
            clone_of(tried, language, self._tts, profile or row.profile), rate_hz=rate_hz
        )
        try:
            with in_background():
                chunks = [chunk async for chunk in self._speaker.speak(text, voice)]
        except SynthesisError as error:
            raise StudioError(str(error)) from error
        return b"".join(chunks)

    async def close(self) -> None:
        """End what is being said, and all connections."""
        await self._speaker.close()
        await self._engine.close()
