"""Audio as files: what clients of the OpenAI-compatible routes send and get.

Everything here computes, and is called off the event loop.
"""

import io
from collections.abc import Iterator
from typing import Final

import numpy as np
import soundfile
import soxr

from stt.vad import Samples

OPENAI_HZ: Final = 24_000
"""The rate of ``pcm`` in OpenAI's API."""
FILE_FORMATS: Final = {
    "wav": ("WAV", "PCM_16", "audio/wav"),
    "opus": ("OGG", "OPUS", "audio/ogg"),
    "flac": ("FLAC", "PCM_16", "audio/flac"),
    "mp3": ("MP3", "MPEG_LAYER_III", "audio/mpeg"),
}
LONGEST_S: Final = 3600
PIECE_S: Final = 25
"""Recordings are recognised in pieces: Whisper hears 30 s at a time."""
_SEARCH_S: Final = 8
"""A piece ends at the quietest place of its last seconds."""
_QUIET_S: Final = 0.1


class UnreadableAudioError(Exception):
    """A file cannot be used; the message says why in one sentence."""


def can_write(name: str) -> bool:
    """Whether this machine's libsndfile writes that format."""
    kind, subtype, _ = FILE_FORMATS[name]
    return bool(soundfile.check_format(kind, subtype))


def written(slin: bytes, rate_hz: int, name: str) -> bytes:
    """Slin as a whole file of a format of :data:`FILE_FORMATS`."""
    kind, subtype, _ = FILE_FORMATS[name]
    file = io.BytesIO()
    soundfile.write(file, np.frombuffer(slin, "<i2"), rate_hz, format=kind, subtype=subtype)
    return file.getvalue()


def read(data: bytes, rate_hz: int) -> Samples:
    """The first channels' mean of a file, as int16 mono at ``rate_hz``.

    Raises :class:`UnreadableAudioError`.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.frames > LONGEST_S * file.samplerate:
                raise UnreadableAudioError(f"the file has more than {LONGEST_S // 60} minutes")
            floats, file_hz = file.read(dtype="float32", always_2d=True), file.samplerate
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        raise UnreadableAudioError(
            "the file is no audio that can be read: send wav, flac, ogg, opus or mp3"
        ) from error
    mono = floats.mean(axis=1)
    if file_hz != rate_hz and len(mono):
        mono = soxr.resample(mono, file_hz, rate_hz)
    return np.asarray(np.clip(np.rint(mono * 32768), -32768, 32767), np.int16)


def pieces(samples: Samples, rate_hz: int) -> Iterator[Samples]:
    """A recording cut where it is quietest, into pieces of :data:`PIECE_S` at most."""
    while len(samples) > PIECE_S * rate_hz:
        cut = _quietest(samples, rate_hz)
        yield samples[:cut]
        samples = samples[cut:]
    yield samples


def _quietest(samples: Samples, rate_hz: int) -> int:
    step = round(_QUIET_S * rate_hz)
    first = (PIECE_S - _SEARCH_S) * rate_hz
    window = samples[first : PIECE_S * rate_hz].astype(np.float32)
    powers = (window[: len(window) // step * step].reshape(-1, step) ** 2).mean(axis=1)
    return int(first + powers.argmin() * step + step // 2)
