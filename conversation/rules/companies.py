"""Firms that send couriers and technicians, found in a turn by name or by what goes before one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conversation.rules.words import Word, fold
from conversation.understanding import Intent

_LONGEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Company:
    """A firm: its ``name`` as written, the words for "of the" before it, and what it comes for."""

    name: str
    of: str
    purpose: Intent | None


@dataclass(frozen=True, slots=True)
class FirmWords:
    """A language's words around firms, folded."""

    introduces: frozenset[str]
    """ "courier", "sou": a firm's name may follow with a link."""
    links: frozenset[str]
    """ "from", "da": surely followed by a firm after these."""
    firm: frozenset[str]
    """ "company": a firm's name follows at once."""
    never: frozenset[str]
    people: frozenset[str]
    """Names and titles of people, who are no firms."""
    articles: frozenset[str]


class Firms:
    """The firms that are known by a language's names for them, and how unknown ones are named.

    ``linked`` are phrases that are everyday words too ("light"): they count after a link only.
    """

    def __init__(
        self, said: FirmWords, known: Mapping[str, Company], linked: Iterable[str] = ()
    ) -> None:
        self._said = said
        self._known = dict(known)
        self._linked = frozenset(linked)
        phrases = sorted(map(re.escape, self._known), key=len, reverse=True)
        self._pattern = re.compile(rf"\b(?:{'|'.join(phrases)})\b")
        self.phrases = tuple(self._known)
        long = (word for phrase in self._known for word in phrase.split() if len(word) >= 6)
        self.words = frozenset(long) - said.never

    def find(self, words: Sequence[Word]) -> tuple[Company, str] | None:
        """The firm that somebody comes from, with the folded words that named it."""
        text = " ".join(word.key for word in words)
        for match in self._pattern.finditer(text):
            before = text[: match.start()].split()[-1:]
            if match.group() not in self._linked or self._said.links.intersection(before):
                return self._known[match.group()], match.group()
        return self._unknown(words)

    def _unknown(self, words: Sequence[Word]) -> tuple[Company, str] | None:
        said = self._said
        for at in range(1, len(words) - 1):
            key, before = words[at].key, words[at - 1].key
            linked = key in said.links and before in said.introduces
            start = at + 1 + (words[at + 1].key in said.articles)
            if (linked or key in said.firm) and (name := self._name(words, start)):
                return Company(name, key, None), fold(name)
        return None

    def _name(self, words: Sequence[Word], at: int) -> str:
        taken: list[str] = []
        for word in words[at : at + _LONGEST_NAME]:
            if word.key in self._said.never or len(word.key) < 2 or word.key.isdigit():
                break
            if not taken and word.key in self._said.people:
                break
            taken.append(word.heard.capitalize() if len(fold(word.heard)) > 2 else word.heard)
        return " ".join(taken)
