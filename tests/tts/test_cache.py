import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tts.cache import PromptCache, PromptKey
from tts.engine import Voice
from tts.prompt_files import PromptFiles

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
