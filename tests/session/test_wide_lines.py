"""A line at 16 kHz: what reaches the recogniser, what the party hears, and that 8 kHz goes on."""

from collections.abc import AsyncGenerator, Iterator

import numpy as np
import pytest

from audiosocket.playback import Playback
from conversation.ear import Ear
from conversation.mouth import Mouth, Utterance
from conversation.tones import at_rate, ringback
from stt.endpointing import Completeness, TurnTiming
from stt.turn_detector import TurnDetector
from stt.vad import Samples
from tests.hearing import LoudIsSpeech, Turns
from tests.session.call import ToldRecogniser, ToldStream
from tests.session.test_mouth import Heard, settle
from tts.engine import Voice


class Fed(ToldRecogniser):
    """Notes the rate of each stream."""

    def __init__(self, best_hz: int) -> None:
        super().__init__(["bom dia"])
        self.best_hz = best_hz
        self.rates: list[int] = []

    def open(self, rate_hz: int) -> ToldStream:
        self.rates.append(rate_hz)
        return ToldStream(self, "bom dia")


def _frames(rate_hz: int, speech_ms: int, silence_ms: int) -> Iterator[Samples]:
    size = rate_hz // 50
    times = np.arange(size) / rate_hz
    loud = (8000 * np.sin(2 * np.pi * 450 * times)).astype(np.int16)
    for _ in range(speech_ms // 20):
        yield loud
    for _ in range(silence_ms // 20):
        yield np.zeros(size, np.int16)


@pytest.mark.parametrize(
    ("line_hz", "best_hz", "stream_hz"),
    [(8000, 8000, 8000), (8000, 16000, 8000), (16000, 8000, 8000), (16000, 16000, 16000)],
)
async def test_the_recogniser_gets_the_best_rate_that_it_and_the_line_have(
    line_hz: int, best_hz: int, stream_hz: int
) -> None:
    recogniser, vad, turns = Fed(best_hz), LoudIsSpeech(), Turns()
    ear = Ear(
        vad,
        TurnDetector(TurnTiming()),
        recogniser.open,
        lambda text: Completeness.COMPLETE,
        turns,
        best_hz=best_hz,
    )
    ear.line_opens(line_hz)
    for frame in _frames(line_hz, speech_ms=600, silence_ms=2000):
        ear.hear(frame)
        await settle()
    await ear.close()
    assert vad.sizes == {160}
    assert recogniser.rates == [stream_hz]
    assert recogniser.fed_samples >= stream_hz * 6 // 10
    assert recogniser.fed_samples < stream_hz * 3
    assert [turn.transcript.text for turn in turns.turns] == ["bom dia"]


class OneSecond:
    """Whatever the text, a second of sound at the voice's rate."""

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        yield np.full(voice.rate_hz, 4000, dtype="<i2").tobytes()


async def test_what_is_left_of_an_utterance_is_told_in_the_lines_own_time() -> None:
    playback, heard = Playback(16000), Heard()
    voice = Voice("test", "test", "pt-BR", rate_hz=16000)
    mouth = Mouth(playback, OneSecond(), voice, heard)  # type: ignore[arg-type]
    utterance = Utterance("um segundo")
    mouth.say(utterance)
    for _ in range(25):
        await settle()
        playback.next_frame(0.0)
    mouth.pause()
    await settle()
    assert 480 <= utterance.heard_ms <= 520
    assert 480 <= mouth.unheard_ms() <= 520
    await mouth.close()


def test_a_hold_sound_is_as_long_and_as_high_at_another_rate() -> None:
    narrow = np.frombuffer(ringback(), "<i2")
    wide = np.frombuffer(at_rate(ringback(), 16000), "<i2")
    assert len(wide) == 2 * len(narrow)
    spectrum = np.abs(np.fft.rfft(wide[:16000]))
    assert np.argmax(spectrum) == pytest.approx(425, abs=2)
    assert at_rate(ringback(), 8000) == ringback()
