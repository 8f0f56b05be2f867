"""One passage spoken below every call in priority, and how long to be silent after each."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from tts.engine import Makeshift, SynthesisError, TtsEngine, Voice, in_background
from tts.passages import Passage

PASSAGE_LIMIT_S: Final = 180.0
"""For one passage: 240 characters, of which a CPU that is busy with calls makes two a second."""
LONGEST_PASSAGE_S: Final = 120.0
"""Of sound: an engine that says more than that of 240 characters does not end."""


async def spoken(engine: TtsEngine, voice: Voice, text: str) -> bytes:
    """Slin of a passage at the voice's rate. Raises :class:`~tts.engine.SynthesisError`, also for
    what another engine than the voice's own made."""
    slin = bytearray()
    try:
        with in_background():
            async with (
                asyncio.timeout(PASSAGE_LIMIT_S),
                aclosing(engine.synthesise(text, voice)) as chunks,
            ):
                async for chunk in chunks:
                    slin += _checked(chunk, len(slin) / voice.bytes_per_ms / 1000)
    except TimeoutError:
        raise SynthesisError(f"a sentence was not made within {PASSAGE_LIMIT_S:g} s") from None
    if not slin:
        raise SynthesisError(f"the engine made no sound of {text[:40]!r}")
    return bytes(slin)


def pauses_of(text: Sequence[Passage], voice: Voice) -> list[int]:
    """The silence after each passage in samples, shorter where the voice's pace is higher."""
    return [round(each.pause_ms / voice.pace * voice.rate_hz / 1000) for each in text]


def _checked(chunk: bytes, sofar_s: float) -> bytes:
    if isinstance(chunk, Makeshift):
        raise SynthesisError("the voice's own engine failed, and another is not what was asked for")
    if sofar_s > LONGEST_PASSAGE_S:
        raise SynthesisError(f"the engine made more than {LONGEST_PASSAGE_S:g} s of a sentence")
    return chunk
