"""English, at the level that a doorman's sentences need."""

import re

from tts.normalising.markup import tidy, without_markup
from tts.normalising.normaliser import check
from tts.normalising.rules import Rule, apply_rules, rule, word_rule
from tts.normalising.shared_rules import NumberWords, amount_rules, number_rules

_WORDS = NumberWords(
    tag="en",
    digit_names="zero one two three four five six seven eight nine",
    thousands=",",
    decimal_point="point",
    percent="percent",
    range_word="to",
    minus="minus",
    one="one",
    units={
        "km": ("kilometer", "kilometers"),
        "m": ("meter", "meters"),
        "cm": ("centimeter", "centimeters"),
        "kg": ("kilogram", "kilograms"),
        "g": ("gram", "grams"),
        "l": ("liter", "liters"),
        "min": ("minute", "minutes"),
        "s": ("second", "seconds"),
        "h": ("hour", "hours"),
        "°C": ("degree Celsius", "degrees Celsius"),
        "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    },
    currencies={
        "R$": ("real", "reais", "and"),
        "US$": ("dollar", "dollars", "and"),
        "$": ("dollar", "dollars", "and"),
        "€": ("euro", "euros", "and"),
        "£": ("pound", "pounds", "and"),
    },
)
_ABBREVIATIONS = {
    "Mr.": "Mister",
    "Mrs.": "Missus",
    "Ms.": "Miss",
    "Dr.": "Doctor",
    "Prof.": "Professor",
    "Apt.": "apartment",
    "apt.": "apartment",
    "Bldg.": "building",
    "bldg.": "building",
    "Ave.": "avenue",
    "Blvd.": "boulevard",
    "Rd.": "road",
    "vs.": "versus",
    "e.g.": "for example",
    "i.e.": "that is",
    "approx.": "approximately",
}
_MONTHS = "January February March April May June July August September October November December"


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    minutes = f"oh {_WORDS.cardinal(minute)}" if minute < 10 else _WORDS.cardinal(minute)
    said = [_WORDS.cardinal(hour)]
    if minute:
        said.append(minutes)
    elif not half:
        said.append("o'clock" if 1 <= hour <= 12 else "hundred hours")
    if half:
        said.append("a m" if half.startswith("a") else "p m")
    return " ".join(said)


def _date(match: re.Match[str]) -> str:
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    return f"{_MONTHS.split()[month - 1]} {_WORDS.ordinal(day)}, {_WORDS.cardinal(year)}"


def _address(match: re.Match[str]) -> str:
    bare = re.sub(r"^https?://(?:www\.)?|^www\.", "", match[0]).rstrip("/")
    for sign, said in ((".", " dot "), ("@", " at "), ("/", " slash "), ("-", " dash ")):
        bare = bare.replace(sign, said)
    return bare.replace("_", " underscore ")


_RULES: tuple[Rule, ...] = (
    rule(r"(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)]|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _address),
    word_rule(_ABBREVIATIONS),
    rule(r"\b(Mr|Mrs|Ms|Dr)(?= [A-Z])", lambda match: _ABBREVIATIONS[match[1] + "."]),
    rule(r"\b(?:No\.|no\.|#)\s?(?=\d)", "number "),
    rule(r"\bSt\.(?= [A-Z])", "Saint"),
    rule(r"\b(\d{4})-(\d{2})-(\d{2})\b", _date),
    rule(r"(?<![\d.,:])(\d{1,2}):([0-5]\d)(?:\s?([AaPp])\.?[Mm]\b\.?)?(?!\d)", _time),
    rule(r"(?<![\d.,:])(\d{1,2})()\s?([AaPp])\.?[Mm]\b\.?", _time),
    *amount_rules(_WORDS),
    rule(r"\b(\d+)(?:st|nd|rd|th)\b", lambda match: _WORDS.ordinal(int(match[1]))),
    *number_rules(_WORDS),
    rule(r"\s?&\s?", " and "),
    rule(r"\s?@\s?", " at "),
    rule(r"(?<=[^\W\d])/(?=[^\W\d])", " or "),
    rule(r"[#*_~^|\\<>/°$£€+%=]", " "),
)


class EnglishNormaliser:
    """Implements :class:`tts.normalising.Normaliser` for ``en``."""

    def normalise(self, text: str) -> str:
        """``Apt. 501 at 2:30 pm`` as "apartment five hundred and one at two thirty p m"."""
        return check(tidy(apply_rules(_RULES, without_markup(text))), text)
