"""Callers' speech for the benchmark: espeak-ng's voices, with pauses and hesitations inside."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.line_audio import RATE_HZ, band, mu_law
from tts.engine import TtsEngine
from tts.espeak import espeak_voice

Floats = npt.NDArray[np.float64]
"""Mono at 8 kHz, full scale 1.0."""

LEVEL_DB = -23.0
"""Of speech, its active RMS against full scale."""
FLOOR_DB = -62.0
"""Of the line's own noise: what is in a pause."""
LEAD_MS = 700
"""Of nothing before somebody speaks: the detector learns the line's background."""
TAIL_MS = 2600
"""... and after, longer than any silence that is waited for."""

VOICES = {
    "pt-BR": ("pt-br", "pt-br+f2", "pt-br+m3", "pt-br+f4", "pt-br+m1"),
    "en": ("en-us", "en-us+f3", "en-us+m3"),
    "es": ("es-419", "es-419+f2", "es-419+m3"),
}
PAUSE, HESITATION = "|", "~"
"""Where somebody may pause: for breath; and looking for a word, after a hesitation."""
PAUSES_MS = {PAUSE: (330, 0.45), HESITATION: (560, 0.35)}
"""Median, and the standard deviation of the logarithm; every pause is kept within ``RANGE_MS``."""
RANGE_MS = (150, 900)
PAUSE_IS_MADE = 0.7
"""How often a place for a pause is used: people do not pause everywhere they may."""
HESITATIONS = frozenset({"é", "hum", "ah", "eh", "uh", "um", "ééé", "eeh", "uhm"})
CONTRARY = 0.2
"""How often somebody's voice falls where more follows, or stays up at the end: espeak-ng's would
tell every end, and people's do not."""
SLOWLY = 0.62
"""How fast hesitations are said, against the rest."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How one person says one thing."""

    voice: str
    speed: float
    pitch: float
    seed: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """A turn as it arrives: int16 at 8 kHz, and where its last sound ends, in samples.

    ``pauses_ms`` are those inside it.
    """

    samples: npt.NDArray[np.int16]
    start: int
    end: int
    pauses_ms: tuple[int, ...]


def manner(language: str, seed: int) -> Manner:
    """A person; the same for the same seed."""
    chance = random.Random(seed)
    voice = VOICES[language][seed % len(VOICES[language])]
    return Manner(voice, chance.uniform(0.85, 1.15), chance.uniform(0.35, 0.65), seed)


class Speaking:
    """Says texts with an engine; each piece is made once."""

    def __init__(self, engine: TtsEngine) -> None:
        self._engine = engine
        self._made: dict[tuple[str, str, float, float], Floats] = {}

    async def prepare(self, wanted: Iterable[tuple[str, Manner]]) -> None:
        """Have the pieces of texts ready."""
        pieces = {key for text, how in wanted for key in _pieces(text, how)}
        missing = [key for key in pieces if key not in self._made]
        for start in range(0, len(missing), 64):
            await asyncio.gather(*(self._make(key) for key in missing[start : start + 64]))

    async def _make(self, key: tuple[str, str, float, float]) -> None:
        text, voice, speed, pitch = key
        audio = bytearray()
        async for chunk in self._engine.synthesise(
            text, espeak_voice(voice, speed=speed, pitch=pitch)
        ):
            audio += chunk
        self._made[key] = np.frombuffer(bytes(audio), "<i2").astype(np.float64) / 32768

    def dry(self, text: str, how: Manner) -> tuple[Floats, tuple[int, ...]]:
        """The speech alone at the usual level, nothing around it, and its pauses in ms."""
        chance = random.Random(f"{how.seed} {text}")
        parts: list[Floats] = []
        pauses: list[int] = []
        for (_, mark), key in zip(_cut(text), _pieces(text, how), strict=True):
            parts.append(_trimmed(self._made[key]))
            if mark and (mark == HESITATION or chance.random() < PAUSE_IS_MADE):
                median, spread = PAUSES_MS[mark]
                length = round(
                    min(RANGE_MS[1], max(RANGE_MS[0], chance.lognormvariate(0, spread) * median))
                )
                pauses.append(length)
                parts.append(np.zeros(length * RATE_HZ // 1000))
        speech = band(np.concatenate(parts))
        loud = np.abs(speech) > 0.02 * np.abs(speech).max()
        speech *= 10 ** (LEVEL_DB / 20) / np.sqrt(np.mean(speech[loud] ** 2))
        return speech, tuple(pauses)

    def turn(self, text: str, how: Manner, noise: Floats | None = None) -> Spoken:
        """A whole turn on a line; ``noise`` at its level is laid under it, repeated as needed."""
        speech, pauses = self.dry(text, how)
        lead, tail = (ms * RATE_HZ // 1000 for ms in (LEAD_MS, TAIL_MS))
        line = np.concatenate((np.zeros(lead), speech, np.zeros(tail)))
        line += np.random.default_rng(how.seed).standard_normal(len(line)) * 10 ** (FLOOR_DB / 20)
        if noise is not None:
            line += np.resize(noise, len(line))
        return Spoken(mu_law(line), lead, lead + _last_sound(speech), pauses)


def _cut(text: str) -> list[tuple[str, str]]:
    """Pieces with the mark that follows each; the last has none."""
    found, piece = [], ""
    for letter in text:
        if letter in (PAUSE, HESITATION):
            found.append((piece.strip(), letter))
            piece = ""
        else:
            piece += letter
    return [*found, (piece.strip(), "")]


def _pieces(text: str, how: Manner) -> Sequence[tuple[str, str, float, float]]:
    """What the engine is asked for: what goes on ends in a comma, and sounds like it as a rule."""
    cut = _cut(text)
    chance = random.Random(f"{how.seed} {text} melody")
    return [
        (
            _with_melody(piece, goes_on=bool(mark) is (chance.random() >= CONTRARY)),
            how.voice,
            round(how.speed * (SLOWLY if piece.strip(".,") in HESITATIONS else 1.0), 3),
            round(how.pitch, 3),
        )
        for piece, mark in cut
    ]


def _with_melody(piece: str, *, goes_on: bool) -> str:
    """What is written with a mark of its own sounds as that."""
    if piece[-1] in ",.?!":
        return piece
    return f"{piece}," if goes_on else f"{piece}."


def _trimmed(audio: Floats) -> Floats:
    """Without the silence around it: the pauses are ours to make."""
    loud = np.flatnonzero(np.abs(audio) > 0.01 * np.abs(audio).max(initial=1e-9))
    return audio[loud[0] : loud[-1] + 1] if len(loud) else audio


def _last_sound(speech: Floats) -> int:
    """Where the last 20 ms end that are less than 35 dB below the loudest."""
    size = RATE_HZ // 50
    frames = speech[: len(speech) // size * size].reshape(-1, size)
    level = np.sqrt(np.mean(frames**2, axis=1))
    return int((np.flatnonzero(level > level.max() * 10 ** (-35 / 20))[-1] + 1) * size)
