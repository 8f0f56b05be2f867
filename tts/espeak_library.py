"""libespeak-ng through ctypes: GPL-3, blocking, not thread-safe, so only for the helper process."""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

OnAudio = Callable[[npt.NDArray[np.int16]], bool]
"""Takes int16 mono samples at the engine's own rate; true asks it to stop speaking."""

# From espeak-ng's speak_lib.h, version 1.52.
_SYNCHRONOUS_OUTPUT = 0x02
_DONT_EXIT_ON_ERROR = 0x8000
_CHARACTERS_UTF8 = 1
_BY_CHARACTER = 1
_RATE, _PITCH = 1, 3
_STOP, _GO_ON = 1, 0
_IPA, _WITH_TIE, _TIE_SHIFT = 0x02, 0x80, 8

_NAMED_OTHERWISE = {"en-gb": "en", "fr-fr": "fr", "pt-pt": "pt"}
"""Voices that the program finds by their language, which the library does not do."""

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class UnusableError(Exception):
    """This way of running espeak-ng is not available here; the message says why."""


class EspeakLibrary:
    """The shared library of the ``espeakng-loader`` wheel. One per process, one thread."""

    def __init__(self) -> None:
        self._library, data_path = _load()
        self.rate_hz = int(
            self._library.espeak_Initialize(
                _SYNCHRONOUS_OUTPUT, 0, data_path.encode(), _DONT_EXIT_ON_ERROR
            )
        )
        if self.rate_hz <= 0:
            raise UnusableError(f"libespeak-ng found no voices in {data_path}")
        self._on_audio: OnAudio | None = None
        self._failure: BaseException | None = None
        self._callback = _Callback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)
        self._voice = ""

    @property
    def description(self) -> str:
        """For logs, such as ``libespeak-ng 1.52.0``."""
        self._library.espeak_Info.restype = ctypes.c_char_p
        return f"libespeak-ng {self._library.espeak_Info(None).decode()}"

    def speak(
        self, text: str, voice: str, words_per_minute: int, pitch: int, on_audio: OnAudio
    ) -> None:
        """Hand the speech to ``on_audio`` as it is made, about 60 ms at a time, and return.

        Raises ``ValueError`` for an unknown voice, and whatever ``on_audio`` raises.
        """
        self._choose(voice)
        self._library.espeak_SetParameter(_RATE, words_per_minute, 0)
        self._library.espeak_SetParameter(_PITCH, pitch, 0)
        data = text.encode() + b"\0"
        self._on_audio, self._failure = on_audio, None
        self._library.espeak_Synth(
            data, len(data), 0, _BY_CHARACTER, 0, _CHARACTERS_UTF8, None, None
        )
        self._on_audio = None
        if self._failure is not None:
            raise self._failure

    def phonemes(self, clause: str, voice: str, tie: str) -> str:
        """How ``clause`` is pronounced, in the International Phonetic Alphabet.

        Raises ``ValueError`` for an unknown voice.
        """
        self._choose(voice)
        mode = _IPA | (_WITH_TIE | ord(tie) << _TIE_SHIFT if tie else 0)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        rest = ctypes.c_char_p(clause.encode())
        said = []
        while rest.value is not None:  # the library sets it to null after the last clause
            part = self._library.espeak_TextToPhonemes(ctypes.byref(rest), _CHARACTERS_UTF8, mode)
            said.append((part or b"").decode())
        return " ".join(filter(None, said))

    def _choose(self, voice: str) -> None:
        if voice == self._voice:
            return
        base, plus, variant = voice.partition("+")
        name = _NAMED_OTHERWISE.get(base, base) + plus + variant
        if self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise ValueError(
                f"espeak-ng has no voice {voice!r}: pt-br, en-us and es are some of those that "
                "espeak-ng --voices lists"
            )
        self._voice = voice

    def _take(self, samples: Any, count: int, _events: Any) -> int:
        if not samples or count <= 0 or self._on_audio is None:
            return _GO_ON
        block = np.ctypeslib.as_array(samples, (count,)).copy()
        try:
            return _STOP if self._on_audio(block) else _GO_ON
        except BaseException as failure:  # ctypes would only print it; speak() raises it
            self._failure = failure
            return _STOP


def _load() -> tuple[ctypes.CDLL, str]:
    try:
        import espeakng_loader  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise UnusableError("the espeakng-loader wheel is not installed") from missing
    try:
        return ctypes.CDLL(espeakng_loader.get_library_path()), espeakng_loader.get_data_path()
    except OSError as broken:
        raise UnusableError(f"libespeak-ng does not load: {broken}") from broken
