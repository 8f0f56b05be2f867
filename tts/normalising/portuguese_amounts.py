"""Money, percentages, measures, ordinals and plain numbers in pt-BR."""

import re

from tts.normalising.portuguese_nouns import NOUN_RULES, is_feminine_alone
from tts.normalising.portuguese_numbers import cardinal, feminine, number, ordinal, parts
from tts.normalising.rules import Rule, rule

_NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
_CURRENCIES = {
    "R$": ("real", "reais"),
    "US$": ("dólar", "dólares"),
    "U$": ("dólar", "dólares"),
    "$": ("dólar", "dólares"),
    "€": ("euro", "euros"),
    "£": ("libra", "libras"),
    "¥": ("iene", "ienes"),
}
_MEASURES = {
    "km/h": ("quilômetro por hora", "quilômetros por hora"),
    "km²": ("quilômetro quadrado", "quilômetros quadrados"),
    "km": ("quilômetro", "quilômetros"),
    "m²": ("metro quadrado", "metros quadrados"),
    "m2": ("metro quadrado", "metros quadrados"),
    "m³": ("metro cúbico", "metros cúbicos"),
    "cm": ("centímetro", "centímetros"),
    "mm": ("milímetro", "milímetros"),
    "m": ("metro", "metros"),
    "t": ("tonelada", "toneladas"),
    "pol.": ("polegada", "polegadas"),
    "pol": ("polegada", "polegadas"),
    "ha": ("hectare", "hectares"),
    "dB": ("decibel", "decibéis"),
    "kg": ("quilo", "quilos"),
    "mg": ("miligrama", "miligramas"),
    "g": ("grama", "gramas"),
    "ml": ("mililitro", "mililitros"),
    "l": ("litro", "litros"),
    "L": ("litro", "litros"),
    "min": ("minuto", "minutos"),
    "seg": ("segundo", "segundos"),
    "s": ("segundo", "segundos"),
    "ms": ("milissegundo", "milissegundos"),
    "kWh": ("quilowatt-hora", "quilowatts-hora"),
    "kW": ("quilowatt", "quilowatts"),
    "W": ("watt", "watts"),
    "V": ("volt", "volts"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "°C": ("grau", "graus"),
    "ºC": ("grau", "graus"),
}
_FEMININE_UNITS = frozenset({"tonelada", "polegada", "libra"})
_PARTS = {2: "meio", 3: "terço", 4: "quarto", 5: "quinto", 8: "oitavo", 10: "décimo"}
_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4"}


def _money(match: re.Match[str]) -> str:
    one, many = _CURRENCIES[match[1]]
    whole, fraction = parts(match[2])
    if match[3]:
        of = "" if match[3] == "mil" else "de "
        return f"{number(match[2])} {match[3]} {of}{many}"
    units, cents = int(whole), int((fraction + "00")[:2])
    return " e ".join(filter(None, [_units(units, cents, one, many), _cents(cents)]))


def _money_before_sign(match: re.Match[str]) -> str:
    one, many = _CURRENCIES[match[2]]
    whole, fraction = parts(match[1])
    cents = int((fraction + "00")[:2])
    return " e ".join(filter(None, [_units(int(whole), cents, one, many), _cents(cents)]))


def _money_range(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[2]))} a {cardinal(int(match[3]))} {_CURRENCIES[match[1]][1]}"


def _units(units: int, cents: int, one: str, many: str) -> str:
    if units == 0 and cents:
        return ""
    of = "de " if units and units % 1_000_000 == 0 else ""
    count = feminine(units) if one.endswith("a") else cardinal(units)
    return f"{count} {of}{one if units == 1 else many}"


def _cents(cents: int) -> str:
    return f"{cardinal(cents)} {'centavo' if cents == 1 else 'centavos'}" if cents else ""


def _measure(match: re.Match[str]) -> str:
    one, many = _MEASURES[match[2]]
    whole, fraction = parts(match[1])
    is_plain = one in _FEMININE_UNITS and not fraction
    if match[2] == "m" and len(fraction) == 2 and whole != "0" and fraction != "00":
        return f"{cardinal(int(whole))} {one if whole == '1' else many} e {cardinal(int(fraction))}"
    count = feminine(int(whole)) if is_plain else number(match[1])
    return f"{count} {one if whole in ('0', '1') else many}"


def _ordinal(match: re.Match[str]) -> str:
    return ordinal(int(match[1]), is_feminine=match[2] in "ªa")


def _fraction(match: re.Match[str]) -> str:
    count, of, noun = int(match[1]), int(match[2]), match[3] or ""
    if count >= of or of not in _PARTS:
        return match[0]
    if of == 2 and noun:
        return f"{'meia' if is_feminine_alone(noun) else 'meio'} {noun}"
    said = f"{cardinal(count)} {_PARTS[of]}{'s' if count > 1 else ''}"
    return f"{said} {noun}".strip()


def _times(match: re.Match[str]) -> str:
    count = int(match[1])
    return f"{feminine(count)} {'vez' if count == 1 else 'vezes'}"


AMOUNT_RULES: tuple[Rule, ...] = (
    rule(r"(R\$|US\$|€)\s?(\d+)\s?[-–]\s?(?:\1\s?)?(\d+)(?![\d.,]\d)", _money_range),
    rule(r"(?<=\d)\s?[xX×]\s?(?=\d)", " por "),
    rule(r"(?<![\w.,])(\d{1,3})\s?[xX×](?!\w)", _times),
    rule(r"(?<=\d)\s?½", " e meio"),
    rule(r"[½¼¾]", lambda match: _VULGAR[match[0]]),
    rule(r"(?<![\w/.,])([1-9])/([2-9]|10)(?![\d/])(?: (?!d[aeo]s?\b)([a-zà-ú]{4,}))?", _fraction),
    rule(r"(?<=\d)\s?[-–]\s?(?=\d+\b)", " a "),
    rule(r"(?<![\w.,])[-−](?=(?:R\$|US?\$|[$€£¥])?\s?\d)", "menos "),
    rule(
        r"(R\$|US?\$|\$|€|£|¥)\s*(" + _NUMBER + r")(?:\s+(mil|milhão|milhões|bilhão|bilhões)\b)?",
        _money,
    ),
    rule(r"(?<![\w.,])(" + _NUMBER + r")\s?([€£])", _money_before_sign),
    rule(r"(?<![\w.,])(" + _NUMBER + r")\s?%", lambda match: f"{number(match[1])} por cento"),
    rule(
        r"(?<![\w.,])(" + _NUMBER + r")\s?"
        rf"({'|'.join(sorted(map(re.escape, _MEASURES), key=len, reverse=True))})(?![\w²³/])",
        _measure,
    ),
    rule(
        r"(?<![\w.,])([2-6])[ªa]?[-\s]?feira",
        lambda m: ordinal(int(m[1]), is_feminine=True) + "-feira",
    ),
    rule(
        r"\b(máxima|mínima|temperatura|sensação|ângulo|faz|fez)( de| em)? (\d{1,3})\s?°(?!\w)",
        lambda match: f"{match[1]}{match[2] or ''} {cardinal(int(match[3]))} graus",
    ),
    rule(r"(?<![\w.,])(\d{1,3})\.?\s?([ºª°])", _ordinal),
    rule(r"(?<![\w.,])(\d{1,3})([oa])(?= [a-zà-ú])", _ordinal),
    rule(r"(?<![\w.,])(\d{1,3})(o)(?=[.,;!?]|$)", _ordinal),
    *NOUN_RULES,
)
"""Numbers with something that says what they count."""

NUMBER_RULES: tuple[Rule, ...] = (
    rule(r"(?<=\d)/(?=\d)", " barra "),
    rule(_NUMBER, lambda match: f" {number(match[0])} "),
)
"""Whatever digits are left; after these there are none."""
