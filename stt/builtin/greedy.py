"""The likeliest character in every frame, made into words: fast, and without any vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from stt.builtin.alphabet import BLANK, CHARS
from stt.builtin.network import STEP_MS
from stt.recogniser import Word

Floats = npt.NDArray[np.float32]
SPACE: Final = CHARS.index(" ") + 1


def greedy_words(scores: Floats, delay_steps: int = 0) -> tuple[Word, ...]:
    """Words of ``scores`` (frames of 20 ms, classes; log probabilities).

    A word's confidence is the geometric mean of its characters' best probabilities; its times are
    those of its first and last character, ``delay_steps`` frames before their place in ``scores``.
    """
    if not len(scores):
        return ()
    best = scores.argmax(1)
    height = scores[np.arange(len(best)), best]
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    peaks = np.maximum.reduceat(height, starts)
    ends = np.append(starts[1:], len(best))
    words: list[Word] = []
    spelt: list[str] = []
    logs: list[float] = []
    first = last = 0

    def finish() -> None:
        if spelt:
            confidence = float(np.exp(np.mean(logs)))
            times = (max(0, step - delay_steps) * STEP_MS for step in (first, last))
            words.append(Word("".join(spelt), confidence, *times))
            spelt.clear()
            logs.clear()

    for start, end, peak in zip(starts.tolist(), ends.tolist(), peaks.tolist(), strict=True):
        symbol = int(best[start])
        if symbol == BLANK:
            continue
        if symbol == SPACE:
            finish()
            continue
        if not spelt:
            first = start
        last = end
        spelt.append(CHARS[symbol - 1])
        logs.append(peak)
    finish()
    return tuple(words)


def overall_confidence(words: Sequence[Word]) -> float:
    """Confidence in a whole text, 0..1: its words' confidence weighted by their length."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0
