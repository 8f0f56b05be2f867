"""What we say: one thing after another, silent at once, and able to go on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import numpy as np
import pytest

from audiosocket.playback import Playback
from conversation.mouth import Mouth, Utterance
from conversation.phrases import FRAME_BYTES
from tts.engine import SynthesisError, Voice

VOICE = Voice("test", "test", "pt-BR")
LOUD = np.full(160, 4000, dtype="<i2").tobytes()


class ScriptedSpeaker:
    """Speaks each text as so many loud frames; a text named "broken" fails half-way."""

    def __init__(self) -> None:
        self.cancelled: list[str] = []
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(10):
                await self.go_on.wait()
                yield LOUD
                if text == "broken":
                    raise SynthesisError("the engine broke")
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled.append(text)
            raise


class Heard:
    """Notes what the mouth reports."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.ended: list[Utterance] = []
        self.failures: list[str] = []
        self.silences = 0

    def utterance_started(self, utterance: Utterance) -> None:
        self.began.append(utterance.text)

    def utterance_ended(self, utterance: Utterance) -> None:
        self.ended.append(utterance)

    def fell_silent(self) -> None:
        self.silences += 1

    def speech_failed(self, utterance: Utterance, reason: str) -> None:
        self.failures.append(reason)


class Stage:
    """A mouth whose clock is turned by hand."""

    def __init__(self) -> None:
        self.playback = Playback()
        self.speaker = ScriptedSpeaker()
        self.heard = Heard()
        self.mouth = Mouth(self.playback, self.speaker, VOICE, self.heard)  # type: ignore[arg-type]
        self.now = 0.0

    async def tick(self, frames: int = 1) -> int:
        """Send ``frames`` frames; returns how many were not silent."""
        loud = 0
        for _ in range(frames):
            await settle()
            frame = self.playback.next_frame(self.now)
            self.now += 0.02
            loud += any(frame[3 + 80 :])
        await settle()
        return loud


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    await stage.mouth.close()


async def test_texts_are_spoken_one_after_the_other(stage: Stage) -> None:
    stage.mouth.say(Utterance("one"))
    stage.mouth.say(Utterance("two"))
    assert await stage.tick(25) == 20
    assert [u.text for u in stage.heard.ended] == ["one", "two"]
    assert all(u.complete and u.heard_ms == 200 for u in stage.heard.ended)
    assert stage.heard.silences == 1
    assert stage.mouth.silent


async def test_a_pause_silences_us_at_the_next_frame(stage: Stage) -> None:
    stage.mouth.say(Utterance("one"))
    await stage.tick(4)
    stage.mouth.pause()
    await stage.tick(1)  # the fade-out
    assert await stage.tick(5) == 0
    assert stage.mouth.paused is not None
    assert stage.heard.ended == []


async def test_a_dropped_text_is_told_with_what_was_heard_of_it(stage: Stage) -> None:
    stage.mouth.say(Utterance("one"))
    stage.mouth.say(Utterance("never"))
    await stage.tick(4)
    stage.mouth.pause()
    stage.mouth.drop()
    await stage.tick(5)
    assert [(u.text, u.heard_ms, u.complete, u.interrupted) for u in stage.heard.ended] == [
        ("one", 80, False, True)
    ]
    assert stage.mouth.silent


async def test_after_a_false_interruption_we_go_on_to_the_end(stage: Stage) -> None:
    stage.mouth.say(Utterance("one"))
    await stage.tick(4)
    stage.mouth.pause()
    await stage.tick(3)
    stage.mouth.resume()
    # no pause in these words: from the beginning of the phrase again
    assert await stage.tick(15) == 10
    assert stage.heard.ended[0].complete
    assert not stage.heard.ended[0].interrupted


async def test_words_still_being_made_are_kept_through_a_pause(stage: Stage) -> None:
    stage.mouth.say(Utterance("slow"))
    await stage.tick(1)
    stage.speaker.go_on.clear()
    stage.mouth.pause()
    stage.speaker.go_on.set()
    await stage.tick(2)
    stage.mouth.resume()
    await stage.tick(15)
    assert len(stage.heard.ended[0].audio) == 10 * FRAME_BYTES
    assert stage.heard.ended[0].complete


async def test_dropping_cancels_the_synthesis(stage: Stage) -> None:
    stage.speaker.go_on.clear()
    stage.mouth.say(Utterance("slow"))
    await stage.tick(2)
    stage.mouth.drop()
    await stage.tick(2)
    assert stage.speaker.cancelled == ["slow"]
    assert stage.mouth.silent


async def test_a_text_that_cannot_be_spoken_is_reported_and_the_next_one_is_spoken(
    stage: Stage,
) -> None:
    stage.mouth.say(Utterance("broken"))
    stage.mouth.say(Utterance("two"))
    await stage.tick(30)
    assert stage.heard.failures == ["the engine broke"]
    assert [u.text for u in stage.heard.ended] == ["broken", "two"]


async def test_the_first_frame_is_told_once_also_after_a_resume(stage: Stage) -> None:
    stage.mouth.say(Utterance("one"))
    await stage.tick(2)
    stage.mouth.pause()
    await stage.tick(2)
    stage.mouth.resume()
    await stage.tick(15)
    assert stage.heard.began == ["one"]


async def test_nothing_is_said_after_the_mouth_was_closed(stage: Stage) -> None:
    await stage.mouth.close()
    stage.mouth.say(Utterance("late"))
    assert await stage.tick(5) == 0
    assert stage.heard.began == []


async def test_voice_to_voice_counts_from_the_end_of_the_speech_that_was_answered(
    stage: Stage,
) -> None:
    stage.now = 10.3
    stage.mouth.say(Utterance("one", last_speech_at=10.0))
    await stage.tick(15)
    assert stage.heard.ended[0].voice_to_voice_ms == 300
