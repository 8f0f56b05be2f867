"""espeak-ng as a source of labelled speech: one per process, since it is not thread-safe."""

from __future__ import annotations

import ctypes
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import espeakng_loader
import numpy as np
import numpy.typing as npt
import soxr

from stt.builtin.alphabet import spell
from stt.builtin.features import SAMPLE_RATE_HZ
from stt.training import voices
from stt.training.grammar.english import EnglishGrammar
from stt.training.grammar.pt_br import Grammar
from stt.training.grammar.spanish import SpanishGrammar
from stt.training.voices import Delivery

PORTUGUESE_SHARE: Final = 0.58
ENGLISH_SHARE: Final = 0.24  # the rest is Spanish
_SYNCHRONOUS: Final = 2  # AUDIO_OUTPUT_SYNCHRONOUS: audio goes to the callback
_UTF8_END_PAUSE: Final = 0x1001  # espeakCHARS_UTF8 | espeakENDPAUSE
_RATE, _PITCH, _RANGE = 1, 3, 4  # espeak_PARAMETER (speak_lib.h)
_AUDIBLE: Final = 60  # int16 amplitude below which the ends of a clip are trimmed
LONGEST_S: Final = 8.0


@dataclass(frozen=True, slots=True)
class Clip:
    """One spoken sentence: what the network should write, and int16 mono samples at 8 kHz."""

    text: str
    language: str
    samples: npt.NDArray[np.int16]


def spoken(sentence: str) -> str:
    """What espeak-ng is to read: of ``ifúd/ifood`` the part before the stroke."""
    return re.sub(r"/\w+", "", sentence)


def punctuated(sentence: str, rng: random.Random) -> str:
    """The same words with some commas, stops and a question mark: espeak-ng pauses and sings."""
    words = sentence.split()
    often = rng.choice((0.0, 0.0, 0.1, 0.2))
    for i in range(len(words) - 1):
        if rng.random() < often:
            words[i] += rng.choice((",", ",", ",", ".", "?"))
    return " ".join(words) + rng.choice(("", "", ".", "?", "!"))


def written(sentence: str) -> str:
    """What the network is to write: of ``ifúd/ifood`` the part after the stroke, plain letters."""
    return spell(re.sub(r"\w+/", "", sentence))


class Espeak:
    """The library, initialised with ``data_path`` (the wheel's own by default)."""

    def __init__(self, data_path: str | None = None) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        path = data_path or espeakng_loader.get_data_path()
        self.rate_hz: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, path.encode(), 0)
        if self.rate_hz <= 0:
            raise RuntimeError(f"espeak-ng did not start with {path}")
        self._parts: list[bytes] = []
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )
        self._callback = kind(self._receive)  # kept: the library holds only the pointer
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, wave: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if wave and count > 0:
            self._parts.append(ctypes.string_at(wave, 2 * count))
        return 0

    def speak(self, text: str, delivery: Delivery) -> npt.NDArray[np.int16]:
        """Speech at 8 kHz, int16 mono, silence trimmed from both ends; may be empty."""
        self._parts.clear()
        library = self._library
        library.espeak_SetVoiceByName(delivery.voice.encode())
        for parameter, value in (
            (_RATE, delivery.rate), (_PITCH, delivery.pitch), (_RANGE, delivery.span)
        ):  # fmt: skip
            library.espeak_SetParameter(parameter, value, 0)
        raw = text.encode()
        library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, _UTF8_END_PAUSE, None, None)
        library.espeak_Synchronize()
        wave = np.frombuffer(b"".join(self._parts), np.int16)
        wave = soxr.resample(wave, self.rate_hz * delivery.warp, SAMPLE_RATE_HZ)
        loud = np.flatnonzero(np.abs(wave.astype(np.int32)) > _AUDIBLE)
        if not len(loud):
            return np.zeros(0, np.int16)
        return np.ascontiguousarray(wave[loud[0] : loud[-1] + 1])


class TrainingSpeech:
    """An endless draw of clips for training: grammar, language, voice and delivery at random."""

    def __init__(self, seed: int, folder: Path, invented: int = 150) -> None:
        # espeak-ng lists 349 voices at most (N_VOICES_LIST) and falls silent beyond that
        self._rng = random.Random(seed)
        self._invented = voices.InventedVariants(espeakng_loader.get_data_path(), folder, self._rng)
        self._espeak = Espeak(str(folder))
        self._portuguese = Grammar(self._rng)
        self._english = EnglishGrammar(self._rng)
        self._spanish = SpanishGrammar(self._rng)

    def _sentence(self) -> tuple[str, str]:
        """An espeak-ng language and what is said in it."""
        rng = self._rng
        kind = rng.random()
        if kind < PORTUGUESE_SHARE:
            return "pt-br", self._portuguese.sentence()
        if kind < PORTUGUESE_SHARE + ENGLISH_SHARE:
            english = "en-us" if rng.random() < 0.6 else "en-gb-x-rp"
            return english, self._english.sentence()
        return ("es-419" if rng.random() < 0.7 else "es"), self._spanish.sentence()

    def _deliver(self, language: str) -> Delivery:
        rng = self._rng
        kind = rng.random()
        if kind < 0.1:  # exactly as tests and the demo speak
            return Delivery(language, voices.STOCK, rng.choice((170, 175, 180, 185)))
        variant = voices.STOCK
        if kind >= 0.16:
            variant = rng.choice(voices.KNOWN) if kind < 0.55 else self._invented.draw()
        warp = min(1.2, max(0.82, rng.gauss(1.0, 0.09)))
        rate = min(240.0, max(105.0, rng.gauss(168, 28))) / warp
        pitch = round(min(95.0, max(5.0, rng.gauss(50, 20))))
        return Delivery(language, variant, round(rate), pitch, rng.randrange(20, 90), warp)

    def clips(self) -> Iterator[Clip]:
        """Clips without end; utterances over ``LONGEST_S`` are skipped."""
        rng = self._rng
        while True:
            language, sentence = self._sentence()
            samples = self._espeak.speak(punctuated(spoken(sentence), rng), self._deliver(language))
            text = written(sentence)
            if text and 0 < len(samples) < LONGEST_S * SAMPLE_RATE_HZ:
                yield Clip(text, language, samples)
