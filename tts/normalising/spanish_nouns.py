"""The gender of what is counted in Spanish: "veintiún paquetes", "veintiuna personas"."""

import re

from num2words import num2words

from tts.normalising.rules import Rule, rule

_FEMININE_WORDS = (
    "llave clave torre calle noche tarde parte vez moto foto mujer mano clase leche madre flor "
    "luz voz cruz pared red sede fase frase base imagen orden suite radio hora"
)
_FEMININE = frozenset(_FEMININE_WORDS.split())
_MASCULINE_WORDS = (
    "día mapa problema sistema programa tema idioma clima planeta drama esquema diploma sofá "
    "poeta turista guardia policía kilograma"
)
_MASCULINE = frozenset(_MASCULINE_WORDS.split())
_NO_NOUNS = {
    "es",
    "más",
    "tres",
    "menos",
    "pues",
    "después",
    "entonces",
    "las",
    "los",
    "sus",
    "mis",
}
_SURELY_COUNTED_WORDS = (
    "persona paquete visita entrega caja encomienda día hora minuto llave mensaje pedido carta "
    "sobre moto auto vez cuota piso habitación semana mes año hombre mujer pregunta vehículo"
)
_SURELY_COUNTED = frozenset(_SURELY_COUNTED_WORDS.split())
_LABELLED = (
    "apartamento|apto|departamento|depto|dpto|piso|bloque|torre|casa|local|oficina|número|unidad|"
    "código|clave|interno|extensión|opción|puerta|el|la|del|al"
)


def is_feminine(noun: str) -> bool:
    """Of a noun, lower case, in the singular or plural."""
    one = noun
    if noun.endswith(("ces", "es")) and noun[:-2] in _FEMININE:
        one = noun[:-2]
    elif noun.endswith("ces"):
        one = noun[:-3] + "z"
    elif noun.endswith("s") and noun[:-1] not in _NO_NOUNS:
        one = noun.removesuffix("s")
    if one in _MASCULINE:
        return False
    return one in _FEMININE or one.endswith(("a", "ión", "ione", "dad", "dade", "tud", "umbre"))


def before_noun(number: int, noun: str) -> str:
    """``21`` before "paquetes" as "veintiún", before "personas" as "veintiuna"."""
    words = str(num2words(number, lang="es"))
    if is_feminine(noun.partition(" ")[0]):
        words = re.sub(r"cientos\b", "cientas", words).replace("quinientos", "quinientas")
        return re.sub(r"uno$", "una", words)
    if words.endswith("veintiuno"):
        return words.removesuffix("veintiuno") + "veintiún"
    return words.removesuffix("o") if words.endswith("uno") else words


def _counted(match: re.Match[str]) -> str:
    label, digits, noun = match.groups()
    is_many = noun.endswith("s") and noun not in _NO_NOUNS and len(noun) > 3
    if label or not (noun in _SURELY_COUNTED if digits == "1" else is_many):
        return match[0]
    return f"{before_noun(int(digits.replace('.', '')), noun)} {noun}"


NOUN_RULES: tuple[Rule, ...] = (
    rule(
        rf"(?<![\w.,])(?:((?i:{_LABELLED}))\.? )?(?<![\d.,])(\d{{1,3}}(?:\.\d{{3}})+|\d{{1,6}})"
        r" ([a-zñáéíóúü]{2,})\b",
        _counted,
    ),
)
"""After measures and before plain numbers; "el 501 tiene" stays a number."""
