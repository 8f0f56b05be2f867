"""The built-in recogniser as conversations use it, on espeak-ng's stock voice."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import numpy.typing as npt
import pytest

from stt.builtin.alphabet import spell
from stt.builtin.recogniser import BuiltinRecogniser
from stt.recogniser import Hints
from tests.stt.builtin_speech import spoken

Samples = npt.NDArray[np.int16]

SENTENCES = (
    "bom dia", "boa tarde", "sim", "não", "pode subir", "pode deixar subir", "não autorizo",
    "entrega do mercado livre para o apartamento quinhentos e um",
    "boa noite entrega da amazon para o apartamento trezentos e dois bloco b",
    "vim visitar a fernanda leite", "meu nome é marcos pereira", "é uma visita",
    "apartamento cento e um", "cinco zero um", "bloco b", "quero falar com juliana prado",
    "não estou esperando ninguém", "quem está falando", "um momento por favor",
    "deixa na portaria", "obrigado", "não conheço essa pessoa", "é uma entrega",
    "vim fazer a manutenção do elevador", "chama a polícia", "socorro", "pode repetir por favor",
    "sua entrada foi autorizada pode subir", "o apartamento não atendeu",
    "qual é o número do apartamento", "como posso ajudar", "autoriza a entrada",
    "não encontrei esse apartamento", "um momento vou chamar o apartamento quatrocentos e dois",
    "olá é da portaria chegou uma entrega autoriza a entrada", "até logo", "pode liberar",
    "estou no portão", "sou o eletricista", "já estou descendo",
)  # fmt: skip
ENGLISH = ("good evening", "i have a delivery for apartment five oh one", "yes let him in")


@pytest.fixture(scope="module")
def audio() -> dict[str, Samples]:
    asked = [(text, "pt-br") for text in SENTENCES] + [(text, "en-us") for text in ENGLISH]
    return dict(zip((text for text, _ in asked), spoken(asked), strict=True))


@pytest.fixture
async def recogniser() -> AsyncIterator[BuiltinRecogniser]:
    opened = await BuiltinRecogniser.open()
    yield opened
    await opened.close()


async def _hear(recogniser: BuiltinRecogniser, samples: Samples, language: str = "pt-BR") -> str:
    stream = recogniser.stream(language, Hints())
    stream.feed(samples)
    return (await stream.result()).text


def _misses(said: str, heard: str) -> int:
    row = list(range(len(heard.split()) + 1))
    for i, word in enumerate(said.split(), 1):
        above, row[0] = row[0], i
        for j, other in enumerate(heard.split(), 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (word != other))
    return row[-1]


async def test_the_stock_voice_is_understood(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples]
) -> None:
    missed = {s: await _hear(recogniser, audio[s]) for s in SENTENCES}
    errors = sum(_misses(said, heard) for said, heard in missed.items())
    words = sum(len(said.split()) for said in SENTENCES)
    wrong = {said: heard for said, heard in missed.items() if said != heard}
    assert errors / words < 0.05, wrong


async def test_english_is_understood(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples]
) -> None:
    heard = [await _hear(recogniser, audio[said], "en-US") for said in ENGLISH]
    errors = sum(_misses(said, text) for said, text in zip(ENGLISH, heard, strict=True))
    assert errors / sum(len(said.split()) for said in ENGLISH) < 0.35, heard


async def test_frames_of_20_ms_give_the_same_text_as_the_whole(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples]
) -> None:
    samples = audio["boa noite entrega da amazon para o apartamento trezentos e dois bloco b"]
    stream = recogniser.stream("pt-BR", Hints())
    for start in range(0, len(samples), 160):
        stream.feed(samples[start : start + 160])
        await asyncio.sleep(0)
    assert (await stream.result()).text == await _hear(recogniser, samples)


async def test_loudness_does_not_change_the_text(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples]
) -> None:
    text = "vim visitar a fernanda leite"
    loud = audio[text].astype(np.float32)
    loud *= 20000 / np.abs(loud).max()
    expected = await _hear(recogniser, loud.astype(np.int16))
    for gain in (0.3, 0.1, 0.03):
        assert await _hear(recogniser, (loud * gain).astype(np.int16)) == expected


async def test_a_result_is_speculative_and_speech_may_go_on(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples]
) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(audio["bom dia"])
    assert (await stream.result()).text == "bom dia"
    stream.feed(audio["pode subir"])
    assert (await stream.result()).text == "bom dia pode subir"


async def test_reset_forgets(recogniser: BuiltinRecogniser, audio: dict[str, Samples]) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(audio["bom dia"])
    await stream.result()
    stream.reset()
    assert stream.partial.text == ""
    stream.feed(audio["pode subir"])
    assert (await stream.result()).text == "pode subir"


async def test_partial_text_comes_while_somebody_speaks(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples]
) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(audio["não estou esperando ninguém"])
    for _ in range(500):
        await asyncio.sleep(0.01)
        if stream.partial.text.startswith("não"):
            break
    assert stream.partial.text.startswith("não")
    assert not stream.partial.final


async def test_a_result_says_how_sure_it_is_and_when_each_word_was(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples]
) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(audio["pode deixar subir"])
    result = await stream.result()
    assert result.final
    assert 0.5 < result.confidence <= 1
    assert [word.text for word in result.words] == ["pode", "deixar", "subir"]
    starts = [word.start_ms for word in result.words]
    assert starts == sorted(starts)
    assert 100 < starts[0] < 600
    assert all(word.end_ms > word.start_ms for word in result.words)


@pytest.mark.parametrize("count", [0, 1, 79, 8000, 40_000])
async def test_silence_has_no_text(recogniser: BuiltinRecogniser, count: int) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(np.zeros(count, np.int16))
    result = await stream.result()
    assert (result.text, result.confidence) == ("", 0.0)


async def test_noise_and_full_scale_garbage_do_no_harm(recogniser: BuiltinRecogniser) -> None:
    rng = np.random.default_rng(0)
    garbage = rng.choice(np.array([-32768, 32767], np.int16), 8000)
    faint = rng.integers(-30, 30, 24_000).astype(np.int16)
    assert await _hear(recogniser, faint) == ""
    heard = await _hear(recogniser, garbage)
    assert heard == spell(heard)


@pytest.mark.parametrize("level", [30, 300, 2000])
async def test_noise_has_no_text(recogniser: BuiltinRecogniser, level: int) -> None:
    noise = np.random.default_rng(level).normal(0, level, 16_000)
    hum = level * np.sin(2 * np.pi * 60 / 8000 * np.arange(16_000))
    for sound in (noise, hum, np.cumsum(noise - noise.mean()) / 50):
        assert await _hear(recogniser, np.clip(sound, -32768, 32767).astype(np.int16)) == ""


async def test_many_callers_at_once_do_not_mix(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples]
) -> None:
    chosen = SENTENCES[:12]
    alone = [await _hear(recogniser, audio[text]) for text in chosen]
    together = await asyncio.gather(*(_hear(recogniser, audio[text]) for text in chosen))
    assert list(together) == alone


async def test_the_samples_may_be_reused_by_the_caller(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples]
) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    shared = audio["bom dia"].copy()
    stream.feed(shared)
    shared[:] = 0
    assert (await stream.result()).text == "bom dia"


async def test_a_closed_stream_takes_no_more(recogniser: BuiltinRecogniser) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    await stream.close()
    with pytest.raises(RuntimeError, match="closed"):
        stream.feed(np.zeros(160, np.int16))


@pytest.mark.parametrize("text", ["pode subir", "não autorizo", "pode liberar"])
async def test_speech_cut_off_on_its_last_sound_is_written_to_its_end(
    recogniser: BuiltinRecogniser, audio: dict[str, Samples], text: str
) -> None:
    loud = np.flatnonzero(np.abs(audio[text].astype(np.int32)) > 100)
    assert await _hear(recogniser, audio[text][: loud[-1] + 1]) == text


async def test_of_several_languages_it_writes_the_first(recogniser: BuiltinRecogniser) -> None:
    for first, rest, written in (("en", "pt-BR", "en"), ("pt-BR", "es", "pt"), ("es", "en", "es")):
        stream = recogniser.stream(f"auto:{first},{rest}", Hints())
        assert stream._hearing._decoder._language == written
        await stream.close()
