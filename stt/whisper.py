"""Whisper through faster-whisper, for real calls: the ``whisper`` extra and any of its models.

Whisper hears whole utterances: a result is computed from all the audio of the turn, on a thread
of a small pool, and there is no text before the first one is asked for.
"""

import asyncio
import importlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from stt.hallucinations import NO_SPEECH, Heard, belief, plain_words
from stt.recogniser import Hints, RecogniserUnavailableError, Transcript
from stt.vad import RATE_HZ

DEFAULT_MODEL = "small"
WHISPER_RATE_HZ = 16_000
LONGEST_S = 30
"""Whisper's own window; a stream keeps the newest so many seconds."""
SHORTEST_S = 0.1
"""Less audio than this holds no word, but Whisper would find some."""
FRAMES_PER_S = 100
_HINT_CHARACTERS = 400
"""About 150 tokens of the prompt, which has room for 223; every one of them costs time."""
_TOKENS_PER_S, _TOKENS_AT_ONCE, _MOST_TOKENS = 12, 16, 108

Samples = npt.NDArray[np.int16]
_NOTHING = Transcript("", 0.0, final=False)


@dataclass(frozen=True, slots=True)
class WhisperOptions:
    """How to load and run a model.

    ``model`` is a size (``small``), the name of a converted model on the Hugging Face hub, or a
    folder with one; ``download`` allows fetching it. ``device`` is ``cpu``, ``cuda`` or ``auto``;
    ``compute_type`` is int8 on a CPU and float16 on a GPU unless given. ``workers`` is how many
    utterances are computed at once, each on one core: all the cores unless given.

    ``window_s`` shortens the 30 s that the encoder always works on, which on a CPU is most of the
    time: 8 s makes a 3 s utterance about 5 times faster. Models were trained on 30 s: measure the
    error rate on your calls before you use it. Longer turns are cut into several windows.

    ``deadline_s`` is how long a result may take, waiting for a free worker included.
    """

    model: str = DEFAULT_MODEL
    device: str = "auto"
    compute_type: str | None = None
    window_s: int | None = None
    workers: int | None = None
    beam: int = 1
    deadline_s: float = 5.0
    download: bool = True

    def __post_init__(self) -> None:
        if self.window_s is not None and not 1 <= self.window_s <= LONGEST_S:
            raise ValueError(f"window_s is between 1 and {LONGEST_S}, not {self.window_s}")
        if self.beam < 1 or (self.workers is not None and self.workers < 1):
            raise ValueError("beam and workers are at least 1")


class WhisperStream:
    """One caller's utterance. ``partial`` is the last result: Whisper gives nothing sooner."""

    def __init__(
        self, engine: "WhisperRecogniser", language: str, hints: Hints, rate_hz: int
    ) -> None:
        self._engine = engine
        self._rate_hz = rate_hz
        self._language = language
        self._hotwords = _hotwords(hints)
        self._audio: list[Samples] = []
        self._length = 0
        self._partial = _NOTHING
        self._utterance = 0

    def feed(self, samples: Samples) -> None:
        """Keep a copy of int16 mono samples at the stream's rate; the newest 30 s are kept."""
        self._audio.append(samples.copy())
        self._length += len(samples)
        while self._length - len(self._audio[0]) >= LONGEST_S * self._rate_hz:
            self._length -= len(self._audio.pop(0))

    @property
    def partial(self) -> Transcript:
        """The newest result of this utterance, or no text before there was one."""
        return self._partial

    async def result(self) -> Transcript:
        """The text of what was fed so far. Raises ``TimeoutError`` after ``deadline_s``."""
        utterance = self._utterance
        audio = np.concatenate(self._audio) if self._audio else np.empty(0, np.int16)
        transcript = await self._engine.transcribe(
            audio, self._language, self._hotwords, self._rate_hz
        )
        if utterance == self._utterance:
            self._partial = Transcript(transcript.text, transcript.confidence, final=False)
        return transcript

    def reset(self) -> None:
        """Forget the utterance; a result under way no longer becomes the partial text."""
        self._utterance += 1
        self._audio, self._length = [], 0
        self._partial = _NOTHING

    async def close(self) -> None:
        """Forget everything; results under way end by themselves."""
        self.reset()


class WhisperRecogniser:
    """One model for all callers of a process; results are computed ``workers`` at a time."""

    name = "whisper"
    best_hz = WHISPER_RATE_HZ

    def __init__(self, options: WhisperOptions) -> None:
        """Load the model (seconds; perhaps a download) and run it once, so that it is warm.

        Raises :class:`~stt.recogniser.RecogniserUnavailableError`.
        """
        self.options = options
        faster_whisper = _import_faster_whisper()
        workers = options.workers or os.cpu_count() or 1
        try:
            self._model = _load(faster_whisper, options, workers)
            self._languages = frozenset(self._model.supported_languages)
            self._run(np.zeros(RATE_HZ, np.int16), min(self._languages), None)
        except (RuntimeError, ValueError, OSError) as failed:
            reason = " ".join(str(failed).split()).rstrip(".")
            raise RecogniserUnavailableError(
                f"the Whisper model {options.model!r} cannot be used on {options.device}: {reason}"
            ) from failed
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="whisper")

    @classmethod
    async def open(cls, options: WhisperOptions) -> "WhisperRecogniser":
        """The same as the constructor, off the event loop."""
        return await asyncio.to_thread(cls, options)

    def stream(self, language: str, hints: Hints, rate_hz: int = RATE_HZ) -> WhisperStream:
        """A new utterance. Raises ``ValueError`` if the model does not know the language."""
        code = language.partition("-")[0].lower()
        if code not in self._languages:
            raise ValueError(
                f"the Whisper model {self.options.model!r} does not know the language {language!r}"
            )
        return WhisperStream(self, code, hints, rate_hz)

    async def transcribe(
        self, audio: Samples, language: str, hotwords: str | None, rate_hz: int = RATE_HZ
    ) -> Transcript:
        """Recognise int16 mono samples on the pool. Raises ``TimeoutError``."""
        if len(audio) < SHORTEST_S * rate_hz:
            return Transcript("", 0.0, final=True)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self.options.deadline_s):
            return await loop.run_in_executor(
                self._pool, self._run, audio, language, hotwords, rate_hz
            )

    async def close(self) -> None:
        """Let the results under way end, drop those that wait, and stop the threads."""
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    def _run(
        self, audio: Samples, language: str, hotwords: str | None, rate_hz: int = RATE_HZ
    ) -> Transcript:
        duration_s = len(audio) / rate_hz
        floats = audio.astype(np.float32) / np.float32(32768)
        segments, _ = self._model.transcribe(
            floats
            if rate_hz == WHISPER_RATE_HZ
            else soxr.resample(floats, rate_hz, WHISPER_RATE_HZ),
            language=language,
            beam_size=self.options.beam,
            temperature=[0.0],  # no second tries at random: a caller is waiting
            condition_on_previous_text=False,
            without_timestamps=True,
            no_speech_threshold=NO_SPEECH,
            hotwords=hotwords,
            max_new_tokens=_token_allowance(min(duration_s, self.options.window_s or LONGEST_S)),
        )
        return _transcript([_heard(segment) for segment in segments], duration_s)


def _import_faster_whisper() -> Any:
    try:
        return importlib.import_module("faster_whisper")
    except ImportError as missing:
        raise RecogniserUnavailableError(
            f"the Whisper engine is not installed ({missing.name or missing} is missing): "
            "pip install 'ramal[whisper]'"
        ) from missing


def _load(faster_whisper: Any, options: WhisperOptions, workers: int) -> Any:
    device = options.device
    if device == "auto":
        gpus = importlib.import_module("ctranslate2").get_cuda_device_count()
        device = "cuda" if gpus else "cpu"
    model = faster_whisper.WhisperModel(
        options.model,
        device=device,
        compute_type=options.compute_type or ("float16" if device == "cuda" else "int8"),
        cpu_threads=1,
        num_workers=workers,
        local_files_only=not options.download,
    )
    if options.window_s is not None:
        _shorten_window(model, options.window_s * FRAMES_PER_S)
    return model


def _shorten_window(model: Any, frames: int) -> None:
    """Let the encoder see ``frames`` of features at a time.

    faster-whisper 1.2.1 pads every segment to 3000 frames; CTranslate2 takes fewer. The extractor's
    number must agree, or what lies beyond the window is silently lost.
    """
    encode = model.encode

    def encode_window(features: npt.NDArray[np.float32]) -> Any:
        return encode(np.ascontiguousarray(features[..., :frames]))

    model.feature_extractor.nb_max_frames = frames
    model.encode = encode_window


def _hotwords(hints: Hints) -> str | None:
    """The first phrases that fit, separated by commas; none where the bias is off."""
    if hints.boost <= 0:
        return None
    chosen: list[str] = []
    left = _HINT_CHARACTERS
    for phrase in hints.phrases:
        left -= len(phrase) + 2
        if left < 0:
            break
        chosen.append(phrase)
    return ", ".join(chosen) or None


def _token_allowance(duration_s: float) -> int:
    """Enough for the fastest talker; a model that repeats itself would fill all 448.

    Twice the number that is meant: CTranslate2 generates half of what it is allowed.
    """
    return 2 * min(_MOST_TOKENS, round(_TOKENS_AT_ONCE + _TOKENS_PER_S * duration_s))


def _heard(segment: Any) -> Heard:
    return Heard(
        text=segment.text,
        tokens=max(1, len(segment.tokens)),
        log_probability=segment.avg_logprob,
        no_speech=segment.no_speech_prob,
        repetition=segment.compression_ratio,
    )


def _transcript(parts: list[Heard], duration_s: float) -> Transcript:
    believed = [(part, confidence) for part in parts if (confidence := belief(part, duration_s))]
    tokens = sum(part.tokens for part, _ in believed)
    if not tokens:
        return Transcript("", 0.0, final=True)
    text = " ".join(plain_words(part.text) for part, _ in believed)
    confidence = sum(part.tokens * confidence for part, confidence in believed) / tokens
    return Transcript(text, confidence, final=True)
