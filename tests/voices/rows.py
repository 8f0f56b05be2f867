"""Condominiums and voices in a database, for tests."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from supervisor.database.condominiums import find_or_create_condominium
from supervisor.database.pool import Connection, Pool
from supervisor.database.voices import Consent, NewVoice, add_voice, keep_latents

CONDOMINIUM = "Edifício Aurora"
CONSENT = Consent("Maria da Silva", datetime(2026, 11, 20, tzinfo=UTC), "Concordo.")
LATENTS = b'{"pitch": 92.0}'


async def new_voice(connection: Connection, name: str = "Maria", **more: Any) -> UUID:
    """A voice of :data:`CONDOMINIUM` whose latents nobody has computed yet."""
    condominium_id = await find_or_create_condominium(connection, CONDOMINIUM)
    given = {"consent": CONSENT, "reference": b"fLaC", "duration_s": 8.0, **more}
    return await add_voice(connection, NewVoice(condominium_id, name, **given))


async def ready_voice(
    pool: Pool, name: str = "Maria", latents: bytes = LATENTS, **more: Any
) -> UUID:
    """One that can speak."""
    async with pool.acquire() as connection:
        voice_id = await new_voice(connection, name, **more)
    assert await keep_latents(pool, voice_id, latents)
    return voice_id
