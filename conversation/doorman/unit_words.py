"""What units and blocks are called, in the extension's language and in a caller's."""

from typing import Final

_KINDS: Final = (
    {"pt-BR": "apartamento", "en": "apartment", "es": "apartamento"},
    {"pt-BR": "casa", "en": "house", "es": "casa"},
    {"pt-BR": "sala", "en": "office", "es": "oficina"},
    {"pt-BR": "conjunto", "en": "suite", "es": "oficina"},
    {"pt-BR": "loja", "en": "store", "es": "tienda"},
    {"pt-BR": "unidade", "en": "unit", "es": "unidad"},
    {"pt-BR": "bloco", "en": "block", "es": "bloque"},
    {"pt-BR": "torre", "en": "tower", "es": "torre"},
    {"pt-BR": "prédio", "en": "building", "es": "edificio"},
    {"pt-BR": "edifício", "en": "building", "es": "edificio"},
    {"pt-BR": "rua", "en": "street", "es": "calle"},
    {"pt-BR": "quadra", "en": "block", "es": "manzana"},
)
_UNIT: Final = _KINDS[0]
_BLOCK: Final = _KINDS[6]


def unit_word(language: str) -> str:
    """The usual word for a unit."""
    return _UNIT[language]


def block_word(language: str) -> str:
    """The usual word for a block."""
    return _BLOCK[language]


def translated(word: str, own: str, language: str) -> str:
    """An extension's word in a caller's language; the word itself where nobody knows it."""
    if own == language:
        return word
    return next((kind[language] for kind in _KINDS if kind[own] == word.lower()), word)
