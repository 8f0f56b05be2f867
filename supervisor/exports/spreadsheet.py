"""The visit log as XLSX: typed cells, the header in place, row by row to the disk.

Every text is written as a text: nothing that somebody said becomes a formula or a link.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from supervisor.exports.report import (
    INTENTS,
    OUTCOMES,
    Report,
    TooLongError,
    WriteVisit,
    calls_of,
    words_of,
)

MOST_ENTRIES: Final = 1_000_000
"""A sheet has 1,048,576 rows."""
LONGEST_CELL: Final = 32_767
"""Excel's own limit; a record that is longer is only in the CSV and JSON exports."""
LEFT_OUT: Final = "(longo demais para uma célula; veja a exportação CSV)"
COLUMNS: Final = (
    ("Nº", 8),
    ("Data e hora", 19),
    ("Condomínio", 24),
    ("Motivo", 10),
    ("Visitante", 22),
    ("Empresa", 18),
    ("Bloco", 8),
    ("Apartamento", 12),
    ("Morador", 22),
    ("Ligações", 26),
    ("Resultado", 20),
    ("Autorização", 38),
    ("Chamada", 38),
    ("Hash anterior", 30),
    ("Hash", 30),
    ("Registro", 60),
)


@contextmanager
def spreadsheet(file: Path, report: Report) -> Iterator[WriteVisit]:
    """Write an XLSX file. Raises ``OSError``."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    try:
        with xlsxwriter.Workbook(str(file), options) as book:
            sheet = _Sheet(book, report)
            yield sheet.write
            sheet.finish()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error


class _Sheet:
    def __init__(self, book: xlsxwriter.Workbook, report: Report) -> None:
        self._report = report
        self._bold = book.add_format({"bold": True, "bg_color": "#DDDDDD", "border": 1})
        self._time = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        self._sheet = book.add_worksheet("Visitas")
        self._row = 0
        for column, (title, width) in enumerate(COLUMNS):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, title, self._bold)
        self._sheet.freeze_panes(1, 0)
        self._describe(book.add_worksheet("Sobre"))

    def write(self, visit: Mapping[str, Any]) -> None:
        """Add a row."""
        self._row += 1
        if self._row > MOST_ENTRIES:
            raise TooLongError(f"an XLSX file takes {MOST_ENTRIES:,} entries")
        at = self._report.local(visit["at"], visit["condominium_id"]).replace(tzinfo=None)
        self._sheet.write_number(self._row, 0, visit["position"])
        self._sheet.write_datetime(self._row, 1, at, self._time)
        for column, text in enumerate(_texts(visit), start=2):
            fits = text if len(text) <= LONGEST_CELL else LEFT_OUT
            self._sheet.write_string(self._row, column, fits)

    def finish(self) -> None:
        """Let every column be filtered."""
        self._sheet.autofilter(0, 0, self._row, len(COLUMNS) - 1)

    def _describe(self, sheet: Any) -> None:
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 80)
        for row, (name, value) in enumerate(_facts(self._report)):
            sheet.write_string(row, 0, name, self._bold)
            sheet.write_string(row, 1, value)


def _texts(visit: Mapping[str, Any]) -> list[str]:
    data = visit["data"]
    return [
        str(visit.get("condominium") or ""),
        words_of(data.get("intent"), INTENTS),
        *(
            str(data.get(name) or "")
            for name in ("visitor", "company", "block", "apartment", "resident")
        ),
        calls_of(data),
        words_of(visit["outcome"], OUTCOMES),
        str(data.get("authorisation") or ""),
        *(str(visit[name]) for name in ("call_id", "prev_hash", "hash", "record")),
    ]


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    yield "Condomínio", report.condominium or "todos"
    yield "Fuso horário", ", ".join(sorted(set(report.timezones.values())))
    yield "De", report.since or ""
    yield "Até", report.until or ""
    yield "Filtros", ", ".join(f"{name}: {value}" for name, value in report.filters.items())
    yield "Gerado em", report.made_at
    if report.verified is not None:
        yield "Registro íntegro", "sim" if report.verified.broken is None else "NÃO"
        yield "Entradas no registro", str(report.verified.entries)
        yield "Último hash", report.verified.last_hash
        yield "Primeira falha", report.verified.broken or ""
