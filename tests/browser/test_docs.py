"""``/docs`` in a real browser: it shows every operation, tries one out, and asks nobody else."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.api.people import PASSWORD, add_person
from tests.api.serving import Api
from tests.browser.fetch import Browser
from tests.browser.watching import Watched, watched_page
from tests.tts.recordings import spoken, written
from tests.voices.rows import ready_voice

pytestmark = pytest.mark.browser


async def opened(page: Page, method: str, path: str) -> Locator:
    """The operation's part of the page, unfolded."""
    part = (
        page.locator("details")
        .filter(has=page.locator("summary").get_by_text(method, exact=True))
        .filter(has=page.locator("summary").get_by_text(path, exact=True))
    )
    await part.locator("summary").click()
    return part


async def test_every_operation_is_shown(api: Api, watched: Watched) -> None:
    await watched.page.goto(f"{api.base}/docs")
    described = (await api.stranger().get("/api/openapi.json")).body
    operations = [
        (method.upper(), path, operation["summary"])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    await expect(watched.page.locator("details")).to_have_count(len(operations))
    shown = await watched.page.locator("summary").evaluate_all(
        """all => all.map(each => [each.querySelector(".method").textContent,
            each.querySelector("code").textContent, each.lastChild.textContent.trim()])"""
    )
    assert sorted(map(tuple, shown)) == sorted(operations)
    await expect(watched.page.get_by_role("heading", level=1)).to_have_text("Ramal: the API")
    await expect(watched.page.locator("#about")).to_contain_text("The admin API of Ramal")


async def test_it_is_styled_and_uses_the_width(api: Api, watched: Watched) -> None:
    await watched.page.goto(f"{api.base}/docs")
    method = watched.page.locator(".method").first
    await expect(method).to_be_visible()
    box = await watched.page.locator("main").bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert box["height"] > 300


async def test_an_operation_is_tried_out_with_a_key(api: Api, watched: Watched) -> None:
    admin = await api.client()
    await admin.made("tenants", name="Condomínios Alfa")
    page = watched.page
    await page.goto(f"{api.base}/docs")
    await page.fill("#key", admin.headers["Authorization"].removeprefix("Bearer "))
    part = await opened(page, "GET", "/api/v1/tenants")
    await part.get_by_role("button", name="Send").click()
    await expect(part.locator("pre")).to_contain_text("Condomínios Alfa")
    await expect(part.locator("pre")).to_contain_text("200")


async def test_somebody_logs_in_and_goes_on_with_the_token(api: Api, watched: Watched) -> None:
    await add_person(api, "ana", "viewer")
    page = watched.page
    await page.goto(f"{api.base}/docs")
    part = await opened(page, "POST", "/api/v1/auth/login")
    body = f'{{"username": "ana", "password": "{PASSWORD}"}}'
    await part.locator("textarea").fill(body)
    await part.get_by_role("button", name="Send").click()
    await expect(part.locator("pre")).to_contain_text("access_token")
    said = await part.locator("pre").inner_text()
    token = said.split('"access_token": "')[1].split('"')[0]
    await page.fill("#key", token)
    me = await opened(page, "GET", "/api/v1/auth/me")
    await me.get_by_role("button", name="Send").click()
    await expect(me.locator("pre")).to_contain_text('"kind": "user"')


async def test_a_form_with_a_file_is_sent(api: Api, watched: Watched, tmp_path: Path) -> None:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    place = (await admin.made("condominiums", name="Aurora", tenant_id=tenant))["id"]
    file = written(tmp_path / "maria.flac", spoken("pt-br+f2"))
    page = watched.page
    await page.goto(f"{api.base}/docs")
    await page.fill("#key", admin.headers["Authorization"].removeprefix("Bearer "))
    part = await opened(page, "POST", "/api/v1/voices")
    consent = {"consent_by": "Maria da Silva", "consent_statement": "Sim"}
    fields = {"condominium_id": place, "name": "Maria", **consent}
    for name, value in fields.items():
        row = part.locator("tr").filter(has=page.get_by_text(name, exact=True))
        await row.locator("input").fill(value)
    files = part.locator("tr").filter(has=page.get_by_text("reference", exact=True))
    await files.locator("input").set_input_files(file)
    await part.get_by_role("button", name="Send").click()
    await expect(part.locator("pre")).to_contain_text('"state": "pending"')


class Hums:
    """Voices that are heard."""

    async def say(self, *_: Any, **__: Any) -> bytes:
        return bytes(range(256)) * 100


async def test_a_voice_is_heard_in_the_page(api: Api, watched: Watched) -> None:
    voice_id = await ready_voice(api.database)
    api.calls.voices = Hums()
    page = watched.page
    await page.goto(f"{api.base}/docs")
    key = (await api.client()).headers["Authorization"]
    await page.fill("#key", key.removeprefix("Bearer "))
    part = await opened(page, "POST", "/api/v1/voices/{id}/preview")
    row = part.locator("tr").filter(has=page.get_by_text("id", exact=True))
    await row.locator("input").fill(str(voice_id))
    await part.locator("textarea").fill('{"text": "Bom dia!"}')
    await part.get_by_role("button", name="Send").click()
    await expect(part.locator("audio")).to_be_visible()
    duration_s = await part.locator("audio").evaluate(
        """audio => new Promise(done => {
            audio.oncanplay = () => done(audio.duration);
            audio.load();
        })"""
    )
    assert duration_s == pytest.approx(0.8)


async def test_the_watch_sees_what_would_leave_the_machine_and_what_goes_wrong(
    browser: Browser, tmp_path: Path
) -> None:
    async with watched_page(browser, tmp_path) as watched:
        await watched.page.set_content(
            "<img src='http://tracker.invalid/x.png'><script>x()</script>"
        )
        assert watched.leaving == ["http://tracker.invalid/x.png"]
        assert any("x is not defined" in each for each in watched.complaints)
