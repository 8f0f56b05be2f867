"""Rendered prompts on disk: many processes may share a folder, and no file is ever half there."""

import hashlib
import logging
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger(__name__)

_MAGIC = b"ramal-slin8-1\n"
_DIGEST_BYTES = 16
_HEADER_BYTES = len(_MAGIC) + _DIGEST_BYTES
_SUFFIX = ".prompt"
_FULL_AGAIN = 0.9
"""Eviction goes down to this share of the bound, so that it is not needed at every write."""
_LOOK_AGAIN = 1 / 16
"""After adding this share of the bound a process looks at the folder again: others add, too."""
_REMOVALS = 3
"""Another process may write into a folder while it is being removed."""
_CLONED = "cloned"
"""The folder in which each cloned voice has one of its own, so that all of it can go at once."""


@dataclass(slots=True)
class FileCounters:
    """Since this process opened the folder."""

    corrupted: int = 0
    evicted: int = 0
    failures: int = 0
    """Reads and writes that the file system refused (a full disk, missing rights)."""


class PromptFiles:
    """Blocking; call it in a thread. A file is written once, whole, under its final name.

    Each holds a digest of its audio: a truncated or altered file is counted, removed and treated
    as missing. ``limit_bytes`` bounds the folder; the least recently used files go first. A name
    with a slash has the id of a cloned voice before it.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._added_bytes: int | None = None
        """Since we last looked at the folder; ``None`` before the first time."""
        self._used_bytes = 0
        self.counters = FileCounters()

    def read(self, name: str) -> bytes | None:
        """The audio kept under ``name``; None where there is none that is intact."""
        path = self._path(name)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as refused:
            self._note(refused)
            return None
        audio = _audio(data)
        if audio is None:
            self.counters.corrupted += 1
            _log.warning("A prompt file was damaged and is made again: %s", path)
            path.unlink(missing_ok=True)
            return None
        self._touch(path)
        return audio

    def has(self, name: str) -> bool:
        """Whether there is a file under ``name``, intact or not."""
        return self._path(name).exists()

    def write(self, name: str, audio: bytes) -> bool:
        """Keep ``audio`` unless another process did so first; false where the disk refuses it."""
        path = self._path(name)
        try:
            # For us alone: residents' names are spoken in there.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _write_once(path, _MAGIC + _digest(audio) + audio)
            self._bound(_HEADER_BYTES + len(audio))
        except OSError as refused:
            self._note(refused)
            return False
        return True

    def voices(self) -> set[str]:
        """The ids of the cloned voices that have prompts here."""
        try:
            return {path.name for path in (self._folder / _CLONED).iterdir()}
        except FileNotFoundError:
            return set()
        except OSError as refused:
            self._note(refused)
            return set()

    def remove_voice(self, clone: str) -> bool:
        """Delete every prompt of a cloned voice; false where the disk refuses, now."""
        folder = self._folder / _CLONED / clone
        for _ in range(_REMOVALS):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                return True
        self._note(OSError(f"{folder} cannot be removed"))
        return False

    def _path(self, name: str) -> Path:
        clone, _, digest = name.rpartition("/")
        folder = self._folder / _CLONED / clone if clone else self._folder
        return folder / digest[:2] / (digest + _SUFFIX)

    def _touch(self, path: Path) -> None:
        try:
            os.utime(path)
        except OSError as refused:
            if not isinstance(refused, FileNotFoundError):
                self._note(refused)

    def _note(self, refused: OSError) -> None:
        self.counters.failures += 1
        _log.warning("The prompt cache on disk refused: %s", refused)

    def _bound(self, added_bytes: int) -> None:
        """Count what was added; look at the folder itself at first, whenever it may be full, and
        now and then."""
        self._used_bytes += added_bytes
        if self._added_bytes is not None:
            self._added_bytes += added_bytes
            looked_lately = self._added_bytes < self._limit_bytes * _LOOK_AGAIN
            if looked_lately and self._used_bytes <= self._limit_bytes:
                return
        self._added_bytes = 0
        kept = self._kept()
        self._used_bytes = sum(size for _, size, _ in kept)
        if self._used_bytes > self._limit_bytes:
            self._evict(kept)

    def _kept(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self._folder.rglob(f"*{_SUFFIX}"):
            try:
                about = path.stat()
            except FileNotFoundError:
                continue  # another process evicted it
            found.append((about.st_mtime, about.st_size, path))
        return sorted(found)

    def _evict(self, kept: list[tuple[float, int, Path]]) -> None:
        for _, size, path in kept:
            if self._used_bytes <= self._limit_bytes * _FULL_AGAIN:
                return
            path.unlink(missing_ok=True)
            self._used_bytes -= size
            self.counters.evicted += 1


def _write_once(path: Path, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as making:
        made = Path(making.name)
        try:
            making.write(data)
            making.flush()
            made.replace(path)
        except BaseException:
            made.unlink(missing_ok=True)
            raise


def _audio(data: bytes) -> bytes | None:
    audio = data[_HEADER_BYTES:]
    intact = data[:_HEADER_BYTES] == _MAGIC + _digest(audio)
    return audio if intact and audio else None


def _digest(audio: bytes) -> bytes:
    return hashlib.blake2b(audio, digest_size=_DIGEST_BYTES).digest()
