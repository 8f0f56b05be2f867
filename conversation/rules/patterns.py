"""Lists of phrases as one compiled pattern each: the tables that rules are written in."""

import re

_BROKEN = re.compile(r"\|\s{2,}")
_STEM = re.compile(r"(?<=[a-z])\*")


def any_of(phrases: str) -> re.Pattern[str]:
    """Match any of the phrases as whole words.

    One phrase per line or between ``|``; ``*`` ends a stem ("autoriz*"), ``_`` is any single word,
    ``(x )?`` and ``(x|y)`` are as in regular expressions when on a line of their own.
    """
    options: list[str] = []
    for line in phrases.strip().splitlines():
        text = _BROKEN.sub("|", line.strip())
        options += [text] if "(" in text else [part.strip() for part in text.split("|")]
    body = "|".join(_phrase(option) for option in options if option)
    return re.compile(rf"(?<!\S)(?:{body})(?!\S)")


def _phrase(option: str) -> str:
    return _STEM.sub(r"\\w*", option).replace("_", r"\w+")
