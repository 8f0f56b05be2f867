"""Numbers as they are said in English: "five hundred and one", "five oh one", "twelve oh four"."""

from conversation.rules.numerals import NumberWords, Numerals
from conversation.rules.words import Word

_DIGITS = {
    "zero": 0, "oh": 0, "o": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
NUMERALS = Numerals(
    NumberWords(
        _DIGITS, _TEENS, _TENS, {}, "thousand", "and", joined_tens=False, hundred="hundred",
        double="double",
    )
)  # fmt: skip
_SOUND_ALIKE = {
    "to": "two", "too": "two", "for": "four", "fore": "four", "ate": "eight", "won": "one",
}  # fmt: skip


def mend_numbers(words: list[Word], anchors: frozenset[str]) -> list[Word]:
    """Words that sound like digits, where they stand between digits: "five for one" is 541."""
    keys = ["", *(word.key for word in words), ""]
    return [
        Word(word.heard, _SOUND_ALIKE[word.key], mended=True)
        if word.key in _SOUND_ALIKE and _amid_digits(before, after, anchors)
        else word
        for word, before, after in zip(words, keys, keys[2:], strict=False)
    ]


def _amid_digits(before: str, after: str, anchors: frozenset[str]) -> bool:
    """ "two packages for five oh one" has a number on one side only."""
    return after in _DIGITS and (before in _DIGITS or before in anchors - {"number"})
