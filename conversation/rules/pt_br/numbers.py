"""Numbers as Brazilians say them on the phone: whole, digit by digit, or mixed.

"quinhentos e um", "cinco zero um", "cinco meia dois", "mil duzentos e quatro", "dez zero dois"
and "vinte e um zero três" are all apartment numbers; the canonical form is the digits, "501".
"""

from collections.abc import Sequence
from dataclasses import dataclass

DIGITS = {
    "zero": 0, "um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5,
    "seis": 6, "meia": 6, "sete": 7, "oito": 8, "nove": 9,
}  # fmt: skip
TEENS = {
    "dez": 10, "onze": 11, "doze": 12, "treze": 13, "quatorze": 14, "catorze": 14, "quinze": 15,
    "dezesseis": 16, "dezasseis": 16, "dezessete": 17, "dezassete": 17, "dezoito": 18,
    "dezenove": 19, "dezanove": 19,
}  # fmt: skip
TENS = {
    "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "cincoenta": 50, "sessenta": 60,
    "setenta": 70, "oitenta": 80, "noventa": 90,
}  # fmt: skip
HUNDREDS = {
    "cem": 100, "cento": 100, "duzentos": 200, "duzentas": 200, "trezentos": 300,
    "trezentas": 300, "quatrocentos": 400, "quatrocentas": 400, "quinhentos": 500,
    "quinhentas": 500, "seiscentos": 600, "seiscentas": 600, "setecentos": 700,
    "setecentas": 700, "oitocentos": 800, "oitocentas": 800, "novecentos": 900,
    "novecentas": 900,
}  # fmt: skip
THOUSAND = "mil"
NUMBER_WORDS = frozenset({*DIGITS, *TEENS, *TENS, *HUNDREDS, THOUSAND})

LONGEST_UNIT = 5
"""Digits of the longest apartment number; longer runs are telephone or document numbers."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that ends before word ``end``; ``others`` are other readings of its words."""

    digits: str
    end: int
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Group:
    """One cardinal inside a run, e.g. the "dez" of "dez zero dois"."""

    text: str
    end: int
    apart: str | None = None
    """The reading as separate numbers, where "e" is missing: "vinte um" is also "201"."""


def is_number(word: str) -> bool:
    """Whether a folded word is a number word or digits."""
    return word in NUMBER_WORDS or word.isdigit()


def read_number(words: Sequence[str], start: int) -> Number | None:
    """Read the longest number that begins at ``words[start]``; words are lower case, unaccented."""
    groups = _groups(words, start)
    if not groups:
        return None
    text = _once("".join(group.text for group in groups))
    apart = _once("".join(group.apart or group.text for group in groups))
    return Number(text, groups[-1].end, (apart,) if apart != text else ())


def read_small_number(words: Sequence[str], start: int) -> Number | None:
    """Read a single number below 100: a block's, before the apartment's ("bloco dois cento e um").

    Digits said one by one are not joined, and "mil" belongs to what follows.
    """
    group = _below_hundred(words, start)
    return Number(group.text, group.end) if group else None


def _groups(words: Sequence[str], start: int) -> list[_Group]:
    groups: list[_Group] = []
    at = start
    while group := _thousands(words, at):
        groups.append(group)
        at = group.end
    return groups


def _once(digits: str) -> str:
    """A number said twice over ("501 501") is that number."""
    half = len(digits) // 2
    doubled = len(digits) > LONGEST_UNIT and digits[:half] == digits[half:]
    return digits[:half] if doubled else digits


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _thousands(words: Sequence[str], at: int) -> _Group | None:
    if _word(words, at) == THOUSAND:
        return _after_thousand(1000, words, at + 1)
    group = _below_thousand(words, at)
    if group is None or _word(words, group.end) != THOUSAND or group.text == "0":
        return group
    return _after_thousand(int(group.text) * 1000, words, group.end + 1)


def _after_thousand(value: int, words: Sequence[str], at: int) -> _Group:
    rest_at = at + 1 if _word(words, at) in ("e", "zero") else at
    rest = _below_thousand(words, rest_at)
    if rest is None:
        return _Group(str(value), at)
    return _Group(str(value + int(rest.text)), rest.end)


def _below_thousand(words: Sequence[str], at: int) -> _Group | None:
    hundred = HUNDREDS.get(_word(words, at))
    if hundred is None:
        return _below_hundred(words, at)
    rest_at = at + 2 if _word(words, at + 1) in ("e", "zero") else at + 1
    rest = _below_hundred(words, rest_at)
    if rest is None or rest.text == "0" or _word(words, rest_at).isdigit():
        return _Group(str(hundred), at + 1)
    return _Group(str(hundred + int(rest.text)), rest.end)


def _below_hundred(words: Sequence[str], at: int) -> _Group | None:
    word = _word(words, at)
    if word.isdigit():
        return _Group(word, at + 1)
    if word in TENS:
        return _tens(TENS[word], words, at + 1)
    value = TEENS.get(word, DIGITS.get(word))
    return None if value is None else _Group(str(value), at + 1)


def _tens(tens: int, words: Sequence[str], at: int) -> _Group:
    joined = _word(words, at) == "e"
    unit = DIGITS.get(_word(words, at + 1 if joined else at), 0)
    if not unit:
        return _Group(str(tens), at)
    if joined:
        return _Group(str(tens + unit), at + 2)
    return _Group(str(tens + unit), at + 1, apart=f"{tens}{unit}")
