"""Units as they are said in English at a Brazilian gate: "apartment five zero one, block b"."""

from collections.abc import Sequence

from conversation.rules.words import Word

_DIGITS = {
    "oh": "zero", "zero": "zero", "one": "um", "two": "dois", "three": "tres", "four": "quatro",
    "five": "cinco", "six": "seis", "seven": "sete", "eight": "oito", "nine": "nove",
}  # fmt: skip
_HUNDREDS = {
    "one": "cento", "two": "duzentos", "three": "trezentos", "four": "quatrocentos",
    "five": "quinhentos", "six": "seiscentos", "seven": "setecentos", "eight": "oitocentos",
    "nine": "novecentos",
}  # fmt: skip
_WORDS = {
    **_DIGITS, "apartment": "apartamento", "apt": "apartamento", "unit": "apartamento",
    "block": "bloco", "building": "bloco", "tower": "torre", "and": "e", "visit": "visitar",
    "visiting": "visitar", "package": "pacote", "friend": "amigo",
}  # fmt: skip


def in_portuguese(words: Sequence[Word]) -> list[Word]:
    """The words that rules look for, said in Portuguese; the rest as it was heard."""
    keys = [*(word.key for word in words), ""]
    return [
        Word(word.heard, _HUNDREDS[key] if keys[at + 1] == "hundred" and key in _HUNDREDS else said)
        for at, (word, key) in enumerate(zip(words, keys, strict=False))
        if key != "hundred" and (said := _WORDS.get(key, key))
    ]
