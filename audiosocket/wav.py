"""16-bit WAV files, mono and stereo."""

import wave
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from audiosocket.slin import Samples


class WavError(Exception):
    """The file is not a WAV that can be read here; the message says why in one sentence."""


def read_wav(source: Path | BinaryIO) -> tuple[npt.NDArray[np.int16], int]:
    """Samples and rate in Hz: shape (n,) for mono, (n, channels) for more.

    The length comes from the data that is there, never from the header alone (espeak-ng writes a
    header with an endless length). Raises :class:`WavError`, ``OSError`` for a missing file.
    """
    try:
        with wave.open(str(source) if isinstance(source, Path) else source, "rb") as file:
            if file.getsampwidth() != 2:
                raise WavError(f"{8 * file.getsampwidth()}-bit samples; 16-bit ones are needed")
            channels, rate_hz = file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise WavError(f"not a PCM WAV file: {error}") from error
    whole = len(data) - len(data) % (2 * channels)
    samples = np.frombuffer(data[:whole], dtype="<i2")
    return (samples if channels == 1 else samples.reshape(-1, channels)), rate_hz


def write_wav(target: Path | BinaryIO, samples: Samples, rate_hz: int = 8000) -> None:
    """Write mono samples, shape (n,)."""
    _write(target, samples, 1, rate_hz)


def write_stereo_wav(
    target: Path | BinaryIO, left: Samples, right: Samples, rate_hz: int = 8000
) -> None:
    """Write two mono tracks side by side; the shorter one is filled up with silence."""
    frames = np.zeros((max(len(left), len(right)), 2), dtype=np.int16)
    frames[: len(left), 0] = left
    frames[: len(right), 1] = right
    _write(target, frames, 2, rate_hz)


def _write(
    target: Path | BinaryIO, frames: npt.NDArray[np.int16], channels: int, rate_hz: int
) -> None:
    with wave.open(str(target) if isinstance(target, Path) else target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(frames.astype("<i2", copy=False).tobytes())
