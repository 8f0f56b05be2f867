"""How much each tenant may have spoken into files: by the settings, or by its own limits."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from supervisor.database.pool import Pool
from supervisor.synthesis.desk import Desk
from tests.api.serving import Api, serving
from tests.synthesis.jobs import JOBS, settings_in

TEXT = "Primeira frase. Segunda frase. Terceira frase."
USAGE = "tts/usage"


@pytest.fixture
async def api(database: Pool, database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """An API of a machine that makes nothing: jobs stay as they were asked for."""
    desk = Desk.of(settings_in(tmp_path, jobs_per_tenant=3, characters_per_day=500))
    async with serving(database_url, database, synthesis=desk) as api:
        yield api


async def test_a_tenants_jobs_and_characters_are_bounded_and_anothers_are_not(
    api: Api, database: Pool
) -> None:
    admin = await api.client()
    alfa, beta = [(await admin.made("tenants", name=name))["id"] for name in ("Alfa", "Beta")]
    mine, others = [await api.client("operator", tenant) for tenant in (alfa, beta)]
    jobs = [await mine.made(JOBS, text=TEXT) for _ in range(3)]
    many = await mine.post(JOBS, {"text": TEXT})
    assert (many.status, many.headers["Retry-After"]) == (429, "30")
    assert many.body["detail"] == (
        "Jobs that are not finished: 3, of 3 at most; wait until one is, or cancel one."
    )
    assert (await others.post(JOBS, {"text": TEXT})).status == 201
    await mine.post(f"{JOBS}/{jobs[0]['id']}/cancel", None)
    used = 3 * len(TEXT)
    shown = (await mine.get(USAGE)).body
    again = datetime.fromisoformat(shown.pop("characters_again_at"))
    assert shown == {
        "tenant_id": alfa,
        "jobs": 2,
        "jobs_limit": 3,
        "characters": used,
        "characters_limit": 500,
    }
    long = await mine.post(JOBS, {"text": "Bom dia. " * 45})
    assert long.status == 429
    assert long.body["detail"] == (
        f"The job has 405 characters, and of today's 500 {500 - used} are left; send it after "
        f"{again:%Y-%m-%d} 00:00 UTC."
    )
    left_s = (again - datetime.now(UTC)).total_seconds()
    assert abs(int(long.headers["Retry-After"]) - left_s) < 60
    never = await mine.post(JOBS, {"text": "Bom dia. " * 60})
    assert (never.status, "540 characters" in never.body["detail"]) == (409, True)
    await database.execute("UPDATE synthesis_jobs SET created_at = now() - interval '25 h'")
    assert (await mine.post(JOBS, {"text": "Bom dia. " * 45})).status == 201


async def test_who_sends_two_at_once_gets_no_more_than_the_limit(api: Api) -> None:
    client = await api.client("operator")
    replies = await asyncio.gather(*(client.post(JOBS, {"text": "Bom dia."}) for _ in range(6)))
    assert sorted(reply.status for reply in replies) == [201] * 3 + [429] * 3


async def test_a_tenants_own_limits_go_before_the_settings_until_they_are_taken_back(
    api: Api,
) -> None:
    admin = await api.client()
    alfa = await admin.made("tenants", name="Alfa", synthesis_jobs=1)
    assert (alfa["synthesis_jobs"], alfa["synthesis_characters_per_day"]) == (1, None)
    mine = await api.client("operator", alfa["id"])

    async def answer(**limits: Any) -> tuple[int, str]:
        if limits:
            changed = await admin.patch(f"tenants/{alfa['id']}", limits)
            assert changed.status == 200, changed.body
        reply = await mine.post(JOBS, {"text": "Bom dia."})
        return reply.status, reply.body.get("detail", "")

    assert (await answer())[0] == 201
    assert (await answer())[1].startswith("Jobs that are not finished: 1, of 1 at most")
    assert (await answer(synthesis_jobs=2))[0] == 201
    status, detail = await answer(synthesis_jobs=9, synthesis_characters_per_day=20)
    assert (status, "of today's 20 4 are left" in detail) == (429, True)
    assert await answer(synthesis_jobs=0) == (
        409,
        "No synthesis jobs are allowed here; ask whoever runs this installation for some.",
    )
    status, _ = await answer(synthesis_jobs=None, synthesis_characters_per_day=None)
    assert (status, (await mine.get(USAGE)).body["jobs_limit"]) == (201, 3)


async def test_only_who_runs_the_installation_changes_limits(api: Api) -> None:
    admin = await api.client()
    alfa, beta = [(await admin.made("tenants", name=name))["id"] for name in ("Alfa", "Beta")]
    own_admin = await api.client("admin", alfa)
    refused = await own_admin.patch(f"tenants/{alfa}", {"synthesis_jobs": 1000})
    assert refused.status == 403
    assert (await own_admin.get(USAGE, tenant_id=beta)).status == 404
    wrong = await admin.patch(f"tenants/{alfa}", {"synthesis_jobs": -1})
    assert (wrong.status, wrong.body["errors"][0]["where"]) == (422, "body.synthesis_jobs")


async def test_jobs_of_nobody_go_by_the_settings_alone(api: Api) -> None:
    admin = await api.client()
    await admin.made("tenants", name="Alfa", synthesis_jobs=0)
    await admin.made(JOBS, text="Bom dia.")
    shown = (await admin.get(USAGE)).body
    assert (shown["tenant_id"], shown["jobs"], shown["jobs_limit"]) == (None, 1, 3)
