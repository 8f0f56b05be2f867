"""Which words of a partial text are settled, and what a partial text may cost."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.recogniser import Hints
from stt.whisper.agreement import Agreement

pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")

from stt.whisper import WhisperOptions, WhisperRecogniser
from tests.speech import say
from tests.stt.scripted_whisper import write_model


def test_words_that_two_hearings_share_are_settled() -> None:
    agreement = Agreement()
    agreement.add(["apartamento", "5"])
    assert (agreement.words, agreement.settled) == (("apartamento", "5"), 0)
    agreement.add(["apartamento", "501"])
    assert (agreement.words, agreement.settled) == (("apartamento", "501"), 1)
    agreement.add(["apartamento", "501", "bloco"])
    assert (agreement.words, agreement.settled) == (("apartamento", "501", "bloco"), 2)


def test_settled_words_outlive_a_hearing_that_has_others() -> None:
    agreement = Agreement()
    for heard in (["bom", "dia"], ["bom", "dia"], ["boa", "dia", "apartamento"], ["boa"]):
        agreement.add(heard)
    assert agreement.words == ("bom", "dia")
    assert agreement.settled == 2


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=8))
def test_what_was_settled_once_stays_the_beginning(hearings: list[list[str]]) -> None:
    agreement, before = Agreement(), ()
    for heard in hearings:
        agreement.add(heard)
        settled = agreement.words[: agreement.settled]
        assert settled[: len(before)] == before
        before = settled


@pytest.fixture
async def recogniser(tmp_path: Path) -> AsyncIterator[WhisperRecogniser]:
    model = write_model(tmp_path / "model", ("Boa", "noite,", "apartamento", "501."))
    opened = await WhisperRecogniser.open(WhisperOptions(str(model), device="cpu", workers=1))
    yield opened
    await opened.close()


class Held:
    """The model's threads, held up until somebody lets them go."""

    def __init__(self, recogniser: WhisperRecogniser, patch: pytest.MonkeyPatch) -> None:
        self.let_go = threading.Event()
        self.lengths: list[int] = []
        decode = recogniser.queue._work

        def held(requests: list) -> list:  # type: ignore[type-arg]
            self.lengths += [len(request.audio) for request in requests]
            assert self.let_go.wait(20)
            return decode(requests)

        patch.setattr(recogniser.queue, "_work", held)


async def test_text_comes_while_the_caller_speaks_and_settles(
    recogniser: WhisperRecogniser,
) -> None:
    stream = recogniser.stream("pt-BR", Hints())
    speech = np.concatenate([say("boa noite, apartamento quinhentos e um")] * 2)
    settled = []
    for start in range(0, len(speech), 160):
        stream.feed(speech[start : start + 160])
        if stream._hearing is not None:
            stream._not_before = 0.0
            await stream._hearing
            stream._not_before = 0.0
            settled.append(stream.partial.settled)
    assert stream.partial.text == "boa noite apartamento 501"
    assert not stream.partial.final
    assert settled[:2] == [0, 4]
    assert recogniser.counters.partials == len(settled) == len(speech) // 4800
    await stream.close()


async def test_a_caller_has_one_partial_result_under_way_at_most(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    stream = recogniser.stream("pt-BR", Hints())
    for _ in range(200):
        stream.feed(np.ones(160, np.int16))
        await asyncio.sleep(0)
    held.let_go.set()
    assert stream._hearing is not None
    await stream._hearing
    assert held.lengths == [4800]
    await stream.close()


async def test_no_partial_result_is_begun_while_others_wait(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    first, second = (recogniser.stream("pt-BR", Hints()) for _ in range(2))
    first.feed(say("boa noite")[:4000])
    final = asyncio.create_task(first.result())
    await asyncio.sleep(0)
    second.feed(np.ones(8000, np.int16))
    assert second._hearing is None
    assert recogniser.counters.partials_skipped == 1
    held.let_go.set()
    assert (await final).text
    assert held.lengths == [4000]


async def test_a_result_that_a_partial_covers_is_one_pass(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    held.let_go.set()
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(np.ones(9600, np.int16))
    assert (await stream.result()).final
    stream.feed(np.ones(160, np.int16))
    assert (await stream.result()).final
    assert held.lengths == [9600, 9760]
    await stream.close()


async def test_after_a_dear_partial_result_the_next_waits_twice_as_long(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(np.ones(4800, np.int16))
    loop = asyncio.get_running_loop()
    began = loop.time()
    loop.call_later(0.2, held.let_go.set)
    assert stream._hearing is not None
    await stream._hearing
    took = loop.time() - began
    assert stream._not_before - loop.time() == pytest.approx(2 * took, rel=0.3)
    stream.feed(np.ones(4800, np.int16))
    assert stream._hearing is None
    await stream.close()


async def test_a_partial_result_of_a_forgotten_utterance_is_dropped(
    recogniser: WhisperRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(recogniser, monkeypatch)
    stream = recogniser.stream("pt-BR", Hints())
    stream.feed(np.tile(say("boa noite"), 2)[:4800])
    hearing = stream._hearing
    await asyncio.sleep(0)
    stream.reset()
    held.let_go.set()
    assert hearing is not None
    await hearing
    assert stream.partial.text == ""
    await stream.close()


async def test_partial_results_can_be_turned_off(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", ("sim",))
    options = WhisperOptions(str(model), device="cpu", workers=1, partial_every_s=0)
    opened = await WhisperRecogniser.open(options)
    stream = opened.stream("pt-BR", Hints())
    stream.feed(np.ones(80000, np.int16))
    assert stream._hearing is None
    await opened.close()
