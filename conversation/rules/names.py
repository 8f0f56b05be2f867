"""Who speaks, and whom they want: "meu nome é carlos", "é pra dona rita", "sou amigo do zé"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conversation.rules.words import Word, fold
from conversation.understanding import Expecting

_LONGEST_NAME = 4


@dataclass(frozen=True, slots=True)
class NameWords:
    """A language's words around names, folded."""

    given: frozenset[str]
    """Names that count without a trigger."""
    never: frozenset[str]
    """Words that end a name or cannot begin one."""
    titles: frozenset[str]
    particles: frozenset[str]
    kin: frozenset[str]
    shaped_like_verbs: tuple[str, ...]
    """Endings; a word with one is a name only where it is known as one."""
    firms: frozenset[str]
    articles: frozenset[str]
    introductions: tuple[tuple[str, ...], ...]
    """Longest first where one begins with another."""
    sure: frozenset[tuple[str, ...]]
    """What is followed by a name even if nobody knows that name; "sou" is followed by anything."""
    wanted_after: frozenset[str]
    between: frozenset[str]
    owned: frozenset[str]
    of: frozenset[str]
    """Between what is owned and its owner: "do"."""
    awaits: frozenset[str]
    it_is: tuple[str, ...] = ()
    """What opens a turn before an article and a name: "é o carlos"."""
    possessive: str = ""
    """What stands between owner and owned: "daniel s brother"."""
    known_only: frozenset[str] = frozenset()
    """Words of ``wanted_after`` after which only known names are taken: "for"."""


@dataclass(frozen=True, slots=True)
class NamesHeard:
    """Names as said, titles kept: "dona rita"."""

    visitor: str | None = None
    resident: str | None = None


def find_names(
    said: NameWords, words: Sequence[Word], expecting: Expecting, known: Callable[[str], bool]
) -> NamesHeard:
    """Find the speaker's own name and the name of whom they want.

    ``known`` says whether a folded word is a name of this condominium's directory.
    """
    reader = _Reader(said, words, known)
    visitor_at, visitor = reader.introduction()
    resident = reader.wanted(skip=visitor_at)
    if expecting is Expecting.VISITOR_NAME and visitor is None:
        visitor = reader.bare() if resident is None else reader.leading()
    if expecting is Expecting.UNIT and visitor is None and resident is None:
        resident = reader.bare()
    by_name = expecting in (Expecting.PURPOSE, Expecting.BLOCK)
    if by_name and visitor is None and resident is None:
        resident = reader.full_name(known)
    if expecting is Expecting.COMPANY and visitor is None and resident is None:
        visitor = reader.given_name()
    return NamesHeard(visitor, resident)


class _Reader:
    """Reads names off a turn's words."""

    def __init__(
        self, said: NameWords, words: Sequence[Word], known: Callable[[str], bool]
    ) -> None:
        self._said = said
        self._words = words
        self._keys = [word.key for word in words]
        self._known = known

    def introduction(self) -> tuple[range, str | None]:
        """The speaker's own name after "meu nome é", "aqui é o", and the words it took."""
        present = frozenset(self._keys)
        for phrase in (one for one in self._said.introductions if present.issuperset(one)):
            for at in self._occurrences(phrase):
                name, end = self._introduced(at + len(phrase), sure=phrase in self._said.sure)
                if name:
                    return range(at, end), name
        return self._plain_introduction()

    def _plain_introduction(self) -> tuple[range, str | None]:
        """ "é o carlos" at the start; "carlos da silva aqui"."""
        begin = len(self._said.it_is)
        opens = begin and tuple(self._keys[:begin]) == self._said.it_is
        if opens and self._key(begin) in self._said.articles:
            name, end = self.name_at(begin + 1)
            if name and (end == len(self._keys) or self._key(end) not in self._said.particles):
                return range(end), name
        return range(0), None

    def _introduced(self, at: int, *, sure: bool) -> tuple[str | None, int]:
        article = self._key(at) in self._said.articles or self._key(at) in self._said.titles
        name, end = self.name_at(at + 1 if self._key(at) in self._said.articles else at)
        first = self._first_of(name)
        owner = self._said.possessive and self._key(end) == self._said.possessive
        if name and not owner and (sure or article or self._is_name(first)):
            return name, end
        return None, at

    def wanted(self, skip: range) -> str | None:
        """Whom the speaker wants: after "para", "visitar", a title, or "amigo do"."""
        for at, key in enumerate(self._keys):
            if at in skip:
                continue
            if key in self._said.wanted_after and (name := self._wanted_after(key, at, skip)):
                return name
            if (
                key in self._said.owned
                and self._key(at + 1) in self._said.of
                and (name := self._owner(at))
            ):
                return name
            if key in self._said.titles and (name := self._titled(at)):
                return name
            if key == self._said.possessive and key and (name := self._possessor(at, skip)):
                return name
        return self._subject(skip) if self._said.awaits.intersection(self._keys) else None

    def _subject(self, skip: range) -> str | None:
        """ "o daniel tá me esperando": a name that we know, wherever it stands."""
        for at in range(len(self._keys)):
            if at not in skip and self._is_name(self._folded(at)):
                return self.name_at(at)[0]
        return None

    def _owner(self, at: int) -> str | None:
        start = at + 3 if self._key(at + 2) in self._said.articles else at + 2
        name, _ = self.name_at(start)
        return name if name and (self._keys[at] in self._said.kin or self._surely(name)) else None

    def _wanted_after(self, key: str, at: int, skip: range) -> str | None:
        name = self._after_little_words(at + 1, skip)
        return name if name and (key not in self._said.known_only or self._surely(name)) else None

    def _possessor(self, at: int, skip: range) -> str | None:
        """ "daniel's brother": the known name before the sign, where something is owned."""
        before = at - 1
        if before < 0 or before in skip or self._key(at + 1) not in self._said.owned:
            return None
        titled = before > 0 and self._keys[before - 1] in self._said.titles
        name, end = self.name_at(before - titled)
        return name if name and end == at and (titled or self._surely(name)) else None

    def _surely(self, name: str) -> bool:
        """Whether a name has a title or is known."""
        first = self._first_of(name)
        return first in self._said.titles or self._is_name(first)

    def _after_little_words(self, at: int, skip: range) -> str | None:
        while at not in skip and self._key(at) in self._said.between:
            at += 1
        return None if at in skip else self.name_at(at)[0]

    def _titled(self, at: int) -> str | None:
        """ "dona rita" anywhere; "senhor" alone is the doorman."""
        name, _ = self.name_at(at)
        return name if name and self._first_of(name) in self._said.titles else None

    def bare(self) -> str | None:
        """A turn that is a name and little else: "carlos", "é o carlos da silva por favor"."""
        for at in range(len(self._keys)):
            name, _ = self.name_at(at)
            if name:
                return name
        return None

    def full_name(self, known: Callable[[str], bool]) -> str | None:
        """A bare name of two known words at least; a single word may be a tower's."""
        name = self.bare()
        words = fold(name).split() if name else []
        return name if len(words) > 1 and all(map(known, words)) else None

    def given_name(self) -> str | None:
        """A bare name that begins with a given name: anything else may be a firm's."""
        name = self.bare()
        return name if name and self._first_of(name) in self._said.given else None

    def leading(self) -> str | None:
        """A name that opens the turn: "carlos para a dona rita"."""
        return self.name_at(1 if self._key(0) in self._said.articles else 0)[0]

    def name_at(self, at: int) -> tuple[str | None, int]:
        """The name that begins at a word, with its title, and where it ends."""
        taken: list[str] = []
        start = at
        while self._key(at) in self._said.titles and self._starts_a_name(at + 1):
            taken.append(self._words[at].heard)
            at += 1
        while at < len(self._keys) and len(taken) < _LONGEST_NAME + (start != at):
            if self._fits(at, first=not taken) or (
                taken and self._keys[at] in self._said.particles and self._goes_on_after(at)
            ):
                taken.append(self._words[at].heard)
            else:
                break
            at += 1
        return (" ".join(taken), at) if taken else (None, start)

    def _starts_a_name(self, at: int) -> bool:
        if at >= len(self._keys):
            return False
        key = self._folded(at)
        if self._is_name(key):
            return not self._is_firm_here(at)
        shaped = len(key) >= 3 and key.isalpha() and not key.endswith(self._said.shaped_like_verbs)
        common = (
            key in self._said.never
            or self._keys[at] in self._said.never
            or key in self._said.titles
            or key in self._said.kin
        )
        return (
            shaped
            and not common
            and key not in self._said.firms
            and self._keys[at] not in self._said.firms
        )

    def _fits(self, at: int, *, first: bool) -> bool:
        """Common words that are surnames too ("luz") come second at the earliest."""
        if not self._starts_a_name(at):
            return False
        key = self._folded(at)
        return not first or key not in self._said.never or self._known(key)

    def _goes_on_after(self, at: int) -> bool:
        return self._starts_a_name(at + 1) and self._key(at + 1) not in self._said.firms

    def _is_firm_here(self, at: int) -> bool:
        return self._keys[at] in self._said.firms and (
            at == 0 or self._keys[at - 1] in self._said.particles
        )

    def _is_name(self, key: str) -> bool:
        return self._known(key) or key in self._said.given

    def _folded(self, at: int) -> str:
        """The word as heard, folded: a name is not mended into a keyword."""
        return fold(self._words[at].heard)

    def _key(self, at: int) -> str:
        return self._keys[at] if 0 <= at < len(self._keys) else ""

    def _first_of(self, name: str | None) -> str:
        return fold(name.split()[0]) if name else ""

    def _occurrences(self, phrase: tuple[str, ...]) -> list[int]:
        size = len(phrase)
        return [
            at
            for at in range(len(self._keys) - size + 1)
            if self._keys[at] == phrase[0] and tuple(self._keys[at : at + size]) == phrase
        ]
