"""Which characters a voice can say, what is said instead of others, and what nobody will hear."""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ACCENTED = {"pt": "áàâãçéêíóôõúü", "es": "áéíñóúü", "en": ""}
_PUNCTUATION = " \n,.!?:;'-"
_ALSO = {"es": "¿¡"}
_SAID_BY_RULES = "@&+=%#*/°ºª²³¹½¼¾$€£¥×−"
_SILENT = '"“”„«»‘’´`()[]{}<>|\\_~^…–—•·¿¡\t\r'
_SOUNDS_LIKE = {
    "ß": "ss", "ẞ": "ss", "æ": "e", "Æ": "E", "œ": "e", "Œ": "E", "ø": "o", "Ø": "O", "ł": "l",
    "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "t", "Þ": "T", "ı": "i", "ħ": "h",
    "Ħ": "H", "ŋ": "n", "—": ", ", "–": "-", "−": "-", "‐": "-", "‑": "-", "•": ", ", "·": " ",
}  # fmt: skip
_NATIVE = {"pt": {"ñ": "nh", "Ñ": "Nh"}, "es": {"ç": "s", "Ç": "S"}, "en": {}}
_AS_RULES_KNOW_THEM = "ªº²³¹½¼¾"
_NEVER_SPOKEN = {"So", "Sk", "Cf", "Co", "Cn", "Cs", "Cc"}
_INVISIBLE = {"Cf", "Cn", "Cs", "Co", "Cc"}
_KEYCAPS = re.compile(r"[\ufe0f\u20e3]")
_FOREIGN = re.compile(r"[^\x20-\x7e\xa1-\xac\xae-\u024f\n]|[©®¦¨¬¯´¸]")
"""What is looked at one by one: neither ASCII nor a letter of the languages of Europe."""
_EMOJI = re.compile(
    r"[\U0001F1E6-\U0001F1FF]{2}|(?:[\U0001F000-\U0001FBFF\u2190-\u2BFF\u3030\u303D\u3297\u3299]"
    r"|[0-9#*](?=\ufe0f?\u20e3))[\ufe0f\u20e3\U0001F3FB-\U0001F3FF\U000E0020-\U000E007F]*"
    r"(?:\u200d[\U0001F000-\U0001FBFF\u2190-\u2BFF][\ufe0f\U0001F3FB-\U0001F3FF]*)*"
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_UNSAYABLE = {
    language: re.compile(
        f"[^{_LATIN}{letters}{(_LATIN + letters).upper()}{re.escape(_PUNCTUATION)}"
        f"{_ALSO.get(language, '')}]"
    )
    for language, letters in _ACCENTED.items()
}


@dataclass(frozen=True, slots=True)
class Unsaid:
    """What of a text is not heard as it is written, each once and in its order.

    ``dropped`` has no sound (emoji, other scripts), ``replaced`` is pairs of what is written and
    what is said for it, ``markup`` was taken out (tags).
    """

    dropped: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    markup: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dropped or self.replaced or self.markup)

    def complaint(self) -> str | None:
        """One sentence about what is not heard as it is written; none where all is."""
        parts = []
        if self.dropped:
            parts.append(f"nothing is said for {_listed(self.dropped)}")
        if self.replaced:
            pairs = tuple(f"{written} ({said})" for written, said in self.replaced)
            parts.append(f"said as something near: {_listed(pairs)}")
        if self.markup:
            parts.append(f"markup is left out: {_listed(self.markup)}")
        return "; ".join(parts) or None


def plain_characters(text: str) -> str:
    """``text`` in NFC; letters and digits of other widths, styles and scripts' digits as ours."""
    return _FOREIGN.sub(lambda match: _plain(match[0]), unicodedata.normalize("NFC", text))


def fitted(text: str, language: str) -> str:
    """``text`` with nothing but what a voice of ``language`` (``pt``, ``es``, ``en``) can say."""
    return _UNSAYABLE[language].sub(lambda match: _instead(match[0], language) or " ", text)


def unsaid(text: str, language: str) -> Unsaid:
    """What a listener to ``text`` in ``language`` (BCP 47) does not hear as it is written."""
    base = language.replace("_", "-").partition("-")[0].lower()
    plain = html.unescape(unicodedata.normalize("NFC", text))
    markup = _TAG.findall(plain)
    rest = _TAG.sub(" ", plain)
    emoji = _EMOJI.findall(rest)
    dropped, replaced = dict.fromkeys(emoji), dict[str, str]()
    for character in _EMOJI.sub(" ", rest):
        if _is_heard(character, base) or character in replaced:
            continue
        instead = _heard_instead(character, base)
        if instead:
            replaced[character] = instead
        else:
            dropped[character] = None
    return Unsaid(tuple(dropped), tuple(replaced.items()), tuple(dict.fromkeys(markup)))


def is_spoken(character: str) -> bool:
    """False for symbols and for what cannot be seen."""
    return character in "°\n\t\r" or unicodedata.category(character) not in _NEVER_SPOKEN


def without_emoji(text: str) -> str:
    """``text`` with spaces for emoji, and without characters that cannot be seen."""
    return _FOREIGN.sub(lambda match: _seen(match[0]), _KEYCAPS.sub("", text))


def _seen(character: str) -> str:
    if is_spoken(character):
        return character
    return "" if unicodedata.category(character) in _INVISIBLE else " "


def _plain(character: str) -> str:
    if character.isascii() or character in _AS_RULES_KNOW_THEM:
        return character
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    if unicodedata.category(character)[0] in "LN":
        return unicodedata.normalize("NFKC", character)
    return character


def _is_sayable(character: str, language: str) -> bool:
    letters = _LATIN + _ACCENTED[language]
    return character.lower() in letters or character in _PUNCTUATION + _ALSO.get(language, "")


def _instead(character: str, language: str) -> str:
    own = _NATIVE[language].get(character) or _SOUNDS_LIKE.get(character)
    if own is not None:
        return own
    bare = unicodedata.normalize("NFD", character)[:1]
    return bare if bare != character and _is_sayable(bare, language) else ""


def _is_heard(character: str, base: str) -> bool:
    if character.isspace() or character in _SAID_BY_RULES or character in _SILENT:
        return True
    if base not in _ACCENTED:
        return is_spoken(character)
    return character in "0123456789" or _is_sayable(character, base)


def _heard_instead(character: str, base: str) -> str:
    if base not in _ACCENTED or not is_spoken(character):
        return ""
    return "".join(_letters(_plain(character), base))


def _letters(plain: str, base: str) -> Iterator[str]:
    for character in plain:
        heard = character.isdigit() or _is_sayable(character, base)
        yield character if heard else _instead(character, base)


def _listed(things: tuple[str, ...]) -> str:
    shown = ", ".join(things[:10])
    return f"{shown} and {len(things) - 10} more" if len(things) > 10 else shown
