"""Times of day and dates in pt-BR."""

import re
from calendar import monthrange

from tts.normalising.portuguese_numbers import cardinal, feminine
from tts.normalising.rules import Rule, rule

_MONTHS = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
_LEAP_YEAR = 2024
_HOUR = r"(?<![\d.,:/])([01]?\d|2[0-4])"
_AT = r"(?:\b(às|as|das|pelas)\s+)?"
_NAMED_HOURS = {0: "meia-noite", 24: "meia-noite", 12: "meio-dia"}
_BEFORE_NAMED = {
    "meia-noite": {"às": "à ", "as": "à ", "das": "da ", "pelas": "pela "},
    "meio-dia": {"às": "ao ", "as": "ao ", "das": "do ", "pelas": "pelo "},
}


def _time(match: re.Match[str]) -> str:
    at, hour, minute = match[1], int(match[2]), int(match[3] or 0)
    if hour in _NAMED_HOURS:
        name = _NAMED_HOURS[hour]
        before = _BEFORE_NAMED[name][at.lower()] if at else ""
        return before + name + _minutes(minute)
    before = f"{at} " if at else ""
    if minute:
        return f"{before}{feminine(hour)}{_minutes(minute)}"
    return f"{before}{feminine(hour)} {'hora' if hour == 1 else 'horas'}"


def _minutes(minute: int) -> str:
    return f" e {cardinal(minute)}" if minute else ""


def spoken_date(day: int, month: int, year: int | None = None) -> str | None:
    """ "primeiro de maio de dois mil e vinte e seis"; None where there is no such date."""
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year or _LEAP_YEAR, month)[1]):
        return None
    said = f"{'primeiro' if day == 1 else cardinal(day)} de {_MONTHS.split()[month - 1]}"
    return said if year is None else f"{said} de {cardinal(year)}"


def _day_first(match: re.Match[str]) -> str:
    year = match[3] and int(match[3]) + (2000 if len(match[3]) == 2 else 0)
    return spoken_date(int(match[1]), int(match[2]), year or None) or match[0]


def _year_first(match: re.Match[str]) -> str:
    said = spoken_date(int(match[3]), int(match[2]), int(match[1]))
    return match[0] if said is None else said + (" às " if match[4] else "")


CALENDAR_RULES: tuple[Rule, ...] = (
    rule(r"(?<=\d[h0-9])\s*[-–]\s*(?=\d{1,2}[h:])", " às "),
    rule(r"(?<![\d.,/-])(\d{4})-(\d{2})-(\d{2})(?!\d)(T(?=\d))?", _year_first),
    rule(r"(?<![\d.,/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\d/])", _day_first),
    rule(r"(?<![\d.,/])(\d{2})/(\d{2})()(?![\d/])", _day_first),
    rule(_AT + _HOUR + r"[:hH]([0-5]\d)(?::[0-5]\d)?\s?(?:h|hs|min|m)?(?![\d\w])", _time),
    rule(_AT + _HOUR + r"\s?(?:h|hs|hrs|H)()(?!\w)", _time),
    rule(r"\b1º de (?=" + "|".join(_MONTHS.split()) + ")", "primeiro de "),
)
"""Before units and plain numbers."""
