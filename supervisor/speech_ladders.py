"""The ladders of engines that the settings name, opened: one engine alone is no ladder."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import structlog

from engines.late_recogniser import LateRecogniser, opened_or_late
from engines.openai_recogniser import OpenAiRecogniser
from engines.origins import Origins
from engines.recogniser_ladder import LadderRecogniser, probe_recogniser
from engines.remote_recogniser import RemoteRecogniser
from engines.remote_speech import OPENAI, REMOTE, FindLatents, OpenAiSpeech, RemoteSpeech
from engines.speech_ladder import LadderSpeech, SpeechStep, probe_speech
from engines.steps import Shift, Steps
from stt.engines import open_recogniser
from stt.recogniser import Recogniser, RecogniserUnavailableError
from supervisor.alarms import Alarms
from supervisor.engine_process import choice
from supervisor.metrics import Metrics
from supervisor.settings import Settings
from supervisor.speech_settings import OpenAiSettings, TtsSettings
from tts.engine import TtsEngine, Voice
from tts.engines import LOCAL, UnknownEngineError, open_engine, voice_for
from tts.espeak import ENGINE as ESPEAK
from tts.espeak import espeak_voice

DEGRADED: Final = "engine.degraded"
LIVE_LIMIT_S: Final = 2.5
"""For a result or a first sound of a server that has no other step below it."""
USUAL_LANGUAGE: Final = "pt-BR"
ESPEAK_VOICES: Final = {"pt": "pt-br", "en": "en-us", "es": "es-419"}

_log = structlog.get_logger(__name__)


class ShiftWatch:
    """Tells operators when a stage steps down or up; without ``alarms`` only the log."""

    def __init__(self, metrics: Metrics | None, alarms: Alarms | None) -> None:
        self._metrics = metrics
        self._alarms = alarms

    def shifted(self, shift: Shift) -> None:
        """A stage works with another step now."""
        down = shift.level > shift.before
        way = "down" if down else "up"
        facts = {"stage": shift.stage, "step": shift.name, "level": shift.level}
        _log.warning(f"engine.step_{way}", **facts, reason=shift.reason)
        if self._metrics is not None:
            self._metrics.engine_level.labels(stage=shift.stage).set(shift.level)
            self._metrics.engine_shifts.labels(stage=shift.stage, way=way).inc()
        if self._alarms is None:
            return
        if shift.level:
            text = f"{shift.stage} works with {shift.name} only, because: {shift.reason}"
            if not shift.reason:
                text = f"{shift.stage} works with {shift.name} again, which is not the best yet"
            text += "; see docs/engines.md."
            self._alarms.raise_alarm(DEGRADED, text, subject=shift.stage, **facts)
        else:
            text = f"{shift.stage} works with {shift.name} again."
            self._alarms.end_alarm(DEGRADED, text, subject=shift.stage, **facts)

    def failed(self, stage: str, name: str) -> None:
        """A step did not do what it was asked."""
        if self._metrics is not None:
            self._metrics.engine_failures.labels(stage=stage, step=name).inc()

    def begins(self, stage: str) -> None:
        """A stage has a ladder, and stands on top of it."""
        if self._metrics is not None:
            self._metrics.engine_level.labels(stage=stage).set(0)


async def open_listening(settings: Settings, watch: ShiftWatch) -> Recogniser:
    """The recogniser of the settings, or their ladder of them; a step that cannot be opened is
    passed over until it can, if there is another below it.

    Raises :class:`~stt.recogniser.RecogniserUnavailableError`.
    """
    stt = settings.stt
    names = stt.steps
    alone = len(names) == 1
    patience_s = LIVE_LIMIT_S if alone else stt.patience_s

    async def opened(name: str) -> Recogniser:
        if name == REMOTE:
            return RemoteRecogniser(origins_of(settings, "stt"), patience_s=patience_s)
        if name == OPENAI:
            origins = _openai(stt.openai)
            return OpenAiRecogniser(origins, patience_s=patience_s, model=stt.openai.model)
        own = partial(open_recogniser, choice(stt, name))
        return await (own() if name == names[-1] else opened_or_late(name, own))

    try:
        engines = [await opened(name) for name in names]
    except ValueError as wrong:
        raise RecogniserUnavailableError(str(wrong)) from wrong
    if alone:
        return engines[0]
    late = {n: each for n, each in enumerate(engines) if isinstance(each, LateRecogniser)}
    probes = [
        late[number].probe if number in late else partial(probe_recogniser, each)
        for number, each in enumerate(engines)
    ]
    steps = _steps(settings, "stt", names, probes, watch)
    for number, each in late.items():
        await steps.give_up(number, each.reason)
    return LadderRecogniser(engines, steps, patience_s=stt.patience_s)


def open_speaking(
    settings: Settings, watch: ShiftWatch, latents: FindLatents | None = None
) -> TtsEngine:
    """The engine of the settings, or their ladder of them; ``latents`` finds those of cloned
    voices. Raises :class:`~tts.engines.UnknownEngineError`."""
    tts = settings.tts
    names = tts.steps
    alone = len(names) == 1
    patience_s = LIVE_LIMIT_S if alone else tts.patience_s

    def opened(name: str) -> TtsEngine:
        if name in LOCAL:
            return open_engine(_local(tts, name))
        if name == REMOTE:
            origins = origins_of(settings, "tts")
            return RemoteSpeech(
                origins, first_sound_s=patience_s, stall_s=patience_s, latents=latents
            )
        return OpenAiSpeech(
            _openai(tts.openai),
            first_sound_s=patience_s,
            stall_s=patience_s,
            voice=tts.openai.voice,
            model=tts.openai.model,
        )

    try:
        ladder = [SpeechStep(opened(name), _dress(name)) for name in names]
    except ValueError as wrong:
        raise UnknownEngineError(str(wrong)) from wrong
    if alone:
        return ladder[0].engine
    voice = ladder_voice(tts)
    probes = [partial(probe_speech, step, voice) for step in ladder]
    steps = _steps(settings, "tts", names, probes, watch)
    return LadderSpeech(ladder, steps, patience_s=tts.patience_s)


def ladder_voice(tts: TtsSettings, name: str | None = None) -> Voice:
    """The voice ``name``, or the settings' own, as the best step has it.

    What other engines say under that name is cached apart from what espeak-ng says.
    """
    if tts.steps[0] in LOCAL:
        return voice_for(_local(tts, tts.steps[0]), name)
    name = name or tts.voice
    language = tts.language or _language_of(name)
    edition = tts.edition
    if tts.steps[0] == OPENAI:
        edition = f"{edition} {tts.openai.model or ''} {tts.openai.voice}"
    return Voice(tts.steps[0], name, language, edition, tts.speed)


def _language_of(name: str) -> str:
    """Names of espeak-ng's voices tell it; what else a server's voices are called does not."""
    known = name.partition("+")[0].partition("-")[0] in ESPEAK_VOICES
    return espeak_voice(name).language if known else USUAL_LANGUAGE


def voice_in(tts: TtsSettings, name: str | None, language: str | None) -> Voice:
    """The voice ``name`` or the settings' own; where nobody named one that speaks ``language``
    (BCP 47), the usual one for it."""
    voice = ladder_voice(tts, name)
    if language is None or _base(voice.language) == _base(language):
        return voice
    if name is None:
        voice = ladder_voice(tts, ESPEAK_VOICES.get(_base(language)))
    return replace(voice, language=language)


def _base(language: str) -> str:
    return language.partition("-")[0].lower()


def _dress(engine: str) -> Callable[[Voice], Voice]:
    """What an engine makes of a voice of the ladder: espeak-ng has one of its own for the
    languages of voices that it does not know."""

    def dressed(voice: Voice) -> Voice:
        if engine != ESPEAK:
            return replace(voice, engine=engine)
        known = voice.name.partition("+")[0].partition("-")[0] in ESPEAK_VOICES
        own = ESPEAK_VOICES.get(voice.language.partition("-")[0], ESPEAK_VOICES["pt"])
        return replace(voice, engine=ESPEAK, name=voice.name if known else own)

    return dressed


def _local(tts: TtsSettings, engine: str) -> TtsSettings:
    return tts.model_copy(update={"engine": engine})


def _steps(
    settings: Settings,
    stage: str,
    names: Sequence[str],
    probes: Sequence[Callable[[], Awaitable[None]]],
    watch: ShiftWatch,
) -> Steps:
    watch.begins(stage)
    return Steps(
        stage,
        names,
        probes,
        retry_s=settings.engines.retry_s,
        on_shift=watch.shifted,
        on_failure=watch.failed,
    )


def origins_of(settings: Settings, kind: str) -> Origins:
    """Our engines processes for a kind: those that the settings name, or the one that we run.

    Raises ``ValueError`` where there is none.
    """
    addresses = settings.stt.addresses if kind == "stt" else settings.tts.addresses
    if not addresses and kind in settings.engines.run:
        addresses = (settings.engines.socket_of(settings.data_dir, kind),)
    if not addresses:
        raise ValueError(
            f"{kind} is to be remote, and nothing says where: set {kind}.addresses, or "
            f'engines.run = ["{kind}"]'
        )
    token = settings.engines.token
    return Origins.of_engines(addresses, token.get_secret_value() if token else None)


def _openai(settings: OpenAiSettings) -> Origins:
    key = settings.key.get_secret_value() if settings.key else None
    return Origins.of_urls(settings.base_urls, key)
