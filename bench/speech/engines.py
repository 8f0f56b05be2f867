"""The engines that can be measured here: what each is, how it is opened, and with which weights."""

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Recogniser
from tts.engine import TtsEngine, Voice
from tts.espeak import EspeakEngine, espeak_voice

RANDOM = "random weights"
WORDS = "boa noite eu vim entregar uma encomenda no apartamento quinhentos"
WINDOW_S = 8


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. Models of the user's own take the place of random ones."""

    device: str = "cpu"
    streams: int = 16
    xtts: Path | None = None
    piper: Path | None = None
    kokoro: Path | None = None
    whisper: str | None = None


@dataclass(frozen=True, slots=True)
class Voiced:
    """A speech engine that is not started yet."""

    engine: TtsEngine
    voice: Voice
    note: str


@dataclass(frozen=True, slots=True)
class Listening:
    """A recogniser that is not open yet."""

    choice: RecogniserChoice
    note: str

    async def open(self) -> Recogniser:
        """Load and warm it."""
        return await open_recogniser(self.choice)


Preparing = Callable[[Path, Options], Voiced | Listening]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An engine by name; ``needs`` are modules, ``slow`` is left out of a quick run on a CPU."""

    name: str
    prepare: Preparing
    needs: Sequence[str] = ()
    slow: bool = False

    @property
    def missing(self) -> str | None:
        """The module for want of which it is not present."""
        return next((each for each in self.needs if importlib.util.find_spec(each) is None), None)


def _espeak(_: Path, __: Options) -> Voiced:
    return Voiced(EspeakEngine(processes=2), espeak_voice(), "2 helper processes")


def _piper(folder: Path, options: Options) -> Voiced:
    from bench.neural_models import piper_medium
    from tts.neural.engine import NeuralEngine
    from tts.neural.piper import PiperFolder

    place = options.piper or piper_medium(folder)
    voice = Voice("piper", _own(options.piper, "pt_BR-random-medium"), "pt-BR")
    engine = NeuralEngine("piper", lambda: PiperFolder(place), voice=voice, at_once=2)
    return Voiced(engine, voice, _weights(options.piper, "a medium voice, fp32"))


def _kokoro(folder: Path, options: Options) -> Voiced:
    from bench.neural_models import kokoro_82m
    from tts.neural.engine import NeuralEngine
    from tts.neural.kokoro import KokoroFolder

    place = options.kokoro or kokoro_82m(folder)
    voice = Voice("kokoro", "pf_dora" if options.kokoro else "pf_random", "pt-BR")
    engine = NeuralEngine("kokoro", lambda: KokoroFolder(place), voice=voice, at_once=2)
    return Voiced(engine, voice, _weights(options.kokoro, "82 M parameters, fp32"))


def _xtts(precision: str) -> Preparing:
    def prepare(folder: Path, options: Options) -> Voiced:
        from tests.tts.tiny_xtts import REAL, write_checkpoint
        from tts.xtts.engine import XttsEngine
        from tts.xtts.names import xtts_voice
        from tts.xtts.options import XttsOptions

        place = options.xtts or write_checkpoint(folder / "xtts", REAL)
        chosen = XttsOptions(
            place,
            device=options.device,  # type: ignore[arg-type]
            precision=precision,  # type: ignore[arg-type]
            streams=options.streams,
        )
        note = f"467 M parameters, {precision}, up to {options.streams} streams together"
        return Voiced(XttsEngine(chosen), xtts_voice(None, "pt-BR"), _weights(options.xtts, note))

    return prepare


def _builtin(_: Path, __: Options) -> Listening:
    return Listening(RecogniserChoice(), "its own weights, 2 threads")


def _whisper(size: str, window_s: int | None) -> Preparing:
    def prepare(folder: Path, options: Options) -> Listening:
        from tests.stt.scripted_whisper import SHAPES, write_model

        model = options.whisper or str(
            write_model(folder / size, WORDS.split(), shape=SHAPES[size])
        )
        gpu = options.device == "cuda"
        choice = RecogniserChoice(
            "whisper",
            model,
            device=options.device,
            window_s=window_s,
            partial_every_s=0,
            waiting=256,
            deadline_s=600,
            batch=32 if gpu else None,
        )
        number = "float16" if gpu else "int8"
        note = f"{number}, window {window_s or 30} s, says 10 words"
        return Listening(choice, _weights(options.whisper, note))

    return prepare


def _own(folder: Path | None, name: str) -> str:
    """The first voice of a folder of the user's own."""
    return min(folder.glob("*.onnx")).stem if folder else name


def _weights(own: object, note: str) -> str:
    return f"{own or RANDOM}; {note}"


CPU = (
    Candidate("espeak", _espeak),
    Candidate("piper", _piper, ("onnx",)),
    Candidate("kokoro", _kokoro, ("onnx",), slow=True),
    Candidate("xtts-int8", _xtts("int8"), ("torch", "TTS"), slow=True),
    Candidate("xtts-fp32", _xtts("fp32"), ("torch", "TTS"), slow=True),
    Candidate("builtin", _builtin),
    Candidate("whisper-base", _whisper("base", WINDOW_S), ("faster_whisper",)),
    Candidate("whisper-small", _whisper("small", WINDOW_S), ("faster_whisper",), slow=True),
    Candidate(
        "whisper-turbo", _whisper("large-v3-turbo", WINDOW_S), ("faster_whisper",), slow=True
    ),
)
GPU = (
    Candidate("xtts-fp16", _xtts("fp16"), ("torch", "TTS")),
    Candidate("whisper-turbo", _whisper("large-v3-turbo", WINDOW_S), ("faster_whisper",)),
    Candidate("whisper-turbo-30s", _whisper("large-v3-turbo", None), ("faster_whisper",)),
)


def candidates(device: str) -> tuple[Candidate, ...]:
    """What is measured on ``cpu`` or ``cuda``."""
    return GPU if device == "cuda" else CPU


def has_cuda() -> bool:
    """Whether a GPU is here that both libraries could use."""
    if importlib.util.find_spec("ctranslate2") is None:
        return False
    import ctranslate2

    return bool(ctranslate2.get_cuda_device_count())
