"""What is said digit by digit or letter by letter: telephones, documents, plates, addresses."""

import re

from tts.normalising.portuguese_numbers import cardinal, digits, number, spelled
from tts.normalising.rules import Rule, rule

_MEIA = "meia"


def _grouped(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+|[xX]", match[0])
    return ", ".join("xis" if group in "xX" else digits(group, six=_MEIA) for group in groups)


def _phone(match: re.Match[str]) -> str:
    return ("mais " if match[0].startswith("+") else "") + _grouped(match)


def _code(match: re.Match[str]) -> str:
    return f"{match[1]} {digits(match[2], six=_MEIA)}"


def _plate(match: re.Match[str]) -> str:
    return f"{spelled(match[1])}, {spelled(match[2], six=_MEIA)}"


def _mobile(match: re.Match[str]) -> str:
    return ", ".join(digits(group, six=_MEIA) for group in match.groups())


def _road(match: re.Match[str]) -> str:
    return f"{spelled(match[1])} {number(match[2])}"


_DOMAIN_ENDINGS = {"br": "bê érre", "tv": "tê vê", "io": "i ó", "pt": "pê tê"}


def _address(written: str) -> str:
    """An e-mail address or a host with its path, in words."""
    signs = {".": "ponto", "@": "arroba", "/": "barra", "-": "traço", "_": "sublinhado"}
    words = []
    for piece in re.findall(r"[^\W\d_]+|\d+|[^\w\s]|_", written.rstrip("/")):
        if piece.isdigit():
            words.append(digits(piece) if len(piece) > 4 else cardinal(int(piece)))
        elif piece[0].isalpha():
            words.append(_DOMAIN_ENDINGS.get(piece.lower(), piece))
        elif piece in signs:
            words.append(signs[piece])
    return " ".join(words)


def _url(match: re.Match[str]) -> str:
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", match[0], flags=re.IGNORECASE)
    return _address(re.split(r"[?#]", bare)[0])


ADDRESS_RULES: tuple[Rule, ...] = (
    rule(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", lambda match: _address(match[0])),
    rule(r"\b(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)]", _url, any_case=True),
    rule(
        r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|gov|app|io|br)(?:\.br)?(?:/[\w/.-]*\w)?\b",
        _url,
        any_case=True,
    ),
)
"""E-mail and web addresses: before anything that looks at full stops and digits."""

_PHONES = (
    r"(?<![\d.,])(?:\+\d{2}\s*)?(?:\(0?\d{2}\)\s*|0?\d{2}\s+)?9?\d{4}-\d{4}(?![\d-])",
    r"(?<![\d.,])\+\d{2}(?:\s*\d){10,11}(?!\d)",
    r"(?<![\d.,])\(0?\d{2}\)\s*9?\d{4}\s?\d{4}(?!\d)",
    r"(?<![\d.,])0[38]00[\s-]?\d{3}[\s-]?\d{3,4}(?!\d)",
    r"(?<![\d.,])\d{2}\s9\d{4}\s\d{4}(?!\d)",
)

CODE_RULES: tuple[Rule, ...] = (
    rule(r"(?<!\d)\d{2}\.?\d{3}\.?\d{3}/\d{4}-\d{2}(?!\d)", _grouped),  # CNPJ
    rule(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)", _grouped),  # CPF
    rule(r"(?<![\w.,-])\d{1,4}(?:-\d{1,4}){2,}(?![\w-]|[.,]\d)", _grouped),
    rule(r"(?<!\d)\d{1,2}\.\d{3}\.\d{3}-[\dxX](?!\w)", _grouped),  # RG
    *(rule(phone, _phone) for phone in _PHONES),
    rule(r"(?<![\d.,])\d{5}-\d{3}(?![\d-])", _grouped),  # CEP
    rule(
        r"(?<![\d.,])(?!\d{1,3}(?:\.\d{3})+(?!\.?\d))\d+(?:\.\d+){2,}(?!\d|,\d)",
        lambda match: " ponto ".join(cardinal(int(group)) for group in match[0].split(".")),
    ),  # versions, IP addresses
    rule(r"(?<![\d.,])([1-9]{2})(9\d{4})(\d{4})(?![\d.,]\d|\d)", _mobile),
    rule(r"\b([A-Z]{3})[-\s]?(\d[A-Z]\d{2}|\d{4})\b", _plate),
    rule(r"\b([A-Z]{2,3})-(\d{1,4})\b", _road),
    rule(
        r"\b(código|senha|protocolo|pin|ramal|token|cpf|rg|matrícula)(?: (?:é|número|nº))?:?"
        r"\s+(\d{3,})\b",
        _code,
        any_case=True,
    ),
)
"""Documents, telephones and plates: before dates, times and plain numbers."""
