"""Numbers as Brazilians say them."""

from num2words import num2words

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTER_NAMES = (
    "a bê cê dê é éfe gê agá i jota cá éle ême êne ó pê quê érre ésse tê u vê dáblio xis ípsilon zê"
)
LETTERS = dict(zip(_ALPHABET, _LETTER_NAMES.split(), strict=True))
"""The names of the letters."""

_DIGIT_NAMES = "zero um dois três quatro cinco seis sete oito nove"
_SAYABLE = 10**12
_FEMININE = {"um": "uma", "dois": "duas"}


def cardinal(number: int) -> str:
    """``1204`` as "mil duzentos e quatro"; digit by digit from a trillion on."""
    if abs(number) >= _SAYABLE:
        return digits(str(number))
    words: str = num2words(number, lang="pt_BR")
    return words.replace(",", "").replace("catorze", "quatorze")


def feminine(number: int) -> str:
    """``22`` as "vinte e duas", ``200`` as "duzentas"."""
    words = [_FEMININE.get(word, word) for word in cardinal(number).split()]
    thousands = words.index("mil") if "mil" in words else -1
    if thousands == 1 and words[0] == "uma":
        words = words[1:]
    return " ".join(
        word[:-2] + "as" if word.endswith(("entos", "zentos")) else word for word in words
    )


def ordinal(number: int, *, is_feminine: bool = False) -> str:
    """``21`` as "vigésimo primeiro"."""
    words: str = num2words(number, lang="pt_BR", to="ordinal")
    if is_feminine:
        return " ".join(word[:-1] + "a" if word.endswith("o") else word for word in words.split())
    return words


def digits(written: str, *, six: str = "seis") -> str:
    """Each digit of ``written`` on its own; on the telephone a six is "meia"."""
    names = _DIGIT_NAMES.replace("seis", six).split()
    return " ".join(names[int(digit)] for digit in written if digit in "0123456789")


def spelled(written: str, *, six: str = "seis") -> str:
    """Letters by name and digits one by one, anything else dropped."""
    return " ".join(
        LETTERS[character] if character in LETTERS else digits(character, six=six)
        for character in written.upper()
        if character in LETTERS or character in "0123456789"
    )


def number(written: str) -> str:
    """``1.250,75``, ``3,5``, ``007`` or ``-5`` in words; a lone full stop may be a decimal one."""
    if written.startswith(("-", "−")):
        return "menos " + number(written[1:])
    whole, fraction = parts(written)
    if whole.startswith("0") and len(whole) > 1:
        return digits(whole)
    if not fraction:
        is_code = len(whole) >= 7 and "." not in written
        return digits(whole, six="meia") if is_code else cardinal(int(whole))
    return f"{cardinal(int(whole))} vírgula {_fraction(fraction)}"


def parts(written: str) -> tuple[str, str]:
    """The digits before and after the decimal sign of a number as Brazilians write it."""
    if "," in written:
        whole, _, fraction = written.partition(",")
        return whole.replace(".", ""), fraction
    groups = written.split(".")
    if len(groups) == 2 and len(groups[1]) != 3:
        return groups[0], groups[1]
    return "".join(groups), ""


def _fraction(fraction: str) -> str:
    zeros = len(fraction) - len(fraction.lstrip("0"))
    if zeros == len(fraction) or len(fraction) > 3:
        return digits(fraction)
    return " ".join(["zero"] * zeros + [cardinal(int(fraction))])
