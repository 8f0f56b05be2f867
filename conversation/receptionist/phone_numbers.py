"""Telephone numbers as callers say them and as we read them back: digit by digit."""

import re
from collections.abc import Mapping
from typing import Final

from conversation.rules.en.numbers import NUMERALS as EN
from conversation.rules.es.numbers import NUMERALS as ES
from conversation.rules.numerals import Numerals
from conversation.rules.pt_br.numbers import NUMERALS as PT_BR
from conversation.rules.words import fold
from stt.endpointing import Completeness

SHORTEST: Final = 8
"""Digits: a Brazilian fixed line without its area code."""
LONGEST: Final = 15
"""Of ITU-T E.164."""

_NUMERALS: Final[Mapping[str, Numerals]] = {"pt-BR": PT_BR, "en": EN, "es": ES}
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "pt-BR": ("zero", "um", "dois", "três", "quatro", "cinco", "meia", "sete", "oito", "nove"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
}
_BRAZILIAN_MOBILE: Final = 11
_GROUPS: Final[Mapping[int, tuple[int, ...]]] = {
    8: (4, 4),
    9: (5, 4),
    10: (2, 4, 4),
    _BRAZILIAN_MOBILE: (2, 5, 4),
}
"""As people say them; others go by threes."""
_WORD = re.compile(r"[0-9]+|[^\W\d_]+")


def spoken_digits(text: str, language: str) -> str:
    """Every digit of a turn, in order: "onze nove oito" is 1198, "trinta e dois" is 32."""
    numerals = _NUMERALS[language]
    words = [fold(word) for word in _WORD.findall(text.lower())]
    digits, at = "", 0
    while at < len(words):
        number = _small(numerals, words, at)
        if number is None:
            at += 1
            continue
        digits, at = digits + number[0], number[1]
    return digits[: LONGEST + 1]


def _small(numerals: Numerals, words: list[str], at: int) -> tuple[str, int] | None:
    """A number below 100; hundreds and thousands are said of prices, not of telephones."""
    number = numerals.read_small(words, at)
    return (number.digits, number.end) if number is not None else None


def is_whole(digits: str) -> bool:
    """Whether somebody may be called back on it."""
    return SHORTEST <= len(digits) <= LONGEST


def completeness(digits: str, language: str) -> Completeness:
    """How far digits are a whole number: of a Brazilian mobile one can tell."""
    if len(digits) < SHORTEST:
        return Completeness.OPEN if digits else Completeness.UNKNOWN
    mobile = language == "pt-BR" and len(digits) == _BRAZILIAN_MOBILE and digits[2] == "9"
    return Completeness.COMPLETE if mobile else Completeness.UNKNOWN


def read_back(digits: str, language: str) -> str:
    """Each digit by its name, with a short pause between groups."""
    names, groups, at = _NAMES[language], [], 0
    sizes = _GROUPS.get(len(digits)) or (3,) * -(-len(digits) // 3)
    for size in sizes:
        groups.append(" ".join(names[int(digit)] for digit in digits[at : at + size]))
        at += size
    return ", ".join(groups)
