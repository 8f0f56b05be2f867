"""The seam between cloned voices and an engine that can clone: a reference in, latents out.

A cloned voice is a :class:`tts.engine.Voice` whose ``name`` is :func:`cloned_name` of its id and
whose ``version`` is :func:`digest_of` its latents; an engine finds these in ``Voice.latents``.
"""

import hashlib
from typing import Final, Protocol, runtime_checkable

from tts.engine import Voice

REFERENCE_HZ: Final = 22_050
"""Of reference audio as it is kept, in FLAC, one channel: the rate that XTTS loads it at."""
LARGEST_LATENTS_BYTES: Final = 4 << 20
"""XTTS-v2 needs 133 kB."""
CLONED: Final = "cloned:"
"""What names of cloned voices begin with; no operator can give a voice such a name."""


class CloningError(Exception):
    """No voice can be made of a reference; the message says why in one sentence."""


@runtime_checkable
class VoiceCloner(Protocol):
    """An engine that speaks with voices it hears once."""

    async def clone(self, reference: bytes) -> bytes:
        """The latents of a voice, in the engine's own format, from a whole audio file of it (FLAC
        or WAV, one channel, :data:`REFERENCE_HZ`).

        Raises :class:`CloningError` for a reference that it can do nothing with.
        """

    def forget(self, version: str) -> None:
        """Keep nothing of latents with this digest: whose they are does not want them used."""


def digest_of(latents: bytes) -> str:
    """What these latents are known by: SHA-256 in hex. Nobody guesses it."""
    return hashlib.sha256(latents).hexdigest()


def cloned_name(voice_id: str) -> str:
    """The name of a cloned voice, by the id of its row."""
    return CLONED + voice_id


def clone_id(voice: Voice) -> str | None:
    """The id of the cloned voice that this is; ``None`` for an engine's own."""
    return voice.name.removeprefix(CLONED) if voice.name.startswith(CLONED) else None
