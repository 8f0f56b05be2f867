"""Which recogniser reads takes back, and what operators learn of it."""

import numpy as np
from prometheus_client import generate_latest

from stt.builtin.recogniser import BuiltinRecogniser
from stt.recogniser import RecogniserBusyError, Transcript
from supervisor.metrics import Metrics
from supervisor.reading_back import ReadingBack, quality_gate
from supervisor.speech_settings import QualitySettings, TtsSettings
from tests.session.call import ToldRecogniser, ToldStream
from tests.speech import say
from tts.cache import PromptKey
from tts.engine import Voice

TEXT = "apartamento quinhentos e um"
VOICE = Voice("remote", "Ana", "pt-BR")
REMOTE = TtsSettings(ladder=("remote", "espeak"))


async def test_a_real_recogniser_hears_what_was_said_at_either_rate() -> None:
    recogniser = BuiltinRecogniser()
    try:
        reading = ReadingBack(recogniser)
        narrow = say(TEXT).astype("<i2")
        assert await reading.hear(narrow.tobytes(), VOICE) == TEXT
        wide = Voice("remote", "Ana", "pt-BR", rate_hz=16_000)
        assert await reading.hear(np.repeat(narrow, 2).tobytes(), wide) == TEXT
    finally:
        await recogniser.close()


async def test_a_recogniser_that_is_busy_cannot_tell() -> None:
    class Busy(ToldStream):
        async def result(self) -> Transcript:
            raise RecogniserBusyError("calls come first")

    class Told(ToldRecogniser):
        def stream(self, *_: object) -> ToldStream:
            return Busy(self, "")

    assert await ReadingBack(Told([])).hear(bytes(16_000), VOICE) is None


async def test_the_gate_reads_back_with_the_best_recogniser_but_never_with_the_built_in() -> None:
    builtin, told = BuiltinRecogniser(), ToldRecogniser(["outra coisa", TEXT])
    audio, key = say(TEXT).astype("<i2").tobytes(), PromptKey(VOICE, TEXT)
    try:
        gate = quality_gate(REMOTE, [builtin], None)
        assert gate is not None
        assert await gate.passes(key, audio)
        assert gate.counters.read_back == 0
        gate = quality_gate(REMOTE, [told, builtin], None)
        assert gate is not None
        assert not await gate.passes(key, audio)
        assert await gate.passes(key, audio)
    finally:
        await builtin.close()


def test_engines_that_always_say_the_same_have_no_gate_and_it_can_be_left_out() -> None:
    assert quality_gate(TtsSettings(), [], None) is None
    off = TtsSettings(ladder=("remote", "espeak"), quality=QualitySettings(checks=False))
    assert quality_gate(off, [], None) is None


async def test_takes_are_counted_by_what_was_wrong_with_them() -> None:
    metrics = Metrics()
    gate = quality_gate(REMOTE, [], metrics)
    assert gate is not None
    key = PromptKey(VOICE, TEXT)
    assert await gate.passes(key, say(TEXT).astype("<i2").tobytes())
    assert not await gate.passes(key, bytes(32_000))
    figures = generate_latest(metrics.registry).decode()
    assert 'ramal_takes_total{outcome="kept"} 1.0' in figures
    assert 'ramal_takes_total{outcome="faint"} 1.0' in figures
    assert 'ramal_takes_total{outcome="words"} 0.0' in figures
    assert "ramal_takes_read_back_total 0.0" in figures
