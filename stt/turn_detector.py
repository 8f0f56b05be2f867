"""Turns out of voice activity: when speech starts, pauses, goes on, and when the turn is over.

Sans I/O and without a clock: one call per 20 ms of media time, events out. The recogniser runs
while the silence is still counting; its caller tells the detector how complete the words are.

    quiet ──SpeechStarted──▶ speaking ──Paused──▶ paused ──TurnEnded | FalseStart──▶ quiet
                                 ▲                   │
                                 └──────Resumed──────┘
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from stt.endpointing import AdaptiveEndOfTurn, Completeness, EndOfTurn, TurnTiming
from stt.vad import FRAME_MS


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak ``age_ms`` ago: feed the pre-roll, then every frame."""

    age_ms: int


@dataclass(frozen=True, slots=True)
class Paused:
    """The first short silence: recognise what there is, then :meth:`TurnDetector.judge` it.

    ``number`` tells the pauses of a line apart, so that a late judgement of an earlier one is
    recognised as such.
    """

    number: int
    speech_ms: int
    silence_ms: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """Speech went on after ``pause_ms``: the result asked for at the pause is out of date."""

    pause_ms: int


class EndReason(StrEnum):
    """Why a turn was ended."""

    SILENCE = "silence"
    TOO_LONG = "too_long"
    """The ceiling was reached, perhaps in the middle of a word; no pause need have come before."""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn is over: ``speech_ms`` from its first to its last voice, pauses included.

    ``silence_ms`` is how long ago that last voice was: what the caller has already waited.
    """

    speech_ms: int
    silence_ms: int
    reason: EndReason = EndReason.SILENCE


@dataclass(frozen=True, slots=True)
class FalseStart:
    """What had started was too short for speech: forget it, and go on with what was going on."""

    speech_ms: int


TurnEvent: TypeAlias = SpeechStarted | Paused | Resumed | TurnEnded | FalseStart

_NOTHING: tuple[TurnEvent, ...] = ()


class TurnDetector:
    """One line's turns. All times are media time, in steps of 20 ms."""

    def __init__(
        self, timing: TurnTiming | None = None, end_of_turn: EndOfTurn | None = None
    ) -> None:
        self.timing = timing or TurnTiming()
        self._end_of_turn = end_of_turn or AdaptiveEndOfTurn(self.timing)
        self._window = (1 << -(-self.timing.onset_window_ms // FRAME_MS)) - 1
        self._pauses = 0
        self._owed_ms = 0
        self._recent = 0  # the newest decisions as bits, the newest lowest
        self._length_ms = 0
        self._silence_ms = 0
        self._voiced_ms = 0
        self._pause: Paused | None = None
        self._completeness = Completeness.UNKNOWN

    @property
    def in_turn(self) -> bool:
        """Whether a turn is under way, a pause in it included."""
        return self._length_ms > 0

    @property
    def silence_ms(self) -> int:
        """How long ago the turn's last voice was; 0 while there is no turn."""
        return self._silence_ms if self.in_turn else 0

    def frame(self, speech: bool) -> Sequence[TurnEvent]:
        """Take the VAD's decision on the next 20 ms."""
        self._recent = (self._recent << 1 | speech) & self._window
        if not self.in_turn:
            return self._begin() if speech and self._onset() else _NOTHING
        self._length_ms += FRAME_MS
        resumed = self._voice() if speech else self._silence()
        if not self.in_turn:
            return resumed
        if self._length_ms >= self.timing.longest_turn_ms:
            return (*resumed, self._end(EndReason.TOO_LONG))
        return resumed

    def gap(self, duration_ms: int) -> Sequence[TurnEvent]:
        """Frames for ``duration_ms`` never came: they count as silence."""
        self._owed_ms += duration_ms
        frames, self._owed_ms = divmod(self._owed_ms, FRAME_MS)
        events: list[TurnEvent] = []
        for _ in range(frames):
            events += self.frame(speech=False)
            if not self.in_turn:
                self._recent = 0
                break
        return events

    def judge(self, pause: Paused, completeness: Completeness) -> Sequence[TurnEvent]:
        """Say how complete the words up to ``pause`` are; may be said again as they change.

        Ends the turn at once if the silence is long enough already. A judgement of a pause that
        is over is ignored.
        """
        if self._pause != pause:
            return _NOTHING
        self._completeness = completeness
        return self._end_if_due()

    def reset(self) -> None:
        """Drop the turn under way, if any, without an event: the caller has dealt with it."""
        self._be_quiet()

    def _be_quiet(self) -> None:
        self._recent = 0
        self._length_ms = 0
        self._silence_ms = 0
        self._voiced_ms = 0
        self._pause = None
        self._completeness = Completeness.UNKNOWN

    def _onset(self) -> bool:
        return self._recent.bit_count() * FRAME_MS >= self.timing.onset_ms

    def _begin(self) -> Sequence[TurnEvent]:
        self._length_ms = self._recent.bit_length() * FRAME_MS
        self._voiced_ms = self._recent.bit_count() * FRAME_MS
        return (SpeechStarted(self._length_ms),)

    def _voice(self) -> Sequence[TurnEvent]:
        if self._pause and not self._onset():
            self._silence_ms += FRAME_MS
            return self._end_if_due()
        resumed = (Resumed(self._silence_ms),) if self._pause else _NOTHING
        self._voiced_ms += FRAME_MS
        self._silence_ms = 0
        self._pause = None
        return resumed

    def _silence(self) -> Sequence[TurnEvent]:
        self._silence_ms += FRAME_MS
        if self._pause is None and self._silence_ms >= self.timing.speculative_ms:
            self._recent = 0
            self._pauses += 1
            self._completeness = Completeness.UNKNOWN
            self._pause = Paused(self._pauses, self._speech_ms, self._silence_ms)
            return (self._pause, *self._end_if_due())
        return self._end_if_due()

    @property
    def _speech_ms(self) -> int:
        return self._length_ms - self._silence_ms

    def _end_if_due(self) -> Sequence[TurnEvent]:
        if self._pause is None or self._silence_ms < self._wait_ms():
            return _NOTHING
        return (self._end(EndReason.SILENCE),)

    def _wait_ms(self) -> int:
        if self._voiced_ms < self.timing.least_speech_ms:
            return self.timing.false_start_ms
        return self._end_of_turn.silence_ms(self._completeness, self._speech_ms)

    def _end(self, reason: EndReason) -> TurnEvent:
        speech_ms, silence_ms = self._speech_ms, self._silence_ms
        too_short = self._voiced_ms < self.timing.least_speech_ms
        self._be_quiet()
        return FalseStart(speech_ms) if too_short else TurnEnded(speech_ms, silence_ms, reason)
