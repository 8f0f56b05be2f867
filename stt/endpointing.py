"""When a turn ends: how much silence to wait for, given what was asked and heard so far."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Completeness(StrEnum):
    """How far the words heard so far answer what was asked; the conversation judges it."""

    CERTAIN = "certain"
    """They answer it to the last word, however they were said: "apartamento 501, bloco B"."""
    COMPLETE = "complete"
    """They answer it, and hardly anybody adds to it if his voice falls: "pode subir"."""
    ENOUGH = "enough"
    """They are enough to go on with, and people may add to them: the number of the only apartment
    that has it. A voice that falls makes them complete, one that stays up unknown, any other only
    likely."""
    LIKELY = "likely"
    """They answer it, and people often add to it: a bare "não", a number without its block."""
    UNKNOWN = "unknown"
    """They may or may not be the whole answer."""
    OPEN = "open"
    """They stop in the middle: "apartamento cinco..."."""


class EndOfTurn(Protocol):
    """A strategy that says how long a silence must be to end the caller's turn."""

    def silence_ms(self, completeness: Completeness, speech_ms: int) -> int:
        """Silence to wait for, in ms, after ``speech_ms`` of speech that reads as given."""


@dataclass(frozen=True, slots=True)
class TurnTiming:
    """Every number of turn-taking, in ms of media time, each with its reason.

    Raises ``ValueError`` where the numbers contradict each other.
    """

    complete_ms: int = 320
    """A complete answer: longer than the gaps inside words and between the words of fluent speech
    (stops and clauses stay under about 200 ms), and short enough that an answer 400 ms after the
    last word is possible. With 220, three times as many people who went on were cut off
    (``bench.conversation``, which all silences here were chosen by)."""
    likely_ms: int = 720
    """An answer that people often add to. An answer 800 ms after the last word is still possible;
    most breaths between clauses are over by then."""
    unknown_ms: int = 900
    """Nobody knows: who says "é uma entrega" goes on as often as not, and a breath between clauses
    is seldom longer."""
    open_ms: int = 1200
    """An unfinished answer: somebody who looks for a number or a name takes about a second."""
    short_speech_ms: int = 300
    """Speech up to this long ("é...", "oi") that is not known to be complete ..."""
    short_speech_extra_ms: int = 200
    """... gets so much more: it is often only the run-up to the real answer."""
    speculative_ms: int = 120
    """Silence after which recognition starts, so that its result is there at ``complete_ms``:
    most stops inside words are shorter, and a discarded run costs only CPU."""
    onset_ms: int = 20
    """Voice needed within ``onset_window_ms`` to call it speech. One frame: every detector here
    makes sure by itself, and asking for two cost 20 ms and prevented nothing (``bench/vad.py``)."""
    onset_window_ms: int = 80
    """Where the onset's frames may lie: a stop after the first syllable does not restart it."""
    least_speech_ms: int = 80
    """Less voice than this was no turn (a cough, a slammed gate); "é" has about 120 ms."""
    false_start_ms: int = 240
    """Silence after which too little voice is given up, so that what we were saying can go on."""
    longest_turn_ms: int = 20_000
    """A ceiling: nobody tells a doorman more in one breath, but music and televisions do."""

    def __post_init__(self) -> None:
        ordered = (
            self.speculative_ms, self.complete_ms, self.likely_ms, self.unknown_ms, self.open_ms
        )  # fmt: skip
        if not (ordered[0] > 0 and ordered == tuple(sorted(ordered))):
            raise ValueError(
                "silences must grow from speculative_ms over complete_ms, likely_ms and unknown_ms "
                "to open_ms"
            )
        if not 0 < self.onset_ms <= self.onset_window_ms:
            raise ValueError("onset_ms must be positive and fit into onset_window_ms")
        if self.longest_turn_ms <= self.open_ms:
            raise ValueError("longest_turn_ms must be longer than open_ms")


@dataclass(frozen=True, slots=True)
class AdaptiveEndOfTurn:
    """Waits as long as the words ask for: briefly after an answer, long after half of one."""

    timing: TurnTiming = TurnTiming()

    def silence_ms(self, completeness: Completeness, speech_ms: int) -> int:
        """See :class:`TurnTiming` for the numbers and their reasons."""
        if completeness in (Completeness.CERTAIN, Completeness.COMPLETE):
            return self.timing.complete_ms
        if completeness in (Completeness.ENOUGH, Completeness.LIKELY):
            return self.timing.likely_ms
        if completeness is Completeness.OPEN:
            return self.timing.open_ms
        short = speech_ms <= self.timing.short_speech_ms
        extra_ms = self.timing.short_speech_extra_ms if short else 0
        return min(self.timing.unknown_ms + extra_ms, self.timing.open_ms)


@dataclass(frozen=True, slots=True)
class FixedEndOfTurn:
    """Waits for the same silence whatever was said: for engines whose text comes too late."""

    wait_ms: int = 700

    def silence_ms(self, completeness: Completeness, speech_ms: int) -> int:
        """Always ``wait_ms``."""
        return self.wait_ms
