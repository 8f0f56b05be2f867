"""From character scores to a transcript: greedy for partial text, biased for final text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stt.builtin.greedy import greedy_words, overall_confidence
from stt.recogniser import Hints, Transcript, Word

Floats = npt.NDArray[np.float32]


class Decoder:
    """Decodes one stream's scores; keeps no state between calls, so any thread may call it."""

    def __init__(self, language: str, hints: Hints, delay_steps: int) -> None:
        self._language = language
        self._hints = hints
        self._delay_steps = delay_steps

    def partial(self, scores: Floats) -> Transcript:
        """Text so far of ``scores`` (frames of 20 ms, classes), without bias."""
        return self._transcript(greedy_words(scores, self._delay_steps), final=False)

    def final(self, scores: Floats) -> Transcript:
        """The text of a whole utterance."""
        return self._transcript(greedy_words(scores, self._delay_steps), final=True)

    def _transcript(self, words: tuple[Word, ...], final: bool) -> Transcript:
        text = " ".join(word.text for word in words)
        return Transcript(text, overall_confidence(words), final, words)
