"""Stepping down without dead air, and up again beside the calls."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial

import numpy as np
import pytest

from engines.origins import Origins
from engines.recogniser_ladder import LadderRecogniser, probe_recogniser
from engines.remote_recogniser import RecognitionFailedError, RemoteRecogniser
from engines.resuming import resumption
from engines.speech_ladder import LadderSpeech, SpeechStep, probe_speech
from engines.steps import Shift, Steps
from stt.builtin.recogniser import BuiltinRecogniser
from stt.recogniser import Hints, Recogniser
from tests.engines.servers import hanging, until
from tests.ports import free_ports
from tests.session.call import ToldRecogniser
from tests.speech import say, silence
from tests.tts.fakes import SteppedEngine, slin
from tests.tts.hearing import collect
from tts.cache import PromptCache
from tts.engine import Makeshift, SynthesisError, Voice, stepping_down
from tts.espeak import espeak_voice
from tts.speaker import Speaker

VOICE = espeak_voice()
SENTENCE = "apartamento quinhentos e um"


class MoodyEngine:
    """Says ``sound`` in one piece, breaks off after it, hangs, or refuses: as the test says."""

    name = "moody"

    def __init__(self, sound: bytes = b"\1\1" * 800) -> None:
        self.sound = sound
        self.mood = "well"
        self.asked = 0

    async def start(self) -> str:
        return self.name

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        self.asked += 1
        if self.mood == "refuses":
            raise SynthesisError("not today")
        if self.mood == "hangs":
            await asyncio.Event().wait()
        yield self.sound
        if self.mood == "breaks off":
            raise SynthesisError("a wire is cut")

    async def close(self) -> None:
        pass


def steps_of(
    names: list[str],
    probes: list[Callable[[], Awaitable[None]]],
    shifts: list[Shift],
    retry_s: float = 60.0,
) -> Steps:
    return Steps("tts", names, probes, retry_s=retry_s, on_shift=shifts.append)


def ladder_of(
    *engines: MoodyEngine | SteppedEngine,
    shifts: list[Shift] | None = None,
    retry_s: float = 60.0,
    patience_s: float = 0.2,
) -> LadderSpeech:
    ladder = [SpeechStep(each, lambda voice: voice) for each in engines]
    probes = [partial(probe_speech, step, VOICE) for step in ladder]
    names = [f"step {number}" for number in range(len(engines))]
    steps = steps_of(names, list(probes), [] if shifts is None else shifts, retry_s)
    return LadderSpeech(ladder, steps, patience_s=patience_s)


@pytest.mark.parametrize("mood", ["refuses", "hangs"])
async def test_before_the_first_sound_the_step_below_says_the_whole_sentence(mood: str) -> None:
    top, below = MoodyEngine(), MoodyEngine(b"\2\2" * 800)
    ladder = ladder_of(top, below)
    assert await collect(ladder.synthesise("oi", VOICE)) == top.sound
    top.mood = mood
    async with asyncio.timeout(20):  # 0.2 s, and whatever the machine is short of
        assert await collect(ladder.synthesise("oi", VOICE)) == below.sound
    await ladder.close()


async def test_whoever_wants_another_engine_hears_the_step_below_and_the_best_one_stays_so() -> (
    None
):
    top, below = MoodyEngine(), MoodyEngine(b"\2\2" * 800)
    shifts: list[Shift] = []
    ladder = ladder_of(top, below, shifts=shifts)
    with stepping_down():
        [chunk] = [chunk async for chunk in ladder.synthesise("oi", VOICE)]
    assert isinstance(chunk, Makeshift)
    assert (chunk, top.asked) == (below.sound, 0)
    assert await collect(ladder.synthesise("oi", VOICE)) == top.sound
    assert not shifts
    await ladder.close()


async def test_after_the_first_sound_the_step_below_says_the_rest_from_the_pause_before() -> None:
    text = "Um momento, por favor, que eu vou chamar o apartamento."
    whole = say(text).astype("<i2").tobytes()
    said = whole[: len(whole) // 4 * 2]
    top = MoodyEngine(said)
    top.mood = "breaks off"
    ladder = ladder_of(top, MoodyEngine(whole))
    heard = await collect(ladder.synthesise(text, VOICE))
    assert heard.startswith(said)
    repeated = len(heard) - len(whole)
    assert 0 <= repeated <= 400 * VOICE.bytes_per_ms
    assert heard[len(said) :] == whole[len(said) - repeated :]
    await ladder.close()


def test_the_rest_begins_at_the_quietest_moment_before_the_break() -> None:
    loud = np.full(8000, 8000, "<i2")
    loud[6400:6560] = 10  # 20 ms of quiet, at 0.8 s
    assert resumption(loud.tobytes(), 2 * 8000, VOICE) == 2 * 6400
    assert resumption(loud.tobytes(), 100, VOICE) == 100


async def test_a_step_that_keeps_failing_is_left_alone_and_taken_up_again_by_itself() -> None:
    top, below = MoodyEngine(), MoodyEngine(b"\2\2" * 800)
    shifts: list[Shift] = []
    ladder = ladder_of(top, below, shifts=shifts, retry_s=0.2)
    top.mood = "refuses"
    for _ in range(2):
        await collect(ladder.synthesise("oi", VOICE))
    [down] = shifts
    assert (down.level, down.name, down.before, down.reason) == (1, "step 1", 0, "not today")
    asked = top.asked
    assert await collect(ladder.synthesise("oi", VOICE)) == below.sound
    assert top.asked == asked, "a caller waited for an engine that is known to be ill"
    top.mood = "well"
    await until(lambda: len(shifts) >= 2)
    assert (shifts[1].level, shifts[1].before) == (0, 1)
    assert await collect(ladder.synthesise("oi", VOICE)) == top.sound
    await ladder.close()


async def test_what_a_stand_in_said_is_not_kept_as_the_best_engines_prompt() -> None:
    top, below = MoodyEngine(), MoodyEngine(b"\2\2" * 800)
    ladder = ladder_of(top, below)
    speaker = Speaker(ladder, PromptCache())
    top.mood = "refuses"
    assert await collect(speaker.speak("bom dia", VOICE)) == below.sound
    top.mood = "well"
    assert await collect(speaker.speak("bom dia", VOICE)) == top.sound
    top.mood = "refuses"
    assert await collect(speaker.speak("bom dia", VOICE)) == top.sound, "the best one was kept"
    await speaker.close()
    await ladder.close()


async def test_where_nobody_can_say_it_every_reason_is_told() -> None:
    engines = [MoodyEngine(), MoodyEngine()]
    for each in engines:
        each.mood = "refuses"
    ladder = ladder_of(*engines)
    with pytest.raises(SynthesisError, match="not today; not today"):
        await collect(ladder.synthesise("oi", VOICE))
    await ladder.close()


async def test_a_caller_who_interrupts_says_nothing_about_the_engine() -> None:
    shifts: list[Shift] = []
    engine = SteppedEngine()
    ladder = ladder_of(engine, MoodyEngine(), shifts=shifts, patience_s=5)
    for _ in range(5):
        chunks = ladder.synthesise("um dois três", VOICE)
        engine.permit()
        assert await anext(chunks) == slin("um")
        await chunks.aclose()
    assert engine.cancelled == ["um dois três"] * 5
    assert not shifts
    await ladder.close()


def test_a_stand_ins_chunk_is_bytes_all_the_same() -> None:
    assert b"".join([Makeshift(b"ab", "espeak"), b"cd"]) == b"abcd"


# ---------------------------------------------------------------------- recognition


def recognisers(*engines: Recogniser, patience_s: float = 0.5) -> LadderRecogniser:
    probes = [partial(probe_recogniser, each) for each in engines]
    names = [each.name for each in engines]
    return LadderRecogniser(engines, steps_of(names, list(probes), []), patience_s=patience_s)


async def hears(recogniser: Recogniser, rate_hz: int = 8000) -> str:
    stream = recogniser.stream("pt-BR", Hints(), rate_hz)
    audio = np.concatenate((silence(200), say(SENTENCE), silence(300)))
    if rate_hz == 16000:
        audio = np.repeat(audio, 2)
    for at in range(0, len(audio), rate_hz // 50):
        stream.feed(audio[at : at + rate_hz // 50])
    try:
        return (await stream.result()).text
    finally:
        await stream.close()


async def test_an_utterance_that_one_recogniser_loses_is_heard_by_the_next_one_whole() -> None:
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with hanging() as address:
        for bad in (dead, address):
            origins = Origins.of_engines([bad], None)
            remote = RemoteRecogniser(origins, patience_s=0.4)
            ladder = recognisers(remote, BuiltinRecogniser())
            assert await hears(ladder) == SENTENCE
            assert await hears(ladder, 16000) == SENTENCE
            assert ladder.steps.level == 1
            assert await hears(ladder) == SENTENCE
            await ladder.close()


async def test_where_no_recogniser_has_a_result_the_reasons_are_told() -> None:
    origins = Origins.of_engines([f"http://127.0.0.1:{free_ports(1)[0]}"], None)
    remote = RemoteRecogniser(origins, patience_s=0.4)
    with pytest.raises(RecognitionFailedError, match="Cannot connect"):
        await hears(remote)
    await remote.close()


async def test_speculation_that_is_given_up_says_nothing_about_the_recogniser() -> None:
    told = ToldRecogniser(["um", "dois", "três"])
    told.ready.clear()
    ladder = recognisers(told, ToldRecogniser(["outro"] * 3), patience_s=5)
    for _ in range(3):
        stream = ladder.stream("pt-BR", Hints())
        result = asyncio.create_task(stream.result())
        await asyncio.sleep(0.01)
        result.cancel()
        await asyncio.gather(result, return_exceptions=True)
        await stream.close()
    assert ladder.steps.level == 0
    await ladder.close()
