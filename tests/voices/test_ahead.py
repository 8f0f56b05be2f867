"""What an extension says is made before anybody calls: in all its languages, units by name."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from conversation.directory import Directory, Unit
from conversation.doorman import Doorman, DoormanSettings
from conversation.rules import rules_for
from conversation.texts.catalogue import Texts
from supervisor.agents.warming import Ahead, warm_rest
from supervisor.speech_settings import EngineSpeakerSettings, ProfileSettings
from tests.engines.servers import until
from tests.tts.fakes import SteppedEngine
from tts.cache import PromptCache, PromptKey
from tts.engine import Makeshift, Voice
from tts.espeak import espeak_voice
from tts.profiles import PROFILES
from tts.speaker import Speaker

UNITS = Directory([Unit("501", "B", ()), Unit("7", None, ())])
VOICE = Voice("remote", "maria", "pt-BR")


def doorman() -> Doorman:
    settings = DoormanSettings(condominium="Aurora", unit_word="apartamento", block_word="bloco")
    own, other = rules_for("pt-BR", []), rules_for("en", [])
    return Doorman(uuid4(), settings, UNITS, own, {"en": other})


def test_every_unit_is_said_as_its_callers_language_says_it() -> None:
    said = [dict(values)["unit"] for _, values in doorman().unit_prompts("pt-BR")]
    assert set(said) == {"apartamento 501, bloco B", "apartamento 7"}
    keys = {key for key, _ in doorman().unit_prompts("en")}
    assert {"confirm.unit", "calling.delivery"} <= keys
    english = {dict(values)["unit"] for _, values in doorman().unit_prompts("en")}
    assert english == {"apartment 501, block B", "apartment 7"}


async def warmed(voice: Voice, **languages: list[tuple[str, dict[str, str]]]) -> Any:
    """The engine that made what is said in these languages, and the cache that has it."""
    engine, cache = SteppedEngine(running=True), PromptCache()
    speaker = Speaker(engine, cache)
    texts = Texts.load("pt-BR")

    def names() -> Iterator[tuple[str, dict[str, str]]]:
        for number in range(10):
            yield "resident.for.unit", {"unit": f"apartamento {number}"}

    ahead = [
        Ahead(texts, prompts, names, [replace(voice, language=language)])
        for language, prompts in languages.items()
    ]
    await warm_rest(speaker, ahead, name="Aurora", most_names=3)
    await speaker.close()
    return engine, cache


async def test_all_languages_are_made_ahead_and_so_many_names_as_the_settings_say() -> None:
    engine, cache = await warmed(VOICE, pt=[("sorry", {})], en=[("sorry", {})])
    names = [text for text in engine.begun if "apartamento" in text]
    assert len(names) == 2 * 3
    assert cache.holds(PromptKey(replace(VOICE, language="pt"), engine.begun[0]))
    english = [PromptKey(replace(VOICE, language="en"), text) for text in engine.begun]
    assert any(cache.holds(key) for key in english)
    assert len(engine.begun) > len(names) + 2


class Loading(SteppedEngine):
    """Another engine stands in for it until it is there."""

    def __init__(self) -> None:
        super().__init__(running=True)
        self.is_there = False

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        async for chunk in super().synthesise(text, voice):
            yield chunk if self.is_there else Makeshift(chunk, "espeak")


async def test_what_another_engine_had_to_say_is_made_once_the_best_one_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supervisor.agents.warming.AGAIN_S", 0.001)
    engine, cache = Loading(), PromptCache()
    speaker = Speaker(engine, cache)
    ahead = [Ahead(Texts.load("pt-BR"), [("sorry", {}), ("calm", {})], lambda: iter(()), [VOICE])]
    warming = asyncio.create_task(warm_rest(speaker, ahead, name="Aurora", most_names=0))
    texts = list(ahead[0].said(ahead[0].prompts))
    await until(lambda: len(engine.begun) > len(texts) + 2)
    assert not any(cache.holds(PromptKey(VOICE, text)) for text in engine.begun)
    assert len(engine.begun) < 3 * len(texts)  # one text is enough to learn that it is away
    engine.is_there = True
    async with asyncio.timeout(20):
        await warming
    assert all(cache.holds(PromptKey(VOICE, text)) for text in engine.begun)
    await speaker.close()


async def test_espeak_says_a_name_sooner_than_a_disk_finds_it() -> None:
    engine, _ = await warmed(espeak_voice(), pt=[("sorry", {})])
    assert not [text for text in engine.begun if "apartamento" in text]


def test_settings_change_some_of_a_profile_and_leave_the_rest() -> None:
    changed = ProfileSettings(temperature=0.4, chunk_tokens=20)
    profiles = EngineSpeakerSettings(profiles={"fast": changed}).quality_profiles
    assert profiles["fast"] == replace(PROFILES["fast"], temperature=0.4, chunk_tokens=20)
    assert profiles["balanced"] == PROFILES["balanced"]
