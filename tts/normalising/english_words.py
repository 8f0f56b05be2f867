"""Abbreviations, addresses and signs of English."""

import re

from tts.normalising.english_numbers import WORDS
from tts.normalising.rules import Rule, rule, word_rule

_ABBREVIATIONS = {
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miss", "Dr.": "Doctor", "Prof.": "Professor",
    "Rev.": "Reverend", "Sgt.": "Sergeant", "Jr.": "Junior", "Inc.": "incorporated",
    "Ltd.": "limited", "Co.": "company", "Apt.": "apartment", "apt.": "apartment",
    "Bldg.": "building", "bldg.": "building", "Ste.": "suite", "Fl.": "floor", "Ave.": "avenue",
    "Blvd.": "boulevard", "Rd.": "road", "Ln.": "lane", "Sq.": "square", "Hwy.": "highway",
    "vs.": "versus", "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera",
    "approx.": "approximately", "dept.": "department", "Dept.": "department", "max.": "maximum",
    "tel.": "telephone", "Tel.": "telephone", "w/": "with ", "c/o": "care of",
    "ext.": "extension", "Ext.": "extension", "km/h": "kilometers per hour",
}  # fmt: skip
_KEYS = {"*": "star", "#": "pound"}
_SIGNS = ((".", " dot "), ("@", " at "), ("/", " slash "), ("-", " dash "), ("_", " underscore "))


def _address(match: re.Match[str]) -> str:
    bare = re.sub(r"^https?://(?:www\.)?|^www\.", "", match[0], flags=re.IGNORECASE).rstrip("/")
    bare = re.split(r"[?#]", bare)[0]
    for sign, said in _SIGNS:
        bare = bare.replace(sign, said)
    return re.sub(r"\d+", lambda digits: WORDS.number(digits[0]), bare)


_DECADES = "hundreds tens twenties thirties forties fifties sixties seventies eighties nineties"


def _decade(match: re.Match[str]) -> str:
    century = "two thousand" if match[1] == "20" else WORDS.cardinal(int(match[1]))
    return f"the {century} {_DECADES.split()[int(match[2])]}"


KEY_RULES: tuple[Rule, ...] = (
    rule(
        r"\b(press|dial|hit|push|enter)( the)? '?([*#])'?(?: key)?",
        lambda match: f"{match[1]}{match[2] or ''} {_KEYS[match[3]]}",
        any_case=True,
    ),
    rule(r"(?<=\S )([*#])(?=[\s.,;:!?]|$)", lambda match: _KEYS[match[1]]),
)
"""The telephone's keys, before markup is removed."""

ADDRESS_RULES: tuple[Rule, ...] = (
    rule(
        r"(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)]|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        _address,
        any_case=True,
    ),
    rule(r"\b[a-z0-9-]+\.(?:com|net|org|gov|app|io)(?:\.[a-z]{2})?(?:/[\w/.-]*\w)?\b", _address),
)
"""E-mail and web addresses: before anything that looks at full stops and digits."""

WORD_RULES: tuple[Rule, ...] = (
    word_rule(_ABBREVIATIONS, before=r"(?<![\w/])"),
    rule(r"\b([Aa]pt|[Bb]ldg|Ste|Fl)\s?(?=#?\d)", lambda m: _ABBREVIATIONS[m[1] + "."] + " "),
    rule(r"\b(Mr|Mrs|Ms|Dr)(?= [A-Z])", lambda match: _ABBREVIATIONS[match[1] + "."]),
    rule(r"\b(?:No\.|no\.|#)\s?(?=\d)|#\s?(?=\d)", "number "),
    rule(r"\bSt\.?(?= [A-Z])", "Saint"),
    rule(r"(?<=[a-z] )St\b\.?(?!\w)", "street"),
    rule(r"\bP\.?O\.? [Bb]ox\b", "P O box"),
    rule(r"/(?=(?:month|day|week|year|hour|night|person)\b)", " per "),
    rule(r"(?<![\d/])24/7(?![\d/])", "twenty-four seven"),
    rule(r"\b(?:the )?(1[1-9]|20)(\d)0s\b", _decade),
    rule(r"\b[Tt]he ([2-9])0s\b", lambda match: f"the {_DECADES.split()[int(match[1])]}"),
    rule(r"\b(?:call|dial) (\d{3})\b(?![-.,]\d)", lambda match: f"call {WORDS.spelled(match[1])}"),
)
"""Abbreviations: before numbers, while their full stops and digits still tell them apart."""

SIGN_RULES: tuple[Rule, ...] = (
    rule(r"\s?&\s?", " and "),
    rule(r"(?<=\w)\s*\+\s*(?=\w)", " plus "),
    rule(r"\s?=\s?", " equals "),
    rule(r"\s?@\s?", " at "),
    rule(r"(?<=\w)\s?/\s?(?=\w)", " or "),
    rule(r"[#*_~^|\\<>/°ºª$£€¥+%=]", " "),
)
"""What is left of signs: after numbers."""
