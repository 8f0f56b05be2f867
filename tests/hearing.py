"""What tests of an ear have on both sides of it: a plain detector, and who is told of turns."""

import numpy as np

from conversation.ear import Turn
from stt.vad import Samples


class LoudIsSpeech:
    """A detector for a line without noise, which only looks at loudness; notes frames' sizes."""

    def __init__(self) -> None:
        self.sizes: set[int] = set()

    def process(self, frame: Samples) -> bool:
        self.sizes.add(len(frame))
        return bool(np.abs(frame).max() > 1000)

    def gap(self, duration_ms: int) -> None:
        pass

    def reset(self) -> None:
        pass


class Turns:
    """An ear's listener that keeps the turns."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    def speech_started(self) -> None:
        pass

    def speech_continues(self) -> None:
        pass

    def false_start(self) -> None:
        pass

    def turn_ended(self, turn: Turn) -> None:
        self.turns.append(turn)
