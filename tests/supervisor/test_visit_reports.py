"""``ramal visits export`` with the formats that people read."""

from pathlib import Path

import openpyxl
import pypdfium2

from tests.supervisor.conftest import Ramal


def add(ramal: Ramal, number: int, condominium: str) -> None:
    ports = ("--port", str(number + 8000), "--return-port", str(number + 9000))
    added = ("extension", "add", "--number", str(number), *ports, "--condominium", condominium)
    assert ramal(*added)[0] == 0


def test_the_command_writes_both_kinds_of_report(ramal: Ramal, tmp_path: Path) -> None:
    add(ramal, 1001, "Edifício Aurora")
    assert ramal("visits", "export", "visitas.xlsx")[0] == 0
    assert ramal("visits", "export", "relatório", "--format", "pdf")[0] == 0
    assert openpyxl.load_workbook(tmp_path / "visitas.xlsx")["Visitas"]["A1"].value == "Nº"
    page = pypdfium2.PdfDocument(tmp_path / "relatório")[0].get_textpage().get_text_bounded()
    assert "Edifício Aurora" in page


def test_a_pdf_of_several_condominiums_is_refused(ramal: Ramal, tmp_path: Path) -> None:
    add(ramal, 1001, "Edifício Aurora")
    add(ramal, 1002, "Residencial Ipê")
    status, _, err = ramal("visits", "export", "a.pdf")
    assert (status, "name it with --condominium" in err) == (1, True)
    assert ramal("visits", "export", "a.pdf", "--condominium", "Residencial Ipê")[0] == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
