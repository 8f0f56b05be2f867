"""Latin American Spanish, at the level that a doorman's sentences need."""

import re

from tts.normalising.markup import tidy, without_markup
from tts.normalising.normaliser import check
from tts.normalising.rules import Rule, apply_rules, rule, word_rule
from tts.normalising.shared_rules import NumberWords, amount_rules, number_rules

_WORDS = NumberWords(
    tag="es",
    digit_names="cero uno dos tres cuatro cinco seis siete ocho nueve",
    thousands=".",
    decimal_point="coma",
    percent="por ciento",
    range_word="a",
    minus="menos",
    one="un",
    units={
        "km": ("kilómetro", "kilómetros"),
        "m": ("metro", "metros"),
        "cm": ("centímetro", "centímetros"),
        "kg": ("kilo", "kilos"),
        "g": ("gramo", "gramos"),
        "l": ("litro", "litros"),
        "min": ("minuto", "minutos"),
        "s": ("segundo", "segundos"),
        "h": ("hora", "horas"),
        "°C": ("grado", "grados"),
    },
    currencies={
        "R$": ("real", "reales", "con"),
        "US$": ("dólar", "dólares", "con"),
        "$": ("peso", "pesos", "con"),
        "€": ("euro", "euros", "con"),
    },
)
_ABBREVIATIONS = {
    "Sr.": "Señor",
    "Sra.": "Señora",
    "Srta.": "Señorita",
    "Dr.": "Doctor",
    "Dra.": "Doctora",
    "Prof.": "Profesor",
    "Ing.": "Ingeniero",
    "D.ª": "Doña",
    "Avda.": "avenida",
    "Av.": "avenida",
    "apto.": "apartamento",
    "Apto.": "Apartamento",
    "depto.": "departamento",
    "dpto.": "departamento",
    "Ud.": "usted",
    "Uds.": "ustedes",
    "p. ej.": "por ejemplo",
    "aprox.": "aproximadamente",
}
_MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
_ORDINALS = (
    "primer segundo tercer cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo"
)


def _hour(number: int) -> str:
    said = _WORDS.cardinal(number)
    return said[:-3] + "una" if said.endswith("uno") else said


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2] or 0)
    return f"{_hour(hour)} y {_WORDS.cardinal(minute)}" if minute else _hour(hour)


def _date(match: re.Match[str]) -> str:
    day, month, year = int(match[1]), int(match[2]), match[3]
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    said = f"{_WORDS.cardinal(day)} de {_MONTHS.split()[month - 1]}"
    return f"{said} de {_WORDS.cardinal(int(year))}" if year else said


def _ordinal(match: re.Match[str]) -> str:
    number = int(match[1])
    said = _ORDINALS.split()[number - 1] if 1 <= number <= 12 else _WORDS.ordinal(number)
    if match[2] == "º":
        return said
    return {"primer": "primera", "tercer": "tercera"}.get(said, said[:-1] + "a")


def _address(match: re.Match[str]) -> str:
    bare = re.sub(r"^https?://(?:www\.)?|^www\.", "", match[0]).rstrip("/")
    for sign, said in ((".", " punto "), ("@", " arroba "), ("/", " barra "), ("-", " guion ")):
        bare = bare.replace(sign, said)
    return bare.replace("_", " guion bajo ")


_RULES: tuple[Rule, ...] = (
    rule(r"(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)]|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _address),
    word_rule(_ABBREVIATIONS),
    rule(r"\b[Nn](?:\.[º°]|[º°]\.?|ro\.)\s?(?=\d)", "número "),
    rule(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", _date),
    rule(r"(?<![\d.,:])([01]?\d|2[0-4]):([0-5]\d)(?:\s?(?:h|hs|hrs)\b)?(?!\d)", _time),
    *amount_rules(_WORDS),
    rule(r"\b(\d{1,3})\s?[.]?([ºª])", _ordinal),
    *number_rules(_WORDS),
    rule(r"\s?&\s?", " y "),
    rule(r"\s?@\s?", " arroba "),
    rule(r"(?<=[^\W\d])/(?=[^\W\d])", " o "),
    rule(r"[#*_~^|\\<>/°ºª$£€+%=]", " "),
)


class SpanishNormaliser:
    """Implements :class:`tts.normalising.Normaliser` for ``es``."""

    def normalise(self, text: str) -> str:
        """``apto. 501 a las 14:30`` as "apartamento quinientos uno a las catorce y treinta"."""
        return check(tidy(apply_rules(_RULES, without_markup(text))), text)
