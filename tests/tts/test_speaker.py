import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tts.fakes import SteppedEngine, slin
from tests.tts.hearing import collect
from tts.cache import PromptCache, PromptKey
from tts.engine import SynthesisError, Voice
from tts.espeak import EspeakEngine, espeak_voice
from tts.normalising import LONGEST_TEXT, EmptyTextError, TextTooLongError
from tts.speaker import PART_PAUSE_MS, SENTENCE_PAUSE_MS, Speaker

VOICE = Voice("stepped", "anyone", "pt-BR")
PAUSE = bytes(SENTENCE_PAUSE_MS * 16)


@pytest.fixture
async def engine() -> SteppedEngine:
    return SteppedEngine()


@pytest.fixture
async def speaker(engine: SteppedEngine) -> AsyncIterator[Speaker]:
    speaker = Speaker(engine, PromptCache())
    yield speaker
    await speaker.close()


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(20):
        await asyncio.sleep(0)


def ready_now(chunks: AsyncIterator[bytes]) -> bytes | None:
    """The next chunk if it comes without any wait."""
    try:
        anext(chunks).__await__().send(None)
    except StopIteration as arrived:
        return bytes(arrived.value)
    return None


async def test_speech_is_passed_on_while_it_is_being_made(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    async with aclosing(speaker.speak("bom dia", VOICE)) as chunks:
        engine.permit()
        assert await anext(chunks) == slin("bom")
        engine.permit()
        assert await anext(chunks) == slin("dia")
        with pytest.raises(StopAsyncIteration):
            await anext(chunks)


async def test_what_was_said_before_comes_without_any_wait(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    engine.go_on()
    said = await collect(speaker.speak("bom dia", VOICE))
    async with aclosing(speaker.speak("bom dia", VOICE)) as chunks:
        assert ready_now(chunks) == said
    assert engine.begun == ["bom dia"]


async def test_texts_are_normalised_before_they_are_spoken_and_cached(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    engine.go_on()
    await collect(speaker.speak("Apto. 501", VOICE))
    await collect(speaker.speak("Apartamento  quinhentos e um", VOICE))
    assert engine.begun == ["Apartamento quinhentos e um"]


async def test_sentences_are_spoken_in_order_with_a_breath_between(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    engine.go_on()
    said = await collect(speaker.speak("Um. Dois! Três?", VOICE))
    assert said == slin("Um.") + PAUSE + slin("Dois!") + PAUSE + slin("Três?")


async def test_the_breath_is_shorter_when_we_speak_faster(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    engine.go_on()
    hasty = Voice("stepped", "anyone", "pt-BR", speed=2.0)
    said = await collect(speaker.speak("Um. Dois!", hasty))
    assert said == slin("Um.") + PAUSE[: len(PAUSE) // 2] + slin("Dois!")


async def test_the_next_sentence_is_begun_while_this_one_is_spoken(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    async with aclosing(speaker.speak("Um. Dois. Três.", VOICE)) as chunks:
        engine.permit()
        await anext(chunks)
        await settle()
        assert engine.begun == ["Um.", "Dois."]


async def test_a_sentence_known_already_is_not_made_for_a_new_text(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    engine.go_on()
    await collect(speaker.speak("Bom dia. Um.", VOICE))
    await collect(speaker.speak("Bom dia. Dois.", VOICE))
    assert engine.begun == ["Bom dia.", "Um.", "Dois."]


async def test_simultaneous_listeners_share_one_synthesis(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    listeners = [asyncio.create_task(collect(speaker.speak("bom dia", VOICE))) for _ in range(5)]
    await settle()
    engine.permit()
    await settle()
    latecomer = asyncio.create_task(collect(speaker.speak("bom dia", VOICE)))
    engine.permit()
    heard = await asyncio.gather(*listeners, latecomer)
    assert heard == [slin("bom") + slin("dia")] * 6
    assert engine.begun == ["bom dia"]


async def test_a_listener_who_leaves_stops_the_work_and_caches_nothing(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    async with aclosing(speaker.speak("bom dia", VOICE)) as chunks:
        engine.permit()
        await anext(chunks)
    await settle()
    assert engine.cancelled == ["bom dia"]
    assert speaker.cache.counters.stored == 0
    engine.go_on()
    assert await collect(speaker.speak("bom dia", VOICE)) == slin("bom") + slin("dia")


async def test_leaving_stops_the_sentence_that_was_begun_ahead_too(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    async with aclosing(speaker.speak("Um. Dois.", VOICE)) as chunks:
        engine.permit()
        await anext(chunks)
        await settle()
    await settle()
    assert engine.cancelled == ["Dois."]


async def test_one_listener_of_two_may_leave(speaker: Speaker, engine: SteppedEngine) -> None:
    stays = asyncio.create_task(collect(speaker.speak("bom dia", VOICE)))
    leaves = asyncio.create_task(collect(speaker.speak("bom dia", VOICE)))
    await settle()
    leaves.cancel()
    await settle()
    engine.go_on()
    assert await stays == slin("bom") + slin("dia")
    assert engine.cancelled == []


async def test_a_new_listener_does_not_get_the_synthesis_that_was_just_given_up(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    leaves = asyncio.create_task(collect(speaker.speak("bom dia", VOICE)))
    await settle()
    leaves.cancel()
    await asyncio.wait([leaves])
    engine.go_on()
    assert await collect(speaker.speak("bom dia", VOICE)) == slin("bom") + slin("dia")


async def test_an_engine_that_fails_is_heard_of_by_every_listener_and_asked_again_later(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    engine.refused.add("bom dia")
    outcomes = await asyncio.gather(
        *(collect(speaker.speak("bom dia", VOICE)) for _ in range(2)), return_exceptions=True
    )
    assert [str(outcome) for outcome in outcomes] == ["cannot say bom dia"] * 2
    engine.refused.clear()
    engine.go_on()
    assert await collect(speaker.speak("bom dia", VOICE))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", EmptyTextError),
        (" \n", EmptyTextError),
        ("🙂 --- 🙂", EmptyTextError),
        ("a" * (LONGEST_TEXT + 1), TextTooLongError),
    ],
)
async def test_a_text_that_cannot_be_spoken_is_refused_before_the_engine_hears_of_it(
    speaker: Speaker, engine: SteppedEngine, text: str, error: type[SynthesisError]
) -> None:
    with pytest.raises(error):
        await collect(speaker.speak(text, VOICE))
    assert engine.begun == []


async def test_warmed_texts_are_in_memory(speaker: Speaker, engine: SteppedEngine) -> None:
    engine.go_on()
    warmed = await speaker.warm(["Bom dia. Quem fala?", "Pode entrar."], VOICE)
    assert (warmed.ready, warmed.failed) == (3, ())
    async with aclosing(speaker.speak("Quem fala?", VOICE)) as chunks:
        assert ready_now(chunks) is not None


async def test_warming_names_what_cannot_be_said_and_does_the_rest(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    engine.go_on()
    engine.refused.add("Não dá.")
    warmed = await speaker.warm(["Não dá.", "", "Pode entrar."], VOICE)
    assert warmed.ready == 1
    assert {text for text, _ in warmed.failed} == {"Não dá.", ""}


async def test_warming_waits_while_a_call_waits_for_speech(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    live = asyncio.create_task(collect(speaker.speak("urgente agora", VOICE)))
    await settle()
    warming = asyncio.create_task(speaker.warm(["sem pressa"], VOICE))
    await settle()
    assert engine.begun == ["urgente agora"]
    engine.go_on()
    await asyncio.gather(live, warming)
    assert engine.begun == ["urgente agora", "sem pressa"]


async def test_warming_takes_no_more_than_its_share(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    texts = [f"frase {word}" for word in ("um", "dois", "três", "quatro")]
    warming = asyncio.create_task(speaker.warm(texts, VOICE, at_once=2))
    await settle()
    assert len(engine.begun) == 2
    engine.go_on()
    assert (await warming).ready == 4


async def test_parts_are_cached_apart_and_sound_unfinished_but_for_the_last(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    engine.go_on()
    said = await collect(speaker.speak_parts(["Vou ligar para", "Rita", "agora."], VOICE))
    assert engine.begun == ["Vou ligar para,", "Rita,", "agora."]
    assert said.count(bytes(PART_PAUSE_MS * 16)) >= 2
    await collect(speaker.speak_parts(["Vou ligar para", "Daniel", "agora."], VOICE))
    assert engine.begun[3:] == ["Daniel,"]


async def test_a_duration_is_known_once_the_prompt_was_made(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    engine.go_on()
    text = "Um. Dois."
    assert speaker.known_duration_ms(text, VOICE) is None
    made = await speaker.duration_ms(text, VOICE)
    assert made >= SENTENCE_PAUSE_MS
    assert speaker.known_duration_ms(text, VOICE) == made


async def test_closing_ends_what_is_being_made(engine: SteppedEngine) -> None:
    speaker = Speaker(engine, PromptCache())
    listening = asyncio.create_task(collect(speaker.speak("bom dia", VOICE)))
    await settle()
    await speaker.close()
    with pytest.raises(SynthesisError):
        await listening
    assert engine.cancelled == ["bom dia"]


async def test_closing_before_the_first_step_leaves_nobody_waiting(engine: SteppedEngine) -> None:
    speaker = Speaker(engine, PromptCache())
    listening = asyncio.create_task(collect(speaker.speak("bom dia", VOICE)))
    await asyncio.sleep(0)
    await speaker.close()
    with pytest.raises(SynthesisError):
        await asyncio.wait_for(listening, 1)


async def test_a_caller_does_not_wait_for_the_same_text_made_ahead(
    speaker: Speaker, engine: SteppedEngine
) -> None:
    warming = asyncio.create_task(speaker.warm(["bom dia"], VOICE))
    await settle()
    live = asyncio.create_task(collect(speaker.speak("bom dia", VOICE)))
    await settle()
    assert engine.begun == ["bom dia", "bom dia"]
    engine.go_on()
    assert await live == slin("bom") + slin("dia")
    assert (await warming).ready == 1


async def test_a_prompt_from_disk_needs_no_engine(tmp_path: Path) -> None:
    key = PromptKey(VOICE, "bom dia")
    await PromptCache(tmp_path).store(key, b"audio!")
    engine = SteppedEngine()
    speaker = Speaker(engine, PromptCache(tmp_path))
    assert await collect(speaker.speak("bom dia", VOICE)) == b"audio!"
    assert engine.begun == []


async def test_real_speech_is_the_same_from_the_engine_and_from_the_cache(
    espeak: EspeakEngine, tmp_path: Path
) -> None:
    text = "Bom dia! A Sra. Rita, do apto. 501, bl. B, autorizou às 14h30."
    voice = espeak_voice()
    first = Speaker(espeak, PromptCache(tmp_path))
    made = await collect(first.speak(text, voice))
    assert await collect(first.speak(text, voice)) == made
    await first.close()
    later = Speaker(SteppedEngine(), PromptCache(tmp_path))
    assert await collect(later.speak(text, voice)) == made
    assert len(made) / 16000 == pytest.approx(6, abs=1.5)


async def test_a_voice_that_may_not_speak_any_more_is_replaced_at_the_next_text() -> None:
    engine = SteppedEngine(running=True)
    gone: set[Voice] = set()
    stand_in = replace(VOICE, name="stand-in")
    cache = PromptCache()
    speaker = Speaker(engine, cache, present=lambda each: stand_in if each in gone else each)
    await collect(speaker.speak("bom dia", VOICE))
    gone.add(VOICE)
    await collect(speaker.speak("bom dia", VOICE))
    assert engine.begun == ["bom dia", "bom dia"]
    await speaker.close()
    assert cache.holds(PromptKey(stand_in, "bom dia")) is not None
    assert speaker.known_duration_ms("bom dia", VOICE) is not None
