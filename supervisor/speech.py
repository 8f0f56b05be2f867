"""A worker's ears and voice: engines opened once, on first use, and shared by all its calls."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog

from engines.recogniser_ladder import LadderRecogniser
from stt.counters import Counting
from stt.engines import open_voice_activity
from stt.recogniser import Recogniser, RecogniserUnavailableError
from stt.turn_model import TurnModel
from stt.vad import VoiceActivity
from supervisor.alarms import Alarms
from supervisor.errors import OperatorError
from supervisor.metrics import Metrics
from supervisor.reading_back import quality_gate
from supervisor.settings import Settings
from supervisor.speech_ladders import ShiftWatch, open_listening, open_speaking, voice_in
from supervisor.speech_settings import PROMPTS
from supervisor.voices.clones import Clones
from tts.cache import PromptCache
from tts.engine import SynthesisError, Voice
from tts.engines import UnknownEngineError
from tts.speaker import Speaker

_log = structlog.get_logger(__name__)


class SpeechError(OperatorError):
    """An engine cannot be opened; the message says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Engines:
    """What is open: ``make_vad`` gives a detector for each line, the rest is shared."""

    recogniser: Recogniser
    make_vad: Callable[[], VoiceActivity]
    speaker: Speaker
    turn_model: TurnModel | None = None


class Speech:
    """Opens the engines of the settings when the first extension needs them.

    ``resources`` closes them when the worker ends; ``metrics`` tells what they count, ``alarms``
    that a stage had to step down. ``clones`` are the cloned voices that may speak.
    """

    def __init__(
        self,
        settings: Settings,
        resources: AsyncExitStack,
        metrics: Metrics | None = None,
        alarms: Alarms | None = None,
        clones: Clones | None = None,
    ) -> None:
        self._settings = settings
        self._clones = clones
        self._metrics = metrics
        self._watch = ShiftWatch(metrics, alarms)
        self._resources = resources
        self._opening = asyncio.Lock()
        self._engines: Engines | None = None

    async def engines(self) -> Engines:
        """The engines, opened at the first call. Raises :class:`SpeechError`."""
        async with self._opening:
            if self._engines is None:
                try:
                    self._engines = await self._open()
                except (RecogniserUnavailableError, UnknownEngineError, SynthesisError) as error:
                    raise SpeechError(str(error)) from error
            return self._engines

    def voice(self, name: str | None, language: str | None = None) -> Voice:
        """The voice of that name, or the settings' own; for another ``language`` than the voice's
        the usual one of that language."""
        return voice_in(self._settings.tts, name, language)

    async def _open(self) -> Engines:
        recogniser = await open_listening(self._settings, self._watch)
        self._resources.push_async_callback(recogniser.close)
        ladder = (
            recogniser.recognisers if isinstance(recogniser, LadderRecogniser) else [recogniser]
        )
        for each in ladder:
            if self._metrics is not None and isinstance(each, Counting):
                self._metrics.watch_recogniser(each.counters)
        clones = self._clones
        latents = clones.latents if clones is not None else None
        engine = open_speaking(self._settings, self._watch, latents)
        self._resources.push_async_callback(engine.close)
        await engine.start()
        cache = self._prompt_cache()
        gate = quality_gate(self._settings.tts, ladder, self._metrics)
        if clones is None:
            speaker = Speaker(engine, cache, gate=gate)
        else:
            clones.serve(cache, lambda language: self.voice(None, language))
            speaker = Speaker(engine, cache, present=clones.present, gate=gate)
        self._resources.push_async_callback(speaker.close)
        make_vad = await asyncio.to_thread(open_voice_activity)
        return Engines(recogniser, make_vad, speaker, await self._turn_model())

    async def _turn_model(self) -> TurnModel | None:
        """Where one is named; its library is loaded by the voice detector in any case."""
        turns = self._settings.turns
        if turns.model is None:
            return None
        model = await TurnModel.open(Path(turns.model), deadline_s=turns.model_deadline_ms / 1000)
        self._resources.push_async_callback(model.close)
        _log.info("turn_model.ready", model=turns.model)
        return model

    def _edition(self) -> str:
        """Cloned voices know nothing of ``tts.edition``, and no voice of profiles that changed."""
        tts, profiles = self._settings.tts, self._settings.engines.tts.profiles
        told = {name: profiles[name].model_dump(exclude_none=True) for name in sorted(profiles)}
        usual = tts.edition == "1" and not told
        return "" if usual else json.dumps([tts.edition, told], sort_keys=True)

    def _prompt_cache(self) -> PromptCache:
        bounds = self._settings.tts.cache
        cache = PromptCache(
            self._settings.data_dir / PROMPTS,
            memory_bytes=bounds.memory_mb << 20,
            disk_bytes=bounds.disk_mb << 20,
            edition=self._edition(),
        )
        if self._metrics is not None:
            self._metrics.watch_prompts(cache)
        return cache
