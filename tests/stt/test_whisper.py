"""The Whisper engine, with the real faster-whisper on a model whose weights are written by hand.

The model says the same whatever it hears: this proves plumbing and nothing about recognition.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Hints, RecogniserUnavailableError, Transcript
from supervisor.metrics import Metrics
from tests.speech import say

pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")

from stt.whisper import WhisperOptions, WhisperRecogniser
from stt.whisper.decoding import Request
from stt.whisper.options import LONGEST_S
from tests.stt.scripted_whisper import write_model

WORDS = ("Boa", "noite,", "apartamento", "501.")
NO_HINTS = Hints()


@pytest.fixture
async def recogniser(tmp_path: Path) -> AsyncIterator[WhisperRecogniser]:
    model = write_model(tmp_path / "model", WORDS)
    opened = await WhisperRecogniser.open(WhisperOptions(str(model), device="cpu", workers=2))
    yield opened
    await opened.close()


async def hear(folder: Path, words: Sequence[str], **weights: float) -> Transcript:
    model = write_model(folder / "model", words, **weights)
    opened = await WhisperRecogniser.open(WhisperOptions(str(model), device="cpu", workers=1))
    stream = opened.stream("pt-BR", NO_HINTS)
    stream.feed(say("apartamento quinhentos e um"))
    result = await stream.result()
    await opened.close()
    return result


async def test_a_result_is_plain_words_with_confidence(recogniser: WhisperRecogniser) -> None:
    stream = recogniser.stream("pt-BR", NO_HINTS)
    stream.feed(say("boa noite, apartamento quinhentos e um"))
    result = await stream.result()
    assert result.text == "boa noite apartamento 501"
    assert result.final
    assert 0.99 < result.confidence <= 1.0


async def test_there_is_no_text_before_the_first_result(recogniser: WhisperRecogniser) -> None:
    stream = recogniser.stream("pt-BR", NO_HINTS)
    stream.feed(say("boa noite"))
    assert stream.partial == Transcript("", 0.0, final=False)
    result = await stream.result()
    assert (stream.partial.text, stream.partial.confidence) == (result.text, result.confidence)
    assert not stream.partial.final


async def test_a_forgotten_utterance_leaves_no_text(recogniser: WhisperRecogniser) -> None:
    stream = recogniser.stream("pt-BR", NO_HINTS)
    stream.feed(say("boa noite"))
    under_way = asyncio.create_task(stream.result())
    await asyncio.sleep(0)
    stream.reset()
    assert (await under_way).text
    assert stream.partial.text == ""
    assert (await stream.result()).text == ""


async def test_too_little_audio_is_no_text(recogniser: WhisperRecogniser) -> None:
    stream = recogniser.stream("pt-BR", NO_HINTS)
    assert await stream.result() == Transcript("", 0.0, final=True)
    stream.feed(np.zeros(400, np.int16))
    assert await stream.result() == Transcript("", 0.0, final=True)


async def test_many_callers_are_heard_at_once(recogniser: WhisperRecogniser) -> None:
    streams = [recogniser.stream("pt-BR", NO_HINTS) for _ in range(8)]
    for stream in streams:
        stream.feed(say("boa noite"))
    results = await asyncio.gather(*(stream.result() for stream in streams))
    assert {result.text for result in results} == {"boa noite apartamento 501"}


async def test_the_newest_thirty_seconds_are_kept(recogniser: WhisperRecogniser) -> None:
    stream = recogniser.stream("pt-BR", NO_HINTS)
    for second in range(100):
        stream.feed(np.full(8000, second, np.int16))
    kept = np.concatenate(stream._audio)
    assert len(kept) == LONGEST_S * 8000
    assert kept[0] == 70 and kept[-1] == 99


async def test_what_is_fed_may_be_overwritten_afterwards(recogniser: WhisperRecogniser) -> None:
    stream = recogniser.stream("pt-BR", NO_HINTS)
    frame = np.ones(160, np.int16)
    stream.feed(frame)
    frame[:] = 7
    assert np.concatenate(stream._audio).tolist() == [1] * 160


async def test_hints_reach_the_model_in_its_prompt(tmp_path: Path) -> None:
    # A longer prompt moves the start of the answer beyond the words that the model was given.
    model = write_model(tmp_path / "model", WORDS)
    opened = await WhisperRecogniser.open(WhisperOptions(str(model), device="cpu", workers=1))
    texts = []
    for hints in (NO_HINTS, Hints(("apartamento noite",)), Hints(("apartamento noite",), boost=0)):
        stream = opened.stream("pt-BR", hints)
        stream.feed(say("boa noite"))
        texts.append((await stream.result()).text)
    await opened.close()
    assert texts[0] == texts[2] == "boa noite apartamento 501"
    assert texts[1] != texts[0]


async def test_a_directory_too_large_for_the_prompt_is_cut(recogniser: WhisperRecogniser) -> None:
    names = tuple(f"morador número {number}" for number in range(2000))
    stream = recogniser.stream("pt-BR", Hints(names))
    stream.feed(say("boa noite"))
    assert (await stream.result()).final
    request = stream._request()
    assert request is not None
    [decoded] = recogniser.decoding.decode([request])
    assert decoded.told[:2] == names[:2]
    assert 300 < len(", ".join(decoded.told)) <= 400


async def test_names_like_what_was_heard_so_far_are_told_of_a_directory_too_large(
    tmp_path: Path,
) -> None:
    model = write_model(tmp_path / "model", ("Com", "a", "Marinna", "Resende."))
    opened = await WhisperRecogniser.open(WhisperOptions(str(model), device="cpu", workers=1))
    names = (*(f"morador número {number}" for number in range(2000)), "marina rezende")
    stream = opened.stream("pt-BR", Hints(names))
    told = []
    for _ in range(2):
        stream.feed(say("boa noite"))
        request = stream._request()
        assert request is not None
        told.append(opened.decoding.decode([request])[0].told)
        stream._partial = Transcript("com a marinna resende", 0.9, final=False)
    assert "marina rezende" not in told[0]
    assert told[1][:2] == ("marina rezende", "morador número 0")
    await opened.close()


async def test_a_model_that_repeats_itself_is_not_believed(tmp_path: Path) -> None:
    result = await hear(tmp_path, ("obrigada",) * 50)
    assert result == Transcript("", 0.0, final=True)


async def test_a_model_that_recites_what_we_said_is_not_believed_and_counted(
    recogniser: WhisperRecogniser,
) -> None:
    metrics = Metrics()
    metrics.watch_recogniser(recogniser.counters)
    stream = recogniser.stream("pt-BR", Hints(just_said="Boa noite, apartamento 501."))
    stream.feed(say("boa noite")[:4000])
    assert await stream.result() == Transcript("", 0.0, final=True)
    read = metrics.registry.get_sample_value
    assert read("ramal_recognition_not_believed_total", {"guard": "own_words"}) == 1
    assert read("ramal_recognition_results_total", {"kind": "final"}) == 1


async def test_a_batch_of_callers_with_different_hints_is_computed_at_once(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", WORDS)
    options = WhisperOptions(str(model), device="cpu", workers=1, batch=8, window_s=3)
    opened = await WhisperRecogniser.open(options)
    hints = (NO_HINTS, Hints(("a",)), Hints(("b",)), Hints(("c d e f",)), NO_HINTS)
    requests = []
    for number, given in enumerate(hints):
        stream = opened.stream("pt-BR", given)
        stream.feed(np.full(4000 + 800 * number, 100, np.int16))
        requests.append(stream._request())
    together = opened.decoding.decode([request for request in requests if request])
    alone = [opened.decoding.decode([request])[0] for request in requests if request]
    assert [each.heard.text for each in together] == [each.heard.text for each in alone]
    assert len({each.heard.text for each in together}) > 1
    await opened.close()


async def test_a_batch_that_the_gpu_has_no_memory_for_is_computed_one_by_one(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    whisper, sizes = recogniser.decoding._whisper, []
    encode = whisper.encode

    def encode_one(features: np.ndarray) -> object:
        sizes.append(len(features))
        if len(features) > 1:
            raise RuntimeError("CUDA failed with error out of memory")
        return encode(features)

    monkeypatch.setattr(whisper, "encode", encode_one)
    requests = [Request(np.full(8000, 100, np.int16), 8000, ("pt",)) for _ in range(3)]
    texts = [each.heard.text for each in recogniser.decoding.decode(requests)]
    assert texts == ["Boa noite, apartamento 501."] * 3
    assert sizes == [3, 1, 1, 1]


async def test_an_utterance_that_the_gpu_has_no_memory_for_is_tried_again_and_then_fails(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    whisper, attempts = recogniser.decoding._whisper, []
    encode = whisper.encode
    monkeypatch.setattr("stt.whisper.decoding._FULL_WAITS_S", (0.0, 0.0, 0.0))

    def encode_at_the_third(features: np.ndarray) -> object:
        attempts.append(len(features))
        if len(attempts) < 3:
            raise RuntimeError("CUDA failed with error out of memory")
        return encode(features)

    monkeypatch.setattr(whisper, "encode", encode_at_the_third)
    request = Request(np.full(8000, 100, np.int16), 8000, ("pt",))
    [decoded] = recogniser.decoding.decode([request])
    assert decoded.heard.text == "Boa noite, apartamento 501."
    monkeypatch.setattr(whisper, "encode", _always_full)
    with pytest.raises(RuntimeError, match="out of memory"):
        recogniser.decoding.decode([request])


def _always_full(features: np.ndarray) -> object:
    raise RuntimeError("CUDA failed with error out of memory")


async def test_one_condominiums_names_are_told_to_nobody_else(
    recogniser: WhisperRecogniser,
) -> None:
    streams = [recogniser.stream("pt-BR", Hints((name,))) for name in ("ana", "bruno")]
    for stream in streams:
        stream.feed(np.full(4000, 100, np.int16))
    requests = [request for stream in streams if (request := stream._request())]
    told = [decoded.told for decoded in recogniser.decoding.decode(requests)]
    assert told == [("ana",), ("bruno",)]


async def test_a_model_that_thinks_nobody_spoke_says_nothing(tmp_path: Path) -> None:
    result = await hear(tmp_path, WORDS, certainty=0.5, no_speech=2.0)
    assert result == Transcript("", 0.0, final=True)


async def test_an_unsure_model_is_believed_less(tmp_path: Path) -> None:
    result = await hear(tmp_path, WORDS, certainty=0.95)
    assert result.text == "boa noite apartamento 501"
    assert 0.0 < result.confidence < 0.8


async def test_a_result_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", WORDS)
    options = WhisperOptions(str(model), device="cpu", workers=1, deadline_s=1e-6)
    opened = await WhisperRecogniser.open(options)
    stream = opened.stream("pt-BR", NO_HINTS)
    stream.feed(say("boa noite"))
    with pytest.raises(TimeoutError):
        await stream.result()
    await opened.close()


async def test_a_language_that_the_model_lacks_is_refused(recogniser: WhisperRecogniser) -> None:
    with pytest.raises(ValueError, match="does not know the language 'tlh'"):
        recogniser.stream("tlh", NO_HINTS)


async def test_a_folder_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    choice = RecogniserChoice(engine="whisper", model=str(tmp_path), device="cpu")
    with pytest.raises(RecogniserUnavailableError, match="cannot be used on cpu") as refused:
        await open_recogniser(choice)
    assert "\n" not in str(refused.value)


async def test_a_model_is_not_fetched_where_that_is_forbidden(tmp_path: Path) -> None:
    options = WhisperOptions("nobody/has-this-model", device="cpu", download=False)
    with pytest.raises(RecogniserUnavailableError, match="nobody/has-this-model"):
        await WhisperRecogniser.open(options)


async def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def without_whisper(name: str, package: str | None = None) -> ModuleType:
        if name == "faster_whisper":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without_whisper)
    with pytest.raises(RecogniserUnavailableError, match=r"pip install 'ramal\[whisper\]'"):
        await open_recogniser(RecogniserChoice(engine="whisper"))


async def test_the_engine_opens_by_its_name_and_settings(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", WORDS)
    choice = RecogniserChoice("whisper", str(model), threads=1, device="cpu", window_s=8)
    opened = await open_recogniser(choice)
    assert opened.name == "whisper"
    stream = opened.stream("pt-BR", NO_HINTS)
    stream.feed(say("boa noite"))
    assert (await stream.result()).text == "boa noite apartamento 501"
    await opened.close()


@pytest.mark.parametrize("wrong", [{"window_s": 31}, {"window_s": 0}, {"beam": 0}, {"threads": -1}])
async def test_settings_that_cannot_be_are_one_sentence(wrong: dict[str, int]) -> None:
    with pytest.raises(RecogniserUnavailableError, match="Whisper settings are wrong"):
        await open_recogniser(RecogniserChoice(engine="whisper", **wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize("rate_hz", [8000, 16000])
async def test_the_model_gets_16_khz_and_what_a_wide_line_carries(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch, rate_hz: int
) -> None:
    given: list[np.ndarray] = []
    model = recogniser.decoding._whisper
    extract = model.feature_extractor

    def noting(audio: np.ndarray, **options: object) -> object:
        given.append(audio)
        return extract(audio, **options)

    monkeypatch.setattr(model, "feature_extractor", noting)
    hiss = np.random.default_rng(1).normal(0, 3000, rate_hz).astype(np.int16)
    stream = recogniser.stream("pt-BR", NO_HINTS, rate_hz)
    stream.feed(hiss)
    await stream.result()
    audio = given[-1]
    power = np.abs(np.fft.rfft(audio)) ** 2
    above_4_khz = power[power.size // 2 :].sum() / power.sum()
    assert audio.size == 16000
    assert above_4_khz == pytest.approx(0.5 if rate_hz == 16000 else 0.0, abs=0.05)
    assert recogniser.best_hz == 16000


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"compute_type": "int3"}, "leave compute_type out"),
        ({"device": "cuda"}, "nvidia-smi"),
        ({"device": "abacus"}, "set device to cpu, cuda or auto"),
    ],
)
async def test_a_model_that_cannot_be_loaded_so_says_what_to_do(
    tmp_path: Path, wrong: dict[str, str], cure: str
) -> None:
    model = write_model(tmp_path / "model", WORDS)
    options = WhisperOptions(str(model), **{"device": "cpu", **wrong})  # type: ignore[arg-type]
    with pytest.raises(RecogniserUnavailableError, match=cure) as refused:
        await WhisperRecogniser.open(options)
    assert "\n" not in str(refused.value)


async def test_a_folder_of_something_else_is_told_from_a_model(tmp_path: Path) -> None:
    options = WhisperOptions(str(tmp_path), device="cpu")
    with pytest.raises(RecogniserUnavailableError, match="converted for CTranslate2"):
        await WhisperRecogniser.open(options)
