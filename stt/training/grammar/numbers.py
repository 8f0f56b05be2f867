"""Numbers as people say them in Brazil, in English and in Spanish, in words."""

from __future__ import annotations

import random

from stt.training.grammar.wordlist import words

_PT_SMALL = words(
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze "
    "dezesseis dezessete dezoito dezenove"
)
_PT_TENS = words("- - vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
_PT_HUNDREDS = words(
    "- cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
)
_EN_SMALL = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_EN_TENS = words("- - twenty thirty forty fifty sixty seventy eighty ninety")
_ES_SMALL = words(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro "
    "veinticinco veintiséis veintisiete veintiocho veintinueve"
)
_ES_TENS = words("- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_ES_HUNDREDS = words(
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos "
    "novecientos"
)


def portuguese(number: int) -> str:
    """``number`` (0 to 9999) as a cardinal, e.g. 501 gives ``quinhentos e um``."""
    if number < 20:
        return _PT_SMALL[number]
    if number < 100:
        tens, units = divmod(number, 10)
        return _PT_TENS[tens] + (f" e {_PT_SMALL[units]}" if units else "")
    if number == 100:
        return "cem"
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return _PT_HUNDREDS[hundreds] + (f" e {portuguese(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    head = "mil" if thousands == 1 else f"{portuguese(thousands)} mil"
    if not rest:
        return head
    joiner = " e " if rest <= 100 or rest % 100 == 0 else " "
    return head + joiner + portuguese(rest)


def portuguese_digits(digits: str, rng: random.Random, meia: float = 0.5) -> str:
    """Digit by digit; 6 is ``meia`` (half a dozen) with the given probability."""
    return " ".join(
        "meia" if d == "6" and rng.random() < meia else _PT_SMALL[int(d)] for d in digits
    )


def portuguese_pairs(number: int, rng: random.Random) -> str:
    """1204 as ``doze zero quatro`` and 1512 as ``quinze doze``; three digits split 1 + 2."""
    head, tail = divmod(number, 100)
    if tail < 10:
        return f"{portuguese(head)} zero {portuguese_digits(str(tail), rng)}"
    return f"{portuguese(head)} {portuguese(tail)}"


def english(number: int) -> str:
    """``number`` (0 to 9999) as an English cardinal without *and*."""
    if number < 20:
        return _EN_SMALL[number]
    if number < 100:
        tens, units = divmod(number, 10)
        return _EN_TENS[tens] + (f" {_EN_SMALL[units]}" if units else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_EN_SMALL[hundreds]} hundred" + (f" {english(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    return f"{english(thousands)} thousand" + (f" {english(rest)}" if rest else "")


def english_digits(digits: str, rng: random.Random) -> str:
    """Digit by digit; 0 is ``zero`` or ``oh``."""
    return " ".join("oh" if d == "0" and rng.random() < 0.6 else _EN_SMALL[int(d)] for d in digits)


def english_pairs(number: int) -> str:
    """1204 as ``twelve oh four``, 501 as ``five oh one``."""
    head, tail = divmod(number, 100)
    if tail == 0:
        return f"{english(head)} hundred"
    return f"{english(head)} " + (f"oh {_EN_SMALL[tail]}" if tail < 10 else english(tail))


def spanish(number: int) -> str:
    """``number`` (0 to 9999) as a Spanish cardinal, e.g. 501 gives ``quinientos uno``."""
    if number < 30:
        return _ES_SMALL[number]
    if number < 100:
        tens, units = divmod(number, 10)
        return _ES_TENS[tens] + (f" y {_ES_SMALL[units]}" if units else "")
    if number == 100:
        return "cien"
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return _ES_HUNDREDS[hundreds] + (f" {spanish(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    head = "mil" if thousands == 1 else f"{spanish(thousands)} mil"
    return f"{head} {spanish(rest)}" if rest else head


def spanish_digits(digits: str) -> str:
    """Digit by digit."""
    return " ".join(_ES_SMALL[int(d)] for d in digits)


def spanish_pairs(number: int) -> str:
    """1204 as ``doce cero cuatro``, 512 as ``cinco doce``."""
    head, tail = divmod(number, 100)
    if tail < 10:
        return f"{spanish(head)} cero {_ES_SMALL[tail]}"
    return f"{spanish(head)} {spanish(tail)}"
