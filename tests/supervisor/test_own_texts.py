"""A condominium says it in its own words: changed over HTTP, heard in the next call."""

import asyncio
import unicodedata
import uuid

import numpy as np
import pytest

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Hints
from supervisor.database.extensions import NewExtension, add_extension
from supervisor.database.pool import Pool
from supervisor.server import running_server
from supervisor.settings import Settings
from tests.api.serving import Client, serving
from tests.ports import free_ports
from tests.supervisor.serving import eventually, until_marked

OWN = "{%s}. Chegou uma entrega?"
DAY = ("greeting.morning", "greeting.afternoon", "greeting.evening")


@pytest.mark.parametrize("flow", ["doorman", "receptionist"])
async def test_a_changed_greeting_is_heard_in_the_next_call_without_a_restart(
    settings: Settings, database: Pool, database_url: str, flow: str
) -> None:
    port, return_port = free_ports(2)
    prefix, value = ("", "condominium") if flow == "doorman" else ("receptionist.", "business")
    async with database.acquire() as connection:
        row = await add_extension(
            connection, "Residencial Aurora", NewExtension("1001", port, return_port, flow=flow)
        )
    async with running_server(settings), serving(database_url, database) as api:
        await until_marked(database, "1001", "listening")
        before, _ = await greeting(database, port)
        assert "entrega" not in before.lower()
        client = await api.client()
        for key in DAY:
            path = f"condominiums/{row.condominium_id}/texts/{prefix}{key}"
            await put(client, path, OWN % value)
        said, heard = await eventually(
            lambda: greeting(database, port), lambda told: "entrega" in told[0].lower()
        )
    assert said == "Residencial Aurora. Chegou uma entrega?"
    assert "entrega" in heard


async def put(client: Client, path: str, said: str) -> None:
    headers = {"If-Match": (await client.get(path)).etag}
    reply = await client.send("PUT", path, json={"variants": [said]}, headers=headers)
    assert reply.status == 200, reply.body


async def greeting(database: Pool, port: int) -> tuple[str, str]:
    """What a new call begins with: as the journal has it, and as it sounds to a recogniser."""
    call_id = uuid.uuid4()
    caller = await Caller.connect("127.0.0.1", port, call_id, clock=MediaClock())
    rows = await eventually(
        lambda: database.fetch(
            """SELECT data->>'text' AS text FROM events
               WHERE call_id = $1 AND kind = 'turn' AND data->>'speaker' = 'agent'""",
            call_id,
        ),
        bool,
    )
    audio = b"".join(frame.audio for frame in caller.heard.frames)
    await caller.hang_up()
    return rows[0]["text"], await understood(np.frombuffer(audio, "<i2"))


async def understood(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> str:
    recogniser = await open_recogniser(RecogniserChoice())
    try:
        stream = recogniser.stream("pt-BR", Hints())
        stream.feed(samples)
        text = (await stream.result()).text
        await stream.close()
    finally:
        await recogniser.close()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


async def test_a_bad_row_of_plain_sql_silences_nobody(settings: Settings, database: Pool) -> None:
    port, return_port = free_ports(2)
    async with database.acquire() as connection:
        row = await add_extension(
            connection, "Residencial Aurora", NewExtension("1001", port, return_port)
        )
        await connection.execute(
            """INSERT INTO texts (tenant_id, condominium_id, language, key, variants)
               SELECT tenant_id, id, 'pt-BR', key, ARRAY['Oi {broken']
               FROM condominiums, unnest($2::text[]) AS key WHERE id = $1""",
            row.condominium_id,
            list(DAY),
        )
    async with running_server(settings):
        await until_marked(database, "1001", "listening")
        async with asyncio.timeout(30):
            said, _ = await greeting(database, port)
    assert "Residencial Aurora" in said
