"""Codes that are read out: their digits, and the turn without them.

A code is a secret: what is left of the turn, its words and its text, is all that anybody else sees,
whether it is written down, matched with names, or sent to a language model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from conversation.admission import CODE_DIGITS
from conversation.rules.numerals import LONGEST_UNIT, Numerals
from conversation.rules.words import Word
from conversation.understanding import Expecting

MASK: Final = "•••"
"""What stands for digits in a text."""


@dataclass(frozen=True, slots=True)
class CodeHeard:
    """A turn that is about a code. ``digits`` are empty where it was only spoken of, or not said
    to its end; ``count`` is how many there were. ``words`` and ``text`` are the turn without."""

    digits: str
    count: int
    words: tuple[Word, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Run:
    start: int
    end: int
    digits: str


def find_code(
    code_words: frozenset[str], numerals: Numerals, words: Sequence[Word], expecting: Expecting
) -> CodeHeard | None:
    """Find a code where one was asked for or is spoken of, or where somebody says so many digits
    that they are no unit's; ``code_words`` ("senha") are folded."""
    keys = [word.key for word in words]
    runs = _runs(words, numerals)
    named = next((at for at, key in enumerate(keys) if key in code_words), None)
    if expecting is not Expecting.CODE and named is None:
        secret = [run for run in runs if _is_code(run.digits) and not _is_said_twice(run.digits)]
    else:
        after = 0 if named is None or expecting is Expecting.CODE else named
        secret = [run for run in runs if run.start >= after or len(run.digits) > LONGEST_UNIT]
    if not secret and named is None:
        return None
    whole = [_once(run.digits) for run in secret if _is_code(_once(run.digits))]
    hidden = {at: run for run in secret for at in range(run.start, run.end)}
    said = [
        MASK if at in hidden else word.heard
        for at, word in enumerate(words)
        if at not in hidden or hidden[at].start == at
    ]
    return CodeHeard(
        digits=whole[-1] if whole else "",
        count=max((len(run.digits) for run in secret), default=0),
        words=tuple(word for at, word in enumerate(words) if at not in hidden),
        text=" ".join(said),
    )


def _runs(words: Sequence[Word], numerals: Numerals) -> list[_Run]:
    """Numbers that follow each other, with nothing but "e" between them, each run as one."""
    keys = [word.key for word in words]
    runs: list[_Run] = []
    at = 0
    while at < len(keys):
        number = numerals.spell(keys, at) if numerals.is_number(keys[at]) else None
        if number is None:
            at += 1
            continue
        last = runs[-1] if runs else None
        joined = last is not None and all(
            word.heard == numerals.words.joiner for word in words[last.end : at]
        )
        if last is not None and joined:
            runs[-1] = _Run(last.start, number.end, last.digits + number.digits)
        else:
            runs.append(_Run(at, number.end, number.digits))
        at = number.end
    return runs


def _is_code(digits: str) -> bool:
    return len(digits) in CODE_DIGITS


def _is_said_twice(digits: str) -> bool:
    """ "501 501" is an apartment."""
    half = len(digits) // 2
    return half <= LONGEST_UNIT and digits[:half] == digits[half:]


def _once(digits: str) -> str:
    """A code that is said twice over is that code."""
    half = len(digits) // 2
    return digits[:half] if half in CODE_DIGITS and digits[:half] == digits[half:] else digits
