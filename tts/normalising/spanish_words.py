"""Abbreviations, addresses and signs of Spanish."""

import re

from tts.normalising.rules import Rule, rule, word_rule
from tts.normalising.spanish_numbers import WORDS

_ABBREVIATIONS = {
    "Sr.": "Señor", "Sra.": "Señora", "Srta.": "Señorita", "Sres.": "Señores", "Dr.": "Doctor",
    "Dra.": "Doctora", "Prof.": "Profesor", "Profa.": "Profesora", "Ing.": "Ingeniero",
    "Lic.": "Licenciado", "Arq.": "Arquitecto", "D.ª": "Doña", "Dña.": "Doña", "Avda.": "avenida",
    "Av.": "avenida", "Bvar.": "bulevar", "apto.": "apartamento", "Apto.": "Apartamento",
    "depto.": "departamento", "Depto.": "Departamento", "dpto.": "departamento",
    "Dpto.": "Departamento", "edif.": "edificio", "Edif.": "Edificio", "esq.": "esquina",
    "urb.": "urbanización", "Urb.": "Urbanización", "bl.": "bloque", "Bl.": "Bloque",
    "pág.": "página", "tel.": "teléfono", "Tel.": "Teléfono", "cel.": "celular", "Cía.": "compañía",
    "Uds.": "ustedes", "Ud.": "usted", "p. ej.": "por ejemplo", "p.ej.": "por ejemplo",
    "aprox.": "aproximadamente", "máx.": "máximo", "mín.": "mínimo", "etc.": "etcétera",
    "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos", "Bs. As.": "Buenos Aires",
    "S.A.": "ese a", "Sto.": "Santo", "Sta.": "Santa", "s/n": "sin número", "c/u": "cada uno",
    "km/h": "kilómetros por hora",
}  # fmt: skip
_KEYS = {"*": "asterisco", "#": "numeral"}
_VOWELS = set("AEIOUÁÉÍÓÚÜY")
_SPELLED = frozenset({"DNI", "CEO"})
_SIGNS = (
    (".", " punto "),
    ("@", " arroba "),
    ("/", " barra "),
    ("-", " guion "),
    ("_", " guion bajo "),
)


def _address(match: re.Match[str]) -> str:
    bare = re.sub(r"^https?://(?:www\.)?|^www\.", "", match[0], flags=re.IGNORECASE).rstrip("/")
    bare = re.split(r"[?#]", bare)[0]
    for sign, said in _SIGNS:
        bare = bare.replace(sign, said)
    return re.sub(r"\d+", lambda digits: WORDS.number(digits[0]), bare)


def _acronym(match: re.Match[str]) -> str:
    word = match[0]
    if word in _SPELLED or not _VOWELS & set(word):
        return WORDS.spelled(word)
    return word


KEY_RULES: tuple[Rule, ...] = (
    rule(
        r"\b(marqu\w+|presion\w+|oprim\w+|puls\w+|tecla\w*|digit\w+) (la tecla )?'?([*#])'?",
        lambda match: f"{match[1]} {match[2] or ''}{_KEYS[match[3]]}",
        any_case=True,
    ),
    rule(r"(?<=\S )([*#])(?=[\s.,;:!?]|$)", lambda match: _KEYS[match[1]]),
)
"""The telephone's keys, before markup is removed."""

ADDRESS_RULES: tuple[Rule, ...] = (
    rule(
        r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)]",
        _address,
        any_case=True,
    ),
    rule(r"\b[a-z0-9-]+\.(?:com|net|org|gob|app)(?:\.[a-z]{2})?(?:/[\w/.-]*\w)?\b", _address),
)
"""E-mail and web addresses: before anything that looks at full stops and digits."""

WORD_RULES: tuple[Rule, ...] = (
    word_rule(_ABBREVIATIONS, before=r"(?<![\w/])"),
    rule(r"\b(Sra?|Srta|Dra?|Lic|Ing)(?= [A-ZÁ-Ú])", lambda match: _ABBREVIATIONS[match[1] + "."]),
    rule(r"\b([Aa]pto|[Dd]e?pto|[Bb]l)\s?(?=\d)", lambda m: _ABBREVIATIONS[m[1] + "."] + " "),
    rule(r"\b[Nn](?:\.[º°]|[º°]\.?|ro\.|úm\.|o\.)\s?(?=\d)", "número "),
    rule(r"\b([Tt])el(?= [\d(+])", r"\1eléfono"),
    rule(r"/(?=(?:mes|día|semana|año|hora|noche|persona)\b)", " por "),
    rule(r"(?<![\d/])24/7(?![\d/])", "las veinticuatro horas, todos los días"),
    rule(r"\bD\. (?=[A-ZÁ-Ú])", "Don "),
    rule(r"\bC/\s?(?=[A-ZÁ-Ú])", "calle "),
    rule(r"#\s?(?=\d)", "número "),
    rule(r"\b[Kk]m\.?\s?(?=\d)", "kilómetro "),
    rule(r"(\w)\((?:a|as|o|os|es)\)", r"\1"),
    rule(r"\b1/2 (?=hora|docena|taza|cuadra|botella)", "media "),
    rule(r"\b1/2 (?=kilo|litro|metro|día)", "medio "),
    rule(
        r"\b((?i:bloque|torre|puerta|piso|sector|manzana|lote|casa|departamento|apartamento)) "
        r"([B-DF-NP-TV-XZ])(?!\w)",
        lambda match: f"{match[1]} {WORDS.letter(match[2])}",
    ),
)
"""Abbreviations: before numbers, while their full stops and digits still tell them apart."""

SIGN_RULES: tuple[Rule, ...] = (
    rule(r"\s?&\s?", " y "),
    rule(r"(?<=\w)\s*\+\s*(?=\w)", " más "),
    rule(r"\s?=\s?", " igual a "),
    rule(r"\s?@\s?", " arroba "),
    rule(r"(?<=\w)\s?/\s?(?=\w)", " o "),
    rule(r"\b[A-Z]{2,5}\b", _acronym),
    rule(r"(?<![\w'-])([B-DF-HJ-NP-TV-XZ])(?![\w'.-])", lambda match: WORDS.letter(match[1])),
    rule(r"[#*_~^|\\<>/°ºª$£€¥+%=]", " "),
)
"""What is left of signs, and acronyms: after numbers."""
