"""``ramal doctor`` knows cloned voices by their names, and what keeps them from speaking."""

from typing import Any

import pytest

from supervisor.checks.finding import Status
from supervisor.checks.voices import examine_voices
from supervisor.database.extensions import NewExtension, add_extension, list_extensions
from supervisor.database.pool import Pool
from supervisor.database.voices import revoke_voice
from supervisor.speech_settings import TtsSettings
from tests.voices.rows import CONDOMINIUM, new_voice, ready_voice

REMOTE = TtsSettings(ladder=("remote", "espeak"), addresses=("http://127.0.0.1:1",))


async def found(pool: Pool, tts: TtsSettings = REMOTE) -> tuple[Any, list[str | None]]:
    """What is found, and the voices that engines are asked for afterwards."""
    async with pool.acquire() as connection:
        rows = await list_extensions(connection)
        findings = [each async for each in examine_voices(connection, rows, tts)]
    return findings, [row.voice for row in rows]


@pytest.fixture(autouse=True)
async def extensions(database: Pool) -> None:
    async with database.acquire() as connection:
        for port, voice in ((20_000, "Maria"), (20_002, "pt-br+f2")):
            new = NewExtension(str(port), port, port + 1, voice=voice)
            await add_extension(connection, CONDOMINIUM, new)


async def test_a_voice_that_is_ready_is_not_looked_for_at_the_engine(database: Pool) -> None:
    await ready_voice(database)
    (finding,), voices = await found(database)
    assert (finding.status, finding.part) == (Status.OK, 'voice "Maria"')
    assert voices == [None, "pt-br+f2"]


async def test_a_voice_that_cannot_speak_is_told_with_who_speaks_instead(database: Pool) -> None:
    async with database.acquire() as connection:
        voice_id = await new_voice(connection)
        (waiting,), _ = await found(database)
        await revoke_voice(connection, voice_id)
    (revoked,), _ = await found(database)
    assert (waiting.status, revoked.status) == (Status.WARN, Status.WARN)
    assert "it is pending" in waiting.text
    assert "it is revoked; the engine's usual voice speaks instead" in revoked.text
    await ready_voice(database)
    (nowhere,), _ = await found(database, TtsSettings())
    assert 'Put "remote" first in tts.ladder' in nowhere.next_step
