"""Numbers as they are said on the phone: whole, digit by digit, in pairs, or mixed.

"five hundred and one", "cinco zero um", "twelve oh four" and "veintiuno cero tres" are all
apartment numbers; the canonical form is the digits, "501". What the words are is each language's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LONGEST_UNIT = 5
"""Digits of the longest apartment number; longer runs are telephone or document numbers."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that ends before word ``end``; ``others`` are other readings of its words."""

    digits: str
    end: int
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberWords:
    """A language's words for numbers, folded."""

    digits: Mapping[str, int]
    teens: Mapping[str, int]
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]
    """Whole hundreds that are one word: "quinhentos"; English has none."""
    thousand: str
    joiner: str
    """The word for "and"."""
    joined_tens: bool = True
    """Whether "vinte um" lacks its joiner, and may be two numbers; "twenty one" does not."""
    hundred: str = ""
    """What makes hundreds of the number before it: "five hundred"."""
    double: str = ""
    """What says the next digit twice: "double five"."""


@dataclass(frozen=True, slots=True)
class _Group:
    """One cardinal inside a run, e.g. the "dez" of "dez zero dois"."""

    text: str
    end: int
    apart: str | None = None
    """The reading as separate numbers, where the joiner is missing: "vinte um" is also "201"."""


class Numerals:
    """Reads a language's numbers; words are lower case, unaccented."""

    def __init__(self, words: NumberWords) -> None:
        self.words = words
        named = {*words.digits, *words.teens, *words.tens, *words.hundreds, words.thousand}
        self.all_words = frozenset({*named, words.hundred, words.double} - {""})
        self._skipped = (words.joiner, "zero", "cero")

    def is_number(self, word: str) -> bool:
        """Whether a folded word is a number word or digits."""
        return word in self.all_words or word.isdigit()

    def read(self, words: Sequence[str], start: int) -> Number | None:
        """Read the longest number that begins at ``words[start]``."""
        groups = self._groups(words, start)
        if not groups:
            return None
        text = _once("".join(group.text for group in groups))
        apart = _once("".join(group.apart or group.text for group in groups))
        return Number(text, groups[-1].end, (apart,) if apart != text else ())

    def spell(self, words: Sequence[str], start: int) -> Number | None:
        """Read all that begins at ``words[start]`` as one row of digits, said twice or not."""
        groups = self._groups(words, start)
        return Number("".join(group.text for group in groups), groups[-1].end) if groups else None

    def read_small(self, words: Sequence[str], start: int) -> Number | None:
        """Read a single number below 100: a block's, before the apartment's ("bloco dois cento e
        um").

        Digits said one by one are not joined, and "mil" belongs to what follows.
        """
        group = self._below_hundred(words, start)
        return Number(group.text, group.end) if group else None

    def _groups(self, words: Sequence[str], start: int) -> list[_Group]:
        groups: list[_Group] = []
        at = start
        while group := self._thousands(words, at):
            groups.append(group)
            at = group.end
        return groups

    def _thousands(self, words: Sequence[str], at: int) -> _Group | None:
        thousand = self.words.thousand
        if _word(words, at) == thousand:
            return self._after_thousand(1000, words, at + 1)
        group = self._below_thousand(words, at)
        if group is None or _word(words, group.end) != thousand or group.text == "0":
            return group
        return self._after_thousand(int(group.text) * 1000, words, group.end + 1)

    def _after_thousand(self, value: int, words: Sequence[str], at: int) -> _Group:
        rest_at = at + 1 if _word(words, at) in self._skipped else at
        rest = self._below_thousand(words, rest_at)
        if rest is None:
            return _Group(str(value), at)
        return _Group(str(value + int(rest.text)), rest.end)

    def _below_thousand(self, words: Sequence[str], at: int) -> _Group | None:
        found = self._hundreds(words, at)
        if found is None:
            return self._below_hundred(words, at)
        hundred, end = found
        rest_at = end + 1 if _word(words, end) in self._skipped else end
        rest = self._below_hundred(words, rest_at)
        if rest is None or rest.text == "0" or _word(words, rest_at).isdigit():
            return _Group(str(hundred), end)
        return _Group(str(hundred + int(rest.text)), rest.end)

    def _hundreds(self, words: Sequence[str], at: int) -> tuple[int, int] | None:
        """The hundreds that begin at a word, and where they end."""
        value = self.words.hundreds.get(_word(words, at))
        if value is not None:
            return value, at + 1
        if not self.words.hundred:
            return None
        if _word(words, at) == self.words.hundred:
            return 100, at + 1
        before = self._below_hundred(words, at)
        if before is None or _word(words, before.end) != self.words.hundred or before.text == "0":
            return None
        return int(before.text) * 100, before.end + 1

    def _below_hundred(self, words: Sequence[str], at: int) -> _Group | None:
        word, names = _word(words, at), self.words
        if word.isdigit():
            return _Group(word, at + 1)
        if word in names.tens:
            return self._tens(names.tens[word], words, at + 1)
        twice = names.digits.get(_word(words, at + 1)) if word and word == names.double else None
        if twice is not None:
            return _Group(str(twice) * 2, at + 2)
        value = names.teens.get(word, names.digits.get(word))
        return None if value is None else _Group(str(value), at + 1)

    def _tens(self, tens: int, words: Sequence[str], at: int) -> _Group:
        joined = self.words.joined_tens and _word(words, at) == self.words.joiner
        unit = self.words.digits.get(_word(words, at + 1 if joined else at), 0)
        if not unit:
            return _Group(str(tens), at)
        if joined or not self.words.joined_tens:
            return _Group(str(tens + unit), at + 1 + joined)
        return _Group(str(tens + unit), at + 1, apart=f"{tens}{unit}")


def _once(digits: str) -> str:
    """A number said twice over ("501 501") is that number."""
    half = len(digits) // 2
    doubled = len(digits) > LONGEST_UNIT and digits[:half] == digits[half:]
    return digits[:half] if doubled else digits


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""
