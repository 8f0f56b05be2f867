"""A doorman's call with real processes: recorded, listened to live, and whole after a kill -9."""

import asyncio
import io
import logging
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import numpy.typing as npt
import psutil
import pytest
import soundfile
from pydantic import SecretStr

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.recording import Track
from audiosocket.slin import Samples
from audiosocket.wav import read_wav
from stt.builtin.recogniser import BuiltinRecogniser
from stt.recogniser import Hints
from supervisor.api.hosting import hosted
from supervisor.database.api_keys import create_key
from supervisor.database.directory import ResidentRow, UnitRow, store_units
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.pool import Pool
from supervisor.replay.differences import turns_of
from supervisor.replay.fetching import fetch
from supervisor.replay.playing import replay
from supervisor.server import running_server
from supervisor.settings import HttpSettings, LogSettings, load_settings
from tests.api.serving import Client, cheap_identity
from tests.ports import free_ports
from tests.recordings.test_recording import place_of, sounding
from tests.speech import say
from tests.supervisor.serving import eventually, until_marked

log = logging.getLogger(__name__)
WORDS = "entrega da amazon para o apartamento quinhentos e um"


@dataclass(slots=True)
class Hall:
    """A condominium whose calls are recorded, and an operator's client."""

    database: Pool
    port: int
    client: Client
    folder: Path

    async def said(self, call_id: uuid.UUID) -> list[str]:
        rows = await self.database.fetch(
            "SELECT data->>'text' AS text FROM events WHERE call_id = $1 AND kind = 'speaking'"
            " ORDER BY sequence",
            call_id,
        )
        return [row["text"] for row in rows]

    async def until_said(self, call_id: uuid.UUID, count: int) -> list[str]:
        return await eventually(lambda: self.said(call_id), lambda said: len(said) >= count)

    async def call(self, call_id: uuid.UUID) -> Caller:
        return await Caller.connect("127.0.0.1", self.port, call_id, clock=MediaClock())

    async def recording(self, call_id: uuid.UUID) -> npt.NDArray[np.int16]:
        path = f"/api/v1/calls/{call_id}/recording"

        async def get() -> tuple[int, bytes]:
            url = self.client.base + path
            async with self.client.session.get(url, headers=self.client.headers) as response:
                return response.status, await response.read()

        _, body = await eventually(get, lambda reply: reply[0] == 200)
        samples, rate_hz = soundfile.read(io.BytesIO(body), dtype="int16")
        assert rate_hz == 8000
        return np.asarray(samples, np.int16)


@pytest.fixture
async def hall(
    database: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Hall]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    settings = load_settings(
        database_url=SecretStr(database_url), workers=1, log=LogSettings(format="json")
    )
    async with (
        hosted(HttpSettings(port=0, requests_per_minute_per_key=100_000), cheap_identity()) as host,
        running_server(settings) as server,
        host.serving(database_url, server),
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as session,
    ):
        port = await _recorded_doorman(database)
        async with database.acquire() as connection:
            key = await create_key(connection, "guard", "operator")
        await until_marked(database, "1001", "listening")
        client = Client(session, f"http://127.0.0.1:{host.port}", key)
        yield Hall(database, port, client, server.recordings)


async def _recorded_doorman(database: Pool) -> int:
    port, return_port = free_ports(2)
    async with database.acquire() as connection:
        row = await add_extension(
            connection, "Residencial Ipê", NewExtension("1001", port, return_port, enabled=False)
        )
        units = [
            UnitRow(block, "501", (ResidentRow("Rita Prado", ("201",)),)) for block in ("A", "B")
        ]
        await store_units(connection, row.condominium_id, units)
        await connection.execute("UPDATE condominiums SET recording = 'visitors'")
        await connection.execute("UPDATE extensions SET enabled = true")
    return port


async def heard_in(samples: Samples) -> str:
    """What the recogniser understands."""
    recogniser = BuiltinRecogniser()
    try:
        stream = recogniser.stream("pt-BR", Hints())
        stream.feed(samples)
        text = (await stream.result()).text
        await stream.close()
    finally:
        await recogniser.close()
    return text


def samples_of(track: Track) -> Samples:
    return np.concatenate([np.frombuffer(frame.audio, "<i2") for frame in track.frames])


@dataclass(slots=True)
class Listened:
    """What came from a live call, each block with its time."""

    blocks: list[tuple[float, bytes]] = field(default_factory=list)
    ended: bool = False

    @property
    def stereo(self) -> npt.NDArray[np.int16]:
        data = b"".join(block for _, block in self.blocks)
        return np.frombuffer(data[: len(data) // 4 * 4], "<i2").reshape(-1, 2)

    def arrival_of(self, sample: int) -> float:
        """When the block with this sample came."""
        count = 0
        for at, block in self.blocks:
            count += len(block) // 4
            if count > sample:
                return at
        raise AssertionError("it never came")


@asynccontextmanager
async def listening(hall: Hall, call_id: uuid.UUID) -> AsyncIterator[Listened]:
    listened = Listened()

    async def listen() -> None:
        url = f"{hall.client.base}/api/v1/calls/{call_id}/listen"
        async with hall.client.session.get(url, headers=hall.client.headers) as response:
            assert response.status == 200, await response.text()
            await response.content.readexactly(44)
            async for block in response.content.iter_any():
                listened.blocks.append((time.monotonic(), block))
        listened.ended = True

    task = asyncio.create_task(listen())
    try:
        yield listened
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_call_is_announced_recorded_and_heard_live(hall: Hall) -> None:
    call_id, words = uuid.uuid4(), say(WORDS)
    caller = await hall.call(call_id)
    said = await hall.until_said(call_id, 1)
    assert said[0].startswith("Esta chamada é gravada.")
    await eventually(lambda: _turns_of(hall, call_id), lambda turns: turns >= 1)
    async with listening(hall, call_id) as listened:
        await eventually(_count_of(listened), lambda count: count >= 1)
        await caller.playback.enqueue(words.tobytes()).done
        spoken_at = time.monotonic()
        await hall.until_said(call_id, 2)
        place, score = place_of(words, listened.stereo[:, 0].copy())
        assert score > 0.3  # late frames are holes: a listener has no time to wait for them
        assert "amazon" in await heard_in(listened.stereo[place : place + words.size, 0].copy())
        delay_s = listened.arrival_of(place + words.size - 161) - spoken_at
        log.info("heard live after %d ms", delay_s * 1000)
        assert delay_s < 0.5
        await caller.hang_up()
        await eventually(_end_of(listened), lambda ended: ended)
    stereo = await hall.recording(call_id)
    place, score = place_of(words, stereo[:, 0].copy())
    assert score > 0.999
    assert "amazon" in await heard_in(stereo[place : place + words.size, 0].copy())
    ours = sounding(stereo[:, 1])
    assert sounding(samples_of(caller.heard)) == ours
    assert "chamada é grava" in await heard_in(np.frombuffer(b"".join(ours[:130]), "<i2"))
    facts = await _recording_events(hall, call_id)
    assert [row["kind"] for row in facts] == ["recording.started", "recording.kept"]
    await _the_same_when_played_again(hall, call_id)


async def _the_same_when_played_again(hall: Hall, call_id: uuid.UUID) -> None:
    """What was said on a real line, in real time, is understood again from its recording."""
    bundle = await fetch(hall.database, hall.folder.parent, call_id)
    again = await asyncio.to_thread(replay, bundle, load_settings())
    visitor = [turn.text for turn in turns_of(again.events) if turn.speaker == "visitor"]
    assert visitor == [turn.text for turn in turns_of(bundle.events) if turn.speaker == "visitor"]
    assert "amazon" in visitor[0]
    said = [turn.text for turn in turns_of(again.events) if turn.speaker == "agent"]
    assert said[0].startswith("Esta chamada é gravada.")


async def test_a_kill_in_mid_call_leaves_a_recording_and_the_rest_is_joined(hall: Hall) -> None:
    call_id, words = uuid.uuid4(), say(WORDS)
    caller = await hall.call(call_id)
    await hall.until_said(call_id, 1)
    await caller.playback.enqueue(words.tobytes()).done
    await hall.until_said(call_id, 2)
    async with listening(hall, call_id) as listened:
        await eventually(_count_of(listened), lambda count: count >= 1)
        _kill_worker_of(caller)
        await asyncio.wait_for(caller.ended, 5)
        await eventually(_end_of(listened), lambda ended: ended)
    [left] = (hall.folder / "live").glob(f"{call_id}.*")
    samples, _ = read_wav(left)
    place, score = place_of(words, samples[:, 0].copy())
    assert score > 0.999
    seconds = len(samples_of(caller.said)) / 8000 - len(samples) / 8000
    assert seconds < 2.0
    again = await hall.call(call_id)
    said = await hall.until_said(call_id, 3)
    assert "gravada" not in said[2]  # it was told so before
    await again.playback.enqueue(say("bloco a").tobytes()).done
    await again.hang_up()
    whole = await hall.recording(call_id)
    assert place_of(words, whole[:, 0].copy()) == pytest.approx((place, score), rel=0.01)
    later, score = place_of(say("bloco a"), whole[:, 0].copy())
    assert score > 0.99
    assert later > len(samples)
    parts = (await hall.client.get(f"calls/{call_id}")).body["recordings"]
    assert [part["party"] for part in parts] == ["visitor", "visitor"]


async def _turns_of(hall: Hall, call_id: uuid.UUID) -> int:
    return int(
        await hall.database.fetchval("SELECT count(*) FROM turns WHERE call_id = $1", call_id)
    )


def _count_of(listened: Listened) -> Any:
    async def count() -> int:
        return len(listened.blocks)

    return count


def _end_of(listened: Listened) -> Any:
    async def ended() -> bool:
        return listened.ended

    return ended


async def _recording_events(hall: Hall, call_id: uuid.UUID) -> list[Any]:
    rows = await hall.database.fetch(
        "SELECT kind, data FROM events WHERE call_id = $1 AND kind LIKE 'recording.%'"
        " ORDER BY sequence",
        call_id,
    )
    return list(rows)


def _kill_worker_of(caller: Caller) -> None:
    """SIGKILL the process at the other end of the caller's socket."""
    port = int(caller.peer.rsplit(":", 1)[1])
    for child in psutil.Process().children(recursive=True):
        for connection in child.net_connections(kind="tcp"):
            if connection.status == "ESTABLISHED" and connection.laddr.port == port:
                os.kill(child.pid, signal.SIGKILL)
                return
    raise AssertionError("no child process has the call")
