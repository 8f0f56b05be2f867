"""A WAV file that grows with a call, and can be read whenever its writer may have died."""

import fcntl
import os
import struct
from pathlib import Path
from typing import Final

HEADER_BYTES: Final = 44
"""Of a WAV file as we write it: what follows are samples to the end of the file."""
FRAME_BYTES: Final = 4
"""Two channels of 16 bits."""


class PartFile:
    """Owned by one thread. Its lock tells others that it is being written; the kernel opens the
    lock when the process dies."""

    def __init__(self, path: Path, rate_hz: int) -> None:
        """Raises ``OSError``, ``FileExistsError`` among them."""
        self.path = path
        self._rate_hz = rate_hz
        self._frames = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._write_header()
        except OSError:
            os.close(self._file)
            path.unlink()
            raise

    def write(self, place: int, stereo: bytes) -> None:
        """Write whole frames at frame number ``place``; what was left out before is silence.

        Raises ``OSError``; the file then is as if this had not been tried.
        """
        _write_all(self._file, stereo, HEADER_BYTES + place * FRAME_BYTES)
        self._frames = max(self._frames, place + len(stereo) // FRAME_BYTES)
        self._write_header()

    def close(self) -> None:
        """Let go of it, once it is on the disk. Raises ``OSError``."""
        try:
            os.ftruncate(self._file, HEADER_BYTES + self._frames * FRAME_BYTES)
            os.fsync(self._file)
        finally:
            os.close(self._file)

    def _write_header(self) -> None:
        data_bytes = self._frames * FRAME_BYTES
        _write_all(self._file, wav_header(self._rate_hz, data_bytes), 0)


def wav_header(rate_hz: int, data_bytes: int) -> bytes:
    """The 44 bytes before 16-bit stereo samples."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        HEADER_BYTES - 8 + data_bytes,
        b"WAVE",
        b"fmt ",
        16,
        1,
        2,
        rate_hz,
        rate_hz * FRAME_BYTES,
        FRAME_BYTES,
        16,
        b"data",
        data_bytes,
    )


def is_being_written(path: Path) -> bool:
    """Whether a living process writes it."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
