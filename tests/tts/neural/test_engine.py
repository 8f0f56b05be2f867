import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engines.servers import until
from tests.tts.hearing import collect, samples
from tests.tts.neural.conftest import KOKORO, PIPER
from tests.tts.neural.files import piper_voice
from tts.engine import SynthesisError, Voice, in_background
from tts.neural.engine import NeuralEngine
from tts.neural.network import Feeds, Floats, Network, Stop
from tts.neural.piper import PiperFolder
from tts.shaping import speech_rms_dbfs

SENTENCE = "Bom dia, aqui é a portaria do condomínio. Com quem o senhor deseja falar hoje?"
SLOW = Voice("piper", "es_MX-slow-high", "es-MX")


class Unavailable:
    """A machine without espeak-ng."""

    async def start(self) -> str:
        raise SynthesisError("espeak-ng cannot be used")

    async def phonemes(self, clauses: Sequence[str], voice: str, tie: str = "") -> list[str]:
        raise SynthesisError("espeak-ng cannot be used")

    async def close(self) -> None:
        return


def loudest_hz(slin: np.ndarray, rate_hz: int) -> float:
    power = np.abs(np.fft.rfft(slin.astype(np.float64)))
    return float(np.argmax(power)) * rate_hz / slin.size


@pytest.mark.parametrize("voice", [PIPER, KOKORO], ids=["piper", "kokoro"])
async def test_a_sentence_is_said_at_the_telephones_rate_and_loudness(
    piper: NeuralEngine, kokoro: NeuralEngine, voice: Voice
) -> None:
    speech = {"piper": piper, "kokoro": kokoro}[voice.engine]
    audio = samples(await collect(speech.synthesise(SENTENCE, voice)))
    assert 2.5 < audio.size / 8000 < 9
    assert speech_rms_dbfs(audio) == pytest.approx(-20, abs=1.5)
    assert np.abs(audio[:80]).max() > 100
    assert np.abs(audio[-80:]).max() > 100


async def test_at_16_khz_it_lasts_as_long(piper: NeuralEngine) -> None:
    narrow = samples(await collect(piper.synthesise(SENTENCE, PIPER)))
    wide = samples(await collect(piper.synthesise(SENTENCE, replace(PIPER, rate_hz=16000))))
    assert wide.size == pytest.approx(2 * narrow.size, rel=0.02)


async def test_the_first_words_are_heard_while_the_rest_is_made(piper: NeuralEngine) -> None:
    chunks = [chunk async for chunk in piper.synthesise(SENTENCE, PIPER)]
    assert len(chunks) >= 3
    assert len(chunks[0]) < 0.6 * sum(map(len, chunks))


@pytest.mark.parametrize("voice", [PIPER, KOKORO], ids=["piper", "kokoro"])
async def test_twice_the_speed_takes_half_the_time(
    piper: NeuralEngine, kokoro: NeuralEngine, voice: Voice
) -> None:
    engine = {"piper": piper, "kokoro": kokoro}[voice.engine]
    natural = await collect(engine.synthesise(SENTENCE, voice))
    fast = await collect(engine.synthesise(SENTENCE, replace(voice, speed=2.0)))
    assert len(fast) / len(natural) == pytest.approx(0.5, abs=0.03)


async def test_a_higher_pitch_is_higher_and_takes_no_less_time(piper: NeuralEngine) -> None:
    low = samples(await collect(piper.synthesise("aaaa", replace(PIPER, pitch=0.0))))
    high = samples(await collect(piper.synthesise("aaaa", replace(PIPER, pitch=1.0))))
    assert high.size == pytest.approx(low.size, rel=0.06)
    assert loudest_hz(high, 8000) / loudest_hz(low, 8000) == pytest.approx(2 ** (8 / 12), rel=0.03)


async def test_a_voice_that_is_not_here_is_replaced_by_one_of_its_language(
    piper: NeuralEngine, kokoro: NeuralEngine
) -> None:
    for engine, name, language in (
        (piper, "pt-br", "pt-BR"),
        (piper, "en-us", "en-GB"),
        (kokoro, "pt-br", "pt-BR"),
    ):
        assert await collect(engine.synthesise("hello", Voice(engine.name, name, language)))
    with pytest.raises(SynthesisError, match=r"none that speaks fr: .*pt_BR-tiny-medium \(pt-BR\)"):
        await collect(piper.synthesise("salut", Voice("piper", "siwis", "fr")))


async def test_each_speaker_of_a_file_sounds_different(piper: NeuralEngine) -> None:
    said = [
        samples(await collect(piper.synthesise("aaaa", Voice("piper", name, "en-US"))))
        for name in ("en_US-tiny-low#ann", "en_US-tiny-low#bob")
    ]
    ann, bob = (loudest_hz(each, 8000) for each in said)
    assert bob - ann == pytest.approx(400, abs=60)


async def test_each_voice_of_kokoro_has_its_style(kokoro: NeuralEngine) -> None:
    dora, alex = [
        samples(await collect(kokoro.synthesise("aaaa", replace(KOKORO, name=name))))
        for name in ("pf_dora", "pm_alex")
    ]
    assert loudest_hz(alex, 8000) - loudest_hz(dora, 8000) == pytest.approx(100, abs=30)


async def test_the_voices_are_told_by_language(piper: NeuralEngine, kokoro: NeuralEngine) -> None:
    assert [(each.name, each.language) for each in await piper.speakers()] == [
        ("en_US-tiny-low", "en-US"),
        ("en_US-tiny-low#ann", "en-US"),
        ("en_US-tiny-low#bob", "en-US"),
        ("es_MX-slow-high", "es-MX"),
        ("pt_BR-tiny-medium", "pt-BR"),
    ]
    assert [each.name for each in await kokoro.speakers()] == ["af_heart", "pf_dora", "pm_alex"]
    assert "3 voices (en-US, pt-BR)" in await kokoro.start()


async def test_a_cancelled_sentence_is_stopped_in_the_midst_of_the_network(
    piper: NeuralEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    run = Network.run

    def watched(network: Network, feeds: Feeds, stop: Stop) -> Floats:
        try:
            made = run(network, feeds, stop)
        except SynthesisError as stopped:
            ended.append(str(stopped))
            raise
        ended.append("made")
        return made

    await collect(piper.synthesise("hola", SLOW))
    monkeypatch.setattr(Network, "run", watched)
    tasks = [asyncio.create_task(collect(piper.synthesise("hola", SLOW))) for _ in range(2)]
    await until(lambda: piper.computing == 2)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await until(lambda: len(ended) == 2)
    assert all(task.cancelled() for task in tasks)
    assert all("terminate" in each or "cancelled" in each for each in ended)
    assert await collect(piper.synthesise("olá", PIPER))


async def test_a_call_goes_before_what_is_made_ahead(piper: NeuralEngine) -> None:
    order: list[str] = []

    async def say(what: str, voice: Voice) -> None:
        async with aclosing(piper.synthesise("hola", voice)) as chunks:
            async for _ in chunks:
                pass
        order.append(what)

    await collect(piper.synthesise("hola", SLOW))
    with in_background():
        ahead = [asyncio.create_task(say(f"ahead {number}", SLOW)) for number in range(3)]
    await until(lambda: piper.waiting == 2)
    await say("call", PIPER)
    await asyncio.gather(*ahead)
    assert order[0] == "call"


async def test_the_event_loop_goes_on_while_the_model_computes(piper: NeuralEngine) -> None:
    await collect(piper.synthesise("hola", SLOW))
    speaking = asyncio.create_task(collect(piper.synthesise("hola", SLOW)))
    rounds = 0
    while not speaking.done():
        await asyncio.sleep(0.001)
        rounds += 1
    assert rounds > 10


@pytest.mark.parametrize(
    ("text", "complaint"), [("  ", "no text to speak"), ("a" * 2001, "2001 characters")]
)
async def test_a_text_that_is_none_or_too_long_is_refused(
    piper: NeuralEngine, text: str, complaint: str
) -> None:
    with pytest.raises(SynthesisError, match=complaint):
        await collect(piper.synthesise(text, PIPER))


async def test_a_long_text_is_said_to_its_end(kokoro: NeuralEngine) -> None:
    text = "palavra " * 120
    short = await collect(kokoro.synthesise("palavra " * 12, KOKORO))
    long = await collect(kokoro.synthesise(text, KOKORO))
    assert len(long) / len(short) == pytest.approx(10, rel=0.1)


async def test_sounds_that_a_voice_does_not_have_are_left_out_and_logged_once(
    piper: NeuralEngine, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        await collect(piper.synthesise("thin", Voice("piper", "en_US-tiny-low", "en-US")))
    told = [record.getMessage() for record in caplog.records if "no sound for" in record.msg]
    assert told == ["en_US-tiny-low has no sound for θ"]


async def test_a_voice_that_reads_letters_needs_no_espeak(tmp_path: Path) -> None:
    piper_voice(tmp_path, phoneme_type="text")
    engine = NeuralEngine(
        "piper", lambda: PiperFolder(tmp_path), voice=PIPER, phonemiser=Unavailable()
    )
    assert "pronounced by its own letters" in await engine.start()
    assert await collect(engine.synthesise("pode entrar", PIPER))
    await engine.close()
