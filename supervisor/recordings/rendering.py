"""Recordings as they are downloaded: one file, in the format that was asked for.

Parts of a call that came back after a crash are joined, with the silence that was between them.
For a thread.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, TypeAlias
from uuid import UUID

import numpy as np
import soundfile

from supervisor.recordings.archive import BLOCK_FRAMES
from supervisor.recordings.names import RENDERED

Format: TypeAlias = Literal["flac", "wav", "opus", "mp3"]
MEDIA: Final[dict[Format, str]] = {
    "flac": "audio/flac",
    "wav": "audio/wav",
    "opus": "audio/ogg",
    "mp3": "audio/mpeg",
}
WRITTEN_AS: Final[dict[Format, tuple[str, str]]] = {
    "flac": ("FLAC", "PCM_16"),
    "wav": ("WAV", "PCM_16"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
LONGEST_GAP_S: Final = 3600
"""Between two parts; a longer one is made as short as this."""


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part in its file, below the folder of recordings."""

    file: str
    started_at: datetime
    sha256: str


def rendered(
    folder: Path, call_id: UUID, party: str, parts: Sequence[KeptPart], wanted: Format
) -> Path:
    """A file with all of ``parts`` (in order, at least one) as ``wanted``, made unless it is there.

    Raises ``FileNotFoundError`` for a part that is on another machine, or gone.
    """
    sources = [folder / part.file for part in parts]
    for source in sources:
        source.stat()
    if wanted == "flac" and len(sources) == 1:
        return sources[0]
    content = hashlib.sha256("".join(part.sha256 for part in parts).encode()).hexdigest()[:16]
    target = folder / RENDERED / f"{call_id}.{party}.{content}.{wanted}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{os.getpid()}.{id(parts)}.{target.name}")
        try:
            _write(partial, sources, parts, wanted)
            kept = sources[0].stat()
            os.utime(partial, ns=(kept.st_atime_ns, kept.st_mtime_ns))  # its ETag is made of this
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    os.utime(target, ns=(time.time_ns(), target.stat().st_mtime_ns))
    return target


def _write(
    target: Path, sources: Sequence[Path], parts: Sequence[KeptPart], wanted: Format
) -> None:
    container, subtype = WRITTEN_AS[wanted]
    rate_hz = soundfile.info(sources[0]).samplerate
    with soundfile.SoundFile(target, "w", rate_hz, 2, subtype, format=container) as file:
        written = 0
        for source, part in zip(sources, parts, strict=True):
            offset_s = (part.started_at - parts[0].started_at).total_seconds()
            written += _be_silent(file, round(offset_s * rate_hz) - written)
            with soundfile.SoundFile(source) as opened:
                for block in opened.blocks(BLOCK_FRAMES, dtype="int16", always_2d=True):
                    file.write(block)
                    written += len(block)


def _be_silent(file: soundfile.SoundFile, missing: int) -> int:
    """Write so many frames of silence, if that is not negative; returns how many were written."""
    wanted: int = max(0, min(missing, LONGEST_GAP_S * file.samplerate))
    for begin in range(0, wanted, BLOCK_FRAMES):
        file.write(np.zeros((min(BLOCK_FRAMES, wanted - begin), 2), dtype=np.int16))
    return wanted
