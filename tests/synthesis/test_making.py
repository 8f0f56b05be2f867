"""Jobs from a real queue: what is made, made again, given up, cancelled, and removed in time."""

import asyncio
import hashlib
import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import soundfile

from supervisor.database import job_queue
from supervisor.database.pool import Pool
from supervisor.database.synthesis_jobs import cancel_job, expire_job, redeliver
from supervisor.synthesis import maker, studio
from supervisor.synthesis.asking import Manner
from supervisor.synthesis.maker import LAST_RETRY_S, backoff_s
from tests.supervisor.serving import eventually
from tests.synthesis.jobs import Hum, a_studio, ask
from tts.engine import EngineBusyError, Makeshift, RefusedTextError, SynthesisError, Voice

LONG = "Primeira frase do aviso. Segunda frase do aviso! Terceira frase do aviso?\n\nFim do aviso."


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again at once, rather than in seconds."""
    monkeypatch.setattr(maker, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(maker, "BUSY_S", 0.01)
    monkeypatch.setattr(maker, "NO_ROOM_S", 0.01)
    monkeypatch.setattr(job_queue, "POLL_EVERY", timedelta(seconds=0.05))


async def _cancel(pool: Pool, job_id: UUID) -> bool:
    async with pool.acquire() as connection, connection.transaction():
        return await cancel_job(connection, job_id, timedelta(days=1))


async def test_a_long_text_is_made_sentence_by_sentence_with_a_readers_pauses(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    hum = Hum()
    job_id = await ask(database, LONG)
    async with a_studio(database, database_url, tmp_path, hum) as studio:
        job = await studio.until(job_id, "done")
        (item,) = await studio.items(job_id)
        (file,) = await studio.sounds(job_id)
        await studio.until_nothing_is_left_of(job_id)
    assert hum.said == [
        "Primeira frase do aviso.",
        "Segunda frase do aviso!",
        "Terceira frase do aviso?",
        "Fim do aviso.",
    ]
    assert hum.in_background == [True] * 4
    sound, rate_hz = soundfile.read(io.BytesIO(file), dtype="int16")
    assert (rate_hz, sound.ndim) == (16_000, 1)
    spoken_ms, pauses_ms = sum(10 * len(text) for text in hum.said), 450 + 450 + 900
    assert len(sound) == 16 * (spoken_ms + pauses_ms)
    first = 16 * 10 * len(hum.said[0])
    assert not sound[first : first + 16 * 450].any()
    assert sound[first + 16 * 450 + 8]
    assert (item["duration_ms"], item["size_bytes"]) == (spoken_ms + pauses_ms, len(file))
    assert item["sha256"] == hashlib.sha256(file).digest()
    assert (item["passages"], item["passages_done"]) == (4, 4)
    assert job["expires_at"] - job["finished_at"] == timedelta(days=7)


async def test_the_first_items_of_every_job_come_before_a_long_batchs_rest(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    hum = Hum()
    batch = await ask(database, *(f"Lote {letter}." for letter in "abcdefgh"))
    short = await ask(database, "Aviso curto.")
    async with a_studio(database, database_url, tmp_path, hum) as studio:
        await studio.until(short, "done")
        await studio.until(batch, "done")
    assert hum.said.index("Aviso curto.") <= 2


async def test_what_fails_is_tried_again_and_its_sentences_are_not_said_twice(
    database: Pool, database_url: str, tmp_path: Path, soon: None
) -> None:
    troubles = iter([SynthesisError("o motor caiu")] * 2)

    def fails(text: str) -> None:
        if text.startswith("Terceira") and (trouble := next(troubles, None)):
            raise trouble

    hum = Hum(fails)
    job_id = await ask(database, LONG)
    async with a_studio(database, database_url, tmp_path, hum) as studio:
        await studio.until(job_id, "done")
        assert len(await studio.sounds(job_id)) == 1
    assert len(hum.said) == 4


async def test_what_fails_without_an_end_is_a_dead_letter_and_can_be_redelivered(
    database: Pool, database_url: str, tmp_path: Path, soon: None
) -> None:
    ill = True

    def fails(text: str) -> None:
        if ill and "ruim" in text:
            raise SynthesisError("o motor caiu")

    hum = Hum(fails)
    job_id = await ask(database, "Um texto bom.", "Um texto ruim.", "Outro texto bom.")
    async with a_studio(database, database_url, tmp_path, hum, attempts=3) as studio:
        job = await studio.until(job_id, "failed", "done")
        assert (job["state"], job["done"], job["dead"]) == ("failed", 2, 1)
        items = await studio.items(job_id)
        assert [item["state"] for item in items] == ["done", "dead", "done"]
        assert (items[1]["error"], items[1]["attempts"]) == ("o motor caiu", 3)
        ill = False
        async with database.acquire() as connection, connection.transaction():
            assert await redeliver(connection, job_id, []) == 1
        job = await studio.until(job_id, "done")
        assert (job["done"], job["dead"]) == (3, 0)
        assert len(await studio.sounds(job_id)) == 3
    assert sorted(hum.said) == ["Outro texto bom.", "Um texto bom.", "Um texto ruim."]


async def test_a_voice_that_there_is_not_is_given_up_at_once(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    def fails(_: str) -> None:
        raise RefusedTextError("espeak-ng has no voice 'nope'")

    hum = Hum(fails)
    job_id = await ask(database, "Bom dia.", manner=Manner(voice="nope"))
    async with a_studio(database, database_url, tmp_path, hum) as studio:
        await studio.until(job_id, "failed")
        (item,) = await studio.items(job_id)
    assert (item["attempts"], item["error"]) == (1, "espeak-ng has no voice 'nope'")


async def test_an_engine_that_serves_calls_first_is_waited_for_as_long_as_it_takes(
    database: Pool, database_url: str, tmp_path: Path, soon: None
) -> None:
    busy = iter([EngineBusyError("calls go first")] * 6)

    def fails(_: str) -> None:
        if trouble := next(busy, None):
            raise trouble

    job_id = await ask(database, "Bom dia.")
    async with a_studio(database, database_url, tmp_path, Hum(fails), attempts=1) as studio:
        job = await studio.until(job_id, "failed", "done")
    assert job["state"] == "done"


async def test_what_another_engine_says_in_its_place_is_not_a_result(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    class StandIn(Hum):
        async def synthesise(self, text: str, voice: Voice):  # type: ignore[no-untyped-def]
            async for chunk in super().synthesise(text, voice):
                yield Makeshift(chunk, "espeak")

    job_id = await ask(database, "Bom dia.")
    async with a_studio(database, database_url, tmp_path, StandIn(), attempts=1) as studio:
        await studio.until(job_id, "failed")
        (item,) = await studio.items(job_id)
    assert "another is not what was asked for" in item["error"]


async def test_a_cancelled_job_stops_within_a_sentence_and_leaves_nothing_on_the_disk(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    hum = Hum()
    hum.may_speak.clear()
    job_id = await ask(database, LONG, "Nunca dito.")
    async with a_studio(database, database_url, tmp_path, hum) as studio:
        assert await asyncio.wait_for(hum.began.get(), 20) == "Primeira frase do aviso."
        assert await _cancel(database, job_id)
        assert not await _cancel(database, job_id)
        hum.may_speak.set()
        await studio.until_nothing_is_left_of(job_id)
        states = {item["state"] for item in await studio.items(job_id)}
        assert states == {"cancelled"}
        after = await ask(database, "Depois disso.")
        await studio.until(after, "done")
    assert hum.said[-1] == "Depois disso."
    assert len(hum.said) <= 2
    assert await database.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_results_are_deleted_when_their_time_is_over_and_so_are_the_texts(
    database: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "SWEEP_EVERY_S", 0.05)
    early, late = await ask(database, "Bom dia."), await ask(database, "Boa noite.")
    async with a_studio(database, database_url, tmp_path, Hum()) as made:
        await made.until(early, "done")
        await made.until(late, "done")
        await database.execute(
            "UPDATE synthesis_jobs SET expires_at = now() - interval '1 s' WHERE id = $1", early
        )
        await made.until(early, "expired")
        assert await made.items(early) == []
        assert (len(await made.sounds(early)), len(await made.sounds(late))) == (0, 1)
        strange = made.folder.root / "0b8e0000-0000-4000-8000-000000000000"
        strange.mkdir()
        async with database.acquire() as connection, connection.transaction():
            assert not await expire_job(connection, early)
        await asyncio.sleep(0.2)
        assert strange.exists(), "a young folder of a job that nobody knows is not ours to remove"


async def test_what_a_process_left_that_was_killed_at_an_items_end_is_removed(
    database: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "SWEEP_EVERY_S", 0.05)
    job_id = await ask(database, "Bom dia.")
    async with a_studio(database, database_url, tmp_path, Hum()) as made:
        await made.until(job_id, "done")
        folder = made.folder.root / str(job_id)
        (folder / "1.parts").mkdir(parents=True, exist_ok=True)
        (folder / "00001-other.wav").write_bytes(b"of somebody who was killed")
        await made.until_nothing_is_left_of(job_id)


async def test_jobs_wait_while_the_disk_is_short_of_room(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    job_id = await ask(database, "Bom dia.")
    hum = Hum()
    async with a_studio(database, database_url, tmp_path, hum, keep_free_mb=1 << 30) as studio:

        async def reason() -> str:
            (item,) = await studio.items(job_id)
            return str(item["error"])

        told = await eventually(reason, lambda told: "kept free" in told)
        (item,) = await studio.items(job_id)
        assert (item["state"], item["attempts"], hum.said) == ("queued", 0, []), told
        assert [alarm.kind for alarm in studio.alarmed] == ["synthesis.no_room"]


async def test_an_item_whose_place_in_the_queue_was_lost_gets_another(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    job_id = await ask(database, "Bom dia.")
    await database.execute("DELETE FROM pgqueuer")
    async with a_studio(database, database_url, tmp_path, Hum()) as made:
        await made.until(job_id, "done")


async def test_an_item_that_ends_the_server_each_time_is_given_up(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    job_id = await ask(database, "Bom dia.")
    await database.execute("UPDATE synthesis_items SET attempts = 5, state = 'running'")
    hum = Hum()
    async with a_studio(database, database_url, tmp_path, hum) as made:
        await made.until(job_id, "failed")
        (item,) = await made.items(job_id)
    assert (hum.said, "ended 5 times" in item["error"]) == ([], True)


async def test_a_machine_that_is_to_make_nothing_leaves_jobs_to_others(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    job_id = await ask(database, "Bom dia.")
    async with a_studio(database, database_url, tmp_path, Hum(), at_once=0) as idle:
        async with a_studio(database, database_url, tmp_path, Hum()) as made:
            await made.until(job_id, "done")
        assert (await idle.job(job_id))["state"] == "done"


async def test_the_manner_of_an_item_reaches_the_engine(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    hum = Hum()
    manner = Manner(voice="en-gb+f2", profile="expressive", language="en", speed=1.5)
    job_id = await ask(database, "Room 12.", form="slin", manner=manner)
    async with a_studio(database, database_url, tmp_path, hum) as made:
        await made.until(job_id, "done")
        (file,) = await made.sounds(job_id)
    (voice,) = hum.voices
    assert (voice.name, voice.profile, voice.rate_hz) == ("en-gb+f2", "expressive", 8000)
    assert voice.pace == pytest.approx(1.5 * 0.97)
    assert hum.said == ["Room twelve."]
    assert len(file) == 2 * 8 * 10 * len("Room twelve.")


def test_attempts_come_ever_later_and_not_all_at_once() -> None:
    assert [backoff_s(tries, 0.0) for tries in (1, 2, 3)] == [5, 20, 80]
    assert backoff_s(1, 1.0) == 2.5
    assert backoff_s(50, 0.0) == LAST_RETRY_S
