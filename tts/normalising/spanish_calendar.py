"""Times of day and dates in Spanish."""

import re
from calendar import monthrange

from tts.normalising.rules import Rule, rule
from tts.normalising.spanish_numbers import WORDS

_MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
_MONTH = "|".join(_MONTHS.split())
_LEAP_YEAR = 2024
_HALVES = ((5, "de la madrugada"), (12, "de la mañana"), (19, "de la tarde"), (24, "de la noche"))


def _hour(number: int) -> str:
    said = WORDS.cardinal(number)
    return said[:-3] + "una" if said.endswith("uno") else said


def _minutes(minute: int) -> str:
    return f" y {WORDS.cardinal(minute)}" if minute else ""


def _time(match: re.Match[str]) -> str:
    return _hour(int(match[1])) + _minutes(int(match[2] or 0))


def _hours(match: re.Match[str]) -> str:
    hour = int(match[1])
    return f"{_hour(hour)} {'hora' if hour == 1 else 'horas'}"


def _half_day(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2] or 0)
    is_pm = match[3].lower() == "p"
    if hour == 12:
        return f"doce{_minutes(minute)} {'del mediodía' if is_pm else 'de la noche'}"
    time = hour + 12 if is_pm else hour
    part = next(name for end, name in _HALVES if time < end) if time < 24 else ""
    return f"{_hour(hour)}{_minutes(minute)} {part}".strip()


def spoken_date(day: int, month: int, year: int | None = None) -> str | None:
    """ "primero de mayo de dos mil veintiséis"; None where there is no such date."""
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year or _LEAP_YEAR, month)[1]):
        return None
    said = f"{'primero' if day == 1 else WORDS.cardinal(day)} de {_MONTHS.split()[month - 1]}"
    return said if year is None else f"{said} de {WORDS.cardinal(year)}"


def _day_first(match: re.Match[str]) -> str:
    return spoken_date(int(match[1]), int(match[3]), int(match[4])) or match[0]


def _day_of_month(match: re.Match[str]) -> str:
    return spoken_date(int(match[1]), int(match[2])) or match[0]


def _year_first(match: re.Match[str]) -> str:
    return spoken_date(int(match[3]), int(match[2]), int(match[1])) or match[0]


CALENDAR_RULES: tuple[Rule, ...] = (
    rule(r"(?<![\d.,/-])(\d{4})-(\d{2})-(\d{2})(?!\d)", _year_first),
    rule(r"(?<![\d.,/-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\d/-])", _day_first),
    rule(r"(?<![\d.,/])(\d{2})/(\d{2})(?![\d/])", _day_of_month),
    rule(rf"\b1º? (?=de (?:{_MONTH})\b)", "primero "),
    rule(r"(?<=\d)\s?[-–]\s?(?=\d{1,2}(?::\d\d|\s?(?:h|hs|hrs)\b))", " a "),
    rule(
        r"(?<![\d.,:])(1[0-2]|0?[1-9])(?::([0-5]\d))?\s?([AaPp])\.?\s?[Mm]\b\.?",
        _half_day,
    ),
    rule(r"(?<![\d.,:])([01]?\d|2[0-4])[:.]([0-5]\d)\s?(?:h|hs|hrs)\b\.?", _time),
    rule(r"(?<![\d.,:])([01]?\d|2[0-4]):([0-5]\d)(?!\d)", _time),
    rule(r"(?<![\d.,:])([01]?\d|2[0-4])\s?(?:hs|hrs|h)\b\.?(?=\s*\S|$)", _hours),
    rule(
        r"\b(a las?|las?) (\d{1,2})\b(?![\d.,:]\d|\s?\.?[%°ºª])"
        r"(?= (?:de la|en punto|y|horas?)\b|\W|$)",
        lambda match: f"{match[1]} {_hour(int(match[2]))}",
    ),
)
"""Before codes and units."""
