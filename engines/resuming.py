"""Going on with a sentence of which another engine, or another replica, said the beginning."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

import numpy as np

from tts.engine import Voice

BACK_MS: Final = 400
"""How far back the next engine may begin, to begin in a pause: about a word."""
_FRAME_MS: Final = 20


async def after(
    chunks: AsyncIterator[bytes], said_bytes: int, voice: Voice
) -> AsyncGenerator[bytes, None]:
    """The rest of a sentence, of whose whole ``chunks`` are, after ``said_bytes`` of it were heard
    from elsewhere; all of it where that is 0."""
    head = b""
    async for chunk in chunks:
        if not said_bytes:
            yield chunk
            continue
        head += chunk
        if len(head) >= said_bytes:
            yield head[resumption(head, said_bytes, voice) :]
            head, said_bytes = b"", 0


def resumption(slin: bytes, said_bytes: int, voice: Voice) -> int:
    """Where to go on with a sentence of which another engine said ``said_bytes``: the quietest
    moment of the :data:`BACK_MS` before that, in bytes. Engines are taken to talk equally fast."""
    frame = _FRAME_MS * voice.bytes_per_ms
    first = max(0, said_bytes - BACK_MS * voice.bytes_per_ms) // frame * frame
    window = np.frombuffer(slin[first : said_bytes // frame * frame], "<i2").astype(np.float32)
    if not len(window):
        return said_bytes // 2 * 2
    powers = (window.reshape(-1, frame // 2) ** 2).mean(axis=1)
    return first + int(powers.argmin()) * frame
