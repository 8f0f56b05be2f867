"""A directory as a CSV file: ``block,unit,resident,phone,notes``, one row per telephone number, and
``language`` where residents are called in one of their own."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from supervisor.database.directory import ResidentRow, UnitRow
from supervisor.errors import OperatorError
from supervisor.phones import PhoneError, normalise_phone
from supervisor.rules import DOORMAN_LANGUAGES

COLUMNS = ("block", "unit", "resident", "phone", "notes")
LANGUAGE = "language"
"""A column that may be missing: what is known of residents' languages then stays."""


class DirectoryFileError(OperatorError):
    """The file cannot be imported; the message names the line."""


def read_directory(file: Path) -> list[UnitRow]:
    """The units of a file, in its order; rows of one resident add numbers, tried in their order.

    Commas or semicolons, UTF-8 with or without a byte order mark: what spreadsheets write. A unit
    without a resident is kept. Raises :class:`DirectoryFileError` for the first bad line, and for a
    file without units: to replace a directory with nothing is hardly ever meant.
    """
    units: dict[tuple[str, str], UnitRow] = {}
    for line, row in _rows(file):
        where = f"{file}, line {line}"
        key = (row["block"], row["unit"])
        if not row["unit"]:
            raise DirectoryFileError(f"{where}: the unit is missing; fill it in. {NOTHING_DONE}")
        unit = units.get(key, UnitRow(*key, residents=()))
        units[key] = _with_row(unit, row, where)
    if not units:
        raise DirectoryFileError(
            f"{file} holds no units; write them below the first line. {NOTHING_DONE}"
        )
    return list(units.values())


NOTHING_DONE = "Nothing was imported."


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    text = _text(file)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",", strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if sorted(header) not in (sorted(COLUMNS), sorted((*COLUMNS, LANGUAGE))):
            raise DirectoryFileError(
                f"{file}, line 1: the columns must be {','.join(COLUMNS)}, perhaps {LANGUAGE}; "
                f"correct the first line. {NOTHING_DONE}"
            )
        for fields in reader:
            if any(field.strip() for field in fields):
                yield reader.line_num, _named(header, fields, f"{file}, line {reader.line_num}")
    except csv.Error as error:
        raise DirectoryFileError(
            f"{file}, line {reader.line_num}: {error}; correct the quotes. {NOTHING_DONE}"
        ) from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").replace("\0", "")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DirectoryFileError(
            f"{file}, line {line}: this is not UTF-8 text; export the file again as CSV UTF-8. "
            f"{NOTHING_DONE}"
        ) from None
    except OSError as error:
        raise DirectoryFileError(f"{file} cannot be read: {error.strerror}.") from None


def _named(header: list[str], fields: list[str], where: str) -> dict[str, str]:
    if len(fields) != len(header):
        raise DirectoryFileError(
            f"{where}: there are {len(fields)} fields instead of {len(header)}; "
            f"put quotes around text with a separator in it. {NOTHING_DONE}"
        )
    return {name: " ".join(field.split()) for name, field in zip(header, fields, strict=True)}


def _with_row(unit: UnitRow, row: dict[str, str], where: str) -> UnitRow:
    if not row["resident"]:
        if row["phone"]:
            raise DirectoryFileError(
                f"{where}: a phone without a resident; fill in whose it is. {NOTHING_DONE}"
            )
        return replace(unit, notes=row["notes"])
    phones = (_phone(row["phone"], where),) if row["phone"] else ()
    others = [each for each in unit.residents if each.name != row["resident"]]
    same = [each for each in unit.residents if each.name == row["resident"]]
    if not same:
        resident = ResidentRow(row["resident"], phones, row["notes"], _language(row, where))
        return replace(unit, residents=(*others, resident))
    merged = replace(
        same[0],
        phones=tuple(dict.fromkeys((*same[0].phones, *phones))),
        notes=same[0].notes or row["notes"],
        language=same[0].language or _language(row, where),
    )
    return replace(
        unit,
        residents=tuple(merged if each is same[0] else each for each in unit.residents),
    )


def _language(row: dict[str, str], where: str) -> str | None:
    language = row.get(LANGUAGE)
    if language and language not in DOORMAN_LANGUAGES:
        raise DirectoryFileError(
            f'{where}: nobody is called in "{language}"; write {", ".join(DOORMAN_LANGUAGES)}, or '
            f"nothing. {NOTHING_DONE}"
        )
    return language


def _phone(written: str, where: str) -> str:
    try:
        return normalise_phone(written)
    except PhoneError as error:
        raise DirectoryFileError(f"{where}: {error}; correct it. {NOTHING_DONE}") from None
