"""The visit log as files that can be checked without us: docs/visit-log.md says how."""

import csv
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TextIO
from uuid import UUID

from supervisor.database.pool import Connection
from supervisor.database.visit_chain import LIMIT_S
from supervisor.errors import OperatorError

COLUMNS: Final = (
    "condominium",
    "condominium_id",
    "position",
    "at",
    "call_id",
    "sequence",
    "outcome",
    "visitor",
    "company",
    "block",
    "apartment",
    "prev_hash",
    "hash",
    "record",
)
"""Of a CSV file. ``record`` is the text that ``hash`` is of; the columns before repeat it."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection)."""


class ExportError(OperatorError):
    """A file cannot be written."""


class WriteVisit(Protocol):
    """Takes a visit, in the order of the file."""

    def __call__(self, visit: Mapping[str, Any], /) -> None:
        """Raises ``OSError``."""


async def visits(
    connection: Connection, *, condominium: str | None = None, since: datetime | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Entries of the log as JSON-able data, by condominium and position; hashes in hexadecimal."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(_SELECT, condominium, since, timeout=LIMIT_S):
            yield {name: _plain(value) for name, value in row.items()}


@contextmanager
def exporting(file: Path, suffix: str | None = None) -> Iterator[WriteVisit]:
    """Write a file as ``suffix`` says, its own if left out: ``.csv`` or ``.json``.

    Raises :class:`ExportError`.
    """
    writers = {".csv": _csv, ".json": _json}
    writer = writers.get(suffix or file.suffix.lower())
    if writer is None:
        raise ExportError(
            f"{file} is none of .csv, .json, .xlsx and .pdf; end the name with one of them."
        )
    with (
        whole(file) as partial,
        partial.open("w", encoding="utf-8", newline="") as opened,
        writer(opened) as write,
    ):
        yield write


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Where to write ``file``, which appears when it is whole. Raises :class:`ExportError`."""
    partial = file.with_name(f".{file.name}.partial")
    try:
        yield partial
        partial.replace(file)
    except OSError as error:
        raise ExportError(f"{file} cannot be written: {error.strerror}; choose another.") from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _csv(opened: TextIO) -> Iterator[WriteVisit]:
    writer = csv.writer(opened)
    writer.writerow(COLUMNS)

    def write(visit: Mapping[str, Any]) -> None:
        said = {**visit["data"], **visit}
        writer.writerow([_cell(said.get(name)) for name in COLUMNS])

    yield write


@contextmanager
def _json(opened: TextIO) -> Iterator[WriteVisit]:
    before = "[\n"

    def write(visit: Mapping[str, Any]) -> None:
        nonlocal before
        opened.write(before + json.dumps(visit, ensure_ascii=False))
        before = ",\n"

    yield write
    opened.write("[]\n" if before == "[\n" else "\n]\n")


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes():
            return value.hex()
    return value


_SELECT: Final = """
    SELECT c.name AS condominium, v.condominium_id, v.position, v.at, v.call_id, v.sequence,
        v.outcome, v.data, v.prev_hash, v.hash, v.record
    FROM visits v JOIN condominiums c ON c.id = v.condominium_id
    WHERE ($1::text IS NULL OR c.name = $1) AND ($2::timestamptz IS NULL OR v.at >= $2)
    ORDER BY c.name, v.condominium_id, v.position
"""
