"""The dashboard's page of expected visitors, in a real browser, by the keyboard alone."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.directory import UnitRow, store_units
from supervisor.database.pool import Pool
from tests.api.serving import Api
from tests.browser.lobby import CONDOMINIUM, HOSTILE, expected, log_in
from tests.browser.watching import Watched

pytestmark = pytest.mark.browser

PAGE = "#/visitors"
TOMORROW = (datetime.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture(autouse=True)
async def place(database: Pool) -> UUID:
    """A condominium with a unit 501 in each of two blocks."""
    async with database.acquire() as connection:
        place = await find_or_create_condominium(connection, CONDOMINIUM)
        await store_units(connection, place, [UnitRow(block, "501", ()) for block in ("A", "B")])
    return place


async def press(page: Page, name: str, dialog: str | None = None) -> None:
    """Go to a button, or in a dialog to one, and press it, without the mouse."""
    within = page.get_by_role("dialog", name=dialog) if dialog else page.get_by_role("main")
    await within.get_by_role("button", name=name, exact=True).focus()
    await page.keyboard.press("Enter")


async def test_somebody_is_expected_given_a_code_that_is_voided_and_taken_off_again(
    api: Api, database: Pool, watched: Watched
) -> None:
    page = watched.page
    await log_in(api, page, "operator", PAGE)
    await expect(page.get_by_text("Ninguém é esperado.")).to_be_visible()
    await press(page, "Novo visitante")
    form = page.get_by_role("dialog", name="Novo visitante")
    await expect(form.get_by_label("Visitante")).to_be_focused()
    await page.keyboard.type("Beatriz Souza")
    for told in ("Residencial", "501", "B"):
        await page.keyboard.press("Tab")
        await page.keyboard.type(told)
    await form.get_by_label("Até").fill(TOMORROW)
    await form.get_by_label("terça-feira").focus()
    await page.keyboard.press("Space")
    await press(page, "Salvar", "Novo visitante")
    shown = page.get_by_role("dialog", name="Código de Beatriz Souza")
    code = await shown.locator(".code").inner_text()
    assert re.fullmatch(r"\d{6}", code)
    await expect(shown).to_contain_text(f"#{code}#")
    await expect(shown.get_by_role("button", name="Anotei")).to_be_focused()
    await page.keyboard.press("Enter")
    row = page.locator("tbody tr")
    for told in ("Beatriz Souza", "501 bl. B", "ter.", "vale agora", "0 de 1 usos", "tem código"):
        await expect(row).to_contain_text(told)
    await expect(row.get_by_role("button").first).to_be_focused()
    assert code not in await page.content()

    await press(page, "Anular o código de Beatriz Souza")
    await press(page, "Anular código", "Anular o código de Beatriz Souza? Quem o tem")
    await expect(row).to_contain_text("sem código")
    await expect(page.get_by_role("status").first).to_have_text(
        "O código de Beatriz Souza foi anulado."
    )
    await press(page, "Tirar Beatriz Souza da lista")
    await press(page, "Tirar da lista", "Tirar Beatriz Souza da lista?")
    await expect(row).to_have_count(0)
    await expect(page.get_by_role("button", name="Novo visitante")).to_be_focused()
    assert await database.fetchval("SELECT count(*) FROM expected_visitors") == 0


async def test_what_is_wrong_with_an_entry_is_beside_its_field(api: Api, watched: Watched) -> None:
    page = watched.page
    await log_in(api, page, "operator", PAGE)
    await press(page, "Novo visitante")
    form = page.get_by_role("dialog")
    await form.get_by_label("Visitante").fill("Ultragaz")
    for unit, field, told in (
        ("", "number", "Falta a unidade."),
        ("502", "number", "Não há a unidade 502."),
        ("501", "block", "blocos A, B; diga qual."),
    ):
        await form.get_by_label("Unidade").fill(unit)
        await press(page, "Salvar", "Novo visitante")
        await expect(form.locator(f"[data-fault={field}]")).to_contain_text(told)
    await form.get_by_label("Bloco").fill("A")
    await press(page, "Salvar", "Novo visitante")
    await expect(form.locator("[data-fault=ends_at]")).to_contain_text("required")
    await form.get_by_label("Até").fill("2020-01-01T10:00")
    await press(page, "Salvar", "Novo visitante")
    await expect(form.locator("[data-fault=ends_at]")).to_contain_text("not after the beginning")
    await expect(form.get_by_label("Até")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    watched.complaints[:] = [each for each in watched.complaints if "status of 4" not in each]


async def test_a_viewer_finds_who_is_expected_and_changes_nothing(
    api: Api, database: Pool, watched: Watched
) -> None:
    page, now = watched.page, datetime.now(UTC)
    await expected(database, "Ultragaz", lets_in="by_name", most_uses=None)
    await expected(database, HOSTILE, note=HOSTILE)
    over = {"starts_at": now - timedelta(days=9), "ends_at": now - timedelta(days=1)}
    await expected(database, "Ana Reis", **over)
    await log_in(api, page, "viewer", PAGE)
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text=HOSTILE)).to_have_count(1)
    assert await page.evaluate("window.hit") is None
    await expect(rows.filter(has_text="Ultragaz")).to_contain_text("o código ou o nome")
    await expect(rows.filter(has_text="Ultragaz")).to_contain_text("0 usos")
    await expect(page.get_by_role("main").get_by_role("button")).to_have_count(2)  # of the search
    await page.get_by_label("Também os encerrados").focus()
    await page.keyboard.press("Space")
    await page.get_by_label("Nome").fill("ana")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("encerrado")
