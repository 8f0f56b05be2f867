"""Times of day and dates in pt-BR."""

import re
from calendar import monthrange

from tts.normalising.portuguese_numbers import cardinal, feminine
from tts.normalising.rules import Rule, rule

_MONTHS = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
_LEAP_YEAR = 2024
_OLDEST_SHORT_YEAR = 50
"""Of two digits: from here on it is one of the last century."""
_WEEKDAYS = {
    "seg": "segunda", "ter": "terça", "qua": "quarta", "qui": "quinta", "sex": "sexta",
    "sáb": "sábado", "sab": "sábado", "dom": "domingo",
}  # fmt: skip
_HOUR = r"(?<![\d.,:/])([01]?\d|2[0-4])"
_AT = r"(?:\b(às|as|das|pelas)\s+)?"
_NAMED_HOURS = {0: "meia-noite", 24: "meia-noite", 12: "meio-dia"}
_BEFORE_NAMED = {
    "meia-noite": {"às": "à ", "as": "à ", "das": "da ", "pelas": "pela "},
    "meio-dia": {"às": "ao ", "as": "ao ", "das": "do ", "pelas": "pelo "},
}


def _time(match: re.Match[str]) -> str:
    at, hour, minute = match[1], int(match[2]), int(match[3] or 0)
    if hour == 24 and at in (None, "as") and not match[3]:
        return f"{at or ''} vinte e quatro horas".strip()
    if hour in _NAMED_HOURS:
        name = _NAMED_HOURS[hour]
        before = _BEFORE_NAMED[name][at.lower()] if at else ""
        return before + name + _minutes(minute)
    before = f"{at} " if at else ""
    if minute:
        return f"{before}{feminine(hour)}{_minutes(minute)}"
    return f"{before}{feminine(hour)} {'hora' if hour == 1 else 'horas'}"


def _duration(match: re.Match[str]) -> str:
    hours, minutes = int(match[1]), int(match[2])
    return (
        f"{feminine(hours)} {'hora' if hours == 1 else 'horas'} e "
        f"{cardinal(minutes)} {'minuto' if minutes == 1 else 'minutos'}"
    )


def _minutes(minute: int) -> str:
    return f" e {cardinal(minute)}" if minute else ""


def spoken_date(day: int, month: int, year: int | None = None) -> str | None:
    """ "primeiro de maio de dois mil e vinte e seis"; None where there is no such date."""
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year or _LEAP_YEAR, month)[1]):
        return None
    said = f"{'primeiro' if day == 1 else cardinal(day)} de {_MONTHS.split()[month - 1]}"
    return said if year is None else f"{said} de {cardinal(year)}"


def _day_first(match: re.Match[str]) -> str:
    year = int(match[3]) if match[3] else None
    if year is not None and len(match[3]) == 2:
        year += 2000 if year < _OLDEST_SHORT_YEAR else 1900
    return spoken_date(int(match[1]), int(match[2]), year) or match[0]


def _day_first_by_other_signs(match: re.Match[str]) -> str:
    return spoken_date(int(match[1]), int(match[3]), int(match[4])) or match[0]


def _day_of_month(match: re.Match[str]) -> str:
    said = spoken_date(int(match[2]), int(match[3]))
    return match[0] if said is None else f"{match[1]} {said}"


def _year_first(match: re.Match[str]) -> str:
    said = spoken_date(int(match[3]), int(match[2]), int(match[1]))
    return match[0] if said is None else said + (" às " if match[4] else "")


def _month_of_year(match: re.Match[str]) -> str:
    return f"{_MONTHS.split()[int(match[1]) - 1]} de {cardinal(int(match[2]))}"


def _weekdays(match: re.Match[str]) -> str:
    return f"{_WEEKDAYS[match[1].lower()]} a {_WEEKDAYS[match[2].lower()]}"


_MONTH = "|".join(_MONTHS.split())
_BEGUN = {month[:3]: month for month in _MONTHS.split()}
_DAY = "|".join(_WEEKDAYS)

DATE_RULES: tuple[Rule, ...] = (
    rule(r"(?<![\d.,/-])(\d{4})-(\d{2})-(\d{2})(?!\d)(T(?=\d))?", _year_first),
    rule(r"(?<![\d.,/-])(\d{1,2})([-.])(\d{1,2})\2(\d{4})(?![\d/-])", _day_first_by_other_signs),
    rule(
        rf"\b({_DAY})\b\.?\s?(?:-|–|a|à)\s?({_DAY})\b(?:\.(?=,|\s[a-z\d]))?",
        _weekdays,
        any_case=True,
    ),
)
"""Before codes, which take numbers with full stops or hyphens between them."""

CALENDAR_RULES: tuple[Rule, ...] = (
    rule(r"(?<=\d[h0-9])\s*[-–]\s*(?=\d{1,2}[h:])", " às "),
    rule(r"(?<![\d.,/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\d/])", _day_first),
    rule(r"(?<![\d.,/])(\d{2})/(\d{2})()(?![\d/])", _day_first),
    rule(r"(?<![\d.,/])(1)[º°]/(\d{1,2})()(?![\d/])", _day_first),
    rule(r"(?<![\d.,:/])(\d{1,2})\s?h\s(\d{1,2})\s?min\b", _duration),
    rule(_AT + _HOUR + r"[:hH]([0-5]\d)(?::[0-5]\d)?\s?(?:h|hs|min|m)?(?![\d\w])", _time),
    rule(_AT + _HOUR + r"\s?(?:h|hs|hrs|H)()(?!\w)", _time),
    rule(
        r"\b(dia|até|em|desde|vencimento|data:?) (\d{1,2})/(\d{1,2})(?![\d/])",
        _day_of_month,
        any_case=True,
    ),
    rule(r"(?<![\d/.,])(0?[1-9]|1[0-2])/((?:19|20)\d{2})(?![\d/])", _month_of_year),
    rule(rf"\b({_MONTH})/(?=\d{{4}}\b)", r"\1 de ", any_case=True),
    rule(
        r"\b(jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez)\.?/(?=\d{4}\b)",
        lambda match: f"{_BEGUN[match[1].lower()]} de ",
        any_case=True,
    ),
    rule(
        r"\b([àa]s?|das|pelas) (\d{1,2}) (?=da (?:tarde|manhã|noite|madrugada)|horas?\b|e meia\b)",
        lambda match: f"{match[1]} {feminine(int(match[2]))} ",
    ),
    rule(rf"\b1º de (?={_MONTH})", "primeiro de "),
)
"""Before units and plain numbers."""
