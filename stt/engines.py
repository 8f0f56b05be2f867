"""Opening engines by the names that settings use, so that nothing unused is even imported."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stt.recogniser import Recogniser, RecogniserUnavailableError
from stt.silero_vad import SileroModel, SileroVoiceActivity
from stt.two_stage import TwoStageVoiceActivity
from stt.vad import VoiceActivity
from stt.webrtc_vad import WebRtcVoiceActivity


@dataclass(frozen=True, slots=True)
class RecogniserChoice:
    """Which recogniser to open; what is None is the engine's own default.

    ``engine`` is ``builtin`` or ``whisper``. ``model`` is a file for the first, a name or a folder
    for the second. ``threads`` is how many utterances are computed at once. The rest concerns
    Whisper alone: see :class:`stt.whisper.WhisperOptions`.
    """

    engine: str = "builtin"
    model: str | None = None
    threads: int | None = None
    device: str = "auto"
    compute_type: str | None = None
    window_s: int | None = None
    beam: int = 1
    prompt: str | None = None
    partial_every_s: float = 0.6
    batch: int | None = None
    waiting: int = 32
    deadline_s: float = 5.0
    languages: tuple[str, ...] = ("pt-BR", "en", "es")
    download: bool = True


async def open_recogniser(choice: RecogniserChoice) -> Recogniser:
    """Load and warm the engine, off the event loop.

    Raises :class:`~stt.recogniser.RecogniserUnavailableError` with one sentence for the operator.
    """
    if choice.engine == "builtin":
        return await asyncio.to_thread(_builtin, choice)
    if choice.engine == "whisper":
        return await asyncio.to_thread(_whisper, choice)
    raise RecogniserUnavailableError(
        f"there is no speech recogniser {choice.engine!r}: choose builtin or whisper"
    )


def _builtin(choice: RecogniserChoice) -> Recogniser:
    from stt.builtin import network, recogniser  # noqa: PLC0415 - only where it is used

    model = Path(choice.model) if choice.model else network.MODEL
    if not model.is_file():
        raise RecogniserUnavailableError(
            f"there is no model for the built-in recogniser at {model}"
        )
    return recogniser.BuiltinRecogniser(model, choice.threads or recogniser.THREADS)


def _whisper(choice: RecogniserChoice) -> Recogniser:
    from stt.whisper import DEFAULT_MODEL, WhisperOptions, WhisperRecogniser  # noqa: PLC0415 - an extra's users

    try:
        options = WhisperOptions(
            model=choice.model or DEFAULT_MODEL,
            device=choice.device,
            compute_type=choice.compute_type,
            window_s=choice.window_s,
            workers=choice.threads,
            beam=choice.beam,
            prompt=choice.prompt,
            partial_every_s=choice.partial_every_s,
            batch=choice.batch,
            waiting=choice.waiting,
            deadline_s=choice.deadline_s,
            languages=choice.languages,
            download=choice.download,
        )
    except ValueError as wrong:
        raise RecogniserUnavailableError(f"the Whisper settings are wrong: {wrong}") from wrong
    return WhisperRecogniser(options)


def open_voice_activity(engine: str = "two_stage") -> Callable[[], VoiceActivity]:
    """What makes a detector for each line; models are loaded here, once per process (30 ms).

    ``two_stage`` is the default, ``webrtc`` needs no model, ``silero`` is for comparison. Raises
    ``ValueError`` for another name and :class:`~stt.recogniser.RecogniserUnavailableError` where
    silero's model is missing.
    """
    if engine == "webrtc":
        return WebRtcVoiceActivity
    if engine not in ("two_stage", "silero"):
        raise ValueError(f"there is no voice detector {engine!r}: two_stage, silero or webrtc")
    try:
        model = SileroModel()
    except FileNotFoundError as missing:
        raise RecogniserUnavailableError(str(missing)) from missing
    if engine == "silero":
        return lambda: SileroVoiceActivity(model)
    return lambda: TwoStageVoiceActivity(model)
