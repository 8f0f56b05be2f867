"""Cutting a text into sentences, so that speech starts after the first one."""

import re
from collections.abc import Iterator

LONGEST_SENTENCE = 240
"""Characters: about 15 s of speech, and 20 ms of espeak-ng's time, before another call's turn."""

_PORTUGUESE = (
    "sr sra srta srs sras dr dra drs prof profa eng enga exmo exma ilmo ilma sto sta"
    " ap ed cond conj"
    " av rod trav pça jd cj bl apto apt ed qd lt nº núm num tel cel ref pág pag cia ltda obs"
)
_OTHERS = "mr mrs ms jr vs inc ltd dept approx sres dña uds avda dpto"
ABBREVIATIONS = frozenset(f"{_PORTUGUESE} {_OTHERS}".split())
"""Lower case, without the full stop that they end in; after them a full stop ends no sentence."""

_LINES = re.compile(r"\s*\n\s*")
_END = re.compile(r"([.!?…]+)([\"'”’»)\]]*)(?=\s|$)")
_LAST_WORD = re.compile(r"(\w+)$")
_CLAUSE_END = re.compile(r"[;:,–—](?=\s)")
_CLOSING = ".!?…:;,"


def split_sentences(text: str, longest: int = LONGEST_SENTENCE) -> list[str]:
    """The sentences of ``text`` in order, none empty, none above ``longest`` characters.

    A line break always ends a sentence; a full stop does not after an abbreviation, an initial,
    or where a lower-case word follows a short one. Longer sentences are
    cut at a clause's end, or else between words.
    """
    return [
        piece
        for line in _LINES.split(text.strip())
        for sentence in _sentences(line)
        for piece in _within(sentence, longest)
    ]


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(line):
        if _ends_sentence(line, start, end):
            yield line[start : end.end()].strip()
            start = end.end()
    if rest := line[start:].strip():
        yield rest


def _ends_sentence(line: str, start: int, end: re.Match[str]) -> bool:
    following = line[end.end() :].lstrip()
    if not re.search(r"\w", line[start : end.start()]):
        return False
    if set(end[1]) & set("!?"):
        return True
    if not following:
        return True
    before = line[start : end.start()]
    if following[0].islower() and (end[1] != "." or _is_short(before)):
        return False
    return end[1] != "." or not _abbreviates(before)


def _is_short(before: str) -> bool:
    word = _LAST_WORD.search(before)
    return word is not None and len(word[1]) < 4


def _abbreviates(before: str) -> bool:
    word = _LAST_WORD.search(before)
    if word is None:
        return False
    return word[1].lower() in ABBREVIATIONS or (len(word[1]) == 1 and word[1].isupper())


def _within(sentence: str, longest: int) -> Iterator[str]:
    while len(sentence) > longest:
        cut = _cut(sentence[:longest])
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    if sentence:
        yield sentence


def _cut(head: str) -> int:
    """Where to cut: at the last clause's end in the second half, or else at the last space."""
    clauses = [end.end() for end in _CLAUSE_END.finditer(head) if end.end() > len(head) // 2]
    if clauses:
        return clauses[-1]
    space = head.rfind(" ")
    return space if space > 0 else len(head)
