"""When an ear asks for texts: at the first silence, at the pause, and while somebody speaks."""

import asyncio
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from conversation.ear import Ear
from stt.endpointing import Completeness
from stt.recogniser import RecogniserBusyError, Transcript
from stt.turn_detector import TurnDetector
from stt.vad import Samples
from tests.hearing import LoudIsSpeech, Turns

VOICE, SILENCE = np.full(160, 8000, np.int16), np.zeros(160, np.int16)
UNSETTLED = Transcript("apartamento cinco", 0.9, final=False, settled=1)
SETTLED = Transcript("apartamento cinco", 0.9, final=False, settled=2)
LATER = Transcript("apartamento 501", 0.9, final=False, settled=2)


class Told:
    """A stream that answers as the test says; ``asked`` is what it was asked for, and after how
    many frames."""

    def __init__(self, early: Callable[[], Transcript | None] = lambda: None) -> None:
        self.partial = Transcript("", 0.0, final=False)
        self.frames = 0
        self.asked: list[tuple[str, int]] = []
        self.cancelled = 0
        self.ready = asyncio.Event()
        self.ready.set()
        self._early = early

    def feed(self, samples: Samples) -> None:
        self.frames += len(samples) // 160

    async def early(self) -> Transcript | None:
        self.asked.append(("early", self.frames))
        try:
            await self.ready.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self._early()

    async def result(self) -> Transcript:
        self.asked.append(("result", self.frames))
        return Transcript("the result", 0.9, final=True)

    def reset(self) -> None:
        pass

    async def close(self) -> None:
        pass


class Line(Turns):
    """An ear, what it judged and which turns it heard."""

    def __init__(self, stream: Told) -> None:
        self.judged: list[str] = []
        self.defects = 0
        """How many of the next judgements fail."""
        super().__init__()
        self.ear = Ear(
            LoudIsSpeech(),
            TurnDetector(),
            lambda rate_hz: stream,
            self._judge,
            self,
        )

    def _judge(self, text: str) -> Completeness:
        self.judged.append(text)
        if self.defects:
            self.defects -= 1
            raise ZeroDivisionError("a defect in the flow")
        return Completeness.COMPLETE

    async def hears(self, *frames: tuple[Samples, int]) -> None:
        for frame, count in frames:
            for _ in range(count):
                self.ear.hear(frame)
                for _ in range(6):
                    await asyncio.sleep(0)

    @property
    def texts(self) -> Sequence[str]:
        return [turn.transcript.text for turn in self.turns]


def early_text() -> Transcript:
    return Transcript("the early text", 0.9, final=True)


def too_busy() -> Transcript:
    raise RecogniserBusyError("a defect in the engine")


def no_memory() -> Transcript:
    raise RuntimeError("CUDA failed with error out of memory")


class Broken(Told):
    async def result(self) -> Transcript:
        return no_memory()


async def test_an_engine_that_fails_loses_the_words_and_not_the_turn() -> None:
    line = Line(Broken(no_memory))
    await line.hears((VOICE, 20), (SILENCE, 60))
    [turn] = line.turns
    assert turn.failed
    assert turn.transcript.text == ""
    await line.ear.close()


async def test_an_early_text_is_the_turns_if_no_speech_followed() -> None:
    stream = Told(early_text)
    line = Line(stream)
    await line.hears((VOICE, 20), (SILENCE, 20))
    assert line.texts == ["the early text"]
    assert stream.asked == [("early", 24)]
    assert (line.turns[0].silence_ms, line.turns[0].recognised_in_ms) == (320, 0)
    await line.ear.close()


async def test_an_early_text_that_is_on_its_way_is_waited_for_and_not_asked_for_again() -> None:
    stream = Told(early_text)
    stream.ready.clear()
    line = Line(stream)
    await line.hears((VOICE, 20), (SILENCE, 18))
    assert not line.judged
    stream.ready.set()
    await line.hears((SILENCE, 1))
    assert line.judged == line.texts == ["the early text"]
    assert stream.asked == [("early", 24)]
    await line.ear.close()


async def test_an_early_text_is_thrown_away_if_speech_followed() -> None:
    stream = Told(early_text)
    stream.ready.clear()
    line = Line(stream)
    await line.hears((VOICE, 20), (SILENCE, 5), (VOICE, 10))
    assert stream.cancelled == 1
    stream.ready.set()
    await line.hears((VOICE, 1), (SILENCE, 5), (VOICE, 10))
    assert not line.judged
    await line.hears((SILENCE, 20))
    assert line.texts == ["the early text"]
    assert stream.asked == [("early", 24), ("early", 40), ("early", 55)]
    await line.ear.close()


@pytest.mark.parametrize("early", [lambda: None, too_busy, no_memory])
async def test_without_an_early_text_the_result_is_asked_for_at_the_pause(
    early: Callable[[], Transcript | None],
) -> None:
    stream = Told(early)
    line = Line(stream)
    await line.hears((VOICE, 20), (SILENCE, 20))
    assert line.texts == ["the result"]
    assert stream.asked == [("early", 24), ("result", 26)]
    await line.ear.close()


async def test_work_on_words_that_stay_begins_while_somebody_speaks() -> None:
    stream = Told(early_text)
    line = Line(stream)
    await line.hears((VOICE, 20))
    for partial in (UNSETTLED, SETTLED, SETTLED, LATER):
        stream.partial = partial
        await line.hears((VOICE, 5))
    assert line.judged == ["apartamento cinco", "apartamento 501"]
    assert line.ear.in_turn and not line.turns, "however complete: the party still speaks"
    await line.hears((SILENCE, 20))
    assert line.judged[2:] == line.texts == ["the early text"]
    await line.ear.close()


async def test_a_defect_in_judging_words_that_stay_does_not_cost_the_turn() -> None:
    stream = Told(early_text)
    stream.partial = SETTLED
    line = Line(stream)
    line.defects = 1
    await line.hears((VOICE, 20))
    assert line.judged == ["apartamento cinco"]
    assert not line.defects
    await line.hears((SILENCE, 20))
    assert line.judged[1:] == line.texts == ["the early text"]
    await line.ear.close()


async def test_an_ear_knows_how_much_its_text_leaves_out_and_can_have_all_of_it() -> None:
    stream = Told()
    line = Line(stream)
    assert line.ear.unheard_ms == 0
    await line.hears((VOICE, 50))
    assert line.ear.unheard_ms == 1000
    stream.partial = Transcript("", 0.0, final=False, heard_ms=600)
    assert line.ear.unheard_ms == 400
    words: list[str] = []
    line.ear.ask(words.append)
    await line.hears((VOICE, 1))
    assert words == ["the result"]
    await line.ear.close()
