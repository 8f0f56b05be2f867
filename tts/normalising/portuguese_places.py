"""Where people live, in pt-BR: apartments, blocks, towers, and Roman numerals."""

import re

from tts.normalising.portuguese_numbers import LETTERS, cardinal, number, ordinal
from tts.normalising.rules import Rule, rule

_LETTERED = (
    "bloco|torre|ala|quadra|setor|portão|portaria|garagem|vaga|lote|letra|entrada|edifício|"
    "apartamento|unidade|casa|sala|loja|conjunto|escada|elevador|subsolo|grupo|classe|opção"
)
_NUMBERED = "bloco|torre|quadra|setor|fase|etapa|século|edifício|ala|capítulo"
_ROMAN = r"(?=[IVXL]{2,}\b)(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}


def roman(numeral: str) -> int:
    """The value of a well-formed numeral below 90."""
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(
        -value if any(later > value for later in values[place + 1 :]) else value
        for place, value in enumerate(values)
    )


def _letter_after(match: re.Match[str]) -> str:
    return f"{match[1]} {LETTERS[match[2].upper()]}"


def _letter_and_number(match: re.Match[str]) -> str:
    return f"{LETTERS[match[1][0].upper()]} {number(match[2])}"


def _number_and_letters(match: re.Match[str]) -> str:
    letters = " ".join(LETTERS[letter] for letter in match[2].upper())
    return f"{number(match[1])} {letters}"


def _name_with_roman(match: re.Match[str]) -> str:
    value = roman(match[2])
    return f"{match[1]} {ordinal(value) if value <= 10 else cardinal(value)}"


PLACE_RULES: tuple[Rule, ...] = (
    rule(
        rf"\b((?i:{_NUMBERED})) ({_ROMAN})\b",
        lambda match: f"{match[1]} {cardinal(roman(match[2]))}",
    ),
    rule(rf"\b([A-ZÀ-Ú][a-zà-ú]+) ({_ROMAN})\b", _name_with_roman),
    rule(r"(?<![\w.,])([A-Za-z]-?|[BCDF-NP-Z]\s)(\d{1,4})(?![\w,.]\d|\w)", _letter_and_number),
    rule(r"(?<![\w.,])(\d{1,5})[-/]?([A-Z]{1,2}|[b-df-z])(?!\w)", _number_and_letters),
    rule(r"(?<![\w.,])(\d{1,5})\s([B-DF-NP-Z])(?!\w)", _number_and_letters),
    rule(rf"\b((?i:{_LETTERED})) [\"']?([A-Z]|[b-df-np-z])(?![\w'])[\"']?", _letter_after),
)
"""After measures (``2 m`` is no apartment), before plain numbers."""
