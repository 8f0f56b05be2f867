"""When a party goes over to another language, whoever the flow is: plainly, or leaning twice."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from conversation.rules import Rules
from conversation.understanding import Expecting, Understanding

_STAR: Final[Mapping[str, tuple[str, ...]]] = {
    "pt-BR": ("asterisco", "asterisco duas vezes"),
    "en": ("star", "star twice"),
    "es": ("asterisco", "asterisco dos veces"),
}


def wanted(
    heard: Understanding, now: str, spoken: Collection[str], leaning: str | None
) -> tuple[str | None, str | None]:
    """The language of ``spoken`` to go over to, or None; and what the next turn's ``leaning`` is.

    What is plainly another language is enough once; what only leans to one has to come twice in a
    row.
    """
    leans = heard.leans_to if heard.leans_to in spoken else None
    said = heard.language if heard.language in spoken else None
    if said is None and leans == leaning:
        said = leans
    if said is None or said == now:
        return None, leans if leans != now else None
    return said, None


def read_again(
    heard: Understanding, language: str, rules: Rules, expecting: Expecting
) -> Understanding:
    """A turn by the ``rules`` of the language that it turned out to be in."""
    if heard.language != language:
        heard = rules.interpret(heard.text, heard.confidence, expecting)
    return replace(heard, language=None)


def star_keys(languages: Sequence[str], now: str) -> Iterator[tuple[str, str]]:
    """Each other language with the key that it is on, in its own words: the next one that "*"
    leads to, and the one after it."""
    place = languages.index(now)
    for times in range(1, len(languages)):
        language = languages[(place + times) % len(languages)]
        star = _STAR[language]
        yield language, star[min(times, len(star)) - 1]


def next_of(languages: Sequence[str], now: str) -> str:
    """The language that "*" leads to."""
    return languages[(languages.index(now) + 1) % len(languages)]
