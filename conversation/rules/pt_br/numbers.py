"""Numbers as Brazilians say them on the phone: whole, digit by digit, or mixed.

"quinhentos e um", "cinco zero um", "cinco meia dois", "mil duzentos e quatro", "dez zero dois"
and "vinte e um zero três" are all apartment numbers; the canonical form is the digits, "501".
"""

from conversation.rules.numerals import LONGEST_UNIT, Number, NumberWords, Numerals

__all__ = ["LONGEST_UNIT", "Number", "is_number", "read_number", "read_small_number"]

DIGITS = {
    "zero": 0, "um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5,
    "seis": 6, "meia": 6, "sete": 7, "oito": 8, "nove": 9,
}  # fmt: skip
TEENS = {
    "dez": 10, "onze": 11, "doze": 12, "treze": 13, "quatorze": 14, "catorze": 14, "quinze": 15,
    "dezesseis": 16, "dezasseis": 16, "dezessete": 17, "dezassete": 17, "dezoito": 18,
    "dezenove": 19, "dezanove": 19,
}  # fmt: skip
TENS = {
    "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "cincoenta": 50, "sessenta": 60,
    "setenta": 70, "oitenta": 80, "noventa": 90,
}  # fmt: skip
HUNDREDS = {
    "cem": 100, "cento": 100, "duzentos": 200, "duzentas": 200, "trezentos": 300,
    "trezentas": 300, "quatrocentos": 400, "quatrocentas": 400, "quinhentos": 500,
    "quinhentas": 500, "seiscentos": 600, "seiscentas": 600, "setecentos": 700,
    "setecentas": 700, "oitocentos": 800, "oitocentas": 800, "novecentos": 900,
    "novecentas": 900,
}  # fmt: skip
THOUSAND = "mil"
NUMERALS = Numerals(NumberWords(DIGITS, TEENS, TENS, HUNDREDS, THOUSAND, joiner="e"))
NUMBER_WORDS = NUMERALS.all_words

is_number = NUMERALS.is_number
read_number = NUMERALS.read
read_small_number = NUMERALS.read_small
