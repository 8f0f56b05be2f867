import asyncio
import contextvars
import multiprocessing
import os
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from tts.cache import PromptCache, PromptKey
from tts.cloning import cloned_name
from tts.engine import Voice, in_background
from tts.prompt_files import PromptFiles
from tts.speaker import Speaker

VOICE = Voice("espeak", "pt-br", "pt-BR")
KEY = PromptKey(VOICE, "bom dia")
AUDIO = bytes(range(256)) * 40


async def test_what_was_stored_is_recalled_from_memory_without_waiting() -> None:
    cache = PromptCache()
    await cache.store(KEY, AUDIO)
    assert cache.recall(KEY) == AUDIO
    assert cache.counters.memory_hits == 1


@pytest.mark.parametrize(
    "other",
    [
        PromptKey(VOICE, "boa tarde"),
        PromptKey(replace(VOICE, rate_hz=16000), "bom dia"),
        PromptKey(replace(VOICE, engine="xtts"), "bom dia"),
        PromptKey(replace(VOICE, name="pt-br+f2"), "bom dia"),
        PromptKey(replace(VOICE, language="en-US"), "bom dia"),
        PromptKey(replace(VOICE, version="2"), "bom dia"),
        PromptKey(replace(VOICE, speed=1.1), "bom dia"),
        PromptKey(replace(VOICE, pitch=0.6), "bom dia"),
        PromptKey(replace(VOICE, profile="fast"), "bom dia"),
    ],
)
async def test_anything_that_changes_the_sound_is_another_prompt(
    other: PromptKey, tmp_path: Path
) -> None:
    cache = PromptCache(tmp_path)
    await cache.store(KEY, AUDIO)
    assert await cache.find(other) is None
    assert cache.counters.misses == 1
    assert other.name != KEY.name


async def test_a_prompt_outlives_the_process_on_disk(tmp_path: Path) -> None:
    await PromptCache(tmp_path).store(KEY, AUDIO)
    later = PromptCache(tmp_path)
    assert later.recall(KEY) is None
    assert await later.find(KEY) == AUDIO
    assert later.recall(KEY) == AUDIO
    assert (later.counters.disk_hits, later.counters.memory_hits) == (1, 1)


async def test_memory_keeps_what_was_used_last(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path, memory_bytes=3 * len(AUDIO))
    keys = [PromptKey(VOICE, str(number)) for number in range(4)]
    for key in keys[:3]:
        await cache.store(key, AUDIO)
    cache.recall(keys[0])
    await cache.store(keys[3], AUDIO)
    assert cache.holds(keys[0]) == len(AUDIO)
    assert cache.holds(keys[1]) is None
    assert cache.memory_bytes == 3 * len(AUDIO)
    assert cache.counters.evicted == 1
    assert await cache.find(keys[1]) == AUDIO


async def test_a_prompt_too_big_for_memory_is_still_kept_on_disk(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path, memory_bytes=100)
    await cache.store(KEY, AUDIO)
    assert cache.memory_bytes == 0
    assert await cache.find(KEY) == AUDIO


def damage(folder: Path, damaged: Callable[[bytes], bytes]) -> None:
    (path,) = folder.rglob("*.prompt")
    path.write_bytes(damaged(path.read_bytes()))


@pytest.mark.parametrize(
    "damaged",
    [
        lambda data: b"",
        lambda data: data[:10],
        lambda data: data[:-1],
        lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:],
        lambda data: data + b"\0",
        lambda data: b"x" + data[1:],
    ],
)
async def test_a_damaged_file_is_noticed_counted_and_made_again(
    damaged: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    await PromptCache(tmp_path).store(KEY, AUDIO)
    damage(tmp_path, damaged)
    cache = PromptCache(tmp_path)
    assert await cache.find(KEY) is None
    assert cache.file_counters.corrupted == 1
    await cache.store(KEY, AUDIO)
    assert await PromptCache(tmp_path).find(KEY) == AUDIO


def test_the_folder_stays_within_its_bound_and_loses_the_oldest(tmp_path: Path) -> None:
    files = PromptFiles(tmp_path, limit_bytes=5 * len(AUDIO))
    for number in range(8):
        files.write(f"{number:040d}", AUDIO)
        (path,) = tmp_path.rglob(f"{number:040d}.prompt")
        os.utime(path, (number, number))
    kept = sorted(path.stem[-1] for path in tmp_path.rglob("*.prompt"))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.prompt")) <= 5 * len(AUDIO)
    assert "7" in kept
    assert "0" not in kept
    assert files.counters.evicted == 8 - len(kept)


def test_reading_a_file_saves_it_from_eviction(tmp_path: Path) -> None:
    files = PromptFiles(tmp_path, limit_bytes=10 * len(AUDIO))
    for number in range(3):
        files.write(f"{number:040d}", AUDIO)
        (path,) = tmp_path.rglob(f"{number:040d}.prompt")
        os.utime(path, (number, number))
    files.read(f"{0:040d}")
    full = PromptFiles(tmp_path, limit_bytes=3 * len(AUDIO))
    full.write(f"{9:040d}", AUDIO)
    assert full.read(f"{0:040d}") == AUDIO
    assert full.read(f"{1:040d}") is None


async def test_a_disk_that_refuses_costs_no_speech(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    cache = PromptCache(in_the_way)
    await cache.store(KEY, AUDIO)
    assert cache.recall(KEY) == AUDIO
    assert cache.file_counters.failures == 1


def write_many(folder: Path, seconds: float) -> None:
    files = PromptFiles(folder, limit_bytes=20 * len(AUDIO))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for number in range(30):
            files.write(f"{number:040d}", AUDIO)


def test_processes_that_write_and_evict_the_same_prompts_never_show_a_broken_one(
    tmp_path: Path,
) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path, 0.5)) for _ in range(2)]
    for writer in writers:
        writer.start()
    files = PromptFiles(tmp_path, limit_bytes=1000 * len(AUDIO))
    seen = 0
    while any(writer.is_alive() for writer in writers):
        for number in range(30):
            audio = files.read(f"{number:040d}")
            assert audio in (None, AUDIO)
            seen += audio is not None
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert seen > 0
    assert files.counters.corrupted == 0
    assert not list(tmp_path.rglob("tmp*"))


async def test_tasks_that_store_and_find_at_once_agree(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path, memory_bytes=len(AUDIO))
    keys = [PromptKey(VOICE, str(number)) for number in range(10)]
    await asyncio.gather(*(cache.store(key, AUDIO) for key in keys for _ in range(3)))
    assert await asyncio.gather(*(cache.find(key) for key in keys)) == [AUDIO] * 10


CLONE = Voice("remote", cloned_name("6a1e"), "pt-BR", "d1")


async def test_what_was_kept_of_a_cloned_voice_goes_at_once_and_nothing_else(
    tmp_path: Path,
) -> None:
    cache = PromptCache(tmp_path)
    other = PromptKey(replace(CLONE, name=cloned_name("other")), "bom dia")
    for key in (PromptKey(CLONE, "bom dia"), PromptKey(CLONE, "boa tarde"), other, KEY):
        await cache.store(key, AUDIO)
    assert await cache.forget_voice("6a1e")
    later = PromptCache(tmp_path)
    for each in (cache, later):
        assert await each.find(PromptKey(CLONE, "bom dia")) is None
        assert await each.find(other) == AUDIO
        assert await each.find(KEY) == AUDIO
    assert cache.memory_bytes == 2 * len(AUDIO)
    assert PromptFiles(tmp_path, 1 << 20).voices() == {"other"}


async def test_what_is_finished_after_its_voice_was_forgotten_is_not_kept(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path)
    await cache.forget_voice("6a1e")
    await cache.store(PromptKey(CLONE, "bom dia"), AUDIO)
    assert cache.memory_bytes == 0
    assert PromptFiles(tmp_path, 1 << 20).voices() == set()


async def test_what_calls_found_is_counted_apart_from_what_was_made_ahead(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path)
    with in_background():
        await cache.find(KEY)
        await cache.store(KEY, AUDIO)
        await cache.find(KEY)
    await cache.find(KEY)
    told = cache.counters
    assert (told.ahead_missing, told.ahead_found) == (1, 1)
    assert (told.misses, told.memory_hits) == (0, 1)


async def test_only_one_makes_a_prompt_ahead_and_the_others_get_it(tmp_path: Path) -> None:
    one, other = PromptCache(tmp_path), PromptCache(tmp_path)
    with in_background():
        async with one.making(KEY) as found:
            assert found is None
            waiting = asyncio.create_task(_made(other))
            await asyncio.sleep(0)
            await one.store(KEY, AUDIO)
        assert await waiting == AUDIO
    assert not list((tmp_path / "making").iterdir())


async def test_a_call_waits_for_no_other_process(tmp_path: Path) -> None:
    one, other = PromptCache(tmp_path), PromptCache(tmp_path)
    with in_background():
        async with one.making(KEY):
            async with asyncio.timeout(5):
                live = asyncio.create_task(_made(other), context=contextvars.Context())
                assert await live is None


async def test_who_gives_up_waiting_takes_nothing_with_it(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path)
    with in_background():
        async with cache.making(KEY):
            waiting = asyncio.create_task(_made(cache))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        async with asyncio.timeout(5), cache.making(KEY) as found:
            assert found is None


async def _made(cache: PromptCache) -> bytes | None:
    async with cache.making(KEY) as found:
        return found


class CountingEngine:
    """Says what it is told, and writes down that it did, where other processes do too."""

    name = "counting"

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    async def start(self) -> str:
        return self.name

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        with self._notes.open("a") as notes:
            notes.write(f"{text}\n")
        await asyncio.sleep(0.02)
        yield AUDIO

    async def close(self) -> None:
        """There is nothing to end."""


TEXTS = [f"Texto de número {number}." for number in range(12)]


def warm_all(folder: Path, notes: Path, begin: Barrier) -> None:
    async def warm() -> None:
        speaker = Speaker(CountingEngine(notes), PromptCache(folder))
        begin.wait(30)
        warmed = await speaker.warm(TEXTS, VOICE)
        await speaker.close()
        assert (warmed.ready, warmed.failed) == (len(TEXTS), ())

    asyncio.run(warm())


def test_two_processes_that_warm_the_same_texts_make_each_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    begin, notes = context.Barrier(2), tmp_path / "notes"
    notes.touch()
    arguments = (tmp_path / "prompts", notes, begin)
    workers = [context.Process(target=warm_all, args=arguments) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    made = notes.read_text().splitlines()
    assert len(made) == len(set(made)) == len(TEXTS)
    assert len(list((tmp_path / "prompts").rglob("*.prompt"))) == len(TEXTS)


def test_a_folder_that_others_fill_too_stays_near_its_bound(tmp_path: Path) -> None:
    limit = 40 * len(AUDIO)
    processes = [PromptFiles(tmp_path, limit) for _ in range(4)]
    for number in range(60):
        for place, files in enumerate(processes):
            files.write(f"{place}{number:039d}", AUDIO)
    used = sum(path.stat().st_size for path in tmp_path.rglob("*.prompt"))
    assert used <= limit * 1.3


async def test_another_edition_finds_nothing_that_was_kept_under_this(tmp_path: Path) -> None:
    clone = PromptKey(CLONE, "bom dia")
    for key in (KEY, clone):
        await PromptCache(tmp_path).store(key, AUDIO)
        assert await PromptCache(tmp_path, edition="2").find(key) is None
        await PromptCache(tmp_path, edition="2").store(key, AUDIO)
        assert await PromptCache(tmp_path, edition="2").find(key) == AUDIO
    assert await PromptCache(tmp_path, edition="2").forget_voice("6a1e")
    assert await PromptCache(tmp_path).find(clone) is None
    assert await PromptCache(tmp_path).find(KEY) == AUDIO
