"""Texts while the caller speaks and at the first silence: what they are, and what they may cost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from stt.languages import LanguageEvidence
from stt.recogniser import Hints, Transcript

pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")

from stt.whisper import WhisperOptions, WhisperRecogniser, WhisperStream
from stt.whisper.queue import GivenUpError
from tests.speech import say
from tests.stt.held_whisper import Held
from tests.stt.scripted_whisper import write_model

WORDS = ("Boa", "noite,", "apartamento", "501.")
TEXT = "boa noite apartamento 501"
PARTIAL = np.ones(4800, np.int16)
"""As much new speech as is worth a partial text, at 8 kHz."""
FRAME = np.ones(160, np.int16)


async def opened(folder: Path, **options: float) -> WhisperRecogniser:
    model = folder / "model"
    if not model.exists():
        write_model(model, WORDS)
    given = {"workers": 1, **options}
    return await WhisperRecogniser.open(WhisperOptions(str(model), device="cpu", **given))  # type: ignore[arg-type]


@pytest.fixture
async def recogniser(tmp_path: Path) -> AsyncIterator[WhisperRecogniser]:
    engine = await opened(tmp_path)
    yield engine
    await engine.close()


class Clock:
    """Stands for the module ``time`` in the stream's."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("stt.whisper.stream.time", clock)
    return clock


async def heard(stream: WhisperStream) -> None:
    """Wait for the pass under way."""
    assert stream._pass is not None
    await asyncio.wait([stream._pass.task])


# ------------------------------------------------------------------ partial texts


async def test_text_comes_while_the_caller_speaks_and_settles(
    recogniser: WhisperRecogniser, clock: Clock
) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    speech = np.concatenate([say("boa noite, apartamento quinhentos e um")] * 2)
    texts: list[Transcript] = []
    for start in range(0, len(speech), 160):
        stream.feed(speech[start : start + 160])
        if stream._pass is not None:
            await heard(stream)
            texts.append(stream.partial)
    assert [text.settled for text in texts] == [0] + [4] * (len(texts) - 1)
    assert [text.heard_ms for text in texts] == [600 * (n + 1) for n in range(len(texts))]
    assert {(text.text, text.final) for text in texts} == {(TEXT, False)}
    assert recogniser.counters.partials == len(texts) == len(speech) // 4800 > 2
    await stream.close()


async def test_a_caller_has_one_partial_text_under_way_at_most(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    stream = recogniser.stream("pt-BR", Hints())
    for _ in range(200):
        stream.feed(FRAME)
        await asyncio.sleep(0)
    held.let_go.set()
    await heard(stream)
    assert held.lengths == [4800]
    await stream.close()


async def test_no_partial_text_is_begun_while_others_wait(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    first, second = (recogniser.stream("pt-BR", Hints()) for _ in range(2))
    first.feed(say("boa noite")[:4000])
    final = asyncio.create_task(first.result())
    await asyncio.sleep(0)
    second.feed(PARTIAL)
    assert second._pass is None
    assert recogniser.counters.partials_skipped == 1
    held.let_go.set()
    assert (await final).text
    assert held.lengths == [4000]


async def test_after_a_pass_twice_its_time_goes_by_before_a_partial_text_and_once_before_an_early(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    held = Held(recogniser, monkeypatch)
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(PARTIAL)
    await held.begun(1)
    clock.now += 2.0
    held.let_go.set()
    await heard(stream)
    clock.now += 1.9
    stream.feed(PARTIAL)
    assert await stream.early() is None
    clock.now += 0.2
    assert await stream.early() is not None
    stream.feed(PARTIAL)
    await heard(stream)
    assert held.lengths == [4800, 9600, 14400], "the early text itself took no time by this clock"
    await stream.close()


async def test_where_a_pass_takes_longer_than_its_news_are_worth_there_is_no_partial_text(
    recogniser: WhisperRecogniser,
) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    recogniser.queue.usual_s = 0.7
    stream.feed(PARTIAL)
    assert stream._pass is None
    assert recogniser.counters.partials_skipped == 1
    assert (await stream.early()) is not None
    await stream.close()


async def test_a_pass_of_a_forgotten_utterance_is_given_up(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(PARTIAL)
    await held.begun(1)
    stream.reset()
    await recogniser.queue.close()
    assert recogniser.counters.given_up == 1
    assert stream.partial == Transcript("", 0.0, final=False)


async def test_partial_and_early_texts_can_be_turned_off(tmp_path: Path) -> None:
    engine = await opened(tmp_path, partial_every_s=0)
    stream = engine.stream("pt-BR", Hints())
    stream.feed(np.ones(80000, np.int16))
    assert stream._pass is None
    assert await stream.early() is None
    assert (await stream.result()).text == TEXT
    await engine.close()


async def test_what_is_made_up_is_no_partial_text_either(
    recogniser: WhisperRecogniser, clock: Clock
) -> None:
    stream = recogniser.stream("pt-BR", Hints(just_said="Boa noite, apartamento 501."))
    stream.feed(PARTIAL)
    await heard(stream)
    assert (stream.partial.text, stream.partial.heard_ms) == ("", 600)
    assert recogniser.counters.guarded["own_words"] == 1
    assert (await stream.early()) == Transcript("", 0.0, final=True)
    await stream.close()


async def test_hints_are_in_the_prompt_of_partial_texts(
    recogniser: WhisperRecogniser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a longer prompt moves the start of the answer beyond the words that the model was given
    stream = recogniser.stream("pt-BR", Hints(("apartamento noite",)))
    stream.feed(PARTIAL)
    await heard(stream)
    assert stream.partial.text != TEXT
    assert stream.partial.text == (await stream.result()).text
    await stream.close()


async def test_partial_texts_tell_the_language_and_are_evidence_once(tmp_path: Path) -> None:
    beliefs = {"es": 1.0, "pt": 0.0, "en": -1.0}
    model = write_model(tmp_path / "model", ("Sí,", "señor."), **beliefs)
    options = WhisperOptions(str(model), device="cpu", workers=1)
    engine = await WhisperRecogniser.open(options)
    evidence = LanguageEvidence()
    stream = engine.stream("auto:pt-BR,es", Hints(evidence=evidence))
    stream.feed(PARTIAL)
    await heard(stream)
    assert (stream.partial.text, stream.partial.language) == ("sí señor", "es")
    stream.feed(FRAME)
    assert (await stream.result()).language == "es"
    assert len(evidence.spoken()) == 1, "a later look at an utterance replaces the earlier one"
    await engine.close()


# ------------------------------------------------------------------ early texts and results


async def test_a_result_that_a_pass_under_way_covers_is_one_pass(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    held.let_go.set()
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(np.concatenate((PARTIAL, PARTIAL)))
    assert (await stream.result()).final
    stream.feed(FRAME)
    assert (await stream.result()).final
    assert held.lengths == [9600, 9760]
    await stream.close()


async def test_a_result_gives_up_the_pass_under_way_that_covers_less(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(PARTIAL)
    await held.begun(1)
    stream.feed(FRAME)
    final = asyncio.create_task(stream.result())
    await held.begun(2)
    held.let_go.set()
    assert (await final).text == TEXT
    assert held.lengths == [4800, 4960]
    assert (recogniser.counters.given_up, recogniser.counters.partials) == (1, 0)
    assert (stream.partial.text, stream.partial.settled) == (TEXT, 0), "one hearing settles nothing"
    await stream.close()


async def test_an_early_text_is_a_whole_result_and_a_hearing(
    recogniser: WhisperRecogniser, clock: Clock
) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(say("boa noite")[:4000])
    early = await stream.early()
    assert early is not None
    assert (early.text, early.final) == (TEXT, True)
    assert early.confidence > 0.99
    assert stream.partial.settled == 0
    stream.feed(FRAME)
    assert await stream.result() == early
    assert stream.partial.settled == 4
    await stream.close()


async def test_there_is_no_early_text_while_a_caller_needs_the_worker(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    early, other = (recogniser.stream("pt-BR", Hints()) for _ in range(2))
    early.feed(FRAME.repeat(10))
    other.feed(FRAME.repeat(20))
    waiting = asyncio.create_task(early.early())
    await held.begun(1)
    final = asyncio.create_task(other.result())
    assert await waiting is None
    await held.begun(2)
    assert await early.early() is None
    held.let_go.set()
    assert (await final).text == TEXT
    assert held.lengths == [1600, 3200]


async def test_an_early_text_that_speech_made_out_of_date_leaves_its_worker(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(FRAME.repeat(10))
    early = asyncio.create_task(stream.early())
    await held.begun(1)
    early.cancel()
    stream.feed(FRAME)
    final = asyncio.create_task(stream.result())
    await held.begun(2)
    held.let_go.set()
    assert (await final).text == TEXT
    assert recogniser.counters.given_up == 1
    await stream.close()


async def test_the_model_is_left_between_its_two_halves(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded, whisper = [], recogniser.decoding._whisper
    encode = whisper.encode

    def encode_and_note(features: np.ndarray) -> object:
        encoded.append(len(features))
        return encode(features)

    monkeypatch.setattr(whisper, "encode", encode_and_note)
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(FRAME.repeat(10))
    request = stream._request()
    assert request is not None
    with pytest.raises(GivenUpError):
        recogniser.decoding.decode([request], lambda: not encoded)
    assert encoded == [1]
    await stream.close()
