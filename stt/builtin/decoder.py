"""From character scores to a transcript, led by the doorman's words and the directory's."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from stt.builtin.alignment import align
from stt.builtin.beam import Beam, BeamSearch, BeamSettings
from stt.builtin.bias import bias_of
from stt.builtin.features import HOP, SAMPLE_RATE_HZ
from stt.builtin.greedy import greedy_words, overall_confidence
from stt.builtin.language import (
    BEGIN_ENGLISH,
    BEGIN_PORTUGUESE,
    BEGIN_SPANISH,
    doorman_language,
)
from stt.builtin.network import FRAMES_PER_STEP
from stt.builtin.writing import as_written
from stt.languages import choices
from stt.recogniser import Hints, Transcript

Floats = npt.NDArray[np.float32]

STEP_MS = FRAMES_PER_STEP * HOP * 1000 // SAMPLE_RATE_HZ
_BEGIN_OF = {"en": BEGIN_ENGLISH, "es": BEGIN_SPANISH}  # by language subtag; all others: Portuguese


class Decoder:
    """Decodes for one caller; what it knows of an utterance is in the ``Beam`` that it returns.

    Building it is cheap, its first use is not (a directory's trie takes some milliseconds).
    """

    def __init__(
        self,
        language: str,
        hints: Hints,
        delay_steps: int,
        settings: BeamSettings | None = None,
    ) -> None:
        self._delay_steps = delay_steps
        self._language = choices(language, ("pt-BR",))[0].lower().split("-", maxsplit=1)[0]
        self._hints = hints
        self._settings = settings or BeamSettings()

    @cached_property
    def _search(self) -> BeamSearch:
        begin = _BEGIN_OF.get(self._language, BEGIN_PORTUGUESE)
        return BeamSearch(
            doorman_language(),
            bias_of(self._hints.phrases),
            self._hints.boost,
            begin,
            self._settings,
        )

    def advance(self, beam: Beam | None, scores: Floats) -> Beam:
        """Go on from ``beam`` (None at first) through ``scores``, frames of 20 ms."""
        return self._search.advance(beam or self._search.start(), scores)

    def partial(self, beam: Beam, scores: Floats) -> Transcript:
        """The text so far: no words' times, and confidence as the network alone has it."""
        found = self._search.words(beam)
        text = " ".join(self._written(written) for _, written in found)
        sure = overall_confidence(greedy_words(scores)) if found else 0.0
        return Transcript(text, sure, final=False, heard_ms=len(scores) * STEP_MS)

    def final(self, beam: Beam, scores: Floats) -> Transcript:
        """The text of a whole utterance with all its ``scores``."""
        found = self._search.words(beam)
        aligned = align(scores, " ".join(spelt for spelt, _ in found), self._delay_steps)
        words = tuple(
            replace(word, text=self._written(written))
            for word, (_, written) in zip(aligned, found, strict=False)
        )
        text = " ".join(word.text for word in words)
        return Transcript(text, overall_confidence(words), True, words)

    def _written(self, word: str) -> str:
        return as_written(word) if self._language == "en" else word


def greedy_transcript(scores: Floats, delay_steps: int) -> Transcript:
    """What the network alone makes of the audio, without any vocabulary."""
    words = greedy_words(scores, delay_steps)
    text = " ".join(word.text for word in words)
    return Transcript(text, overall_confidence(words), True, words)
