"""Rules whose shape English and Spanish share; the words are the language's own."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from num2words import num2words

from tts.normalising.roman import ROMAN, roman
from tts.normalising.rules import Rule, rule

_GROUPED = {".": r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", ",": r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"}
_SAYABLE = 10**12
_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4"}


@dataclass(frozen=True, slots=True)
class NumberWords:
    """How a language writes and says numbers. ``thousands`` is the sign between groups.

    ``tag`` is num2words' name of the language; ``digit_names`` are zero to nine; ``one`` is how 1
    is said before a noun; ``letters`` are the names of A to Z, or none where voices know them.
    """

    tag: str
    digit_names: str
    thousands: str
    decimal_point: str
    percent: str
    range_word: str
    minus: str
    by: str
    one: str
    code_words: str
    """A pattern: what is followed by a number that is said digit by digit."""
    units: Mapping[str, tuple[str, str]]
    currencies: Mapping[str, tuple[str, str, str, str]]
    """Sign to one, many, one cent and many cents, which may have no name."""
    joined: str
    """Between units and cents."""
    multiples: Mapping[str, str]
    """Of money, as written after a number, and what is said between them and the currency."""
    parts_of_one: Mapping[int, tuple[str, str]]
    and_a_half: str
    times: tuple[str, str]
    letters: str = ""
    before_noun: Callable[[int, str], str] | None = None
    """How a number is said before a noun, where that depends on it."""

    @property
    def pattern(self) -> str:
        """A number as it is written."""
        return rf"{_GROUPED[self.thousands]}|\d+(?:[.,]\d+)?"

    def spelled(self, written: str) -> str:
        """Digit by digit and letter by letter; anything else is dropped."""
        digits = self.digit_names.split()
        return " ".join(
            digits[int(sign)] if sign in "0123456789" else self.letter(sign)
            for sign in written
            if sign in "0123456789" or sign.isalpha()
        )

    def letter(self, letter: str) -> str:
        """A letter's name, or the letter itself where voices know its name."""
        place = ord(letter.upper()) - ord("A")
        names = self.letters.split(",")
        return names[place] if self.letters and 0 <= place < len(names) else letter.upper()

    def number(self, written: str) -> str:
        """A number in words; one with leading zeros, or too long, digit by digit."""
        whole, fraction = self.parts(written)
        is_code = len(whole) > 6 and written.isdigit()
        if is_code or (whole.startswith("0") and len(whole) > 1) or int(whole) >= _SAYABLE:
            return self.spelled(whole)
        said = self.cardinal(int(whole))
        return f"{said} {self.decimal_point} {self.spelled(fraction)}" if fraction else said

    def counted(self, written: str, one: str, many: str) -> str:
        """A number of things whose name is ``one`` or ``many``."""
        whole, fraction = self.parts(written)
        if int(whole) == 1 and not fraction:
            return f"{self.before(1, one)} {one}"
        if fraction or len(whole) > 6:
            return f"{self.number(written)} {many}"
        return f"{self.before(int(whole), many)} {many}"

    def before(self, number: int, noun: str) -> str:
        """A whole number as it is said before ``noun``."""
        if self.before_noun is not None:
            return self.before_noun(number, noun)
        return self.one if number == 1 else self.cardinal(number)

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


def code_rules(words: NumberWords) -> tuple[Rule, ...]:
    """What is said digit by digit: documents, telephones, plates, whatever is called a code."""
    groups = _groups(words)
    return (
        rule(r"(?<!\d)\d{2}\.?\d{3}\.?\d{3}/\d{4}-\d{2}(?!\d)", groups),  # a Brazilian firm
        rule(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)", groups),  # a Brazilian person
        rule(r"(?<!\d)\d{1,2}\.\d{3}\.\d{3}-[\dkK](?!\w)", groups),  # a Chilean person
        rule(
            rf"\b({words.code_words})(?:\s?[:#])?((?: (?:is|es|number|número))?)"
            r"\s+(\d[\d. ]+\d)\b(?!-)",
            lambda match: f"{match[1]}{match[2]} {groups_of(words, match[3])}",
            any_case=True,
        ),
        rule(r"(?<![\w.,])\+\d{1,3}(?:[\s-]\(?\d{1,5}\)?){2,5}(?![\d-])", groups),
        rule(r"(?<![\w.,-])(?:1-)?(?:\(\d{2,3}\)\s?|\d{3}[-.\s])\d{3}[-.\s]\d{4}(?!\d)", groups),
        rule(r"(?<![\w.,])(?:\(\d{2,3}\)\s?|\d{2,3}\s)?\d{3,5}-\d{4}(?!\d)", groups),
        rule(r"(?<![\w.,])\(?\d{2}\)?\s\d{4}\s\d{4}(?!\d)", groups),
        rule(r"(?<![\w.,])[6-9]\d{2}\s\d{3}\s\d{3}(?![\d.,-])", groups),  # a Spanish telephone
        rule(r"(?<![\w.,/-])\d{1,4}(?:-\d{1,4}){2,}(?![\w-]|[.,]\d)", groups),
        rule(r"\b([A-Z]{3})[-\s]?(\d[A-Z]\d{2}|\d{3,4})\b", _plate(words)),
        rule(r"\b([A-Z]{2})[-\s]?(\d{3})[-\s]?([A-Z]{2})\b", _plate(words)),
    )


def amount_rules(words: NumberWords) -> tuple[Rule, ...]:
    """Money, percentages, measures, fractions and ranges."""
    signs = "|".join(re.escape(sign) for sign in sorted(words.currencies, key=len, reverse=True))
    units = "|".join(re.escape(unit) for unit in sorted(words.units, key=len, reverse=True))
    multiples = "|".join(words.multiples)
    number = words.pattern
    return (
        rule(r"(?<=\d)\s?[xX×]\s?(?=\d)", f" {words.by} "),
        rule(r"(?<![\w.,])(\d{1,3})\s?[xX×](?!\w)", lambda match: _times(words, match[1])),
        rule(r"(?<=\d)\s?½|(?<=\d)\s1/2(?![\d/])", f" {words.and_a_half}"),
        rule(r"[½¼¾]", lambda match: _VULGAR[match[0]]),
        rule(
            r"(?<![\w/.,])([1-9])/([2-9]|10)(?![\d/])",
            lambda match: _fraction(words, match),
        ),
        rule(
            rf"({signs})\s?(\d+)\s?[-–]\s?(?:\1\s?)?(\d+)(?![\d.,]\d)",
            lambda match: _money_range(words, match),
        ),
        rule(r"(?<=\d)\s?[-–]\s?(?=\d+\b)", f" {words.range_word} "),
        rule(rf"(?<![\w.,])[-−](?=(?:{signs})?\s?\d)", f"{words.minus} "),
        rule(
            rf"({signs})\s?({number})(?:\s({multiples})\b)?",
            lambda match: _money(words, match[1], match[2], match[3]),
        ),
        rule(
            rf"(?<![\w.,])({number})\s?([€£])",
            lambda match: _money(words, match[2], match[1], None),
        ),
        rule(
            rf"(?<![\w.,])({number})\s?%", lambda match: f"{words.number(match[1])} {words.percent}"
        ),
        rule(
            rf"(?<![\w.,])({number})\s?({units})(?![\w/²³])",
            lambda match: words.counted(match[1], *words.units[match[2]]),
        ),
    )


def number_rules(words: NumberWords) -> tuple[Rule, ...]:
    """What digits are left; after these there are none."""
    return (
        rule(
            r"(?<![\w.,])(\d{1,5})[-/]?([A-Z]{1,2})(?!\w)",
            lambda match: f"{words.number(match[1])} {words.spelled(match[2])}",
        ),
        rule(
            r"(?<![\w.,])([A-Z]{1,2})-?(\d{1,4})(?!\w)",
            lambda match: f"{words.spelled(match[1])} {words.number(match[2])}",
        ),
        rule(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])-?(?=\d)", " "),
        rule(words.pattern, lambda match: f" {words.number(match[0])} "),
    )


def roman_rules(numbered: str, named: Callable[[str, int], str], words: NumberWords) -> list[Rule]:
    """Roman numerals: after one of the ``numbered`` words as a number, after a name as ``named``
    says."""
    return [
        rule(
            rf"\b((?i:{numbered})) ({ROMAN})\b",
            lambda match: f"{match[1]} {words.cardinal(roman(match[2]))}",
        ),
        rule(rf"\b([A-ZÀ-Ú][a-zà-ú]+) ({ROMAN})\b", lambda match: named(match[1], roman(match[2]))),
    ]


def groups_of(words: NumberWords, written: str) -> str:
    """The groups of digits of ``written``, digit by digit with a pause between groups."""
    return ", ".join(words.spelled(group) for group in re.findall(r"\d+|[kK]", written))


def _groups(words: NumberWords) -> Callable[[re.Match[str]], str]:
    return lambda match: groups_of(words, match[0])


def _plate(words: NumberWords) -> Callable[[re.Match[str]], str]:
    return lambda match: ", ".join(words.spelled(group) for group in match.groups())


def _times(words: NumberWords, written: str) -> str:
    one, many = words.times
    return words.counted(written, one, many)


def _fraction(words: NumberWords, match: re.Match[str]) -> str:
    count, of = int(match[1]), int(match[2])
    if count >= of or of not in words.parts_of_one:
        return match[0]
    one, many = words.parts_of_one[of]
    return f"{words.one} {one}" if count == 1 else f"{words.cardinal(count)} {many}"


def _money(words: NumberWords, sign: str, written: str, multiple: str | None) -> str:
    one, many, one_cent, many_cents = words.currencies[sign]
    whole, fraction = words.parts(written)
    if multiple:
        return f"{words.number(written)} {words.multiples[multiple]}{many}"
    cents = int((fraction + "00")[:2])
    units = int(whole)
    said = "" if cents and not units else _units(words, units, one, many)
    if not cents:
        return said
    name = one_cent if cents == 1 else many_cents
    small = f"{words.before(cents, name)} {name}" if name else words.cardinal(cents)
    return f"{said} {words.joined} {small}" if said else small


def _money_range(words: NumberWords, match: re.Match[str]) -> str:
    many = words.currencies[match[1]][1]
    low, high = words.before(int(match[2]), many), words.before(int(match[3]), many)
    return f"{low} {words.range_word} {high} {many}"


def _units(words: NumberWords, units: int, one: str, many: str) -> str:
    of = ""
    if units and units % 1_000_000 == 0:
        of = next((said for name, said in words.multiples.items() if "de " in said), "")
        of = "de " if of else ""
    return f"{words.before(units, one if units == 1 else many)} {of}{one if units == 1 else many}"
