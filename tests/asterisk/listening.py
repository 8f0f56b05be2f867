"""A person with a phone at the ear: waits for the other side to finish, understands the words."""

import asyncio
import time
import unicodedata

import numpy as np
from numpy.typing import NDArray

from stt.recogniser import Hints, Recogniser
from tests.asterisk.phone import Call
from tests.asterisk.rtp import FRAME_MS, RATE_HZ, SILENCE_RMS

_FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000

FINISHED_S = 1.2
"""Silence after which somebody who spoke is taken to have finished; who was interrupted by a
hello goes on sooner."""

SENTENCE_S = 0.6
"""Sound that makes a sentence: less is somebody who was interrupted."""

PAUSE_FRAMES = 25
"""Half a second: what separates two stretches of speech."""

MARGIN_FRAMES = 8
"""Kept around a stretch, since soft consonants begin and end below the threshold."""


async def finished_speaking(call: Call, since_s: float, timeout_s: float = 30.0) -> float:
    """Wait until the other side has spoken after ``since_s`` (monotonic) and has finished.

    Returns the time at which it was so, or the call ended. Raises ``TimeoutError``.
    """
    async with asyncio.timeout(timeout_s):
        while call.end is None and not _has_finished(call, since_s):
            await call.heard.more()
    return time.monotonic()


async def understood(recogniser: Recogniser, call: Call, since_s: float = 0.0) -> str:
    """What reached the phone since a monotonic time, as words without accents.

    A line per stretch of sound.
    """
    lines = [await _recognised(recogniser, s) for s in stretches(call.heard.samples(since_s))]
    return "\n".join(lines)


def contains_one_of(heard: str, *words: str) -> bool:
    """Whether what was understood has any of ``words``, which are without accents too."""
    return any(word in heard for word in words)


def stretches(samples: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    """The parts of 8 kHz audio that are not silence, with a margin around each."""
    frames = samples[: len(samples) // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)
    loud = np.flatnonzero(np.sqrt(np.mean(frames.astype(np.float64) ** 2, axis=1)) > SILENCE_RMS)
    if not len(loud):
        return []
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > PAUSE_FRAMES) + 1)
    return [
        frames[max(group[0] - MARGIN_FRAMES, 0) : group[-1] + 1 + MARGIN_FRAMES].reshape(-1)
        for group in groups
    ]


def _has_finished(call: Call, since_s: float) -> bool:
    spoken = [at_s for at_s in call.heard.loud_at_s if at_s > since_s]
    if len(spoken) * FRAME_MS / 1000 < SENTENCE_S:
        return False
    return time.monotonic() - spoken[-1] > FINISHED_S


async def _recognised(recogniser: Recogniser, samples: NDArray[np.int16]) -> str:
    stream = recogniser.stream("pt-BR", Hints())
    try:
        stream.feed(samples)
        transcript = await stream.result()
    finally:
        await stream.close()
    return _without_accents(transcript.text)


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
