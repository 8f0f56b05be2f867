"""The dashboard in a real browser, on a real server with a real call."""

import asyncio
import itertools
import logging
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.async_api import Page, Request, Route, expect

from supervisor.database.api_keys import Role
from supervisor.database.pool import Pool
from tests.api.people import PASSWORD, add_person
from tests.browser.lobby import HOSTILE, Lobby, expected, lobby, log_in, speak
from tests.browser.watching import Watched
from tests.browser.wire import wire
from tests.ports import free_ports
from tests.supervisor.serving import eventually

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
log = logging.getLogger(__name__)


@pytest.fixture
async def hall(
    database: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lobby]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    async with lobby(database_url, database) as hall:
        yield hall


async def enter(hall: Lobby, page: Page, role: Role = "operator", then: str = "") -> None:
    """Log in as somebody new of that role, and go on to a page."""
    await log_in(hall.api, page, role, then)


def forgive(watched: Watched, *statuses: int) -> None:
    """Chromium itself writes a refused request to the console: these were to be refused."""
    expected = re.compile("|".join(f"status of {status} " for status in statuses))
    left = [each for each in watched.complaints if not expected.search(each)]
    assert len(left) < len(watched.complaints)
    watched.complaints[:] = left


async def test_a_failed_extension_is_shown_with_its_reason_and_an_alert_until_it_is_seen(
    hall: Lobby, watched: Watched
) -> None:
    page = watched.page
    await enter(hall, page)
    failed = page.get_by_role("listitem").filter(has_text="1002")
    await expect(failed).to_contain_text("com falha")
    await expect(failed).to_contain_text('its settings have no "ring_z"')
    await expect(page.get_by_role("listitem").filter(has_text="1001")).to_contain_text("atendendo")
    hall.server.alarms.raise_alarm("asterisk.away", "Asterisk does not answer.")
    alert = page.get_by_role("listitem").filter(has_text="Asterisk does not answer.")
    await alert.get_by_role("button", name="Estou ciente").click()
    await expect(alert).to_have_count(0)
    await hall.api.database.execute("UPDATE extensions SET settings = '{}' WHERE number = '1002'")
    await expect(failed).to_contain_text("atendendo")
    await expect(failed).not_to_contain_text("ring_z")


async def test_a_call_is_watched_spoken_into_and_hung_up(hall: Lobby, watched: Watched) -> None:
    page, call_id = watched.page, uuid.uuid4()
    await enter(hall, page)
    await expect(page.get_by_text("Ninguém na linha.")).to_be_visible()
    caller = await hall.call(call_id)
    card = page.locator(f'a[href="#/call/{call_id}"]')
    await expect(card).to_contain_text("Porteiro: Esta chamada é gravada.")
    await card.click()
    talk = page.get_by_role("log")
    await expect(talk).to_contain_text("Residencial Ipê")
    await speak(caller)
    await expect(talk).to_contain_text("entrega da amazon para o apartamento quinhentos e um")
    await expect(talk).to_contain_text(re.compile(r"reconhecido em \d+ ms"))
    await expect(talk).to_contain_text(re.compile(r"respondeu em \d+ ms"))
    await expect(page.get_by_text("pergunta o bloco")).to_be_visible()
    await expect(page.locator(".facts")).to_have_text(re.compile("entrega.*Amazon.*501"))
    await page.get_by_label("Dizer ao visitante").fill("O portão está em manutenção.")
    await page.get_by_role("button", name="Dizer").click()
    await expect(
        talk.locator(".line.agent", has_text="O portão está em manutenção.")
    ).to_be_visible()
    await page.get_by_role("button", name="Desligar").click()
    assert not caller.is_over
    await page.get_by_role("dialog").get_by_role("button", name="Desligar").click()
    await asyncio.wait_for(caller.ended, 30)
    await expect(talk).to_contain_text("Fim: o operador desligou.")
    await expect(page.get_by_role("button", name="Desligar")).to_have_count(0)
    await page.get_by_role("button", name="Ouvir: Visitante").click()
    player = page.locator("audio")
    await expect(player).to_be_visible()
    length_s = await eventually(
        lambda: player.evaluate("each => each.duration"), lambda found: found is not None
    )
    assert length_s > 5
    await player.evaluate("each => { each.currentTime = 4; }")
    await eventually(
        lambda: player.evaluate("each => each.seeking ? 0 : each.currentTime"),
        lambda found: abs(found - 4) < 0.1,
    )


async def test_a_door_is_opened_only_after_a_yes_and_what_refuses_is_told(
    hall: Lobby, watched: Watched
) -> None:
    page, call_id = watched.page, uuid.uuid4()
    caller = await hall.call(call_id)
    await enter(hall, page, then=f"#/call/{call_id}")
    asked = page.get_by_role("dialog")
    await page.get_by_label("Qual porta").select_option("garagem")
    await page.get_by_role("button", name="Abrir a porta").click()
    await expect(asked).to_contain_text("Abrir garagem para este visitante?")
    await asked.get_by_role("button", name="Cancelar").click()
    await expect(page.get_by_role("log")).not_to_contain_text("garagem")
    await page.get_by_role("button", name="Abrir a porta").click()
    await asked.get_by_role("button", name="Abrir a porta").click()
    await expect(page.get_by_role("log")).to_contain_text("Autorização: sim (operador).")
    await expect(page.get_by_role("log")).to_contain_text("A porta não abriu:")
    await expect(page.locator(".steering .answer")).to_contain_text("This cannot be done:")
    await page.get_by_label("Transferir para o ramal").fill("9000")
    await page.keyboard.press("Enter")
    await asked.get_by_role("button", name="Transferir").click()
    await expect(page.locator(".steering form .fault").last).to_contain_text("cannot be done")
    await caller.hang_up()
    forgive(watched, 409)


async def test_a_live_call_is_listened_to(hall: Lobby, watched: Watched) -> None:
    page, call_id = watched.page, uuid.uuid4()
    await page.add_init_script(
        """window.heard = [];
        const start = AudioBufferSourceNode.prototype.start;
        AudioBufferSourceNode.prototype.start = function (at) {
          const samples = this.buffer.getChannelData(0);
          window.heard.push([at, this.buffer.duration, Math.max(...samples.map(Math.abs))]);
          return start.call(this, at);
        };"""
    )
    caller = await hall.call(call_id)
    await enter(hall, page, then=f"#/call/{call_id}")
    await page.get_by_role("button", name="Ouvir ao vivo").click()
    await expect(page.get_by_role("button", name="Parar de ouvir")).to_be_visible()
    await speak(caller)
    heard = await eventually(
        lambda: page.evaluate("window.heard"),
        lambda heard: any(loudest > 0.05 for _, _, loudest in heard),
    )
    gaps = [later[0] - (sooner[0] + sooner[1]) for sooner, later in itertools.pairwise(heard)]
    assert sum(abs(gap) < 0.001 for gap in gaps) >= len(gaps) * 0.5
    await page.get_by_role("button", name="Parar de ouvir").click()
    await expect(page.get_by_role("button", name="Ouvir ao vivo")).to_be_visible()
    await caller.hang_up()


async def test_what_a_visitor_says_is_text_and_never_markup(hall: Lobby, watched: Watched) -> None:
    page = watched.page
    said = {"party": "visitor", "speaker": "visitor", "text": HOSTILE}
    state = {"state": {"stage": "ended", "visitor_name": HOSTILE}}
    visit = {"outcome": "denied", "visitor": HOSTILE, "resident": HOSTILE, "apartment": HOSTILE}
    call_id = await hall.record(
        ("turn", said), ("state", state), ("operator.said", {"text": HOSTILE}), ("visit", visit)
    )
    await enter(hall, page)
    await expect(page.locator(".card.live")).to_contain_text(HOSTILE)
    await page.goto(f"{hall.api.base}/#/call/{call_id}")
    await expect(page.locator(".line.visitor .text")).to_have_text(HOSTILE)
    await expect(page.locator(".facts")).to_contain_text(HOSTILE)
    await expect(page.locator(".note.operator-said")).to_contain_text(HOSTILE)
    await page.goto(f"{hall.api.base}/#/visits?visitor=onerror")
    row = page.locator("tbody tr")
    await expect(row).to_contain_text(HOSTILE)
    assert await page.evaluate("window.hit") is None
    assert await page.locator("main img, main script").count() == 0


async def test_a_viewer_sees_a_call_and_has_no_buttons_in_it(hall: Lobby, watched: Watched) -> None:
    page, call_id = watched.page, uuid.uuid4()
    caller = await hall.call(call_id)
    await enter(hall, page, "viewer", then=f"#/call/{call_id}")
    await expect(page.get_by_role("log")).to_contain_text("Esta chamada é gravada.")
    await expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    await caller.hang_up()
    await expect(page.get_by_role("log")).to_contain_text("Fim: quem ligou desligou.")
    await expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    await page.get_by_role("link", name="Ramais").click()
    await expect(page.locator("tbody tr")).to_have_count(2)
    await expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)


async def test_a_wrong_password_a_second_factor_a_reload_and_a_logout(
    hall: Lobby, watched: Watched
) -> None:
    page = watched.page
    await enter(hall, page)
    await page.reload()
    await expect(page.get_by_role("navigation")).to_be_visible()
    assert await page.evaluate("document.cookie") == ""
    assert "ey" not in await page.evaluate("JSON.stringify(localStorage)")
    await page.get_by_text("operator@alfa.example").click()
    await page.get_by_role("button", name="Sair").click()
    secret = pyotp.random_base32()
    await hall.api.database.execute(
        "UPDATE users SET totp_secret = $1, totp_confirmed_at = now()", secret
    )
    await page.get_by_label("Usuário").fill("operator@alfa.example")
    await page.get_by_label("Senha").fill("nenhuma dessas senhas")
    await page.get_by_role("button", name="Entrar", exact=True).click()
    await expect(page.get_by_role("alert")).to_have_text(re.compile("não confere"))
    await page.get_by_label("Senha").fill(PASSWORD)
    await page.get_by_role("button", name="Entrar", exact=True).click()
    await page.get_by_label("Código").fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="Entrar", exact=True).click()
    await expect(page.get_by_role("navigation")).to_be_visible()
    forgive(watched, 401)


async def test_an_extension_is_added_with_the_faults_beside_their_fields(
    hall: Lobby, watched: Watched
) -> None:
    page = watched.page
    await enter(hall, page, "admin", then="#/extensions")
    await page.get_by_role("button", name="Novo ramal").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Número").fill("1003")
    await form.get_by_label("Porta", exact=True).fill(str(hall.port))
    await form.get_by_label("Porta de retorno").fill("70000")
    await form.get_by_role("button", name="Salvar").click()
    await expect(form.locator("[data-fault=return_port]")).to_contain_text("65535")
    port, return_port = free_ports(2)
    await form.get_by_label("Porta de retorno").fill(str(return_port))
    await form.get_by_label("Configurações").fill('{"ring_s": 1}')
    await form.get_by_role("button", name="Salvar").click()
    await expect(form.locator("[data-fault=settings]")).to_contain_text("ring_s")
    await form.get_by_label("Configurações").fill("{}")
    await form.get_by_role("button", name="Salvar").click()
    await expect(form.locator("[data-fault=port]")).to_contain_text("belongs to another")
    await expect(form.get_by_label("Porta", exact=True)).to_be_focused()
    await form.get_by_label("Porta", exact=True).fill(str(port))
    await form.get_by_role("button", name="Salvar").click()
    row = page.locator("tbody tr").filter(has_text="1003")
    await expect(row).to_contain_text("atendendo")
    await row.get_by_role("button", name="Desativar").click()
    await page.get_by_role("dialog").get_by_role("button", name="Desativar").click()
    await expect(row).to_contain_text("desativado")
    forgive(watched, 409, 422)


async def test_a_parked_extension_is_released_by_writing_its_row(
    hall: Lobby, watched: Watched
) -> None:
    page = watched.page

    async def parked(route: Route) -> None:
        """As an extension would look that had ended its worker again and again."""
        answer = await route.fetch()
        told = await answer.json()
        for row in told["items"]:
            if row["number"] == "1002":
                row["status_reason"] = (
                    "it ends its worker again and again and is parked: correct it"
                )
        await route.fulfill(response=answer, json=told)

    await page.route("**/api/v1/extensions?*", parked)
    await enter(hall, page, "admin", then="#/extensions")
    row = page.locator("tbody tr").filter(has_text="1002")
    await expect(row).to_contain_text("estacionado")
    await page.unroute("**/api/v1/extensions?*")
    await row.get_by_role("button", name="Liberar").click()
    await expect(row).to_contain_text("ring_z")
    written = await hall.api.database.fetch(
        "SELECT status FROM audit_log WHERE method = 'PATCH' AND path LIKE '/api/v1/extensions/%'"
    )
    assert [each["status"] for each in written] == [200]


async def test_visits_are_exported_and_their_chain_is_verified(
    hall: Lobby, watched: Watched
) -> None:
    page = watched.page
    await hall.record(("visit", {"outcome": "authorised", "visitor": "Ana"}))
    await hall.record(("visit", {"outcome": "denied", "visitor": "Beto"}))
    await enter(hall, page, "viewer", then="#/visits")
    await page.get_by_label("Visitante").fill("ana")
    await page.get_by_role("button", name="Buscar").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="CSV").click()
    file = await (await downloading.value).path()
    assert "Ana" in file.read_text()
    assert "Beto" not in file.read_text()
    await page.get_by_role("button", name="PDF").click()
    await expect(page.get_by_role("main").get_by_role("status")).to_contain_text("um só condomínio")
    await page.get_by_role("button", name="Verificar").click()
    await expect(page.locator(".chains")).to_contain_text("íntegra: 2 entradas")
    await hall.api.database.execute("ALTER TABLE visits DISABLE TRIGGER append_only")
    await hall.api.database.execute("UPDATE visits SET outcome = 'denied' WHERE position = 1")
    await page.get_by_role("button", name="Verificar").click()
    await expect(page.locator(".chains")).to_contain_text("adulterada na entrada 1")


async def test_a_lost_connection_is_told_and_nothing_is_missed(
    hall: Lobby, watched: Watched
) -> None:
    page = watched.page
    key = (await hall.api.client("operator")).headers["Authorization"].removeprefix("Bearer ")
    call_id = await hall.record(turn("primeira"))
    async with wire(urlsplit(hall.api.base).port or 0) as cable:
        await page.goto(f"http://127.0.0.1:{cable.port}/#/call/{call_id}")
        await page.get_by_text("Entrar com uma chave da API").click()
        await page.get_by_role("textbox", name="Chave").fill(key)
        await page.get_by_role("button", name="Usar a chave").click()
        await expect(page.get_by_role("log")).to_contain_text("primeira")
        await expect(page.locator("#connection")).to_have_text("Ao vivo")
        cable.cut()
        await expect(page.locator("#connection")).to_have_text(re.compile("Conexão perdida"))
        await hall.goes_on(call_id, 3, turn("segunda"))
        await cable.mend()
        await expect(page.locator("#connection")).to_have_text("Ao vivo")
        await hall.goes_on(call_id, 4, turn("terceira"))
        said = page.locator(".line .text")
        await expect(said).to_have_text(["primeira", "segunda", "terceira"])
    watched.complaints[:] = [each for each in watched.complaints if "net::ERR_" not in each]


async def test_a_keyboard_is_enough_and_everything_has_a_name(
    hall: Lobby, watched: Watched
) -> None:
    page, call_id = watched.page, uuid.uuid4()
    await add_person(hall.api, "bia@alfa.example", "operator")
    await page.goto(hall.api.base)
    await page.get_by_label("Usuário").focus()
    await page.keyboard.type("bia@alfa.example")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    caller = await hall.call(call_id)
    link = page.locator(".card.live")
    await expect(link).to_contain_text("Porteiro")
    await page.keyboard.press("Tab")
    await expect(link).to_be_focused()
    await speak(caller)
    await expect(link).to_contain_text("bloco")
    await expect(link).to_be_focused()  # though it was drawn anew
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await expect(page.get_by_role("button", name="Desligar")).to_be_visible()
    nameless = await page.evaluate(
        """[...document.querySelectorAll("button, a, input, select, textarea, summary")].filter(
            each => !(each.textContent.trim() || each.getAttribute("aria-label")
              || each.labels?.length)).length"""
    )
    assert nameless == 0
    await caller.hang_up()


async def test_a_page_that_nobody_looks_at_follows_nothing_and_catches_up(
    hall: Lobby, watched: Watched
) -> None:
    page, asked, ended = watched.page, list[Request](), list[Request]()
    page.on("request", lambda each: asked.append(each) if "/events?" in each.url else None)
    page.on("requestfailed", lambda each: ended.append(each) or None)
    await page.add_init_script(
        """Object.defineProperty(document, "hidden", { get: () => window.away === true });
        window.look = (away) => {
          window.away = away;
          document.dispatchEvent(new Event("visibilitychange"));
        };"""
    )
    call_id = await hall.record(turn("primeira"))
    await enter(hall, page, then=f"#/call/{call_id}")
    said = page.locator(".line .text")
    await expect(said).to_have_text(["primeira"])
    await page.evaluate("look(true)")
    await eventually(lambda: asyncio.sleep(0, ended), lambda each: each == asked)
    await hall.goes_on(call_id, 3, turn("segunda"))
    await page.evaluate("look(false)")
    await expect(said).to_have_text(["primeira", "segunda"])
    assert len(asked) == 2
    assert "last-event-id" in await asked[1].all_headers()


@pytest.mark.parametrize(
    "then", ["", "#/calls", "#/visits", "#/visitors", "#/extensions", "#/call/{call}"]
)
async def test_every_page_fits_a_telephone_and_speaks_english_and_spanish(
    hall: Lobby, watched: Watched, then: str
) -> None:
    page = watched.page
    await page.set_viewport_size(PHONE)
    visit = {"outcome": "authorised", "visitor": "A" * 120, "resident": "Rita Prado"}
    call = await hall.record(turn("quem " * 80), ("visit", visit))
    await expected(hall.api.database, "B" * 120)
    await enter(hall, page, "admin", then=then.format(call=call))
    await expect(page.locator("#main :is(.tile, td, .line)").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    await page.get_by_text("admin@alfa.example").click()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("link", name="Visits", exact=True)).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "en"
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    await page.get_by_text("admin@alfa.example").click()
    await page.get_by_role("button", name="Español").click()
    await expect(page.get_by_role("link", name="Esperados", exact=True)).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "es"
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


async def test_the_page_is_light_and_quick(hall: Lobby, watched: Watched) -> None:
    page, sizes = watched.page, dict[str, int]()

    async def weigh(request: Request) -> None:
        sizes[request.url] = (await request.sizes())["responseBodySize"]

    page.on("requestfinished", weigh)
    await page.goto(hall.api.base)
    await expect(page.get_by_label("Senha")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    painted = await page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    log.info("%d files, %d bytes, first paint %d ms", len(sizes), sum(sizes.values()), painted)
    assert len(sizes) >= 15
    assert sum(sizes.values()) < 60_000


def turn(text: str) -> tuple[str, dict[str, Any]]:
    return "turn", {"party": "visitor", "speaker": "visitor", "text": text}
