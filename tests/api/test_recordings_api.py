"""Recordings over HTTP: who gets which bytes, what is written down of it, and how they go."""

import asyncio
import hashlib
import io
import os
import socket
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
import soundfile

from conversation.journal import Entry
from supervisor.alarms import Alarms
from supervisor.database.records import store_entries
from supervisor.metrics import Metrics
from supervisor.recordings.archivist import Archivist
from supervisor.recordings.live import SOCKET_BYTES
from supervisor.recordings.names import PartName
from supervisor.recordings.part_file import PartFile
from supervisor.workers.steering import Steered
from tests.api.serving import Api, Client, record_call
from tests.speech import say


@pytest.fixture
async def condominium(api: Api, tmp_path: Path) -> str:
    api.calls.recordings = tmp_path / "recordings"
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    return str((await admin.made("condominiums", name="Ipê", tenant_id=tenant))["id"])


@pytest.fixture
def archivist(api: Api, condominium: str) -> Archivist:
    return Archivist(api.calls.recordings, api.database, Alarms(Metrics()))


def sound(seconds: float = 2.0) -> "np.ndarray[Any, np.dtype[np.int16]]":
    """Speech on the left, a tone on the right."""
    words = np.resize(say("bom dia entrega para o apartamento"), round(seconds * 8000))
    tone = 8000 * np.sin(np.arange(words.size) * 2 * np.pi * 440 / 8000)
    return np.stack((words, tone.astype(np.int16)), axis=1)


def write_part(
    api: Api, call_id: UUID, *, party: str = "visitor", at: datetime | None = None
) -> PartName:
    name = PartName(call_id, party, at or datetime.now(UTC))
    file = PartFile(name.live_in(api.calls.recordings), 8000)
    file.write(0, sound().astype("<i2").tobytes())
    file.close()
    return name


async def recorded(api: Api, condominium: str, archivist: Archivist) -> UUID:
    """A call that is over, with its recording."""
    async with api.database.acquire() as connection:
        call_id = await record_call(connection, condominium)
    write_part(api, call_id)
    await archivist.look()
    return call_id


async def fetch(client: Client, path: str, **headers: str) -> tuple[int, Any, bytes]:
    url = f"{client.base}/api/v1/{path}"
    async with client.session.get(url, headers={**client.headers, **headers}) as response:
        return response.status, response.headers, await response.read()


@pytest.mark.parametrize(
    ("wanted", "media", "exact"),
    [
        ("flac", "audio/flac", True),
        ("wav", "audio/wav", True),
        ("opus", "audio/ogg", False),
        ("mp3", "audio/mpeg", False),
    ],
)
async def test_a_recording_is_heard_in_the_format_that_was_asked_for(
    api: Api, condominium: str, archivist: Archivist, wanted: str, media: str, *, exact: bool
) -> None:
    call_id = await recorded(api, condominium, archivist)
    operator = await api.client("operator")
    status, headers, body = await fetch(operator, f"calls/{call_id}/recording?format={wanted}")
    assert (status, headers["Content-Type"]) == (200, media)
    heard, rate_hz = soundfile.read(io.BytesIO(body), dtype="int16")
    assert (rate_hz, heard.shape[1]) == (8000, 2)
    if exact:
        assert np.array_equal(heard, sound())
    else:
        assert abs(len(heard) - len(sound())) < 2000
        assert np.abs(heard.astype(int)).mean() > 1000


async def test_ranges_and_tags_give_exactly_the_bytes_that_are_missing(
    api: Api, condominium: str, archivist: Archivist
) -> None:
    call_id = await recorded(api, condominium, archivist)
    operator, path = await api.client("operator"), f"calls/{call_id}/recording"
    _, headers, whole = await fetch(operator, path)
    status, some, body = await fetch(operator, path, Range="bytes=100-299")
    assert (status, body) == (206, whole[100:300])
    assert some["Content-Range"] == f"bytes 100-299/{len(whole)}"
    assert (await fetch(operator, path, Range="bytes=-50"))[2] == whole[-50:]
    assert (await fetch(operator, path, Range=f"bytes={len(whole)}-"))[0] == 416
    same = await fetch(operator, path, **{"If-None-Match": headers["ETag"]})
    assert (same[0], same[2]) == (304, b"")
    stale = {"Range": "bytes=100-299", "If-Range": '"another"'}
    assert (await fetch(operator, path, **stale))[2] == whole
    fresh = {"Range": "bytes=100-299", "If-Range": headers["ETag"]}
    assert (await fetch(operator, path, **fresh))[2] == whole[100:300]


async def test_the_calls_log_has_the_hash_of_the_file_and_of_its_samples(
    api: Api, condominium: str, archivist: Archivist
) -> None:
    call_id = await recorded(api, condominium, archivist)
    operator = await api.client("operator")
    _, _, flac = await fetch(operator, f"calls/{call_id}/recording")
    _, _, wav = await fetch(operator, f"calls/{call_id}/recording?format=wav")
    row = await api.database.fetchrow(
        "SELECT data FROM events WHERE call_id = $1 AND kind = 'recording.kept'", call_id
    )
    assert row["data"]["sha256"] == hashlib.sha256(flac).hexdigest()
    with wave.open(io.BytesIO(wav)) as file:
        samples = file.readframes(file.getnframes())
    assert row["data"]["pcm_sha256"] == hashlib.sha256(samples).hexdigest()
    call = (await operator.get(f"calls/{call_id}")).body
    [recording] = call["recordings"]
    assert (call["recorded"], recording["duration_ms"]) == (True, 2000)
    assert recording["sha256"] == row["data"]["sha256"]
    assert [
        each["id"] for each in (await operator.get("calls", recorded="true")).body["items"]
    ] == [str(call_id)]
    assert (await operator.get("calls", recorded="false")).body["items"] == []


async def test_parts_of_a_call_that_came_back_are_one_recording(
    api: Api, condominium: str, archivist: Archivist
) -> None:
    async with api.database.acquire() as connection:
        call_id = await record_call(connection, condominium)
    began = datetime.now(UTC) - timedelta(seconds=10)
    write_part(api, call_id, at=began)
    write_part(api, call_id, at=began + timedelta(seconds=5))
    await archivist.look()
    operator = await api.client("operator")
    _, _, body = await fetch(operator, f"calls/{call_id}/recording?format=wav")
    heard, _ = soundfile.read(io.BytesIO(body), dtype="int16")
    assert len(heard) == 7 * 8000
    assert np.array_equal(heard[:16000], sound())
    assert not heard[16000:40000].any()
    assert np.array_equal(heard[40000:], sound())


async def test_what_a_killed_worker_left_is_kept_too(
    api: Api, condominium: str, archivist: Archivist
) -> None:
    """The file ends in the middle of a sample and its header is old; the call has no end."""
    call_id = uuid4()
    entry = Entry(call_id, 1, datetime.now(UTC), "call.started", {"condominium_id": condominium})
    async with api.database.acquire() as connection:
        await store_entries(connection, [entry])
    live = write_part(api, call_id).live_in(api.calls.recordings)
    with live.open("r+b") as file:
        file.seek(40)
        file.write(bytes(4))
        file.truncate(44 + 8000 * 4 + 3)
    await archivist.look()
    assert live.exists()  # it may come back: nobody knows yet
    long_ago = datetime.now(UTC).timestamp() - 120
    os.utime(live, (long_ago, long_ago))
    await archivist.look()
    assert not live.exists()
    operator = await api.client("operator")
    _, _, body = await fetch(operator, f"calls/{call_id}/recording")
    heard, _ = soundfile.read(io.BytesIO(body), dtype="int16")
    assert np.array_equal(heard, sound()[:8000])


async def test_every_access_is_in_the_audit_log_before_a_byte_is_out(
    api: Api, condominium: str, archivist: Archivist
) -> None:
    call_id = await recorded(api, condominium, archivist)
    operator, admin = await api.client("operator"), await api.client()
    await fetch(operator, f"calls/{call_id}/recording")
    await fetch(await api.client("viewer"), f"calls/{call_id}/recording")
    await api.trail.written()
    entries = (await admin.get("audit", resource="recordings")).body["items"]
    [entry] = entries
    assert (entry["resource_id"], entry["role"]) == (str(call_id), "operator")
    refused = (await admin.get("audit", limit="50")).body["items"]
    assert [e["status"] for e in refused if e["role"] == "viewer"] == [403]


async def test_a_deleted_recording_is_gone_and_the_log_says_who_did_it(
    api: Api, condominium: str, archivist: Archivist
) -> None:
    call_id = await recorded(api, condominium, archivist)
    admin, path = await api.client(), f"calls/{call_id}/recording"
    await fetch(admin, f"{path}?format=wav")
    assert (await (await api.client("operator")).delete(path)).status == 403
    assert (await admin.delete(path)).status == 204
    assert (await fetch(admin, path))[0] == 404
    await archivist.look()
    assert [file for file in api.calls.recordings.rglob("*") if file.is_file()] == []
    [entry] = [
        each
        for each in (await admin.get("audit", resource="recordings")).body["items"]
        if each["method"] == "DELETE"
    ]
    assert entry["before"]["sha256"] and entry["after"] is None
    call = (await admin.get(f"calls/{call_id}")).body
    assert (call["recorded"], call["recordings"][0]["deleted_at"] is not None) == (False, True)
    kinds = await api.database.fetch("SELECT kind FROM events WHERE call_id = $1", call_id)
    assert "recording.deleted" in {row["kind"] for row in kinds}
    assert (await admin.delete(path)).status == 404


async def test_recordings_are_deleted_when_their_condominium_says_so(
    api: Api, condominium: str, archivist: Archivist
) -> None:
    admin = await api.client()
    changed = await admin.patch(f"condominiums/{condominium}", {"recording_days": 30})
    assert changed.body["recording_days"] == 30
    async with api.database.acquire() as connection:
        old, young = [await record_call(connection, condominium) for _ in range(2)]
    write_part(api, old, at=datetime.now(UTC) - timedelta(days=31))
    write_part(api, young, at=datetime.now(UTC) - timedelta(days=29))
    await Archivist(api.calls.recordings, api.database, Alarms(Metrics())).look()
    await Archivist(api.calls.recordings, api.database, Alarms(Metrics())).look()
    assert (await fetch(admin, f"calls/{old}/recording"))[0] == 404
    assert (await fetch(admin, f"calls/{young}/recording"))[0] == 200
    assert len(list(api.calls.recordings.rglob("*.flac"))) == 1
    entries = (await admin.get("audit", resource="recordings")).body["items"]
    [expired] = [entry for entry in entries if entry["method"] == "DELETE"]
    assert (expired["role"], expired["before"]["kept_for_days"]) == ("retention", 30)


async def test_neither_viewers_nor_other_tenants_hear_or_delete_anything(
    api: Api, condominium: str, archivist: Archivist
) -> None:
    call_id = await recorded(api, condominium, archivist)
    admin = await api.client()
    other = (await admin.made("tenants", name="Beta"))["id"]
    api.calls.outcome = Steered()
    strangers = (
        (await api.client("viewer"), 403),
        (await api.client("operator", other), 404),
        (await api.client("admin", other), 404),
        (api.stranger(), 401),
    )
    for client, status in strangers:
        for path in (f"calls/{call_id}/recording", f"calls/{call_id}/listen"):
            assert (await fetch(client, path))[0] == status
    assert (
        await (await api.client("admin", other)).delete(f"calls/{call_id}/recording")
    ).status == 404
    assert api.calls.listeners == []


async def test_a_recording_that_is_not_there_is_said_to_be_elsewhere_or_unfinished(
    api: Api, condominium: str, archivist: Archivist
) -> None:
    call_id = await recorded(api, condominium, archivist)
    operator, path = await api.client("operator"), f"calls/{call_id}/recording"
    assert (await fetch(operator, f"{path}?party=resident"))[0] == 404
    assert (await fetch(operator, f"{path}?format=aiff"))[0] == 422
    for file in api.calls.recordings.rglob("*.flac"):
        file.unlink()
    status, _, body = await fetch(operator, path)
    assert (status, b"kept by" in body) == (409, True)
    async with api.database.acquire() as connection:
        other = await record_call(connection, condominium)
        started = {"name": str(PartName(other, "visitor", datetime.now(UTC)))}
        entry = Entry(other, 9, datetime.now(UTC), "recording.started", started)
        await store_entries(connection, [entry])
    assert (await fetch(operator, f"calls/{other}/recording"))[0] == 409


async def test_who_listens_hears_what_the_call_sends_until_it_ends(
    api: Api, condominium: str
) -> None:
    call_id = uuid4()
    entry = Entry(call_id, 1, datetime.now(UTC), "call.started", {"condominium_id": condominium})
    async with api.database.acquire() as connection:
        await store_entries(connection, [entry])
    operator = await api.client("operator")
    url = f"{operator.base}/api/v1/calls/{call_id}/listen"
    assert (await fetch(operator, f"calls/{call_id}/listen"))[0] == 409
    api.calls.outcome = Steered()
    async with operator.session.get(url, headers=operator.headers) as response:
        assert (response.status, response.content_type) == (200, "audio/wav")
        [(_, party, sock)] = api.calls.listeners
        assert party == "visitor"
        header = await response.content.readexactly(44)
        assert header[:4] == b"RIFF"
        sock.send(b"\1\2" * 1600)
        async with asyncio.timeout(2):
            heard = await response.content.readexactly(3200)
            while heard == bytes(3200):  # nobody spoke yet
                heard = await response.content.readexactly(3200)
        assert b"\1\2" * 100 in heard
        sock.close()
        async with asyncio.timeout(2):
            assert await response.content.read() is not None
    entries = (await (await api.client()).get("audit", resource="recordings")).body["items"]
    assert [entry["path"].endswith("/listen") for entry in entries] == [True]


def test_a_sockets_limit_is_less_than_a_second_of_audio() -> None:
    """A listener who does not keep up loses frames; nothing piles up for them."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
        theirs.setblocking(False)
        sent = 0
        with pytest.raises(BlockingIOError):
            while True:
                theirs.send(bytes(3200))
                sent += 1
        assert 2 <= sent <= 20
