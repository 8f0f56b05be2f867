"""Results as one ZIP archive, made while it is sent: it takes no memory and no room on the disk."""

import csv
import io
import re
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias
from uuid import UUID

INDEX: Final = "index.csv"
INDEX_COLUMNS: Final = ("number", "name", "state", "file", "duration_ms", "sha256", "error")
_EARLIEST: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""The first moment that a ZIP archive knows."""


@dataclass(frozen=True, slots=True)
class Result:
    """An item of a job; it has a file if it is ``done``."""

    id: UUID
    number: int
    name: str
    state: str
    suffix: str
    sha256: bytes | None
    size_bytes: int | None
    duration_ms: int | None
    error: str | None
    at: datetime | None

    @property
    def entry(self) -> str:
        """What its file is called in the archive."""
        if self.state != "done":
            return ""
        return file_name(self.number, self.name, self.suffix)


Read: TypeAlias = Callable[[Result], AsyncIterator[bytes]]
"""The file of an item that is done, block by block."""


def file_name(number: int, name: str, suffix: str) -> str:
    """A name for a download that any system takes, such as ``0007-aviso-da-piscina.mp3``."""
    plain = re.sub(r"[^\w]+", "-", name, flags=re.UNICODE).strip("-_")[:60]
    return f"{number:04}{'-' + plain if plain else ''}{suffix}"


async def zipped(results: Sequence[Result], read: Read) -> AsyncGenerator[bytes, None]:
    """The archive's bytes: every file, stored as it is, and ``index.csv`` with all items.

    Raises what ``read`` raises: then the archive has no end, and no reader takes it for whole.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        latest = max((each.at for each in results if each.at), default=None)
        archive.writestr(_info(INDEX, latest), _index(results))
        for result in results:
            if result.entry:
                with archive.open(_info(result.entry, result.at), "w") as entry:
                    async for block in read(result):
                        entry.write(block)
                        yield outlet.taken()
        yield outlet.taken()
    yield outlet.taken()


def _info(name: str, at: datetime | None) -> zipfile.ZipInfo:
    moment = max(at or _EARLIEST, _EARLIEST).astimezone(UTC)
    return zipfile.ZipInfo(name, moment.timetuple()[:6])


def _index(results: Iterable[Result]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(INDEX_COLUMNS)
    for each in results:
        cells = (
            each.number,
            _harmless(each.name),
            each.state,
            each.entry,
            each.duration_ms,
            each.sha256.hex() if each.sha256 else "",
            _harmless(each.error or ""),
        )
        writer.writerow(cells)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


class _Outlet(io.RawIOBase):
    """What an archive is written to; it cannot be sought in, and gives what it got."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is not, so that sizes and checksums follow each file."""
        return False

    def tell(self) -> int:
        """How much was written."""
        return self._at

    def write(self, data: object, /) -> int:
        """Hold some more."""
        block = bytes(data)  # type: ignore[call-overload]
        self._held += block
        self._at += len(block)
        return len(block)

    def taken(self) -> bytes:
        """What came since the last time."""
        held, self._held = bytes(self._held), bytearray()
        return held
