"""Where people live, in pt-BR: apartments, blocks, towers, and Roman numerals."""

import re

from tts.normalising.portuguese_numbers import LETTERS, cardinal, number, ordinal
from tts.normalising.roman import ROMAN, roman
from tts.normalising.rules import Rule, rule

_LETTERED = (
    "bloco|torre|ala|quadra|setor|portão|portaria|garagem|vaga|lote|letra|entrada|edifício|"
    "apartamento|unidade|casa|sala|loja|conjunto|escada|elevador|subsolo|grupo|classe|opção"
)
_NUMBERED = (
    "bloco|torre|quadra|setor|fase|etapa|século|edifício|ala|capítulo|rua|praça|avenida|volume|"
    "tomo|parte|artigo|inciso|sala|salão|turma|lote|galpão|portão"
)
_QUEENS = "Elizabeth|Elisabeth|Isabel|Beatriz|Raquel|Inês"
_RULERS = "Pedro|João|Carlos|Pio|José|Manuel|Luís|Afonso|Leopoldo|Napoleão|Francisco|Leão|Henrique"
_FEMININE_EVENTS = "Guerra|Festa|Semana|Assembleia|Reunião|Jornada|Feira|Conferência|Mostra|Corrida"
_MONTH_NAMES = (
    "[Jj]aneiro|[Ff]evereiro|[Mm]arço|[Aa]bril|[Mm]aio|[Jj]unho|[Jj]ulho|[Aa]gosto|[Ss]etembro|"
    "[Oo]utubro|[Nn]ovembro|[Dd]ezembro"
)
_EVENTS = "Encontro|Congresso|Festival|Torneio|Simpósio|Fórum|Reinado|Império|Concurso|Campeonato"


def _letter_after(match: re.Match[str]) -> str:
    return f"{match[1]} {LETTERS[match[2].upper()]}"


def _letter_and_number(match: re.Match[str]) -> str:
    return f"{LETTERS[match[1][0].upper()]} {number(match[2])}"


def _number_and_letters(match: re.Match[str]) -> str:
    letters = " ".join(LETTERS[letter] for letter in match[2].upper())
    return f"{number(match[1])} {letters}"


def _name_with_roman(match: re.Match[str]) -> str:
    value = roman(match[2])
    if value > 10:
        return f"{match[1]} {cardinal(value)}"
    is_queen = match[1].endswith("a") or match[1] in _QUEENS.split("|")
    return f"{match[1]} {ordinal(value, is_feminine=is_queen)}"


def _event(match: re.Match[str]) -> str:
    said = ordinal(roman(match[1]), is_feminine=match[2] in _FEMININE_EVENTS.split("|"))
    return f"{said.capitalize()} {match[2]}"


PLACE_RULES: tuple[Rule, ...] = (
    rule(r"(?<=\d)[-/](?=[A-Z]\d)", " "),
    rule(
        rf"\b((?i:{_NUMBERED})) ({ROMAN})\b",
        lambda match: f"{match[1]} {cardinal(roman(match[2]))}",
    ),
    rule(rf"\b((?=[IVXL])(?:{ROMAN}|[IVX])) ({_FEMININE_EVENTS}|{_EVENTS})\b", _event),
    rule(
        rf"\b({ROMAN}) (?=de (?:{_MONTH_NAMES})\b)",
        lambda match: cardinal(roman(match[1])).capitalize() + " ",
    ),
    rule(rf"\b([A-ZÀ-Ú][a-zà-ú]+) ({ROMAN})\b", _name_with_roman),
    rule(rf"\b({_RULERS}) ([IVX])\b(?!\.?\s?[A-ZÀ-Ú])", _name_with_roman),
    rule(r"(?<![\w.,])([A-Za-z]-?|[BCDF-NP-Z]\s)(\d{1,4})(?![\w,.]\d|\w)", _letter_and_number),
    rule(r"(?<![\w.,])(\d{1,5})[-/]?([A-Z]{1,2}|[b-df-z])(?!\w)", _number_and_letters),
    rule(r"(?<![\w.,])(\d{1,5})\s([B-DF-NP-Z])(?!\w)", _number_and_letters),
    rule(rf"\b((?i:{_LETTERED})) [\"']?([A-Z]|[b-df-np-z])(?![\w'])[\"']?", _letter_after),
)
"""After measures (``2 m`` is no apartment), before plain numbers."""
