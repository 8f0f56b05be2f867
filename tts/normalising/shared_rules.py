"""Rules whose shape English and Spanish share; the words are the language's own."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from num2words import num2words

from tts.normalising.rules import Rule, rule

_GROUPED = {".": r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", ",": r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"}
_SAYABLE = 10**12


@dataclass(frozen=True, slots=True)
class NumberWords:
    """How a language writes and says numbers. ``thousands`` is the sign between groups.

    ``tag`` is num2words' name of the language; ``digit_names`` are zero to nine;
    ``one`` is how 1 is said before a noun.
    """

    tag: str
    digit_names: str
    thousands: str
    decimal_point: str
    percent: str
    range_word: str
    minus: str
    one: str
    units: dict[str, tuple[str, str]]
    currencies: dict[str, tuple[str, str, str]]
    """Sign to one, many, and the word that joins the cents."""

    @property
    def pattern(self) -> str:
        """A number as it is written."""
        return rf"{_GROUPED[self.thousands]}|\d+(?:[.,]\d+)?"

    def spelled(self, written: str) -> str:
        """Digit by digit; what is no digit is dropped."""
        names = self.digit_names.split()
        return " ".join(names[int(sign)] for sign in written if sign in "0123456789")

    def number(self, written: str) -> str:
        """A number in words; one with leading zeros, or too long, digit by digit."""
        whole, fraction = self.parts(written)
        is_code = len(whole) > 6 and written.isdigit()
        if is_code or (whole.startswith("0") and len(whole) > 1) or int(whole) >= _SAYABLE:
            return self.spelled(whole)
        said = self.cardinal(int(whole))
        return f"{said} {self.decimal_point} {self.spelled(fraction)}" if fraction else said

    def cardinal(self, number: int) -> str:
        """A whole number in words."""
        return str(num2words(number, lang=self.tag)).replace(",", "")

    def ordinal(self, number: int) -> str:
        """A whole number's ordinal in words."""
        return str(num2words(number, lang=self.tag, to="ordinal")).replace(",", "")

    def parts(self, written: str) -> tuple[str, str]:
        """The digits before and after the decimal sign."""
        if re.fullmatch(_GROUPED[self.thousands], written):
            written = written.replace(self.thousands, "")
        whole, _, fraction = written.replace(",", ".").partition(".")
        return whole, fraction


def amount_rules(words: NumberWords) -> tuple[Rule, ...]:
    """Telephones, money, percentages, measures and plain numbers."""
    signs = "|".join(re.escape(sign) for sign in sorted(words.currencies, key=len, reverse=True))
    units = "|".join(re.escape(unit) for unit in sorted(words.units, key=len, reverse=True))
    number = words.pattern
    return (
        rule(r"(?<![\d.,])\d{3}[-.\s]\d{3}[-.\s]\d{4}(?!\d)", _groups(words)),
        rule(
            r"(?<![\d.,])(?:\+\d{1,3}[\s-])?(?:\(\d{2,3}\)\s?)?\d{3,5}-\d{4}(?!\d)",
            _groups(words),
        ),
        rule(rf"({signs})\s?({number})", lambda match: _money(words, match[1], match[2])),
        rule(rf"({number})\s?%", lambda match: f"{words.number(match[1])} {words.percent}"),
        rule(
            rf"(?<![\w.,])({number})\s?({units})(?![\w/])",
            lambda match: _measure(words, match[1], match[2]),
        ),
    )


def number_rules(words: NumberWords) -> tuple[Rule, ...]:
    """Ranges and what digits are left; after these there are none."""
    return (
        rule(r"(?<=\d)\s?[-–]\s?(?=\d)", f" {words.range_word} "),
        rule(r"(?<![\w.,])[-−](?=\d)", f"{words.minus} "),
        rule(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])-?(?=\d)", " "),
        rule(words.pattern, lambda match: f" {words.number(match[0])} "),
    )


def _groups(words: NumberWords) -> Callable[[re.Match[str]], str]:
    return lambda match: ", ".join(words.spelled(group) for group in re.findall(r"\d+", match[0]))


def _money(words: NumberWords, sign: str, written: str) -> str:
    one, many, joined = words.currencies[sign]
    whole, fraction = words.parts(written)
    cents = int((fraction + "00")[:2])
    is_one = int(whole) == 1
    said = f"{words.one} {one}" if is_one else f"{words.cardinal(int(whole))} {many}"
    return f"{said} {joined} {words.cardinal(cents)}" if cents else said


def _measure(words: NumberWords, written: str, unit: str) -> str:
    one, many = words.units[unit]
    return f"{words.one} {one}" if written == "1" else f"{words.number(written)} {many}"
