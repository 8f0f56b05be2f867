"""A worker's cloned voices: found wherever they are kept, and silenced in the middle of a call."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from supervisor.alarms import Alarm, Alarms
from supervisor.database.pool import Pool
from supervisor.database.voices import revoke_voice
from supervisor.metrics import Metrics
from supervisor.voices import clones as voices
from supervisor.voices.clones import Clones
from supervisor.voices.latents import LatentsStore
from tests.engines.servers import until
from tests.supervisor.serving import database_away
from tests.tts.fakes import SteppedEngine
from tests.tts.hearing import collect
from tests.voices.rows import LATENTS, ready_voice
from tts.cache import PromptCache
from tts.cloning import clone_id, cloned_name, digest_of
from tts.engine import Voice
from tts.espeak import espeak_voice
from tts.speaker import Speaker

VERSION = digest_of(LATENTS)
UNCONFIRMED_S = 900.0


def voice_of(voice_id: UUID) -> Voice:
    return Voice("remote", cloned_name(str(voice_id)), "pt-BR", VERSION)


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def alarms() -> Alarms:
    return Alarms(Metrics())


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is asked at once, rather than every minute, or every two seconds."""
    monkeypatch.setattr(voices, "RETRY_S", 0.02)
    monkeypatch.setattr(voices, "CONFIRM_EVERY_S", 0.02)


@pytest.fixture
async def clones(
    database: Pool, database_url: str, tmp_path: Path, hands: Hands, alarms: Alarms
) -> AsyncIterator[Clones]:
    clones = Clones(
        database, database_url, tmp_path, alarms, unconfirmed_s=UNCONFIRMED_S, clock=hands
    )
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
    voice_id = await ready_voice(database)
    clones.confirm([str(voice_id)])
    other = replace(voice_of(voice_id), version=digest_of(b"older"))
    assert await clones.latents(other) is None


async def test_who_is_revoked_falls_silent_at_the_next_sentence_and_leaves_nothing(
    clones: Clones, database: Pool, tmp_path: Path
) -> None:
    voice_id = await ready_voice(database)
    voice, engine = voice_of(voice_id), SteppedEngine(running=True)
    cache = PromptCache(tmp_path / "prompts")
    speaker = Speaker(engine, cache, present=clones.present)
    clones.serve(cache, lambda language: replace(espeak_voice(), language=language))
    clones.confirm([str(voice_id)])
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


@pytest.mark.usefixtures("soon")
async def test_a_voice_that_nobody_confirms_any_more_is_not_used_until_it_is_confirmed_again(
    clones: Clones,
    database: Pool,
    database_url: str,
    hands: Hands,
    alarms: Alarms,
) -> None:
    voice = voice_of(await ready_voice(database))
    told: asyncio.Queue[Alarm] = asyncio.Queue()
    clones.serve(PromptCache(), lambda language: replace(espeak_voice(), language=language))
    clones.confirm([clone_id(voice) or ""])
    clones.use([clone_id(voice) or ""])
    with alarms.heard_by(told.put_nowait):
        async with asyncio.timeout(60), database_away(database_url):
            hands.now_s = UNCONFIRMED_S - 1
            assert clones.present(voice) == voice
            hands.now_s = UNCONFIRMED_S
            assert clones.present(voice) == espeak_voice()
            alarm = await told.get()
        assert (alarm.kind, alarm.over, "15 min" in alarm.text) == (
            "voice.unconfirmed",
            False,
            True,
        )
        over = await asyncio.wait_for(told.get(), 60)
        assert (over.kind, over.over) == ("voice.unconfirmed", True)
    assert clones.present(voice) == voice
    assert await clones.latents(voice) == LATENTS


@pytest.mark.usefixtures("soon")
async def test_a_voice_revoked_while_we_were_cut_off_never_speaks_again(
    clones: Clones, database: Pool, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = await ready_voice(database)
    voice = voice_of(voice_id)
    clones.serve(PromptCache(), lambda language: replace(espeak_voice(), language=language))
    clones.confirm([str(voice_id)])
    clones.use([str(voice_id)])
    assert await clones.latents(voice) == LATENTS
    with cut_off(monkeypatch) as asked_in_vain:
        await asyncio.wait_for(asked_in_vain.acquire(), 60)
        async with database.acquire() as connection:
            await revoke_voice(connection, voice_id)
        await asyncio.wait_for(asked_in_vain.acquire(), 60)
        assert clones.present(voice) == voice, "it is not known yet, and not for long"
        hands.now_s = UNCONFIRMED_S
        assert clones.present(voice) == espeak_voice()
    await until(lambda: not _kept(tmp_path))
    clones.confirm([str(voice_id)])
    assert clones.present(voice) == espeak_voice(), "whatever somebody read of it before"


async def test_who_starts_cut_off_uses_no_cloned_voice(
    clones: Clones, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = await ready_voice(database)
    clones.serve(PromptCache(), lambda language: replace(espeak_voice(), language=language))
    with cut_off(monkeypatch) as asked_in_vain:
        clones.use([str(voice_id)])
        await asyncio.wait_for(asked_in_vain.acquire(), 60)
        assert clones.present(voice_of(voice_id)) == espeak_voice()


@contextmanager
def cut_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[asyncio.Semaphore]:
    """Let nobody be asked who may speak; what is given counts who tried."""
    tried = asyncio.Semaphore(0)

    async def nobody_answers(_: Pool, __: Collection[str]) -> set[str]:
        tried.release()
        raise ConnectionRefusedError("nobody listens there")

    with monkeypatch.context() as patched:
        patched.setattr(voices, "speaking", nobody_answers)
        yield tried


def _kept(data_dir: Path) -> set[str]:
    """Where there is something of a cloned voice."""
    places = {"voices": data_dir / "voices", "prompts": data_dir / "prompts" / "cloned"}
    return {name for name, folder in places.items() if folder.exists() and any(folder.iterdir())}
