"""Recordings of people who do not exist, for those who clone voices: espeak-ng's variants."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from tests.tts.hearing import collect
from tts.espeak import EspeakEngine, espeak_voice

Floats = npt.NDArray[np.float32]
RATE_HZ = 44_100
SAID = (
    "Bom dia, eu me chamo Fulano e empresto a minha voz para o condomínio.",
    "O elevador social está em manutenção até as dezoito horas de hoje.",
    "Por favor, deixe a encomenda com o porteiro e assine o livro.",
)


@cache
def spoken(voice: str = "pt-br") -> Floats:
    """About 11 s at :data:`RATE_HZ` with half a second between texts; do not write into it."""
    with ThreadPoolExecutor(1) as elsewhere:  # there may be an event loop here
        return elsewhere.submit(asyncio.run, _spoken(voice)).result()


async def _spoken(voice: str) -> Floats:
    engine = EspeakEngine()
    pieces: list[Floats] = []
    for text in SAID:
        slin = await collect(engine.synthesise(text, replace(espeak_voice(voice), rate_hz=16_000)))
        samples = np.frombuffer(slin, "<i2").astype(np.float32) / 32768
        pieces += [soxr.resample(samples, 16_000, RATE_HZ), np.zeros(RATE_HZ // 2, np.float32)]
    await engine.close()
    return np.concatenate(pieces)


def written(path: Path, samples: Floats, rate_hz: int = RATE_HZ) -> Path:
    """In the format that the name ends with."""
    soundfile.write(path, samples, rate_hz)
    return path
