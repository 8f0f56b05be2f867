"""From words to phonemes with their punctuation, and from a text to the pieces it is made in."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from tts.sentences import split_sentences

SHORT_ENOUGH = 60
"""Characters that are made in one piece: four seconds of speech."""
FIRST_AT_LEAST = 25
"""Characters of a first piece: two seconds, in which the next one is made."""

_MARKS = ",;:.!?…—"
_CLAUSE = re.compile(rf"([^{_MARKS}]*)([{_MARKS}]*)")
_CLAUSE_END = re.compile(rf"[{_MARKS}](?=\s)")
_UNSPOKEN_MARKS = re.compile(r"[¿¡\"“”«»()\[\]]")
_LANGUAGE_SWITCH = re.compile(r"\([a-z]{2,3}(?:-[a-z0-9]+)*\)")


class Phonemiser(Protocol):
    """Tells how words are pronounced: :class:`tts.espeak.EspeakEngine`."""

    async def start(self) -> str:
        """Be ready; a description for logs."""

    async def phonemes(self, clauses: Sequence[str], voice: str, tie: str = "") -> list[str]:
        """Of each clause. Raises :class:`tts.engine.SynthesisError`."""

    async def close(self) -> None:
        """End what it started."""


async def pronounce(phonemiser: Phonemiser, text: str, voice: str, tie: str) -> str:
    """The phonemes of ``text`` with its punctuation between them.

    espeak-ng keeps no punctuation, which gives these voices their melody and their pauses.
    """
    clauses = [
        (words.strip(), marks[:1])
        for words, marks in _CLAUSE.findall(_UNSPOKEN_MARKS.sub(" ", text))
        if words.strip()
    ]
    if not clauses:
        return ""
    said = await phonemiser.phonemes([words for words, _ in clauses], voice, tie)
    plain = [_LANGUAGE_SWITCH.sub("", each).strip() for each in said]
    return " ".join(each + mark for each, (_, mark) in zip(plain, clauses, strict=True) if each)


def pieces(text: str) -> Iterator[str]:
    """``text`` in pieces that are made one after the other: sentences, the first of them no
    longer than its first clauses, so that it is heard while the rest is made."""
    sentences = split_sentences(text)
    if not sentences:
        return
    yield from _begun_early(sentences[0])
    yield from sentences[1:]


def halves(text: str) -> tuple[str, str]:
    """``text`` cut at the space that is nearest to its middle, or in its middle."""
    middle = len(text) // 2
    spaces = [match.start() for match in re.finditer(r"\s", text.strip())]
    cut = min(spaces, key=lambda at: abs(at - middle)) if spaces else middle
    return text[:cut], text[cut:]


def _begun_early(sentence: str) -> Iterator[str]:
    ends = [end.end() for end in _CLAUSE_END.finditer(sentence) if end.end() >= FIRST_AT_LEAST]
    if len(sentence) <= SHORT_ENOUGH or not ends:
        yield sentence
        return
    yield sentence[: ends[0]]
    yield sentence[ends[0] :].strip()
