"""Where items are made on this machine: a folder for each job, below ``data_dir``.

``JOB/NUMBER.parts/`` is what there is of an item, a passage each: whoever takes it up again on this
machine goes on behind them. ``JOB/NUMBER-HOLDER.SUFFIX`` is its file, until the database has it.
Called off the event loop.
"""

import shutil
import time
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

FOLDER: Final = "synthesis"
"""Below ``data_dir``."""
STRANGE_AFTER_S: Final = 24 * 3600.0
"""A folder whose job nobody knows is removed: its tenant is gone. Not at once, as somebody may have
pointed us to another database by mistake."""
_CRC_BYTES: Final = 4


class JobFolder:
    """The folder, made when the first sentence is."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, job_id: UUID, name: str) -> Path:
        """Where an item's file is made."""
        return self.root / str(job_id) / name

    def parts(self, job_id: UUID, number: int) -> "Parts":
        """What is there of an item that is being made."""
        return Parts(self.root / str(job_id) / f"{number}.parts")

    def free_bytes(self) -> int:
        """Of the disk. Raises ``OSError``."""
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    def jobs(self) -> set[UUID]:
        """Whose folders there are."""
        return {job_id for job_id, _ in self._folders()}

    def remove(self, job_id: UUID) -> None:
        """Remove a job's folder with all that is in it."""
        shutil.rmtree(self.root / str(job_id), ignore_errors=True)

    def remove_strange(self, known: Collection[UUID]) -> int:
        """Remove folders of jobs that nobody knows, once they are old; returns how many."""
        old = time.time() - STRANGE_AFTER_S
        strange = [
            job_id
            for job_id, folder in self._folders()
            if job_id not in known and folder.stat().st_mtime < old
        ]
        for job_id in strange:
            self.remove(job_id)
        return len(strange)

    def _folders(self) -> Iterator[tuple[UUID, Path]]:
        if not self.root.is_dir():
            return
        for folder in self.root.iterdir():
            try:
                yield UUID(folder.name), folder
            except ValueError:
                continue  # not ours


class Parts:
    """The passages of an item, each with a checksum: a power cut may leave half of one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Where they are; made with the first."""

    def count(self) -> int:
        """How many there are from the first on without a gap."""
        number = 0
        while self._read(number) is not None:
            number += 1
        return number

    def add(self, number: int, slin: bytes) -> None:
        """Keep the passage of that number, from 0. Raises ``OSError``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self._part(number)
        making = part.with_suffix(".making")
        making.write_bytes(slin + zlib.crc32(slin).to_bytes(_CRC_BYTES, "big"))
        making.replace(part)

    def read(self, number: int) -> bytes:
        """A passage's slin. Raises ``OSError`` for one that is not there or damaged."""
        slin = self._read(number)
        if slin is None:
            raise OSError(f"{self._part(number)} is gone")
        return slin

    def remove(self) -> None:
        """Remove all of them."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _part(self, number: int) -> Path:
        return self.folder / f"{number:06}.slin"

    def _read(self, number: int) -> bytes | None:
        try:
            data = self._part(number).read_bytes()
        except FileNotFoundError:
            return None
        slin, crc = data[:-_CRC_BYTES], data[-_CRC_BYTES:]
        return slin if zlib.crc32(slin).to_bytes(_CRC_BYTES, "big") == crc else None
