"""What is in the files: read back by other people's readers."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest

from supervisor.exports import printed as printed_module
from supervisor.exports.printed import printed
from supervisor.exports.report import Report, TooLongError, Verified
from supervisor.exports.spreadsheet import LEFT_OUT, spreadsheet

PLACE = "6f8b6a4e-6b8e-4c57-9a55-111111111111"
WHOLE = Verified(3, "ab" * 32, None)


def report(verified: Verified | None = WHOLE) -> Report:
    return Report(
        made_at="2026-11-20T18:00:00+00:00",
        condominium="Edifício São João",
        timezones={PLACE: "America/Manaus"},
        since="2026-11-01T04:00:00+00:00",
        filters={"resultado": "authorised"},
        verified=verified,
    )


def visit(position: int, **data: Any) -> dict[str, Any]:
    return {
        "condominium": "Edifício São João",
        "condominium_id": PLACE,
        "position": position,
        "at": "2026-11-20T02:30:05+00:00",
        "call_id": "e3e70682-c209-4cac-a29f-6fbed82c07cd",
        "outcome": "authorised",
        "data": {"visitor": "João Conceição", "apartment": "501", "block": "B", **data},
        "prev_hash": "0" * 64,
        "hash": hashlib.sha256(str(position).encode()).hexdigest(),
        "record": data.get("record", "{}"),
    }


def rows_of(file: Path, *visits: dict[str, Any]) -> list[list[Any]]:
    with spreadsheet(file, report()) as write:
        for each in visits:
            write(each)
    sheet = openpyxl.load_workbook(file)["Visitas"]
    assert sheet.freeze_panes == "A2"
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def pages_of(file: Path, *visits: dict[str, Any], about: Report | None = None) -> list[str]:
    with printed(file, about or report()) as write:
        for each in visits:
            write(each)
    document = pypdfium2.PdfDocument(file)
    return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]


def test_a_spreadsheet_has_typed_cells_in_the_condominiums_time(tmp_path: Path) -> None:
    head, row = rows_of(tmp_path / "a.xlsx", visit(7, intent="delivery"))
    told = dict(zip(head, row, strict=True))
    assert told["Nº"] == 7
    assert told["Data e hora"] == datetime(2026, 11, 19, 22, 30, 5)
    assert (told["Visitante"], told["Motivo"]) == ("João Conceição", "Entrega")
    assert (told["Resultado"], told["Bloco"]) == ("Autorizado", "B")


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+55", "-1", "@SUM(A1)", "http://x"])
def test_nothing_that_was_said_becomes_a_formula_or_a_link(tmp_path: Path, text: str) -> None:
    rows_of(tmp_path / "a.xlsx", visit(1, visitor=text))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Visitas"]
    cell = sheet["E2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_record_too_long_for_a_cell_is_said_to_be_elsewhere(tmp_path: Path) -> None:
    _, row = rows_of(tmp_path / "a.xlsx", visit(1, record="x" * 40_000))
    assert row[-1] == LEFT_OUT


def test_a_spreadsheet_says_whether_the_chain_is_whole(tmp_path: Path) -> None:
    rows_of(tmp_path / "a.xlsx", visit(1))
    about = openpyxl.load_workbook(tmp_path / "a.xlsx")["Sobre"]
    told = {row[0].value: row[1].value for row in about.iter_rows()}
    assert told["Registro íntegro"] == "sim"
    assert told["Último hash"] == "ab" * 32
    assert told["Fuso horário"] == "America/Manaus"


def test_a_report_names_place_period_filter_and_the_chains_state_in_portuguese(
    tmp_path: Path,
) -> None:
    calls = [{"phone": "201", "outcome": "no_answer"}]
    [page] = pages_of(tmp_path / "a.pdf", visit(7, intent="delivery", calls=calls))
    for text in (
        "Edifício São João",
        "01/11/2026 00:00",
        "resultado: authorised",
        "íntegra; entradas: 3",
        "ab" * 32,
        hashlib.sha256(b"7").hexdigest(),
        "João Conceição",
        "19/11/2026 22:30:05",
        "201 não atendeu",
        "B 501",
        "Autorizado",
        "Página 1 de 1",
    ):
        assert text in page, text


def test_a_broken_chain_is_on_the_first_page(tmp_path: Path) -> None:
    broken = Verified(2, "cd" * 32, "entrada 3: it is gone; the next one is 4")
    [page] = pages_of(tmp_path / "a.pdf", visit(1), about=report(broken))
    assert "CORRENTE DE HASHES ROMPIDA: entrada 3" in page
    assert "íntegra" not in page


def test_every_page_is_numbered_and_no_entry_is_lost_between_two(tmp_path: Path) -> None:
    long_name = "Ana Lúcia Araújo de Assunção e Magalhães Sobrinho"
    pages = pages_of(
        tmp_path / "a.pdf", *(visit(n, visitor=long_name, company="X" * 90) for n in range(1, 101))
    )
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"Página {number} de {len(pages)}" in page
    whole = "\n".join(pages)
    for number in range(1, 101):
        assert hashlib.sha256(str(number).encode()).hexdigest()[:16] in whole


def test_a_font_lacks_a_character_visibly(tmp_path: Path) -> None:
    [page] = pages_of(tmp_path / "a.pdf", visit(1, visitor="山田 Zé"))
    assert "?? Zé" in page


def test_a_report_has_a_length_that_somebody_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printed_module, "MOST_ENTRIES", 3)

    def four() -> Iterator[dict[str, Any]]:
        yield from (visit(number) for number in range(1, 5))

    with pytest.raises(TooLongError, match="3 entries"):
        pages_of(tmp_path / "a.pdf", *four())
    assert not (tmp_path / "a.pdf").exists()
