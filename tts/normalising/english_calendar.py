"""Times of day and dates in English, as written in the United States and elsewhere."""

import re
from calendar import monthrange

from tts.normalising.english_numbers import WORDS, year
from tts.normalising.rules import Rule, rule

_MONTHS = "January February March April May June July August September October November December"
_BY_START = {name[:3]: name for name in _MONTHS.split()}
_MONTH = (
    "(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    "Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_LEAP_YEAR = 2024
_DAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday",
    "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    minutes = f"oh {WORDS.cardinal(minute)}" if minute < 10 else WORDS.cardinal(minute)
    said = [WORDS.cardinal(hour)]
    if minute:
        said.append(minutes)
    elif not half:
        said.append("o'clock" if 1 <= hour <= 12 else "hundred hours")
    if half:
        said.append("a m" if half.startswith("a") else "p m")
    return " ".join(said)


def spoken_date(day: int, month: int, of_year: int | None = None) -> str | None:
    """ "May first, two thousand and twenty-six"; None where there is no such date."""
    if not (1 <= month <= 12 and 1 <= day <= monthrange(of_year or _LEAP_YEAR, month)[1]):
        return None
    said = f"{_MONTHS.split()[month - 1]} {WORDS.ordinal(day)}"
    return said if of_year is None else f"{said}, {year(of_year)}"


def _year_first(match: re.Match[str]) -> str:
    return spoken_date(int(match[3]), int(match[2]), int(match[1])) or match[0]


def _month_first(match: re.Match[str]) -> str:
    """``11/20/2026``; where the first number is no month, the second one is."""
    first, second, of_year = int(match[1]), int(match[2]), int(match[3])
    said = spoken_date(second, first, of_year) or spoken_date(first, second, of_year)
    return said or match[0]


def _month_and_day(match: re.Match[str]) -> str:
    said = spoken_date(int(match[2]), _month_number(match[1]), (match[3] and int(match[3])) or None)
    return said or match[0]


def _day_and_month(match: re.Match[str]) -> str:
    said = spoken_date(int(match[1]), _month_number(match[2]), (match[3] and int(match[3])) or None)
    return said or match[0]


def _month_number(name: str) -> int:
    return list(_BY_START).index(name[:3]) + 1


CALENDAR_RULES: tuple[Rule, ...] = (
    rule(r"(?<![\d.,/-])(\d{4})-(\d{2})-(\d{2})(?!\d)", _year_first),
    rule(r"(?<![\d.,/-])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])", _month_first),
    rule(rf"\b{_MONTH}\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?\b(?![:%])", _month_and_day),
    rule(
        rf"\b(?:the )?(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}\b\.?(?:,? (\d{{4}})\b)?",
        _day_and_month,
    ),
    rule(
        rf"\b({'|'.join(_DAYS)})\.?(?:\s?[-–]\s?| to )({'|'.join(_DAYS)})\b\.?",
        lambda match: f"{_DAYS[match[1]]} to {_DAYS[match[2]]}",
    ),
    rule(r"\b((?:in|since|until|from|by|of|year)) (1[1-9]\d{2})\b(?![,.]\d)",
         lambda match: f"{match[1]} {year(int(match[2]))}", any_case=True),
    rule(r"(?<=\d)\s?[-–]\s?(?=\d{1,2}(?::\d\d|\s?[ap]\.?m))", " to ", any_case=True),
    rule(r"(?<=m)\s?[-–]\s?(?=\d)", " to "),
    rule(r"(?<![\d.,:])(\d{1,2}):([0-5]\d)(?:\s?([AaPp])\.?[Mm]\b\.?)?(?!\d)", _time),
    rule(r"(?<![\d.,:])(\d{1,2})()\s?([AaPp])\.?[Mm]\b\.?", _time),
)  # fmt: skip
"""Before codes and units."""
