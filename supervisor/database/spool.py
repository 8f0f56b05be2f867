"""Entries of the journal on disk, for as long as the database does not take them.

Each process has a folder of its own under the spool's root, with segments named by number; a
segment is deleted once all of it is in the database. Where delivery stands is not written down:
after a crash a segment is delivered from its beginning, and the ``events`` table knows what it has.

A folder is locked by its process. The kernel takes the lock away when the process dies, however it
dies, and :func:`adopt` then gives the folder to whoever asks first.

Every append ends with one ``fsync`` for all of its entries: a process that is killed loses nothing
that it wrote in any case, and a power cut loses no entry that left the memory. While the database
is away nothing else keeps them, and a batch costs milliseconds in a thread that no call waits for.

Nothing here knows of asyncio; the methods block, and may be called from any thread.
"""

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from conversation.journal import Entry
from supervisor.database.spool_folder import fsync_folder, lock_folder, make_folder
from supervisor.database.spool_record import DamagedLineError, decode_line, encode_line

SEGMENT_BYTES: Final = 4 * 1024 * 1024
"""Small enough that little is offered twice after a crash, and that disk space comes back soon."""
LIMIT_BYTES: Final = 512 * 1024 * 1024
"""For the whole root, whoever's the folders are: some two million turns of a call."""
_SUFFIX: Final = ".log"


class SpoolFullError(Exception):
    """The spool's limit is reached: not even the first entry fits."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a batch: its first ``count`` entries are done with, the others are not kept.

    ``refused`` are those among them that are no JSON, with what is wrong.
    """

    count: int
    refused: tuple[tuple[Entry, Exception], ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A byte of a segment, and how many damaged lines were met on the way to it."""

    segment: int
    offset: int
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """The oldest entries, and for each where it ends; damaged lines between them are left out."""

    entries: tuple[Entry, ...]
    places: tuple[_Place, ...]
    end: _Place
    """Behind everything that was looked at."""


class _Reader:
    """Reads whole segments, one after the other, until it has enough."""

    def __init__(self, start: _Place, count: int) -> None:
        self.place = start
        self.entries: list[Entry] = []
        self.places: list[_Place] = []
        self._count = count

    @property
    def is_full(self) -> bool:
        return len(self.entries) >= self._count

    def read(self, segment: int, path: Path) -> None:
        if segment != self.place.segment:
            self.place = replace(self.place, segment=segment, offset=0)
        with path.open("rb") as opened:
            opened.seek(self.place.offset)
            while not self.is_full and (line := opened.readline()):
                self._take(line)

    def _take(self, line: bytes) -> None:
        self.place = replace(self.place, offset=self.place.offset + len(line))
        try:
            self.entries.append(decode_line(line))
        except DamagedLineError:
            self.place = replace(self.place, damaged=self.place.damaged + 1)
        else:
            self.places.append(self.place)


class Spool:
    """A folder of segments under ``root``; the disk is not touched before the first append."""

    def __init__(
        self, root: Path, *, limit_bytes: int = LIMIT_BYTES, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self.root = root
        self._limit_bytes = limit_bytes
        self._segment_bytes = segment_bytes
        self._folder: Path | None = None
        self._lock_fd: int | None = None
        self._turn = threading.Lock()
        self._writing: int | None = None
        self._written_bytes = 0
        self._last_segment = 0
        self._read_to = _Place(0, 0)
        self._pending = 0

    @property
    def pending(self) -> int:
        """Entries appended here that :meth:`advance` has not passed."""
        return self._pending

    @property
    def folder(self) -> Path | None:
        """Where the segments are; ``None`` before the first append."""
        return self._folder

    def append(self, entries: Sequence[Entry]) -> Kept:
        """Write entries behind the others and see them on the disk.

        Raises ``OSError`` where the disk does not take them, with none of them kept, and
        :class:`SpoolFullError`.
        """
        with self._turn:
            lines, kept = self._fitting(entries)
            if lines:
                self._open_segment()
                self._write(b"".join(lines))
                self._pending += len(lines)
            return kept

    def head(self, count: int) -> Head:
        """The oldest entries, at most ``count``. Raises ``OSError``."""
        with self._turn:
            reader = _Reader(self._read_to, count)
            for segment in self._segments():
                reader.read(segment, self._path(segment))
                if reader.is_full:
                    break
            return Head(tuple(reader.entries), tuple(reader.places), reader.place)

    def advance(self, head: Head, count: int) -> int:
        """The first ``count`` entries of ``head`` are delivered: give their space back.

        Returns how many damaged lines were passed.
        """
        with self._turn:
            whole = count == len(head.entries)
            before, self._read_to = self._read_to, head.end if whole else head.places[count - 1]
            self._pending = max(0, self._pending - count)
            for segment in self._segments():
                if segment < self._read_to.segment or self._is_read(segment):
                    self._delete(segment)
            if not self._segments():
                self._pending = 0
                self._close_segment()
            return self._read_to.damaged - before.damaged

    def set_aside(self) -> Path | None:
        """Rename the oldest segment, which cannot be read, so that it holds up no other."""
        with self._turn:
            segments = self._segments()
            if not segments or self._folder is None:
                return None
            if segments[0] == self._last_segment:
                self._close_segment()
            path = self._path(segments[0])
            aside = path.with_suffix(".unreadable")
            path.rename(aside)
            if len(segments) == 1:
                self._pending = 0
            return aside

    def close(self) -> None:
        """Let go of the folder; what is left in it is for whoever adopts it."""
        with self._turn:
            self._close_segment()
            if self._folder is not None:
                with suppress(OSError):  # not empty: there are entries in it
                    self._folder.rmdir()
            self._forget_folder()

    # ------------------------------------------------------------------ writing

    def _fitting(self, entries: Sequence[Entry]) -> tuple[list[bytes], Kept]:
        lines: list[bytes] = []
        refused: list[tuple[Entry, Exception]] = []
        room = self._limit_bytes - used_bytes(self.root)
        for count, entry in enumerate(entries):
            try:
                line = encode_line(entry)
            except (TypeError, ValueError) as error:
                refused.append((entry, error))
                continue
            if len(line) > room:
                if count == 0:
                    raise SpoolFullError(f"{self.root} holds its {self._limit_bytes} bytes")
                return lines, Kept(count, tuple(refused))
            room -= len(line)
            lines.append(line)
        return lines, Kept(len(entries), tuple(refused))

    def _open_segment(self) -> None:
        if self._folder is None:
            self._folder, self._lock_fd = make_folder(self.root)
        if self._writing is not None and self._written_bytes < self._segment_bytes:
            return
        self._close_segment()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        try:
            self._writing = os.open(self._path(self._last_segment + 1), flags, 0o600)
        except FileNotFoundError:  # somebody removed the folder; the next try makes another
            self._forget_folder()
            raise
        self._last_segment += 1
        self._written_bytes = 0
        fsync_folder(self._folder)

    def _write(self, data: bytes) -> None:
        assert self._writing is not None
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(self._writing, left) :]
            os.fsync(self._writing)
        except OSError:
            self._cut()
            raise
        self._written_bytes += len(data)

    def _cut(self) -> None:
        """Take half a batch away again. What even that leaves behind, reading leaves out."""
        assert self._writing is not None
        with suppress(OSError):
            os.ftruncate(self._writing, self._written_bytes)
        if not self._written_bytes:
            with suppress(OSError):
                self._path(self._last_segment).unlink()
        self._close_segment()

    def _forget_folder(self) -> None:
        self._folder = None
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    def _close_segment(self) -> None:
        if self._writing is not None:
            os.close(self._writing)
            self._writing = None

    # ------------------------------------------------------------------ reading

    def _segments(self) -> list[int]:
        if self._folder is None:
            return []
        return sorted(
            int(path.stem) for path in self._folder.glob(f"*{_SUFFIX}") if path.stem.isdigit()
        )

    def _path(self, segment: int) -> Path:
        assert self._folder is not None
        return self._folder / f"{segment:08d}{_SUFFIX}"

    def _is_read(self, segment: int) -> bool:
        if segment != self._read_to.segment:
            return False
        return self._read_to.offset >= self._path(segment).stat().st_size

    def _delete(self, segment: int) -> None:
        if segment == self._last_segment:
            self._close_segment()
        self._path(segment).unlink()


def adopt(root: Path) -> list[Spool]:
    """The folders under ``root`` whose process is gone, the oldest first, for us to deliver.

    Empty ones are removed. Raises ``OSError`` where the root cannot be read.
    """
    if not root.is_dir():
        return []
    found = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    adopted = [_adopt(path) for path in sorted(found, key=_changed_at)]
    return [spool for spool in adopted if spool is not None]


def used_bytes(root: Path) -> int:
    """What all segments under ``root`` hold, whoever's they are."""
    total = 0
    for path in root.glob("*/*"):
        with suppress(FileNotFoundError):  # delivered meanwhile, by its own process
            total += path.stat().st_size
    return total


def _adopt(folder: Path) -> Spool | None:
    lock = lock_folder(folder)
    if lock is None:
        return None
    spool = Spool(folder.parent)
    spool._folder, spool._lock_fd = folder, lock
    segments = spool._segments()
    if segments:
        spool._last_segment = segments[-1]
        return spool
    spool.close()
    return None


def _changed_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:  # another process was faster
        return 0.0
