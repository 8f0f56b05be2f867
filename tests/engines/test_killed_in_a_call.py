"""A real call while a real engines process is killed: the caller notices next to nothing."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack, aclosing
from functools import partial

import numpy as np
import pytest

from conversation.flow import CallStarted, Event, Party, Say
from engines.origins import Origins
from engines.recogniser_ladder import LadderRecogniser, probe_recogniser
from engines.remote_recogniser import RemoteRecogniser
from engines.remote_speech import RemoteSpeech
from engines.speech_ladder import LadderSpeech, SpeechStep, probe_speech
from engines.steps import Shift, Steps
from stt.builtin.recogniser import BuiltinRecogniser
from stt.recogniser import Hints
from tests.engines.processes import unhurried_process
from tests.engines.servers import until
from tests.session.call import LONG_TEXT, Call, loudness
from tests.speech import say
from tts.cache import PromptCache
from tts.espeak import EspeakEngine, espeak_voice
from tts.speaker import Speaker

VOICE = espeak_voice()
SENTENCE = "apartamento quinhentos e um"
PATIENCE_S = 20.0
"""Far more than a call has: what follows a death does not wait for it, and a machine that is busy
loses no engine by it."""


def greet(event: Event) -> list[Say]:
    return [Say(Party.VISITOR, LONG_TEXT)] if isinstance(event, CallStarted) else []


def heard_by(call: Call) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    audio = b"".join(frame.audio for frame in call.visitor.heard.frames)
    return np.frombuffer(audio, "<i2").astype(np.int16)


def longest_silence_ms(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> int:
    """Between the first and the last sound."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(np.float32)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > 100)
    return int(np.diff(loud).max() - 1) * 20


def loud_ms(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> int:
    """How much of it is sound: a machine that is busy puts pauses between."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(np.float32)
    return int((np.sqrt((frames**2).mean(axis=1)) > 100).sum()) * 20


async def test_an_engine_that_is_killed_in_mid_sentence_is_replaced_within_the_sentence() -> None:
    shifts: list[Shift] = []
    async with unhurried_process() as engines:
        origins = Origins.of_engines([str(engines.address)], None)
        remote = RemoteSpeech(origins, first_sound_s=PATIENCE_S, stall_s=PATIENCE_S)
        ladder = [SpeechStep(remote, lambda v: v), SpeechStep(EspeakEngine(), lambda v: v)]
        probes = [partial(probe_speech, step, VOICE) for step in ladder]
        steps = Steps("tts", ["remote", "the next"], probes, retry_s=60, on_shift=shifts.append)
        speech = LadderSpeech(ladder, steps, patience_s=PATIENCE_S)
        await speech.start()
        whole_ms = loud_ms(say(LONG_TEXT))
        call = Call(greet, ())
        call.speaker = Speaker(speech, PromptCache())
        await call.start()
        try:
            await until(lambda: loudness(call.visitor, 100) >= 100)
            await asyncio.sleep(1.0)
            engines.process.kill()
            began = time.monotonic()
            turn = await call.journal.wait_for("turn", speaker="agent")
            assert time.monotonic() - began > 0.5, "the sentence was over before the engine was"
            assert turn.data["text"] == LONG_TEXT
            assert turn.data["engines"] == [VOICE.engine, "the next"]
            changed = await call.journal.wait_for("engine.changed", stage="tts")
            assert (changed.data["before"], changed.data["engine"]) == (VOICE.engine, "the next")
            samples = heard_by(call)
        finally:
            await call.stop()
            await speech.close()
    assert whole_ms - 300 < loud_ms(samples) < whole_ms + 500
    assert longest_silence_ms(samples) < 5000, "patience was spent on an engine that was dead"
    text = await text_of(samples)
    assert "momento" in text
    assert "volto a falar com o senhor" in text


@pytest.mark.parametrize(
    ("signal_", "stall_s", "silent_ms"),
    [(signal.SIGKILL, PATIENCE_S, 5000), (signal.SIGSTOP, 5.0, 6000)],
)
async def test_of_two_engines_one_goes_on_where_the_other_dies_or_hangs_in_mid_sentence(
    signal_: signal.Signals, stall_s: float, silent_ms: int
) -> None:
    shifts: list[Shift] = []
    async with AsyncExitStack() as running:
        starting = (running.enter_async_context(unhurried_process()) for _ in range(2))
        first, second = await asyncio.gather(*starting)
        addresses = [str(first.address), str(second.address)]

        def remote() -> RemoteSpeech:
            origins = Origins.of_engines(addresses, None)
            return RemoteSpeech(origins, first_sound_s=PATIENCE_S, stall_s=stall_s)

        ladder = [SpeechStep(remote(), lambda v: v), SpeechStep(EspeakEngine(), lambda v: v)]
        probes = [partial(probe_speech, step, VOICE) for step in ladder]
        steps = Steps("tts", ["remote", "espeak"], probes, retry_s=60, on_shift=shifts.append)
        speech = LadderSpeech(ladder, steps, patience_s=PATIENCE_S)
        others = [remote() for _ in range(4)]
        call = Call(greet, ())
        call.speaker = Speaker(speech, PromptCache())
        await call.start()
        try:
            load = [asyncio.create_task(lengths_of(each, 2)) for each in others]
            await until(lambda: loudness(call.visitor, 100) >= 100)
            await asyncio.sleep(1.0)
            first.process.send_signal(signal_)
            turn = await call.journal.wait_for("turn", speaker="agent")
            assert turn.data["text"] == LONG_TEXT
            samples = heard_by(call)
            lengths = [length for each in await asyncio.gather(*load) for length in each]
        finally:
            await call.stop()
            await speech.close()
            for each in others:
                await each.close()
    assert longest_silence_ms(samples) < silent_ms
    assert not shifts  # one failure is none: the next sentence is spoken by the better voice again
    whole = 2 * len(say(LONG_TEXT))
    assert min(lengths) > whole - 300 * 16
    assert max(lengths) < whole + 900 * 16
    text = await text_of(samples)
    assert "momento" in text
    assert "volto a falar com o senhor" in text


async def lengths_of(speech: RemoteSpeech, count: int) -> list[int]:
    """Bytes of the sentence, said so many times by another call."""
    lengths = []
    for _ in range(count):
        async with aclosing(speech.synthesise(LONG_TEXT, VOICE)) as chunks:
            lengths.append(sum([len(chunk) async for chunk in chunks]))
    return lengths


async def text_of(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> str:
    ear = BuiltinRecogniser()
    stream = ear.stream("pt-BR", Hints())
    stream.feed(samples)
    text = (await stream.result()).text
    await ear.close()
    return text


async def test_what_was_being_said_to_a_recogniser_that_is_killed_is_understood_all_the_same() -> (
    None
):
    async with unhurried_process() as engines:
        remote = RemoteRecogniser(Origins.of_engines([str(engines.address)], None), patience_s=1.2)
        both = (remote, BuiltinRecogniser())
        probes = [partial(probe_recogniser, each) for each in both]
        steps = Steps("stt", ["remote", "builtin"], probes, retry_s=60, on_shift=lambda _: None)
        ladder = LadderRecogniser(both, steps, patience_s=1.2)
        call = Call(lambda _: [], ())
        call.recogniser = ladder
        await call.start()
        try:
            speaking = asyncio.create_task(call.visitor_says(SENTENCE))
            await asyncio.sleep(0.8)
            engines.process.kill()
            await speaking
            turn = await call.journal.wait_for("turn", speaker="visitor")
            assert turn.data["text"] == SENTENCE
            await call.visitor_says(SENTENCE)
            await until(lambda: call.journal.turns("visitor") == [SENTENCE, SENTENCE])
            assert turn.data["engine"] == "builtin"
        finally:
            await call.stop()
            await ladder.close()
