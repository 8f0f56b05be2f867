"""Voices over HTTP, with an engine that clones for real."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import soundfile

from engines.serving import Served
from supervisor.database.voices import VoiceRow
from supervisor.settings import Settings, load_settings
from supervisor.speech_settings import TtsSettings
from supervisor.voices.keeper import VoiceKeeper
from supervisor.voices.studio import StudioError
from tests.api.serving import Api, Client, Reply
from tests.engines.servers import speaking, until
from tests.supervisor.serving import eventually
from tests.tts.cloning_engine import PitchCloner, pitch_of
from tests.tts.recordings import spoken, written

CONSENT = {"consent_by": "Maria da Silva", "consent_statement": "Autorizo o uso da minha voz."}
TEXT = "O elevador social está em manutenção até as dezoito horas."


@pytest.fixture(scope="module")
def woman(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("voices") / "woman.ogg", spoken("pt-br+f2")).read_bytes()


@pytest.fixture(scope="module")
def man(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("voices") / "man.mp3", spoken()).read_bytes()


@asynccontextmanager
async def studio(
    api: Api, database_url: str, folder: Path
) -> AsyncIterator[tuple[PitchCloner, Served]]:
    """An engines process that clones, and a server that looks after voices."""
    engine = PitchCloner()
    async with speaking(engine) as (address, served):
        tts = TtsSettings(ladder=("remote", "espeak"), addresses=(address,))
        settings: Settings = load_settings(data_dir=folder, tts=tts)
        keeper = VoiceKeeper(settings, api.database)
        running = asyncio.create_task(keeper.run(database_url))
        api.calls.voices = keeper
        try:
            yield engine, served
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await keeper.close()


async def posted(client: Client, reference: bytes | None, **fields: Any) -> Reply:
    form = aiohttp.FormData({**CONSENT, **fields}, default_to_multipart=True)
    if reference is not None:
        form.add_field("reference", reference, filename="../../etc/passwd")
    return await client.send("POST", "voices", data=form)


async def condominium(api: Api, tenant: str = "Alfa") -> tuple[str, str]:
    admin = await api.client()
    tenant_id = (await admin.made("tenants", name=tenant))["id"]
    made = await admin.made("condominiums", name=f"Ed. {tenant}", tenant_id=tenant_id)
    return tenant_id, made["id"]


async def ready(client: Client, voice_id: str) -> Any:
    reply = await eventually(
        lambda: client.get(f"voices/{voice_id}"), lambda told: told.body["state"] != "pending"
    )
    assert reply.body["state"] == "ready", reply.body
    return reply.body


async def heard(client: Client, voice_id: str, **more: Any) -> tuple[bytes, int]:
    async with client.session.post(
        f"{client.base}/api/v1/voices/{voice_id}/preview",
        json={"text": TEXT, **more},
        headers=client.headers,
    ) as answer:
        body = await answer.read()
        assert answer.status == 200, body
        assert answer.content_type == "audio/wav"
    samples, rate_hz = soundfile.read(io.BytesIO(body), dtype="int16")
    return samples.tobytes(), rate_hz


async def test_a_recording_becomes_a_voice_that_sounds_like_it(
    api: Api, database_url: str, tmp_path: Path, woman: bytes, man: bytes
) -> None:
    tenant, place = await condominium(api)
    client = await api.client("admin", tenant)
    async with studio(api, database_url, tmp_path) as (engine, _):
        made = []
        for name, reference in (("Maria", woman), ("João", man)):
            reply = await posted(client, reference, condominium_id=place, name=name)
            assert reply.status == 201, reply.body
            assert reply.headers["Location"].endswith(reply.body["id"])
            assert (reply.body["state"], reply.body["warnings"]) == ("pending", [])
            assert reply.body["consent"]["by"] == "Maria da Silva"
            made.append((await ready(client, reply.body["id"]))["id"])
        pitches = []
        for voice_id in made:
            slin, rate_hz = await heard(client, voice_id)
            pitches.append(pitch_of(slin, rate_hz))
        assert pitches[0] - pitches[1] > 5
        assert engine.cloned == 2
        slower, _ = await heard(client, made[0], speed=0.7, rate_hz=8000)
        usual, rate_hz = await heard(client, made[0], rate_hz=8000)
        assert rate_hz == 8000
        assert len(slower) > 1.2 * len(usual)
        listed = (await client.get("voices", state="ready")).body["items"]
        assert [each["name"] for each in listed] == ["João", "Maria"]


async def test_revoking_deletes_everything_at_once_and_leaves_a_trace(
    api: Api, database_url: str, tmp_path: Path, woman: bytes
) -> None:
    tenant, place = await condominium(api)
    client = await api.client("admin", tenant)
    async with studio(api, database_url, tmp_path) as (_, served):
        voice = (await posted(client, woman, condominium_id=place, name="Maria")).body["id"]
        await ready(client, voice)
        served.voices.forget(await api.database.fetchval("SELECT version FROM voices"))
        await heard(client, voice)
        assert len(served.voices) == 1
        assert [each.name for each in (tmp_path / "voices").iterdir()] == [voice]
        reply = await client.post(f"voices/{voice}/revoke", None)
        assert (reply.status, reply.body["state"]) == (200, "revoked")
        assert (await client.post(f"voices/{voice}/preview", {"text": TEXT})).status == 409
        assert await api.database.fetchval("SELECT count(*) FROM voice_files") == 0
        left = await eventually(lambda: _async(list((tmp_path / "voices").iterdir())), _nothing)
        assert left == []
        await until(lambda: not len(served.voices))
        assert (await client.patch(f"voices/{voice}", {"pitch": 0.4})).status == 409
        again = await client.post(f"voices/{voice}/revoke", None)
        assert again.body["revoked_at"] == reply.body["revoked_at"]
    changes = (await client.get("audit", resource="voices")).body["items"]
    states = [each["after"]["state"] for each in reversed(changes)]
    assert states == ["pending", "revoked"]
    assert (await posted(client, woman, condominium_id=place, name="Maria")).status == 201


async def _async(value: Any) -> Any:
    return value


def _nothing(value: Any) -> bool:
    return not value


async def test_another_tenant_neither_sees_uses_previews_nor_guesses_a_voice(
    api: Api, database_url: str, tmp_path: Path, woman: bytes
) -> None:
    (mine, place), (others, elsewhere) = await condominium(api), await condominium(api, "Beta")
    owner, stranger = await api.client("admin", mine), await api.client("admin", others)
    async with studio(api, database_url, tmp_path):
        voice = (await posted(owner, woman, condominium_id=place, name="Maria")).body["id"]
        await ready(owner, voice)
        assert (await stranger.get("voices")).body["items"] == []
        assert (await stranger.get("voices", name="Maria")).body["items"] == []
        for reply in (
            await stranger.get(f"voices/{voice}"),
            await stranger.patch(f"voices/{voice}", {"name": "Ana"}),
            await stranger.delete(f"voices/{voice}"),
            await stranger.post(f"voices/{voice}/revoke", None),
            await stranger.post(f"voices/{voice}/preview", {"text": TEXT}),
        ):
            assert reply.status == 404
            assert "Maria" not in str(reply.body)
        taken = await posted(stranger, woman, condominium_id=place, name="Maria")
        assert (taken.status, "Maria" in str(taken.body)) == (409, False)
        # the name that engines know it by is nobody's to give
        guess = f"cloned:{voice}"
        extension = {"number": "9", "condominium_id": elsewhere, "port": 9, "return_port": 10}
        for body in ({"voice": guess}, {"settings": {"voices": {"en": guess}}}):
            assert (await stranger.post("extensions", {**extension, **body})).status == 422
        assert (await stranger.patch(f"condominiums/{elsewhere}", {"voice": guess})).status == 422
        assert (await owner.get(f"voices/{voice}")).body["state"] == "ready"


async def test_what_is_no_recording_is_refused_with_what_to_do(
    api: Api, tmp_path: Path, woman: bytes
) -> None:
    tenant, place = await condominium(api)
    client = await api.client("admin", tenant)
    short = written(tmp_path / "short.wav", spoken()[:100_000]).read_bytes()
    given = {"condominium_id": place, "name": "Maria"}
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for reference, fields, status, told in (
        (b"no sound", given, 400, "send wav, flac, mp3 or ogg"),
        (short, given, 400, "record 6 to 60 s"),
        (None, given, 422, "this file is missing"),
        (woman, {**given, "consent_statement": " "}, 422, "consent_statement"),
        (woman, {**given, "name": ""}, 422, "body.name"),
        (woman, {**given, "name": "cloned:x"}, 422, "choose another"),
        (woman, {**given, "pitch": "high"}, 422, "body.pitch"),
        (woman, {**given, "profile": "best"}, 422, "body.profile"),
        (woman, {**given, "colour": "red"}, 422, "body.colour"),
        (woman, {**given, "consent_at": later}, 422, "still to come"),
        (bytes(26 << 20), given, 413, "25 MiB at most"),
    ):
        reply = await posted(client, reference, **fields)
        assert (reply.status, told in reply.body["detail"]) == (status, True), reply.body
    assert (await client.post("voices", given)).status == 415
    broken = await client.send(
        "POST", "voices", data=b"--x\r\n", headers={"Content-Type": "multipart/form-data"}
    )
    assert broken.status == 400
    assert (await client.get("voices")).body["items"] == []


async def test_nobody_uploads_anything_without_the_right_to(api: Api, woman: bytes) -> None:
    tenant, place = await condominium(api)
    for client, status in ((api.stranger(), 401), (await api.client("operator", tenant), 403)):
        reply = await posted(client, woman, condominium_id=place, name="Maria")
        assert reply.status == status


async def test_the_consent_may_be_spoken_and_is_kept_as_it_came(
    api: Api, woman: bytes, man: bytes
) -> None:
    tenant, place = await condominium(api)
    client = await api.client("admin", tenant)
    form = aiohttp.FormData({**CONSENT, "condominium_id": place, "name": "Maria"})
    form.add_field("reference", woman, filename="a.ogg")
    form.add_field("consent_recording", man, filename="b.mp3")
    reply = await client.send("POST", "voices", data=form)
    assert reply.body["consent"]["has_recording"]
    kept = await api.database.fetchval("SELECT content FROM voice_files WHERE kind = 'consent'")
    assert kept == man
    where = f"{client.base}/api/v1/voices/{reply.body['id']}/consent"
    async with client.session.get(where, headers=client.headers) as answer:
        assert (answer.status, await answer.read()) == (200, man)
    silent = await posted(client, woman, condominium_id=place, name="Ana")
    assert (await client.get(f"voices/{silent.body['id']}/consent")).status == 404
    (got,) = [
        each
        for each in (await client.get("audit", resource="voices")).body["items"]
        if each["method"] == "GET"
    ]
    assert got["resource_id"] == reply.body["id"]


async def test_a_voice_that_somebody_speaks_with_keeps_its_name(api: Api, woman: bytes) -> None:
    tenant, place = await condominium(api)
    client = await api.client("admin", tenant)
    voice = (await posted(client, woman, condominium_id=place, name="Maria")).body["id"]
    twice = await posted(client, woman, condominium_id=place, name="Maria")
    assert twice.status == 409
    extension = await client.made(
        "extensions", number="9", condominium_id=place, port=9, return_port=10, voice="Maria"
    )
    for reply in (
        await client.patch(f"voices/{voice}", {"name": "Ana"}),
        await client.delete(f"voices/{voice}"),
    ):
        assert (reply.status, "extension 9" in reply.body["detail"]) == (409, True)
    changed = await client.patch(f"voices/{voice}", {"pitch": 0.4, "profile": "fast"})
    assert (changed.status, changed.body["profile"]) == (200, "fast")
    assert (await client.delete(f"extensions/{extension['id']}")).status == 204
    assert (await client.delete(f"voices/{voice}")).status == 204
    assert await api.database.fetchval("SELECT count(*) FROM voice_files") == 0


async def test_a_voice_waits_for_an_engine_and_says_so(
    api: Api, database_url: str, tmp_path: Path, woman: bytes
) -> None:
    tenant, place = await condominium(api)
    client = await api.client("admin", tenant)
    nowhere = load_settings(data_dir=tmp_path, tts=TtsSettings(engine="remote"))
    lost = VoiceKeeper(nowhere, api.database)
    with pytest.raises(StudioError, match=r"set tts\.addresses"):
        await lost.say(VoiceRow("", "", "ready", "fast", 0.5, 1, "0"), TEXT, "en", rate_hz=8000)
    keeper = VoiceKeeper(load_settings(data_dir=tmp_path), api.database)
    running = asyncio.create_task(keeper.run(database_url))
    voice = (await posted(client, woman, condominium_id=place, name="Maria")).body["id"]
    waiting = await eventually(
        lambda: client.get(f"voices/{voice}"), lambda told: bool(told.body["state_reason"])
    )
    assert waiting.body["state"] == "pending"
    assert "see docs/voices.md" in waiting.body["state_reason"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await api.database.execute("UPDATE voices SET try_after = now()")
    async with studio(api, database_url, tmp_path):
        await ready(client, voice)
