"""A long text as what is spoken one after the other, with the pauses that a reader makes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from tts.normalising import EmptyTextError, Normaliser
from tts.sentences import LONGEST_SENTENCE, split_sentences

PARAGRAPH_PAUSE_MS: Final = 900
LINE_PAUSE_MS: Final = 600
BREATH_PAUSE_MS: Final = 60
"""Where a sentence without a comma is too long for one request."""
PAUSES_MS: Final = {"…": 650, ".": 450, "!": 450, "?": 500, ":": 300, ";": 300, ",": 180}
"""By what a passage ends in, at natural speed. Longer than on the telephone, where a pause must
not be taken for the end of our turn (:data:`tts.speaker.SENTENCE_PAUSE_MS`)."""

_PARAGRAPHS: Final = re.compile(r"\n[^\S\n]*\n\s*")
_WINDOW: Final = 1500
"""Characters that are looked at together: whatever is written, the time for it grows linearly."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One request to an engine, and the silence after it at natural speed; none after the last."""

    text: str
    pause_ms: int


def passages(text: str, normaliser: Normaliser) -> list[Passage]:
    """``text`` of any length, normalised and cut as an engine takes it.

    What cannot be spoken (a line of dashes) is left out. Raises
    :class:`tts.normalising.EmptyTextError` where nothing can.
    """
    found = [
        passage
        for paragraph in _PARAGRAPHS.split(text.strip())
        for passage in _with_pause(_lines(paragraph, normaliser), PARAGRAPH_PAUSE_MS)
    ]
    if not found:
        raise EmptyTextError(f"there is nothing to speak in {text[:40]!r}")
    return [*found[:-1], replace(found[-1], pause_ms=0)]


def _lines(paragraph: str, normaliser: Normaliser) -> list[Passage]:
    return [
        passage
        for line in paragraph.splitlines()
        for passage in _with_pause(_spoken(line, normaliser), LINE_PAUSE_MS)
    ]


def _spoken(line: str, normaliser: Normaliser) -> list[Passage]:
    return [
        Passage(piece, _pause_ms(piece))
        for sentence in _sentences(line)
        for piece in _pieces(sentence, normaliser)
    ]


def _pause_ms(piece: str) -> int:
    end = "…" if piece.endswith("...") else piece[-1]
    return PAUSES_MS.get(end, BREATH_PAUSE_MS)


def _pieces(sentence: str, normaliser: Normaliser) -> list[str]:
    try:
        return split_sentences(normaliser.normalise(sentence))
    except EmptyTextError:
        return []


def _sentences(line: str) -> Iterator[str]:
    """Sentences as they are written. The last one in the window may go on behind it."""
    line = line.strip()
    while len(line) > _WINDOW:
        head = line[:_WINDOW].rstrip()
        *whole, last = split_sentences(head, LONGEST_SENTENCE)
        yield from whole
        line = line[len(head) - len(last) :].strip()
    yield from split_sentences(line, LONGEST_SENTENCE)


def _with_pause(found: list[Passage], pause_ms: int) -> list[Passage]:
    return [*found[:-1], replace(found[-1], pause_ms=pause_ms)] if found else []
