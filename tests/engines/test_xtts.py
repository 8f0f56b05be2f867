"""XTTS in a real engines process, and a whole call that hears it."""

import io
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile

from conversation.flow import CallStarted, Event, Party, Say
from engines.origins import Origins
from engines.remote_speech import RemoteSpeech
from engines.speech_ladder import LadderSpeech, SpeechStep, probe_speech
from engines.steps import Shift, Steps
from tests.engines.processes import TOKEN, EnginesProcess, engines_process
from tests.engines.servers import speaking, until
from tests.session.call import Call
from tests.tts.hearing import collect, samples
from tests.tts.tiny_xtts import SPEAKERS, tiny_engine
from tts.cache import PromptCache
from tts.cloning import REFERENCE_HZ, cloned_name, digest_of
from tts.engine import (
    Makeshift,
    OnlyAheadError,
    UnknownVoiceError,
    Voice,
    another_take,
    in_background,
)
from tts.espeak import EspeakEngine, espeak_voice
from tts.speaker import Speaker
from tts.xtts.engine import XttsEngine

NARROW = """
from tests.tts.tiny_xtts import narrow_decoder
from supervisor.cli import main
with narrow_decoder():
    main()
"""
VOICE = Voice("remote", SPEAKERS[1], "pt-BR")
TEXT = "Boa noite. Aqui é da portaria."

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines(tiny_folder: Path) -> AsyncIterator[EnginesProcess]:
    settings = {"ENGINE": "xtts", "XTTS__MODEL": str(tiny_folder), "XTTS__THREADS": "1"}
    environment = {f"RAMAL_ENGINES__TTS__{key}": value for key, value in settings.items()}
    async with engines_process("--kind", "tts", program=NARROW, **environment) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def remote(engines: EnginesProcess) -> AsyncIterator[RemoteSpeech]:
    async def no_latents(_: Voice) -> bytes | None:
        return None

    origins = Origins.of_engines([str(engines.address)], TOKEN)
    speech = RemoteSpeech(origins, first_sound_s=20, stall_s=20, latents=no_latents)
    yield speech
    await speech.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def direct(tiny_folder: Path) -> AsyncIterator[XttsEngine]:
    """The same model in this process."""
    async with tiny_engine(tiny_folder) as engine:
        yield engine


def alike(heard: np.ndarray, said: np.ndarray) -> float:
    """The best correlation of ``said`` with any part of ``heard``, 0..1."""
    heard, said = heard.astype(np.float64), said.astype(np.float64)
    size = 1 << (len(heard) + len(said)).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size))
    products = np.fft.irfft(spectrum, size)[: len(heard) - len(said) + 1]
    energies = np.cumsum(np.concatenate([[0.0], heard**2]))
    energies = energies[len(said) :] - energies[: -len(said)]
    return float((products / np.sqrt(energies * (said**2).sum() + 1.0)).max())


async def test_it_is_ready_and_tells_its_voices(engines: EnginesProcess) -> None:
    async with engines.session() as session:
        async with session.get("/readyz") as answer:
            assert await answer.json() == {"status": "ready", "stt": None, "tts": "xtts"}
        async with session.get("/v1/voices") as answer:
            assert await answer.json() == {"engine": "xtts", "voices": list(SPEAKERS)}


async def test_a_named_voice_speaks_the_same_over_the_socket_as_in_process(
    remote: RemoteSpeech, direct: XttsEngine
) -> None:
    over = await collect(remote.synthesise(TEXT, VOICE))
    near = await collect(direct.synthesise(TEXT, replace(VOICE, engine="xtts")))
    assert len(over) == len(near)
    assert np.abs(samples(over).astype(int) - samples(near)).max() <= 2


async def test_a_whole_call_hears_it(remote: RemoteSpeech, direct: XttsEngine) -> None:
    class OnlyXtts:
        def __init__(self, speaker: Speaker) -> None:
            self._speaker = speaker

        async def speak(self, text: str, _: Voice) -> AsyncGenerator[bytes, None]:
            async with aclosing(self._speaker.speak(text, VOICE)) as chunks:
                async for chunk in chunks:
                    yield chunk

    def greet(event: Event) -> list[Say]:
        return [Say(Party.VISITOR, TEXT)] if isinstance(event, CallStarted) else []

    call = Call(greet, ())
    call.speaker = OnlyXtts(Speaker(remote, PromptCache()))  # type: ignore[assignment]
    await call.start()
    try:
        turn = await call.journal.wait_for("turn", speaker="agent")
        assert turn.data["text"] == TEXT
        audio = b"".join(frame.audio for frame in call.visitor.heard.frames)
    finally:
        await call.stop()
    for sentence in ("Boa noite.", "Aqui é da portaria."):
        said = await collect(direct.synthesise(sentence, replace(VOICE, engine="xtts")))
        assert alike(samples(audio), samples(said)) > 0.99
    other = replace(VOICE, engine="xtts", name=SPEAKERS[0])
    assert alike(samples(audio), samples(await collect(direct.synthesise(TEXT, other)))) < 0.8


async def test_another_take_can_be_asked_for(remote: RemoteSpeech) -> None:
    lively = replace(VOICE, profile="expressive")
    first = await collect(remote.synthesise(TEXT, lively))
    with another_take(1):
        second = await collect(remote.synthesise(TEXT, lively))
    assert first == await collect(remote.synthesise(TEXT, lively))
    assert first != second


async def test_a_voice_is_cloned_there_and_speaks(
    engines: EnginesProcess, remote: RemoteSpeech
) -> None:
    noise = np.random.default_rng(2).standard_normal(3 * REFERENCE_HZ) * 0.1
    file = io.BytesIO()
    soundfile.write(file, noise, REFERENCE_HZ, format="FLAC")
    async with engines.session() as session:
        async with session.post("/v1/voices", data=file.getvalue()) as answer:
            assert answer.status == 200, await answer.text()
            latents = await answer.read()
            digest = digest_of(latents)
        asked = {"text": TEXT, "voice": cloned_name("1"), "version": digest, "language": "pt-BR"}
        async with session.post("/v1/synthesis", json=asked) as answer:
            assert answer.status == 200, await answer.text()
            assert len(await answer.read()) > 8000
        async with session.delete(f"/v1/voices/{digest}") as answer:
            assert answer.status == 204
        told = replace(VOICE, name=cloned_name("1"), version=digest, latents=latents)
        assert len(await collect(remote.synthesise(TEXT, told))) > 8000
        async with session.delete(f"/v1/voices/{digest}") as answer:
            assert answer.status == 204
        async with session.post("/v1/synthesis", json=asked) as answer:
            assert answer.status == 424


async def test_a_voice_that_nobody_has_is_no_failure_of_the_engine(remote: RemoteSpeech) -> None:
    shifts: list[Shift] = []
    espeak = SpeechStep(EspeakEngine(), lambda _: espeak_voice())
    ladder = [SpeechStep(remote, lambda voice: voice), espeak]
    probes = [partial(probe_speech, step, VOICE) for step in ladder]
    steps = Steps("tts", ["remote", "espeak"], probes, retry_s=60, on_shift=shifts.append)
    speech = LadderSpeech(ladder, steps, patience_s=20.0)
    unknown = replace(VOICE, name="Zé")
    with pytest.raises(UnknownVoiceError, match="no voice 'Zé'"):
        await collect(remote.synthesise(TEXT, unknown))
    try:
        for _ in range(3):
            chunks = [chunk async for chunk in speech.synthesise(TEXT, unknown)]
            assert chunks
            assert all(isinstance(chunk, Makeshift) for chunk in chunks)
        assert not shifts
    finally:
        await steps.close()
        await espeak.engine.close()


async def test_an_interruption_ends_the_work(engines: EnginesProcess, remote: RemoteSpeech) -> None:
    long = "Um momento, por favor. " * 30
    async with aclosing(remote.synthesise(long, VOICE)) as chunks:
        await anext(chunks)
    idle = 'ramal_engine_running{kind="tts"} 0.0'
    async with engines.session() as session:

        async def figures() -> str:
            async with session.get("/metrics") as answer:
                return await answer.text()

        for _ in range(500):
            if idle in (told := await figures()):
                break
        assert idle in told
        assert 'outcome="cancelled",priority="live"} 1.0' in told


class SlowEngine:
    """Takes twice as long as its speech."""

    name = "slow"

    def __init__(self) -> None:
        self.at_once = 7
        self.now_s = 0.0

    async def start(self) -> str:
        return self.name

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        for _ in range(2):
            self.now_s += 1.0
            yield bytes(voice.bytes_per_ms * 500)

    async def close(self) -> None:
        pass


async def test_an_engine_that_is_slower_than_speech_makes_prompts_ahead_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = SlowEngine()
    monkeypatch.setattr("engines.app.time.monotonic", lambda: engine.now_s)
    async with speaking(engine) as (address, served):
        assert served.slowness == 2.0
        assert served.speaking.places == 7
        monkeypatch.undo()
        origins = Origins.of_engines([address], None)
        speech = RemoteSpeech(origins, first_sound_s=5, stall_s=5)
        with pytest.raises(OnlyAheadError, match=r"it takes 2\.0 s for 1 s of speech"):
            await collect(speech.synthesise("oi", espeak_voice()))
        with in_background():
            assert len(await collect(speech.synthesise("oi", espeak_voice()))) == 16_000
        await speech.close()


async def test_such_an_engine_is_well_when_it_is_tried_beside_the_calls() -> None:
    class Ahead(SlowEngine):
        async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
            raise OnlyAheadError("too slow")
            yield b""

    await probe_speech(SpeechStep(Ahead(), lambda voice: voice), espeak_voice())


async def test_such_an_engine_stays_the_best_for_prompts_and_hinders_no_call() -> None:
    shifts: list[Shift] = []

    class Ahead(SlowEngine):
        async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
            raise OnlyAheadError("too slow")
            yield b""

    below = EspeakEngine()
    ladder = [SpeechStep(Ahead(), lambda voice: voice), SpeechStep(below, lambda voice: voice)]
    probes = [partial(probe_speech, step, espeak_voice()) for step in ladder]
    steps = Steps("tts", ["slow", "espeak"], probes, retry_s=60, on_shift=shifts.append)
    speech = LadderSpeech(ladder, steps, patience_s=1.0)
    try:
        for _ in range(4):
            assert await collect(speech.synthesise("Bom dia.", espeak_voice()))
        await until(lambda: steps.level == 0)
        assert not shifts
    finally:
        await speech.close()
