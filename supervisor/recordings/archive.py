"""From a WAV file that grew with a call to what is kept: FLAC, half as large, sample by sample.

For a thread: some 3 ms for each second of stereo at 8 kHz.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from supervisor.recordings.part_file import FRAME_BYTES, HEADER_BYTES

BLOCK_FRAMES: Final = 80_000
RATE_AT: Final = 24
"""Where a WAV header of ours has the rate."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A file that is kept. ``pcm_sha256`` is of its samples: 16 bits, little endian, party and
    ours in turns; it is the same for FLAC and WAV."""

    rate_hz: int
    duration_ms: int
    size_bytes: int
    sha256: bytes
    pcm_sha256: bytes


class DamagedError(Exception):
    """What was written is not what was to be kept."""


def archive(live: Path, target: Path) -> Archived | None:
    """Keep a part as FLAC, which appears when it is whole; ``None`` for a part without audio.

    Raises ``OSError`` for a disk that does not take it, and :class:`DamagedError`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    try:
        frames, rate_hz, digest = _encode(live, partial)
        if not frames:
            return None
        if _digest(_decoded(partial)) != digest:
            raise DamagedError(f"{partial} does not give back what was written to it")
        archived = Archived(
            rate_hz, frames * 1000 // rate_hz, partial.stat().st_size, sha256_of(partial), digest
        )
        partial.replace(target)
    except soundfile.LibsndfileError as error:
        raise OSError(str(error)) from error
    finally:
        partial.unlink(missing_ok=True)
    return archived


def _encode(live: Path, target: Path) -> tuple[int, int, bytes]:
    """Returns frames, rate in Hz, and the hash of the samples."""
    with live.open("rb") as source, target.open("wb") as opened:
        header = source.read(HEADER_BYTES)
        rate_hz = int.from_bytes(header[RATE_AT : RATE_AT + 4], "little")
        if len(header) < HEADER_BYTES or not rate_hz:
            return 0, 0, b""
        digest, frames = hashlib.sha256(), 0
        with soundfile.SoundFile(opened, "w", rate_hz, 2, "PCM_16", format="FLAC") as flac:
            while data := source.read(BLOCK_FRAMES * FRAME_BYTES):
                data = data[: len(data) // FRAME_BYTES * FRAME_BYTES]  # a crash may cut one off
                digest.update(data)
                frames += len(data) // FRAME_BYTES
                flac.write(np.frombuffer(data, "<i2").reshape(-1, 2))
        opened.flush()
        os.fsync(opened.fileno())
    return frames, rate_hz, digest.digest()


def _decoded(file: Path) -> Iterator[npt.NDArray[np.int16]]:
    with soundfile.SoundFile(file) as opened:
        yield from opened.blocks(BLOCK_FRAMES, dtype="int16", always_2d=True)


def _digest(blocks: Iterator[npt.NDArray[np.int16]]) -> bytes:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block.astype("<i2", copy=False).tobytes())
    return digest.digest()


def sha256_of(file: Path) -> bytes:
    """Of all its bytes."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()
