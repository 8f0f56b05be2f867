"""From character scores to a transcript: greedy while somebody speaks, led by words at the end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from stt.builtin.alignment import align
from stt.builtin.beam import BeamSearch, BeamSettings
from stt.builtin.bias import bias_of
from stt.builtin.greedy import greedy_words, overall_confidence
from stt.builtin.language import BEGIN_ENGLISH, BEGIN_PORTUGUESE, doorman_language
from stt.builtin.writing import as_written
from stt.recogniser import Hints, Transcript, Word

Floats = npt.NDArray[np.float32]


class Decoder:
    """Decodes one stream's scores; keeps no state between calls, so any thread may call it.

    With ``words`` False the text is greedy to the end: what the network alone makes of the audio.
    """

    def __init__(
        self,
        language: str,
        hints: Hints,
        delay_steps: int,
        words: bool = True,
        settings: BeamSettings | None = None,
    ) -> None:
        self._delay_steps = delay_steps
        self._english = language.lower().startswith("en")
        self._search: BeamSearch | None = None
        if words:
            begin = BEGIN_ENGLISH if self._english else BEGIN_PORTUGUESE
            self._search = BeamSearch(
                doorman_language(), bias_of(hints.phrases), hints.boost, begin,
                settings or BeamSettings(),
            )  # fmt: skip

    def partial(self, scores: Floats) -> Transcript:
        """Text so far of ``scores`` (frames of 20 ms, classes), without the vocabulary's help."""
        return self._transcript(greedy_words(scores, self._delay_steps), final=False)

    def final(self, scores: Floats) -> Transcript:
        """The text of a whole utterance."""
        if self._search is None:
            return self._transcript(greedy_words(scores, self._delay_steps), final=True)
        found = self._search.words(scores)
        aligned = align(scores, " ".join(spelt for spelt, _ in found), self._delay_steps)
        words = tuple(
            replace(word, text=written) for word, (_, written) in zip(aligned, found, strict=False)
        )
        return self._transcript(words, final=True)

    def _transcript(self, words: tuple[Word, ...], final: bool) -> Transcript:
        if self._english:
            words = as_written(words)
        text = " ".join(word.text for word in words)
        return Transcript(text, overall_confidence(words), final, words)
