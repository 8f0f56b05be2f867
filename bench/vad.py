"""How well and how fast each voice detector hears: ``python -m bench.vad [--seeds N]``.

Speech is espeak-ng's (not people's), lines are band-limited, in noise and through G.711. Columns:

    hit/false   % of the speech frames found / % of the frames >= 40 ms before and >= 200 ms after
                speech that were taken for it
    start       ms from the first speech sample to the end of the frame that reported it, p50/p90
    last voice  ms by which the last voice is dated late (negative: early), p10/p50/p90
    splits      turns too many, where 220 ms (a complete answer) / 480 ms of silence end a turn
    missed      utterances in which no turn ended or started
    false/min   speech reported in a minute without any
    us          CPU time per 20 ms frame, speech and pauses together
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.line_audio import FRAME, NOISES, SOUNDS, Line, Noise, alone, line
from stt.endpointing import FixedEndOfTurn
from stt.silero_vad import SileroModel, SileroVoiceActivity
from stt.turn_detector import SpeechStarted, TurnDetector, TurnEnded, TurnEvent
from stt.two_stage import TwoStageVoiceActivity
from stt.vad import FRAME_MS, VoiceActivity
from stt.webrtc_vad import WebRtcVoiceActivity

BEFORE, AFTER = 2, 12
"""Frames around an utterance in which events are counted as its own."""
SNRS_DB = (20, 10, 5)
COMPLETE_MS, UNKNOWN_MS = 220, 480


@dataclass
class Score:
    """What one detector did on several lines of one kind."""

    hits: list[bool] = field(default_factory=list)
    alarms: list[bool] = field(default_factory=list)
    starts_ms: list[float] = field(default_factory=list)
    last_voice_ms: list[float] = field(default_factory=list)
    splits: dict[int, int] = field(default_factory=lambda: {COMPLETE_MS: 0, UNKNOWN_MS: 0})
    missed: int = 0
    false_starts: int = 0
    quiet_frames: int = 0
    frames: int = 0
    cpu_s: float = 0.0

    def row(self) -> str:
        """The table's row, without its label."""
        minutes = self.quiet_frames * FRAME_MS / 60_000
        return (
            f"{100 * np.mean(self.hits):4.0f}/{100 * np.mean(self.alarms):<5.1f}"
            f"{_percentiles(self.starts_ms, 50, 90):>9}"
            f"{_percentiles(self.last_voice_ms, 10, 50, 90):>14}"
            f"{self.splits[COMPLETE_MS]:>6}/{self.splits[UNKNOWN_MS]:<3}{self.missed:>4}"
            f"{self.false_starts / minutes:>8.1f}{1e6 * self.cpu_s / self.frames:>7.0f}"
        )


def _percentiles(values: Sequence[float], *wanted: int) -> str:
    if not values:
        return "-"
    return "/".join(f"{np.percentile(values, p):.0f}" for p in wanted)


def listen(heard: Line, detector: VoiceActivity, score: Score) -> list[bool]:
    """The detector's decisions on a line, timed."""
    frames = list(heard.frames())
    before = time.process_time()
    decisions = [detector.process(frame) for frame in frames]
    score.cpu_s += time.process_time() - before
    score.frames += len(frames)
    return decisions


def judge(heard: Line, decisions: Sequence[bool], score: Score) -> None:
    """Compare decisions with the truth about the line."""
    truth = heard.speech[: len(decisions)]
    decided = np.asarray(decisions)
    far, own = np.ones(len(truth), bool), np.zeros(len(truth), bool)
    for first, end in heard.utterances:
        far[max(0, first - BEFORE) : end + 200 // FRAME_MS] = False
        own[max(0, first - BEFORE) : end + AFTER] = True
    score.hits += decided[truth].tolist()
    score.alarms += decided[far].tolist()
    score.quiet_frames += int((~own).sum())
    for wait_ms in (COMPLETE_MS, UNKNOWN_MS):
        _judge_turns(heard, own.tolist(), _turns(decisions, wait_ms), wait_ms, score)


def _turns(decisions: Sequence[bool], wait_ms: int) -> list[tuple[int, TurnEvent]]:
    turns = TurnDetector(end_of_turn=FixedEndOfTurn(wait_ms))
    return [(at, event) for at, speech in enumerate(decisions) for event in turns.frame(speech)]


def _judge_turns(
    heard: Line,
    own: Sequence[bool],
    events: Sequence[tuple[int, TurnEvent]],
    wait_ms: int,
    score: Score,
) -> None:
    starts = [at for at, event in events if isinstance(event, SpeechStarted)]
    ends = [(at, event) for at, event in events if isinstance(event, TurnEnded)]
    for first, end in heard.utterances:
        voiced = np.flatnonzero(heard.speech[first:end]) + first
        mine = [at for at in starts if first - BEFORE <= at < end + AFTER]
        over = [(at, event) for at, event in ends if first <= at < end + 60]
        score.splits[wait_ms] += max(0, len(over) - 1)
        if wait_ms == COMPLETE_MS:
            continue
        if not mine or not over:
            score.missed += 1
            continue
        score.starts_ms.append((mine[0] + 1 - voiced[0]) * FRAME_MS)
        last = over[-1][0] - over[-1][1].silence_ms // FRAME_MS
        score.last_voice_ms.append((last - voiced[-1]) * FRAME_MS)
    if wait_ms == UNKNOWN_MS:
        score.false_starts += sum(1 for at in starts if not own[at])


def idle_cost_us(detector: VoiceActivity, frames: int = 20_000) -> float:
    """CPU per frame of a line on which nobody speaks (comfort noise at -68 dBFS)."""
    random = np.random.default_rng(1)
    noise = (random.standard_normal((50, FRAME)) * 13).astype(np.int16)
    before = time.process_time()
    for number in range(frames):
        detector.process(noise[number % 50])
    return 1e6 * (time.process_time() - before) / frames


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help="lines of each kind")
    seeds = range(parser.parse_args().seeds)
    model = SileroModel()
    detectors: dict[str, Callable[[], VoiceActivity]] = {
        "two stage": lambda: TwoStageVoiceActivity(model),
        "silero": lambda: SileroVoiceActivity(model),
        "webrtc": WebRtcVoiceActivity,
    }
    for name, make in detectors.items():
        print(f"{name:10} idle line: {idle_cost_us(make()):.1f} us a frame")
    print(f"{'':20}  hit/false    start    last voice    splits  missed false/min  us")
    conditions: list[tuple[str, Noise | None, int]] = [("clean", None, 99)]
    conditions += [(name, noise, snr) for name, noise in NOISES.items() for snr in SNRS_DB]
    for label, noise, snr_db in conditions:
        lines = [line(noise, snr_db, seed=seed) for seed in seeds]
        for name, make in detectors.items():
            score = Score()
            for heard in lines:
                judge(heard, listen(heard, make(), score), score)
            print(
                f"{label:7}{'' if noise is None else snr_db:>3} {name:10}{score.row()}", flush=True
            )
    print("\nsounds alone on a line: times a minute that speech began / a turn ended")
    for label, sound in SOUNDS.items():
        quiet = [alone(sound, seed=seed) for seed in seeds]
        for name, make in detectors.items():
            print(f"{label:10} {name:10} {_wrongly_heard(quiet, make)}", flush=True)


def _wrongly_heard(lines: Sequence[Line], make: Callable[[], VoiceActivity]) -> str:
    decisions = [listen(quiet, make(), Score()) for quiet in lines]
    events = [event for d in decisions for _, event in _turns(d, UNKNOWN_MS)]
    minutes = sum(len(d) for d in decisions) * FRAME_MS / 60_000
    began = sum(isinstance(event, SpeechStarted) for event in events) / minutes
    ended = sum(isinstance(event, TurnEnded) for event in events) / minutes
    return f"{began:5.1f} / {ended:.1f}"


if __name__ == "__main__":
    main()
