"""The visit log of one condominium as a PDF report: what an assembly or an auditor is handed.

The font is Bitstream Vera, embedded: it comes with reportlab under a licence that allows that, and
has every character of Portuguese. A character that it lacks is shown as a question mark; the
record in the CSV export has it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from supervisor.exports.report import (
    INTENTS,
    OUTCOMES,
    Report,
    TooLongError,
    WriteVisit,
    calls_of,
    unit_of,
    words_of,
)

MOST_ENTRIES: Final = 5_000
"""Some 300 pages; who needs more takes a shorter period, or the spreadsheet."""
FONT: Final = "Vera"
BOLD: Final = "VeraBd"
SIZE: Final = 7.0
LEADING: Final = 8.6
MARGIN: Final = 36.0
PADDING: Final = 3.0
MOST_LINES: Final = 4
"""Of a cell; what somebody said may be long."""
HEAD_HEIGHT: Final = 58.0
FOOT_HEIGHT: Final = 26.0
SUMMARY_LINES: Final = 7
COLUMNS: Final = (
    ("Nº", 34.0),
    ("Data e hora", 92.0),
    ("Motivo", 46.0),
    ("Visitante", 100.0),
    ("Empresa", 80.0),
    ("Unidade", 52.0),
    ("Morador", 96.0),
    ("Ligações", 98.0),
    ("Resultado", 88.0),
    ("Hash da entrada", 83.0),
)
HASH_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class _Row:
    cells: Sequence[Sequence[str]]

    @property
    def height(self) -> float:
        return max(len(cell) for cell in self.cells) * LEADING + 2 * PADDING


@contextmanager
def printed(file: Path, report: Report) -> Iterator[WriteVisit]:
    """Write a PDF file once all entries are there. Raises ``OSError``."""
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    rows: list[_Row] = []
    last: list[str] = []

    def write(visit: Mapping[str, Any]) -> None:
        if len(rows) >= MOST_ENTRIES:
            raise TooLongError(f"a PDF report takes {MOST_ENTRIES:,} entries")
        rows.append(_Row([_wrapped(*cell) for cell in _cells(report, visit)]))
        last[:] = [visit["hash"]]

    yield write
    _Pages(file, report, rows, last[0] if last else "").draw()


def _cells(report: Report, visit: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    data = visit["data"]
    texts = (
        str(visit["position"]),
        f"{report.local(visit['at']):%d/%m/%Y %H:%M:%S}",
        words_of(data.get("intent"), INTENTS),
        str(data.get("visitor") or ""),
        str(data.get("company") or ""),
        unit_of(data),
        str(data.get("resident") or ""),
        calls_of(data),
        words_of(visit["outcome"], OUTCOMES),
        visit["hash"][:HASH_SHOWN],
    )
    for text, (_, width) in zip(texts, COLUMNS, strict=True):
        yield text, width


def _wrapped(text: str, width: float) -> list[str]:
    lines = [
        piece
        for line in simpleSplit(_shown(text), FONT, SIZE, width - 2 * PADDING)
        for piece in _pieces(line, width - 2 * PADDING)
    ]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]
    return lines or [""]


def _pieces(line: str, width: float) -> Iterator[str]:
    """A word that is wider than its column is cut where the column ends."""
    while pdfmetrics.stringWidth(line, FONT, SIZE) > width:
        count = len(line)
        while count > 1 and pdfmetrics.stringWidth(line[:count], FONT, SIZE) > width:
            count -= 1
        yield line[:count]
        line = line[count:]
    yield line


def _shown(text: str) -> str:
    font: Any = pdfmetrics.getFont(FONT)
    known = font.face.charToGlyph
    return "".join(each if ord(each) in known else "?" for each in text)


class _Pages:
    """Lays rows out first, so that every page can say of how many it is one."""

    def __init__(self, file: Path, report: Report, rows: Sequence[_Row], last_hash: str) -> None:
        self._report = report
        self._last_hash = last_hash
        self._count = len(rows)
        self._width, self._height = landscape(A4)
        self._canvas = Canvas(str(file), pagesize=(self._width, self._height))
        self._canvas.setTitle(f"Registro de visitas – {report.condominium}")
        self._canvas.setCreator("Ramal")
        self._pages = self._laid_out(rows)

    def draw(self) -> None:
        """Write the whole file."""
        for number, rows in enumerate(self._pages, start=1):
            self._head()
            top = self._top
            if number == 1:
                top = self._summary(top)
            self._table(rows, top)
            self._foot(number)
            self._canvas.showPage()
        self._canvas.save()

    @property
    def _top(self) -> float:
        return self._height - MARGIN - HEAD_HEIGHT

    def _laid_out(self, rows: Sequence[_Row]) -> list[list[_Row]]:
        titles = LEADING + 2 * PADDING
        room = self._top - MARGIN - FOOT_HEIGHT - titles
        left = room - SUMMARY_LINES * LEADING * 1.4
        pages: list[list[_Row]] = [[]]
        for row in rows:
            if row.height > left:
                pages.append([])
                left = room
            pages[-1].append(row)
            left -= row.height
        return pages

    def _head(self) -> None:
        report, top = self._report, self._height - MARGIN
        self._text(MARGIN, top - 14, "Registro de visitas", BOLD, 14)
        self._text(MARGIN, top - 29, _shown(report.condominium or ""), BOLD, 10)
        self._text(MARGIN, top - 42, f"Período: {self._period}", FONT, 8)
        filters = "; ".join(f"{name}: {value}" for name, value in report.filters.items())
        self._text(MARGIN, top - 53, _shown(f"Filtro: {filters or 'nenhum'}"), FONT, 8)
        made = f"Gerado em {report.local(report.made_at):%d/%m/%Y %H:%M:%S %Z}"
        self._right(top - 14, made)
        zone = next(iter(report.timezones.values()), "UTC")
        self._right(top - 27, f"Horários em {zone}")

    @property
    def _period(self) -> str:
        begin, end = (
            at and f"{self._report.local(at):%d/%m/%Y %H:%M}"
            for at in (self._report.since, self._report.until)
        )
        if not begin and not end:
            return "desde o início do registro"
        return f"{begin or 'início do registro'} até {end or 'a geração deste relatório'}"

    def _summary(self, top: float) -> float:
        for line, text in enumerate(self._told()):
            font = BOLD if line == 1 else FONT
            self._text(MARGIN, top - (line + 0.4) * LEADING * 1.4, text, font, 8)
        return top - SUMMARY_LINES * LEADING * 1.4

    def _told(self) -> Iterator[str]:
        yield f"Entradas neste relatório: {self._count}"
        verified = self._report.verified
        if verified is None:
            yield "A corrente de hashes não foi verificada."
        elif verified.broken is None:
            yield f"Corrente de hashes verificada: íntegra; entradas: {verified.entries}"
            yield f"Hash da última entrada do registro: {verified.last_hash}"
        else:
            yield _shown(f"CORRENTE DE HASHES ROMPIDA: {verified.broken}")
            yield f"Último hash íntegro: {verified.last_hash}"
        yield f"Hash da última entrada deste relatório: {self._last_hash or '–'}"
        yield (
            "Cada entrada traz o SHA-256 do seu registro, que contém o hash da entrada anterior; "
            "a exportação CSV permite conferir sem este programa."
        )

    def _table(self, rows: Sequence[_Row], top: float) -> None:
        canvas, height = self._canvas, LEADING + 2 * PADDING
        canvas.setFillGray(0.88)
        canvas.rect(MARGIN, top - height, self._table_width, height, stroke=0, fill=1)
        canvas.setFillGray(0)
        self._cells([[title] for title, _ in COLUMNS], top, BOLD)
        top -= height
        for row in rows:
            self._cells(row.cells, top, FONT)
            top -= row.height
            canvas.setLineWidth(0.3)
            canvas.setStrokeGray(0.7)
            canvas.line(MARGIN, top, MARGIN + self._table_width, top)

    @property
    def _table_width(self) -> float:
        return sum(width for _, width in COLUMNS)

    def _cells(self, cells: Sequence[Sequence[str]], top: float, font: str) -> None:
        left = MARGIN
        for lines, (_, width) in zip(cells, COLUMNS, strict=True):
            for place, line in enumerate(lines, start=1):
                below = top - PADDING - place * LEADING + 2
                self._text(left + PADDING, below, line, font, SIZE)
            left += width

    def _foot(self, number: int) -> None:
        report = self._report
        last = report.verified.last_hash if report.verified else self._last_hash
        self._text(MARGIN, MARGIN, f"Último hash do registro: {last or '–'}", FONT, 7)
        self._right(MARGIN, f"Página {number} de {len(self._pages)}")

    def _text(self, x: float, y: float, text: str, font: str, size: float) -> None:
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, y, text)

    def _right(self, y: float, text: str) -> None:
        self._canvas.setFont(FONT, 8)
        self._canvas.drawRightString(self._width - MARGIN, y, text)
