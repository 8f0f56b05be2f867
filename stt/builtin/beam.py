"""Beam search over characters, led by the words of the domain and of the directory.

Works on CTC scores with the best path (not the sum of paths) of every spelling, a few frames after
the other. Pure Python on the few frames that are not blank: about 2 ms for a second of speech.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from stt.builtin.alphabet import BLANK, CHARS
from stt.builtin.bias import PLAIN_CLASS, Bias
from stt.builtin.greedy import SPACE
from stt.builtin.language import END, Language, Spelling

Floats = npt.NDArray[np.float32]
_NEVER: Final = -1e9


@dataclass(frozen=True, slots=True)
class BeamSettings:
    """How wide to search and how much words weigh; tuned on voices that training never heard."""

    width: int = 32
    margin: float = 10.0
    """Hypotheses this far (in nats) below the best are dropped."""
    rarest: float = -6.0
    """Characters below this log probability in a frame are not tried."""
    choices: int = 5
    """So many characters at most are tried in a frame."""
    blank: float = -0.01
    """A frame whose blank is above this log probability holds nothing else."""
    weight: float = 0.7
    """Weight of a word's log probability against the network's."""
    reward: float = 1.4
    """For each word: makes up for what the weight takes from longer texts."""
    unknown: float = -10.0
    """Log probability of beginning a word that is not in the table..."""
    unknown_char: float = -2.0
    """...and of each of its characters."""


class Text:
    """A spelling that a search holds: its last character, its words' score, its followers."""

    __slots__ = (
        "after", "bias", "char", "count", "known", "parent", "score", "word_before", "words",
        "written",
    )  # fmt: skip

    def __init__(self, parent: Text | None, char: int) -> None:
        self.parent = parent
        self.char = char
        self.after: dict[int, Text | None] = {}
        self.known: Spelling | None = None
        self.bias: Spelling | None = None
        self.word_before = ""
        self.written = ""  # after a space: the word before it, as it is to be written
        self.count = 0  # characters since the last space
        self.words = 0.0  # weighted score of the finished words
        self.score = 0.0  # the same and what the unfinished word may become

    def last_word(self) -> str:
        """The characters since the last space."""
        chars: list[str] = []
        node: Text | None = self
        for _ in range(self.count):
            if node is not None:
                chars.append(CHARS[node.char - 1])
                node = node.parent
        return "".join(reversed(chars))


@dataclass(frozen=True, slots=True)
class Beam:
    """Where a search stands: texts with the log probability of their best path that ends in a
    blank, and of the best that ends in their last character. Never changed, so free to keep."""

    texts: tuple[tuple[Text, float, float], ...]
    quiet: bool = True
    """Whether the last frame was a blank to all."""


class BeamSearch:
    """The search for one language's beginning and one directory; holds nothing between calls."""

    def __init__(
        self, language: Language, bias: Bias, boost: float, begin: str, settings: BeamSettings
    ) -> None:
        self._language = language
        self._bias = bias
        self._boost = boost
        self._begin = begin
        self._settings = settings

    def start(self) -> Beam:
        """A search that has seen no frame."""
        root = Text(None, SPACE)
        root.known, root.bias, root.word_before = self._language.root, self._bias.root, self._begin
        return Beam(((root, 0.0, _NEVER),))

    def advance(self, beam: Beam, scores: Floats) -> Beam:
        """Go on through ``scores`` (frames, classes; log probabilities)."""
        s = self._settings
        texts, quiet = beam.texts, beam.quiet
        for row in scores:
            if row[BLANK] > s.blank:
                quiet = True
                continue
            if quiet:  # what was skipped before this frame was a blank
                texts = tuple((text, max(b, c), _NEVER) for text, b, c in texts)
                quiet = False
            tried = np.argsort(row)[-1 - s.choices :].tolist()
            likely = [c for c in tried if c != BLANK and row[c] > s.rarest]
            texts = self._step(texts, row.tolist(), likely)
        return Beam(texts, quiet)

    def words(self, beam: Beam) -> list[tuple[str, str]]:
        """The best words, each as the network spelt it and as it is written."""
        best, _, _ = max(beam.texts, key=lambda t: max(t[1], t[2]) + self._final(t[0]))
        words = [(best.last_word(), self._finished(best)[1])] if best.count else []
        node: Text | None = best
        while node is not None and node.parent is not None:
            if node.char == SPACE:
                words.append((node.parent.last_word(), node.written))
            node = node.parent
        return words[::-1]

    def _step(
        self, texts: tuple[tuple[Text, float, float], ...], row: list[float], tried: list[int]
    ) -> tuple[tuple[Text, float, float], ...]:
        s = self._settings
        blank = row[BLANK]
        reached: dict[Text, list[float]] = {}
        bound = max(max(b, c) + text.score for text, b, c in texts) + max(row)
        bound -= s.margin - s.weight * s.unknown
        for text, ended_blank, ended_spoken in texts:
            best = max(ended_blank, ended_spoken)
            paths = reached.setdefault(text, [_NEVER, _NEVER])
            paths[0] = max(paths[0], best + blank)
            if text.parent is not None:
                paths[1] = max(paths[1], ended_spoken + row[text.char])
            for char in tried:
                path = (ended_blank if char == text.char else best) + row[char]
                if path + text.score < bound:
                    continue
                if char in text.after:
                    longer = text.after[char]
                else:
                    longer = text.after[char] = self._extended(text, char)
                if longer is not None:
                    paths = reached.setdefault(longer, [_NEVER, _NEVER])
                    paths[1] = max(paths[1], path)
        ranked = [(max(paths) + text.score, text) for text, paths in reached.items()]
        ranked.sort(key=lambda pair: pair[0], reverse=True)
        least = ranked[0][0] - s.margin
        return tuple(
            (text, reached[text][0], reached[text][1])
            for total, text in ranked[: s.width]
            if total >= least
        )

    def _extended(self, text: Text, char: int) -> Text | None:
        s = self._settings
        longer = Text(text, char)
        if char == SPACE:
            if not text.count:
                return None
            score, longer.written = self._finished(text)
            longer.words = longer.score = text.words + score
            longer.known, longer.bias = self._language.root, self._bias.root
            longer.word_before = longer.written
            return longer
        longer.words, longer.word_before = text.words, text.word_before
        longer.count = text.count + 1
        longer.known = text.known.after.get(char) if text.known else None
        longer.bias = text.bias.after.get(PLAIN_CLASS[char]) if text.bias else None
        likely = s.unknown + s.unknown_char * longer.count
        if longer.known:
            likely = max(likely, longer.known.best)
        if longer.bias:
            likely += self._boost * max(0.0, longer.bias.best - likely)
        longer.score = longer.words + s.weight * likely
        return longer

    def _finished(self, text: Text) -> tuple[float, str]:
        """Weighted score of the word that ends here, and how it is written."""
        s = self._settings
        written = text.last_word()
        likely = s.unknown + s.unknown_char * text.count
        if text.known and text.known.word:
            likely = max(likely, self._language.score(text.known.word, text.word_before))
        if text.bias and text.bias.word:
            hinted = self._bias.score(text.bias.word, text.word_before)
            if self._boost > 0 and hinted > likely:
                written = text.bias.word
            likely += self._boost * max(0.0, hinted - likely)
        return s.weight * likely + s.reward, written

    def _final(self, text: Text) -> float:
        last, words = text.word_before, text.words
        if text.count:
            score, last = self._finished(text)
            words += score
        return words + self._settings.weight * self._language.score(END, last)
