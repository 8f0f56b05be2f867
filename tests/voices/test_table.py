"""The rows of voices: computed by one machine at a time, and forgotten for good."""

import asyncio
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from supervisor.database.listening import listen
from supervisor.database.pool import Pool
from supervisor.database.voices import (
    CHANNEL,
    claim_pending,
    find_voice,
    give_up,
    keep_latents,
    latents_of,
    load_manners,
    named_by,
    put_off,
    revoke_voice,
    speaking,
)
from tests.supervisor.serving import eventually
from tests.voices.rows import CONSENT, LATENTS, new_voice, ready_voice
from tts.cloning import digest_of


async def test_latents_are_computed_by_one_machine_at_a_time(database: Pool) -> None:
    async with database.acquire() as connection:
        voice_id = await new_voice(connection)
    claims = await asyncio.gather(*(claim_pending(database) for _ in range(4)))
    (pending,) = [each for each in claims if each is not None]
    assert (pending.id, pending.attempts, pending.reference) == (voice_id, 1, b"fLaC")
    await put_off(database, pending, "no engine clones")
    assert await claim_pending(database) is None
    await database.execute("UPDATE voices SET try_after = now()")
    again = await claim_pending(database)
    assert again is not None
    assert again.attempts == 2
    assert await keep_latents(database, voice_id, LATENTS)
    row = await find_voice(database, voice_id)
    assert row is not None
    assert (row.state, row.version) == ("ready", digest_of(LATENTS))
    assert await latents_of(database, voice_id, digest_of(LATENTS)) == LATENTS
    assert await latents_of(database, voice_id, digest_of(b"other")) is None


async def test_a_reference_that_gives_no_voice_is_not_tried_again(database: Pool) -> None:
    async with database.acquire() as connection:
        voice_id = await new_voice(connection)
    await give_up(database, voice_id, "nobody speaks in it")
    assert await claim_pending(database) is None
    row = await find_voice(database, voice_id)
    assert row is not None
    assert row.state == "failed"


async def test_revoking_deletes_what_a_voice_was_made_of_and_keeps_who_consented(
    database: Pool,
) -> None:
    voice_id = await ready_voice(database, consent=replace(CONSENT, recording=b"yes"))
    async with database.acquire() as connection:
        assert await revoke_voice(connection, voice_id)
        assert not await revoke_voice(connection, voice_id)
    kinds = await database.fetch("SELECT kind FROM voice_files WHERE voice_id = $1", voice_id)
    assert [row["kind"] for row in kinds] == ["consent"]
    assert await latents_of(database, voice_id, digest_of(LATENTS)) is None
    assert await speaking(database, [str(voice_id)]) == set()
    kept = await database.fetchrow("SELECT consent_by, consent_at, revoked_at FROM voices")
    assert kept["consent_by"] == CONSENT.by
    assert kept["revoked_at"] is not None
    assert not await keep_latents(database, voice_id, LATENTS)
    with pytest.raises(asyncpg.CheckViolationError):
        await database.execute("UPDATE voices SET state = 'ready', revoked_at = NULL")
    # the name is free for a voice of another consent
    assert await ready_voice(database) != voice_id


async def test_every_machine_hears_whose_latents_are_to_be_forgotten(
    database: Pool, database_url: str
) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(
        listen(database_url, [CHANNEL], lambda _: None, on_payload=told.put_nowait)
    )
    try:
        await _until_listening(database)
        revoked = await ready_voice(database)
        removed = await ready_voice(database, "João", b"other")
        async with database.acquire() as connection:
            await revoke_voice(connection, revoked)
        await database.execute("DELETE FROM voices WHERE id = $1", removed)
        async with asyncio.timeout(10):
            heard = [await told.get() for _ in range(6)]
        assert [each for each in heard if each] == [digest_of(LATENTS), digest_of(b"other")]
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _until_listening(database: Pool) -> None:
    statement = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    await eventually(lambda: database.fetchval(statement), bool)


async def test_a_condominium_has_its_voices_by_name_and_a_usual_one(database: Pool) -> None:
    old = await ready_voice(database)
    async with database.acquire() as connection:
        await revoke_voice(connection, old)
    new = await ready_voice(database, speed=1.2)
    await database.execute("UPDATE condominiums SET voice = 'Maria', voice_profile = 'fast'")
    condominium_id: UUID = await database.fetchval("SELECT id FROM condominiums")
    manners = await load_manners(database, condominium_id)
    assert (manners.voice, manners.profile) == ("Maria", "fast")
    assert [(row.id, row.speed) for row in manners.voices] == [(str(new), 1.2)]


async def test_who_names_a_voice_is_known_before_it_is_removed(database: Pool) -> None:
    voice_id = await ready_voice(database)
    await database.execute(
        """INSERT INTO extensions (number, condominium_id, voice, port, return_port, settings)
           SELECT e.number, c.id, e.voice, e.port, e.port + 1, e.settings
           FROM condominiums c, (VALUES
               ('1', 'Maria', 20000, '{}'::jsonb),
               ('2', NULL, 20002, '{"voices": {"en": "Maria"}}'),
               ('3', 'pt-br', 20004, '[]')) AS e (number, voice, port, settings)"""
    )
    async with database.acquire() as connection:
        assert await named_by(connection, voice_id) == ["extension 1", "extension 2"]


@pytest.mark.parametrize(
    "column", ["name = 'cloned:x'", "pitch = 2", "speed = 0.1", "consent_by = ''"]
)
async def test_what_is_no_voice_is_refused_by_the_schema(database: Pool, column: str) -> None:
    await ready_voice(database)
    with pytest.raises(asyncpg.CheckViolationError):
        await database.execute(f"UPDATE voices SET {column}")
