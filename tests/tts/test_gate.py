"""Only good takes enter the prompt cache; bad ones are made again, and then by another engine."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest

from tests.engines.servers import until
from tests.speech import say
from tests.tts.hearing import collect
from tts.cache import PromptCache, PromptKey
from tts.engine import (
    Makeshift,
    SynthesisError,
    Voice,
    is_in_background,
    is_stepping_down,
    take_number,
)
from tts.gate import QualityGate
from tts.quality import Fault
from tts.speaker import Speaker

VOICE = Voice("remote", "Ana", "pt-BR")
TEXT = "Um momento, por favor."
GOOD = say(TEXT).astype("<i2").tobytes()
HOWL = (9000 * np.sin(np.arange(12_000) / 3)).astype("<i2").tobytes()
LAST_RESORT = say(TEXT, voice="pt-br+m3").astype("<i2").tobytes()


class Sampling:
    """An engine whose first takes of a text are bad; below it is one that never fails."""

    name = "sampling"

    def __init__(self, bad: int, *, has_below: bool = True) -> None:
        self.bad, self.has_below = bad, has_below
        self.takes: list[int] = []
        self.is_away = False

    async def start(self) -> str:
        return self.name

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        if self.is_away or (is_stepping_down() and self.has_below):
            yield Makeshift(LAST_RESORT, "espeak")
            return
        self.takes.append(take_number())
        audio = HOWL if take_number() < self.bad else GOOD
        for at in range(0, len(audio), 4000):
            await asyncio.sleep(0)
            yield audio[at : at + 4000]

    async def close(self) -> None:
        pass


class Hearing:
    def __init__(self, *heard: str | None) -> None:
        self.heard = list(heard)
        self.was_live = False

    async def hear(self, slin: bytes, voice: Voice) -> str | None:
        self.was_live |= not is_in_background()
        return self.heard.pop(0) if self.heard else TEXT


KEY = PromptKey(VOICE, TEXT)


def speaker(engine: Sampling, gate: QualityGate, folder: Path | None = None) -> Speaker:
    return Speaker(engine, PromptCache(folder), gate=gate)


async def test_a_good_take_is_kept() -> None:
    engine, gate = Sampling(0), QualityGate()
    speaking = speaker(engine, gate)
    warmed = await speaking.warm([TEXT], VOICE)
    assert (warmed.ready, warmed.failed) == (1, ())
    assert speaking.cache.recall(KEY) == GOOD
    assert gate.counters.accepted == 1
    await speaking.close()


async def test_a_bad_take_is_made_again_with_another_seed_before_anybody_hears_it() -> None:
    engine, gate = Sampling(2), QualityGate()
    speaking = speaker(engine, gate)
    await speaking.warm([TEXT], VOICE)
    assert engine.takes == [0, 1, 2]
    assert speaking.cache.recall(KEY) == GOOD
    assert gate.counters.rejected == {Fault.CLIPPED: 2}
    await speaking.close()


async def test_where_no_take_is_good_the_next_engine_says_it_and_that_is_kept() -> None:
    engine, gate = Sampling(99), QualityGate(takes=3)
    speaking = speaker(engine, gate)
    assert (await speaking.warm([TEXT], VOICE)).ready == 1
    assert engine.takes == [0, 1, 2]
    kept = speaking.cache.recall(KEY)
    assert kept == LAST_RESORT
    assert not isinstance(kept, Makeshift)
    assert gate.counters.stepped_down == 1
    await speaking.close()


async def test_without_a_next_engine_nothing_is_kept_and_it_is_told() -> None:
    engine, gate = Sampling(99, has_below=False), QualityGate(takes=2)
    speaking = speaker(engine, gate)
    warmed = await speaking.warm([TEXT], VOICE)
    assert warmed.ready == 0
    [(text, reason)] = warmed.failed
    assert text == TEXT
    assert "no take of 'Um momento, por favor.' was good enough" in reason
    assert speaking.cache.recall(KEY) is None
    assert gate.counters.given_up == 1
    await speaking.close()


async def test_a_caller_hears_the_take_at_once_and_the_next_one_a_better_one(
    tmp_path: Path,
) -> None:
    engine, gate = Sampling(1), QualityGate()
    speaking = speaker(engine, gate, tmp_path)
    assert await collect(speaking.speak(TEXT, VOICE)) == HOWL
    await until(lambda: speaking.cache.recall(KEY) is not None)
    assert await collect(speaking.speak(TEXT, VOICE)) == GOOD
    assert engine.takes == [0, 1]
    await speaking.close()


async def test_a_caller_is_not_told_that_no_better_take_was_found() -> None:
    engine, gate = Sampling(99, has_below=False), QualityGate(takes=2)
    speaking = speaker(engine, gate)
    for _ in range(3):
        assert await collect(speaking.speak(TEXT, VOICE)) == HOWL
    await speaking.close()
    assert speaking.cache.recall(KEY) is None


async def test_what_stands_in_for_an_engine_that_is_away_is_not_kept() -> None:
    engine, gate = Sampling(0), QualityGate()
    engine.is_away = True
    speaking = speaker(engine, gate)
    assert (await speaking.warm([TEXT], VOICE)).ready == 1
    assert speaking.cache.recall(KEY) is None
    engine.is_away = False
    await speaking.warm([TEXT], VOICE)
    assert speaking.cache.recall(KEY) == GOOD
    await speaking.close()


async def test_a_take_that_says_something_else_is_made_again() -> None:
    engine = Sampling(0)
    listener = Hearing("obrigado por assistir", None, TEXT)
    gate = QualityGate(listener)
    speaking = speaker(engine, gate)
    await speaking.warm([TEXT], VOICE)
    assert engine.takes == [0, 1]
    assert gate.counters.rejected == {Fault.WORDS: 1}
    assert gate.counters.read_back == 1
    assert speaking.cache.recall(KEY) == GOOD  # a recogniser that cannot tell hinders nothing
    await speaking.close()


async def test_numbers_are_compared_as_they_are_said() -> None:
    text = "O apartamento quinhentos e um não atende."
    gate = QualityGate(Hearing("o apartamento 501 não atende"))
    assert await gate.passes(PromptKey(VOICE, text), say(text).astype("<i2").tobytes())


async def test_the_recogniser_is_asked_behind_all_calls_also_for_what_a_caller_heard() -> None:
    listener = Hearing()
    speaking = speaker(Sampling(0), QualityGate(listener))
    await collect(speaking.speak(TEXT, VOICE))
    await until(lambda: speaking.cache.recall(KEY) is not None)
    assert not listener.was_live
    await speaking.close()


async def test_closing_does_not_wait_for_takes_that_are_made_for_later() -> None:
    class Never(Hearing):
        async def hear(self, slin: bytes, voice: Voice) -> str | None:
            self.asked.set()
            await asyncio.Event().wait()
            return None

        asked = asyncio.Event()

    listener = Never()
    speaking = speaker(Sampling(0), QualityGate(listener))
    assert await collect(speaking.speak(TEXT, VOICE)) == GOOD
    await listener.asked.wait()
    async with asyncio.timeout(5):
        await speaking.close()
    assert speaking.cache.recall(KEY) is None


async def test_an_engine_that_fails_is_told_as_before() -> None:
    class Broken(Sampling):
        async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
            raise SynthesisError("not today")
            yield b""

    speaking = speaker(Broken(0), QualityGate())
    with pytest.raises(SynthesisError, match="not today"):
        await collect(speaking.speak(TEXT, VOICE))
    assert (await speaking.warm([TEXT], VOICE)).failed == ((TEXT, "not today"),)
    await speaking.close()
