"""One passage spoken below every call in priority, and passages joined with their pauses."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from typing import Final

from supervisor.synthesis.folder import Parts
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


def joined(parts: Parts, text: Sequence[Passage], pace: float, rate_hz: int) -> Iterator[bytes]:
    """Slin of all passages, each with the pause after it, shorter where ``pace`` is higher.

    Raises ``OSError`` for a part that is not there.
    """
    for number, passage in enumerate(text):
        yield parts.read(number)
        yield bytes(2 * round(passage.pause_ms / pace * rate_hz / 1000))


def _checked(chunk: bytes, sofar_s: float) -> bytes:
    if isinstance(chunk, Makeshift):
        raise SynthesisError("the voice's own engine failed, and another is not what was asked for")
    if sofar_s > LONGEST_PASSAGE_S:
        raise SynthesisError(f"the engine made more than {LONGEST_PASSAGE_S:g} s of a sentence")
    return chunk
