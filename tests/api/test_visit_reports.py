"""Reports over HTTP: whose entries they hold, and how they are asked for."""

import io

import openpyxl
import pypdfium2
import pytest

from supervisor.exports import making
from tests.api.serving import Api, record_call


async def _two_tenants(api: Api) -> tuple[str, str, str]:
    """The condominiums of two tenants with a visit each, and the first tenant."""
    admin = await api.client()
    places = []
    tenants = []
    for tenant_name, name in (("Alfa", "Ipê"), ("Beta", "Jatobá")):
        tenant = (await admin.made("tenants", name=tenant_name))["id"]
        place = (await admin.made("condominiums", name=name, tenant_id=tenant))["id"]
        async with api.database.acquire() as connection:
            await record_call(connection, place, visitor=f"Visita ao {name}")
        places.append(place)
        tenants.append(tenant)
    return places[0], places[1], tenants[0]


async def _fetched(api: Api, path: str, tenant: str) -> tuple[int, str, bytes]:
    client = await api.client("viewer", tenant)
    url = f"{client.base}/api/v1/visits/export{path}"
    async with client.session.get(url, headers=client.headers) as response:
        return response.status, response.content_type, await response.read()


async def test_a_spreadsheet_holds_the_tenants_own_entries(api: Api) -> None:
    _, _, tenant = await _two_tenants(api)
    status, media, body = await _fetched(api, "?format=xlsx", tenant)
    assert (status, media.endswith("spreadsheetml.sheet")) == (200, True)
    sheet = openpyxl.load_workbook(io.BytesIO(body))["Visitas"]
    assert [row[4].value for row in sheet.iter_rows(min_row=2)] == ["Visita ao Ipê"]


async def test_a_pdf_is_of_one_condominium_and_tells_the_walk(api: Api) -> None:
    own, other, tenant = await _two_tenants(api)
    status, _, body = await _fetched(api, "?format=pdf", tenant)
    assert (status, b"name it: condominium_id" in body) == (409, True)
    assert (await _fetched(api, f"?format=pdf&condominium_id={other}", tenant))[0] == 404
    status, media, body = await _fetched(api, f"?format=pdf&condominium_id={own}", tenant)
    assert (status, media) == (200, "application/pdf")
    page = pypdfium2.PdfDocument(body)[0].get_textpage().get_text_bounded()
    assert "Visita ao Ipê" in page
    assert "íntegra; entradas: 1" in page


async def test_csv_has_the_same_address(api: Api) -> None:
    _, _, tenant = await _two_tenants(api)
    status, media, body = await _fetched(api, "?format=csv", tenant)
    assert (status, media, body.count(b"\r\n")) == (200, "text/csv", 2)
    assert (await _fetched(api, "?format=doc", tenant))[0] == 422


async def test_a_process_that_fails_is_an_error_and_no_half_file(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, tenant = await _two_tenants(api)
    monkeypatch.setattr(making.sys, "executable", "/bin/false")
    assert (await _fetched(api, "?format=xlsx", tenant))[0] == 500
