"""Synthesis jobs over HTTP: asked for, followed, downloaded, bounded, and kept apart."""

import asyncio
import csv
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
import soundfile

from supervisor.api import synthesis_progress, synthesis_results
from supervisor.database.pool import Pool
from supervisor.synthesis import maker
from tests.api.serving import Api, Client, serving
from tests.synthesis.jobs import JOBS, Hum, Studio, a_studio, ask
from tests.webhooks.endpoints import add_endpoint
from tts.engine import RefusedTextError

TEXT = "Primeira frase. Segunda frase. Terceira frase."


@dataclass(frozen=True, slots=True)
class House:
    """An API, the machine behind it, and what that speaks with."""

    api: Api
    studio: Studio
    hum: Hum


@pytest.fixture
async def house(database: Pool, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    hum = Hum()
    limits = {"jobs_per_tenant": 3, "characters_per_day": 500}
    async with (
        a_studio(database, database_url, tmp_path, hum, **limits) as studio,
        serving(database_url, database, synthesis=studio.desk) as api,
    ):
        yield House(api, studio, hum)
        hum.may_speak.set()


async def _done(house: House, client: Client, *states: str, **body: Any) -> Any:
    """A job that was asked for, once it is finished."""
    job = await client.made(JOBS, **body)
    await house.studio.until(UUID(job["id"]), *(states or ("done",)))
    return (await client.get(f"{JOBS}/{job['id']}")).body


async def _items(client: Client, job_id: str, **query: str) -> list[Any]:
    items: list[Any] = (await client.get(f"{JOBS}/{job_id}/items", **query)).body["items"]
    return items


async def _download(client: Client, path: str) -> tuple[Any, bytes]:
    url = f"{client.base}/api/v1/{JOBS}/{path}"
    async with client.session.get(url, headers=client.headers) as response:
        return response, await response.read()


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    id: str | None
    data: Any


async def _follow(client: Client, job_id: str, last: str | None = None) -> AsyncIterator[Event]:
    """Server-sent events, until the stream ends."""
    url = f"{client.base}/api/v1/{JOBS}/{job_id}/events"
    headers = {**client.headers, **({"Last-Event-ID": last} if last else {})}
    async with client.session.get(url, headers=headers) as response:
        assert response.status == 200, await response.text()
        while block := await response.content.readuntil(b"\n\n"):
            fields = dict(
                line.split(": ", 1) for line in block.decode().splitlines() if ": " in line
            )
            if "event" in fields:
                yield Event(fields["event"], fields.get("id"), json.loads(fields["data"]))
                if fields["event"] == "job" and json.loads(fields["data"])["finished_at"]:
                    return


async def test_a_text_is_made_into_a_file_that_can_be_downloaded_whole_or_in_part(
    house: House,
) -> None:
    client = await house.api.client("operator")
    job = await _done(house, client, text=TEXT, format="mp3", name="Aviso", speed=1.1)
    assert (job["state"], job["items"], job["done"], job["characters"]) == ("done", 1, 1, len(TEXT))
    (item,) = await _items(client, job["id"])
    assert (item["passages"], item["passages_done"], item["excerpt"]) == (3, 3, TEXT)
    response, sound = await _download(client, f"{job['id']}/items/{item['id']}/audio")
    assert response.content_type == "audio/mpeg"
    assert "0001.mp3" in response.headers["Content-Disposition"]
    digest = hashlib.sha256(sound).hexdigest()
    assert digest == item["sha256"] == response.headers["X-Content-SHA256"]
    info = soundfile.info(io.BytesIO(sound))
    assert (info.format, info.duration) == ("MP3", pytest.approx(item["duration_ms"] / 1000, 0.1))
    client.headers["Range"] = "bytes=0-9"
    response, part = await _download(client, f"{job['id']}/items/{item['id']}/audio")
    assert (response.status, part) == (206, sound[:10])


async def test_a_batch_comes_as_an_archive_with_an_index_and_its_dead_letters_reasons(
    house: House,
) -> None:
    def fails(text: str) -> None:
        if "ruim" in text:
            raise RefusedTextError("não dá")

    house.hum.fails = fails
    client = await house.api.client("operator")
    batch = "name,text\naviso,Bom dia.\n,Texto ruim.\nfim,Boa noite.\n"
    job = await _done(house, client, "failed", csv=batch, format="slin16")
    assert (job["done"], job["dead"]) == (2, 1)
    (dead,) = await _items(client, job["id"], state="dead")
    assert (dead["number"], dead["error"]) == (2, "não dá")
    response, data = await _download(client, f"{job['id']}/zip")
    assert response.content_type == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    assert archive.namelist() == ["index.csv", "0001-aviso.sln16", "0003-fim.sln16"]
    assert archive.read("0001-aviso.sln16") == Hum.sound("Bom dia.", 16_000)
    rows = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode())))
    assert [row["state"] for row in rows] == ["done", "dead", "done"]
    refused, _ = await _download(client, f"{job['id']}/items/{dead['id']}/audio")
    assert refused.status == 409

    house.hum.fails = lambda _: None
    nothing = await client.post(f"{JOBS}/{job['id']}/redeliver", {"items": [1]})
    assert (nothing.status, nothing.body["detail"]) == (
        409,
        "No such item of this job is a dead letter.",
    )
    again = await client.post(f"{JOBS}/{job['id']}/redeliver", {})
    assert (again.status, again.body) == (202, {"items": 1})
    await house.studio.until(UUID(job["id"]), "done")


async def test_progress_is_told_as_it_happens_and_read_on_from_any_event(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis_progress, "HEARTBEAT_S", 0.2)
    house.hum.may_speak.clear()
    client = await house.api.client("operator")
    viewer = await house.api.client("viewer")
    job = await client.made(JOBS, csv="text\nUm texto.\nDois textos.\n")
    seen: list[Event] = []
    async with asyncio.timeout(30):
        async for event in _follow(viewer, job["id"]):
            seen.append(event)
            if event.kind == "item" and event.data["state"] == "running":
                house.hum.may_speak.set()
    assert seen[-1].kind == "job"
    assert (seen[-1].data["state"], seen[-1].data["done"]) == ("done", 2)
    states = {event.data["number"]: event.data["state"] for event in seen if event.kind == "item"}
    assert states == {1: "done", 2: "done"}
    versions = [int(event.id) for event in seen if event.id]
    assert versions == sorted(versions)
    middle = next(event.id for event in seen if event.id and event.kind == "item")
    rest = [event async for event in _follow(viewer, job["id"], middle)]
    assert rest[-1].data == seen[-1].data
    assert all(int(event.id or versions[-1]) > int(middle) for event in rest)
    url = f"{client.base}/api/v1/{JOBS}/{job['id']}/events"
    over = {**client.headers, "Last-Event-ID": str(versions[-1])}
    async with client.session.get(url, headers=over) as response:
        assert response.status == 204, "an EventSource would come again for ever"


async def test_a_silent_stream_shows_that_it_lives(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis_progress, "HEARTBEAT_S", 0.05)
    house.hum.may_speak.clear()
    client = await house.api.client("operator")
    job = await client.made(JOBS, text="Bom dia.")
    url = f"{client.base}/api/v1/{JOBS}/{job['id']}/events"
    async with client.session.get(url, headers=client.headers) as response, asyncio.timeout(20):
        while await response.content.readuntil(b"\n\n") != b":\n\n":
            pass


async def test_a_job_is_cancelled_once_and_what_it_made_is_gone(house: House) -> None:
    house.hum.may_speak.clear()
    client = await house.api.client("operator")
    job = await client.made(JOBS, text=TEXT)
    await asyncio.wait_for(house.hum.began.get(), 20)
    early = await client.delete(f"{JOBS}/{job['id']}")
    assert (early.status, early.body["detail"]) == (409, "This job is running; cancel it first.")
    cancelled = await client.post(f"{JOBS}/{job['id']}/cancel", None)
    assert (cancelled.status, cancelled.body["state"]) == (200, "cancelled")
    twice = await client.post(f"{JOBS}/{job['id']}/cancel", None)
    assert (twice.status, twice.body["detail"]) == (409, "This job is cancelled already.")
    house.hum.may_speak.set()
    refused, _ = await _download(client, f"{job['id']}/zip")
    assert refused.status == 409


async def test_results_are_deleted_on_demand(house: House) -> None:
    client = await house.api.client("operator")
    job = await _done(house, client, text="Bom dia.")
    assert len(await house.studio.sounds(UUID(job["id"]))) == 1
    assert (await client.delete(f"{JOBS}/{job['id']}")).status == 204
    assert (await client.delete(f"{JOBS}/{job['id']}")).status == 409
    assert (await client.get(f"{JOBS}/{job['id']}")).body["state"] == "expired"
    assert await _items(client, job["id"]) == []
    assert await house.studio.sounds(UUID(job["id"])) == []


async def test_a_request_that_is_sent_twice_makes_one_job(house: House) -> None:
    client = await house.api.client("operator")
    body = {"text": "Bom dia."}
    first = await client.post(JOBS, body, **{"Idempotency-Key": "aviso-7"})
    second = await client.post(JOBS, body, **{"Idempotency-Key": "aviso-7"})
    assert (first.status, second.status) == (201, 201)
    assert first.body["id"] == second.body["id"]
    assert len((await client.get(JOBS)).body["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "where", "detail"),
    [
        ({}, 409, "body.text", "A job is either a text or a csv."),
        ({"text": "a", "csv": "b"}, 409, "body.text", "A job is either a text or a csv."),
        ({"text": " "}, 409, "body.text", "There is no text."),
        (
            {"text": "Salut.", "language": "fr"},
            409,
            "body.text",
            "There is no usual voice for fr (pt, en, es have one); name a voice.",
        ),
        (
            {"csv": "text,speed\nBom dia.,9\n,1\n"},
            409,
            "body.csv.line 2",
            "Line 2: speed is a number from 0.5 to 2, not '9'.",
        ),
    ],
)
async def test_what_cannot_be_made_is_refused_in_one_sentence(
    house: House, body: Any, status: int, where: str, detail: str
) -> None:
    client = await house.api.client("operator")
    reply = await client.post(JOBS, body)
    assert (reply.status, reply.body["detail"]) == (status, detail)
    assert reply.body["errors"][0]["where"] == where


async def test_a_batch_may_be_larger_than_other_bodies(house: House) -> None:
    client = await house.api.client("operator")
    reply = await client.post(JOBS, {"csv": "text\n" + "Bom dia vizinho.\n" * 20_000})
    assert (reply.status, reply.body["detail"]) == (
        409,
        "There are more than 1000 rows; send several jobs.",
    )
    assert (await client.post("units", {"number": "x" * 70_000})).status == 413


async def test_a_result_has_parts_and_conditions(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maker, "PART_BYTES", 1000)
    monkeypatch.setattr(synthesis_results, "PART_BYTES", 1000)
    client = await house.api.client("operator")
    job = await _done(house, client, text="Bom dia.", format="slin")
    (item,) = await _items(client, job["id"])
    path = f"{job['id']}/items/{item['id']}/audio"
    whole = Hum.sound("Bom dia.", 8000)
    assert len(whole) == 1280, "more than one part of the table"

    async def ranged(**headers: str) -> tuple[int, bytes, str | None]:
        url = f"{client.base}/api/v1/{JOBS}/{path}"
        async with client.session.get(url, headers={**client.headers, **headers}) as response:
            body = await response.read()
        return response.status, body, response.headers.get("Content-Range")

    assert await ranged() == (200, whole, None)
    assert await ranged(Range="bytes=990-1009") == (206, whole[990:1010], "bytes 990-1009/1280")
    assert await ranged(Range="bytes=-5") == (206, whole[-5:], "bytes 1275-1279/1280")
    assert await ranged(Range="bytes=1200-") == (206, whole[1200:], "bytes 1200-1279/1280")
    beyond = await ranged(Range="bytes=1280-")
    assert (beyond[0], beyond[2]) == (416, "bytes */1280")
    etag = f'"{item["sha256"]}"'
    assert await ranged(**{"If-None-Match": etag}) == (304, b"", None)
    part = {"Range": "bytes=0-9"}
    assert (await ranged(**part, **{"If-Range": etag}))[0] == 206
    assert await ranged(**part, **{"If-Range": '"older"'}) == (200, whole, None)


async def test_a_download_that_is_deleted_meanwhile_has_no_end(
    house: House, database: Pool
) -> None:
    client = await house.api.client("operator")
    job = await _done(house, client, text="Bom dia.")
    await database.execute("DELETE FROM synthesis_audio")
    with pytest.raises(aiohttp.ClientError):
        await _download(client, f"{job['id']}/zip")
    (item,) = await _items(client, job["id"])
    response, body = await _download(client, f"{job['id']}/items/{item['id']}/audio")
    assert (response.status, b"deleted a moment ago" in body) == (409, True)


async def test_any_machine_of_the_database_hands_results_out_also_when_their_maker_is_gone(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    async with (
        a_studio(database, database_url, tmp_path / "one", Hum()) as one,
        a_studio(database, database_url, tmp_path / "two", Hum(), at_once=0) as two,
        serving(database_url, database, synthesis=two.desk) as api,
    ):
        client = await api.client("operator")
        batch = {"csv": "text\nBom dia.\nBoa noite.\n", "format": "slin"}
        job = await client.made(JOBS, **batch)
        await one.until(UUID(job["id"]), "done")
        shutil.rmtree(tmp_path / "one")
        _, data = await _download(client, f"{job['id']}/zip")
        archive = zipfile.ZipFile(io.BytesIO(data))
        assert archive.read("0002.sln") == Hum.sound("Boa noite.", 8000)
        item = (await _items(client, job["id"]))[0]
        _, sound = await _download(client, f"{job['id']}/items/{item['id']}/audio")
        assert sound == Hum.sound("Bom dia.", 8000)


async def test_who_wants_to_know_is_told_when_a_job_is_finished(
    house: House, database: Pool
) -> None:
    admin = await house.api.client()
    tenant, other = [
        UUID((await admin.made("tenants", name=name))["id"]) for name in ("Alfa", "Beta")
    ]
    mine = await add_endpoint(database, tenant_id=tenant, events=["synthesis.done"])
    everything = await add_endpoint(database)
    await add_endpoint(database, tenant_id=other)
    await add_endpoint(database, tenant_id=tenant, events=["synthesis.failed"])
    job_id = await ask(database, "Bom dia.", tenant_id=tenant)
    await house.studio.until(job_id, "done")
    rows = await database.fetch("SELECT endpoint_id, event, body FROM webhook_deliveries")
    assert {row["endpoint_id"] for row in rows} == {mine, everything}
    told = json.loads(rows[0]["body"])
    assert (told["type"], told["tenant_id"]) == ("synthesis.done", str(tenant))
    assert (told["data"]["job_id"], told["data"]["done"]) == (str(job_id), 1)
    assert told["data"]["duration_ms"] == 10 * len("Bom dia.")
