"""A worker's cloned voices: found wherever they are kept, and silenced in the middle of a call."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from supervisor.database.pool import Pool
from supervisor.database.voices import revoke_voice
from supervisor.voices.clones import Clones
from supervisor.voices.latents import LatentsStore
from tests.engines.servers import until
from tests.tts.fakes import SteppedEngine
from tests.tts.hearing import collect
from tests.voices.rows import LATENTS, ready_voice
from tts.cache import PromptCache
from tts.cloning import cloned_name, digest_of
from tts.engine import Voice
from tts.espeak import espeak_voice
from tts.speaker import Speaker

VERSION = digest_of(LATENTS)


def voice_of(voice_id: UUID) -> Voice:
    return Voice("remote", cloned_name(str(voice_id)), "pt-BR", VERSION)


@pytest.fixture
async def clones(database: Pool, database_url: str, tmp_path: Path) -> AsyncIterator[Clones]:
    clones = Clones(database, database_url, tmp_path)
    yield clones
    await clones.close()


async def test_latents_are_fetched_once_and_outlive_process_and_database(
    database: Pool, tmp_path: Path
) -> None:
    clone = str(await ready_voice(database))
    assert await LatentsStore(database, tmp_path).find(clone, VERSION) == LATENTS
    await database.execute("DELETE FROM voice_files")
    later = LatentsStore(database, tmp_path)
    assert await later.find(clone, VERSION) == LATENTS
    assert later.kept() == {clone}
    (kept,) = (tmp_path / clone).iterdir()
    assert kept.stat().st_mode & 0o077 == 0


async def test_latents_that_the_disk_changed_are_fetched_again(
    database: Pool, tmp_path: Path
) -> None:
    clone = str(await ready_voice(database))
    await LatentsStore(database, tmp_path).find(clone, VERSION)
    (tmp_path / clone / VERSION).write_bytes(b"broken")
    assert await LatentsStore(database, tmp_path).find(clone, VERSION) == LATENTS


async def test_nobody_has_latents_of_a_voice_that_is_not_there(
    clones: Clones, database: Pool
) -> None:
    assert await clones.latents(voice_of(uuid4())) is None
    assert await clones.latents(espeak_voice()) is None
    other = replace(voice_of(await ready_voice(database)), version=digest_of(b"older"))
    assert await clones.latents(other) is None


async def test_who_is_revoked_falls_silent_at_the_next_sentence_and_leaves_nothing(
    clones: Clones, database: Pool, tmp_path: Path
) -> None:
    voice_id = await ready_voice(database)
    voice, engine = voice_of(voice_id), SteppedEngine(running=True)
    cache = PromptCache(tmp_path / "prompts")
    speaker = Speaker(engine, cache, present=clones.present)
    clones.serve(cache, lambda language: replace(espeak_voice(), language=language))
    clones.use([str(voice_id)])
    assert await clones.latents(voice) == LATENTS
    await collect(speaker.speak("bom dia", voice))
    await speaker.close()
    assert _kept(tmp_path) == {"voices", "prompts"}
    async with database.acquire() as connection:
        await revoke_voice(connection, voice_id)
    await until(lambda: not _kept(tmp_path) and not cache.memory_bytes)
    assert clones.present(replace(voice, rate_hz=16_000)) == replace(espeak_voice(), rate_hz=16_000)
    assert await clones.latents(voice) is None
    await collect(speaker.speak("bom dia", voice))
    assert engine.begun == ["bom dia", "bom dia"]
    assert _kept(tmp_path) == set()
    assert clones.present(espeak_voice()) == espeak_voice()


def _kept(data_dir: Path) -> set[str]:
    """Where there is something of a cloned voice."""
    places = {"voices": data_dir / "voices", "prompts": data_dir / "prompts" / "cloned"}
    return {name for name, folder in places.items() if folder.exists() and any(folder.iterdir())}
