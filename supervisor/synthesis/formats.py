"""The files that speech is written to, passage by passage: an hour takes no more memory than one
sentence. Everything here computes or waits for the disk, and is called off the event loop."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias, get_args

import numpy as np
import soundfile

Format: TypeAlias = Literal["wav", "mp3", "opus", "slin", "slin16"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
BLOCK_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class FileFormat:
    """``container`` and ``subtype`` are libsndfile's; raw little-endian int16 without them."""

    suffix: str
    rate_hz: int
    media: str
    container: str | None = None
    subtype: str | None = None


FILES: Final[dict[Format, FileFormat]] = {
    "wav": FileFormat("wav", 16_000, "audio/wav", "WAV", "PCM_16"),
    "mp3": FileFormat("mp3", 16_000, "audio/mpeg", "MP3", "MPEG_LAYER_III"),
    "opus": FileFormat("opus", 16_000, "audio/ogg", "OGG", "OPUS"),
    "slin": FileFormat("sln", 8000, "audio/x-slin"),
    "slin16": FileFormat("sln16", 16_000, "audio/x-slin"),
}
"""All mono. Asterisk plays ``.sln`` and ``.sln16`` as they are (its file formats by suffix)."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is whole and on the disk."""

    sha256: bytes
    size_bytes: int
    duration_ms: int


class _Sink(Protocol):
    def write(self, slin: bytes, /) -> Any:
        """Take some more."""


class _SoundFile:
    """libsndfile, given slin."""

    def __init__(self, file: soundfile.SoundFile) -> None:
        self._file = file

    def __enter__(self) -> "_SoundFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, slin: bytes, /) -> None:
        """Encode in blocks: libsndfile's Opus takes no end of stack for a long one."""
        for start in range(0, len(slin), BLOCK_BYTES):
            self._file.write(np.frombuffer(slin[start : start + BLOCK_BYTES], "<i2"))


def can_write(name: Format) -> bool:
    """Whether this machine's libsndfile writes that format."""
    file = FILES[name]
    return file.container is None or bool(soundfile.check_format(file.container, file.subtype))


def write_file(path: Path, name: Format, slin: Iterable[bytes]) -> Written:
    """Write ``slin`` (at the format's rate) to ``path`` and the disk. Raises ``OSError``."""
    file = FILES[name]
    samples = 0
    with _open(path, file) as sink:
        for piece in slin:
            sink.write(piece)
            samples += len(piece) // 2
    with path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").digest()
        os.fsync(written.fileno())
        size_bytes = written.tell()
    return Written(sha256, size_bytes, samples * 1000 // file.rate_hz)


def _open(path: Path, file: FileFormat) -> AbstractContextManager[_Sink]:
    if file.container is None:
        return path.open("wb")
    try:
        made = soundfile.SoundFile(
            path, "w", file.rate_hz, 1, subtype=file.subtype, format=file.container
        )
    except soundfile.LibsndfileError as error:
        raise OSError(f"{path.name} cannot be written: {error}") from error
    return _SoundFile(made)
