"""Where a given text lies in the scores: each word's times and how sure the network was of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from stt.builtin.alphabet import BLANK, CLASS_OF
from stt.builtin.greedy import SPACE
from stt.builtin.network import STEP_MS
from stt.recogniser import Word

Floats = npt.NDArray[np.float32]
_LEAST: Final = float(np.log(0.02))
"""A character that only the vocabulary wanted counts as this sure (log probability)."""


def _path(scores: Floats, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64] | None:
    """Best CTC path: the index into ``labels`` at each frame; None where the text cannot fit."""
    frames, states = len(scores), len(labels)
    emitted = scores[:, labels].astype(np.float64)
    may_skip = np.zeros(states, bool)
    may_skip[2:] = (labels[2:] != BLANK) & (labels[2:] != labels[:-2])
    best = np.full(states, -np.inf)
    best[:2] = emitted[0, :2]
    moves = np.zeros((frames, states), np.int8)
    options = np.full((3, states), -np.inf)
    for t in range(1, frames):
        options[0] = best
        options[1, 1:] = best[:-1]
        options[2, 2:] = np.where(may_skip[2:], best[:-2], -np.inf)
        moves[t] = options.argmax(0)
        best = options.max(0) + emitted[t]
    state = states - 1 if states < 2 or best[-1] >= best[-2] else states - 2
    if not np.isfinite(best[state]):
        return None
    path = np.empty(frames, np.int64)
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state -= int(moves[t, state])
    return path


def align(scores: Floats, text: str, delay_steps: int) -> tuple[Word, ...]:
    """The words of ``text`` with times and confidence; ``scores`` as from the network.

    A word's confidence is the geometric mean of its characters' best probabilities.
    """
    classes = [CLASS_OF[char] for char in text]
    labels = np.full(2 * len(classes) + 1, BLANK, np.int64)
    labels[1::2] = classes
    path = _path(scores, labels) if classes and len(scores) else None
    if path is None:
        return ()
    words: list[Word] = []
    logs: list[float] = []
    spelt, first, last = "", 0, 0
    for position, char in enumerate(classes):
        steps = np.flatnonzero(path == 2 * position + 1)
        if char != SPACE:
            if not spelt:
                first = int(steps[0])
            spelt += text[position]
            last = int(steps[-1]) + 1
            logs.append(max(_LEAST, float(scores[steps, char].max())))
        if spelt and (char == SPACE or position + 1 == len(classes)):
            start, end = (max(0, step - delay_steps) * STEP_MS for step in (first, last))
            words.append(Word(spelt, float(np.exp(np.mean(logs))), start, end))
            spelt, logs = "", []
    return tuple(words)
