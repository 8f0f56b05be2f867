"""Who speaks, and whom they want: "meu nome é carlos", "é pra dona rita", "sou amigo do zé"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conversation.rules.pt_br.common_words import (
    GIVEN_NAMES,
    KIN,
    NAME_SHAPED_VERBS,
    NEVER_NAMES,
    PARTICLES,
    TITLES,
)
from conversation.rules.pt_br.companies import COMPANY_WORDS
from conversation.rules.words import Word, fold, words_in
from conversation.understanding import Expecting

_LONGEST_NAME = 4
_FIRMS = frozenset(COMPANY_WORDS) | words_in("net vivo claro sky")
_ARTICLES = words_in("o a os as")

_INTRODUCTIONS: tuple[tuple[str, ...], ...] = tuple(
    tuple(phrase.split())
    for phrase in (
        "meu nome e", "meu nome completo e", "o nome e", "nome e", "me chamo", "eu me chamo",
        "me chama de", "quem fala e", "quem ta falando e", "quem esta falando e", "quem e e",
        "diz que e", "fala que e", "avisa que e", "diga que e", "diz pra ele que e",
        "pode falar que e", "aqui quem fala e", "aqui e", "ca e", "aqui fala", "fala aqui",
        "meu nome", "sou", "my name is", "i am",
    )
)  # fmt: skip
"""Longest first where one begins with another."""
_SURE = frozenset(
    tuple(phrase.split())
    for phrase in (
        "me chamo",
        "eu me chamo",
        "aqui e",
        "aqui quem fala e",
        "quem fala e",
        "quem ta falando e",
        "quem esta falando e",
    )
)
"""What is followed by a name even if nobody knows that name; "sou" is followed by anything."""
_WANTED_AFTER = words_in(
    """
    see para pra pro pras pros visitar visita ver procurar procurando procuro procura chamar chama
    chame familia falar conversar encontrar encontro morador moradora proprietario proprietaria
    destinatario destinataria residente
    """
)
_BETWEEN = words_in("o a os as com e para pra pro em um uma ao do da")
_OWNED = KIN | words_in(
    """
    casa apartamento ape apto encomenda entrega pacote festa pedido aniversario churrasco janta
    jantar almoco particular diarista faxineira motorista convidado remedio compra compras pizza
    lanche carro
    """
)
_AWAITS = words_in("esperando aguardando chamou pediu convidou mora autorizou ligou")


@dataclass(frozen=True, slots=True)
class NamesHeard:
    """Names as said, titles kept: "dona rita"."""

    visitor: str | None = None
    resident: str | None = None


def find_names(
    words: Sequence[Word], expecting: Expecting, known: Callable[[str], bool]
) -> NamesHeard:
    """Find the speaker's own name and the name of whom they want.

    ``known`` says whether a folded word is a name of this condominium's directory.
    """
    reader = _Reader(words, known)
    visitor_at, visitor = reader.introduction()
    resident = reader.wanted(skip=visitor_at)
    if expecting is Expecting.VISITOR_NAME and visitor is None:
        visitor = reader.bare() if resident is None else reader.leading()
    if expecting is Expecting.UNIT and visitor is None and resident is None:
        resident = reader.bare()
    if expecting is Expecting.BLOCK and visitor is None and resident is None:
        resident = reader.full_name(known)
    if expecting is Expecting.COMPANY and visitor is None and resident is None:
        visitor = reader.given_name()
    return NamesHeard(visitor, resident)


class _Reader:
    """Reads names off a turn's words."""

    def __init__(self, words: Sequence[Word], known: Callable[[str], bool]) -> None:
        self._words = words
        self._keys = [word.key for word in words]
        self._known = known

    def introduction(self) -> tuple[range, str | None]:
        """The speaker's own name after "meu nome é", "aqui é o", and the words it took."""
        present = frozenset(self._keys)
        for phrase in (one for one in _INTRODUCTIONS if present.issuperset(one)):
            for at in self._occurrences(phrase):
                name, end = self._introduced(
                    at + len(phrase), sure=phrase in _SURE or "nome" in phrase
                )
                if name:
                    return range(at, end), name
        return self._plain_introduction()

    def _plain_introduction(self) -> tuple[range, str | None]:
        """ "é o carlos" at the start; "carlos da silva aqui"."""
        if self._keys[:1] == ["e"] and self._key(1) in _ARTICLES:
            name, end = self.name_at(2)
            if name and (end == len(self._keys) or self._key(end) not in PARTICLES):
                return range(end), name
        return range(0), None

    def _introduced(self, at: int, *, sure: bool) -> tuple[str | None, int]:
        article = self._key(at) in _ARTICLES or self._key(at) in TITLES
        name, end = self.name_at(at + 1 if self._key(at) in _ARTICLES else at)
        first = self._first_of(name)
        if name and (sure or article or self._is_name(first)):
            return name, end
        return None, at

    def wanted(self, skip: range) -> str | None:
        """Whom the speaker wants: after "para", "visitar", a title, or "amigo do"."""
        for at, key in enumerate(self._keys):
            if at in skip:
                continue
            if key in _WANTED_AFTER and (name := self._after_little_words(at + 1, skip)):
                return name
            if (
                key in _OWNED
                and self._key(at + 1) in ("do", "da", "de")
                and (name := self._owner(at))
            ):
                return name
            if key in TITLES and (name := self._titled(at)):
                return name
        return self._subject(skip) if _AWAITS.intersection(self._keys) else None

    def _subject(self, skip: range) -> str | None:
        """ "o daniel tá me esperando": a name that we know, wherever it stands."""
        for at in range(len(self._keys)):
            if at not in skip and self._is_name(self._folded(at)):
                return self.name_at(at)[0]
        return None

    def _owner(self, at: int) -> str | None:
        start = at + 3 if self._key(at + 2) in _ARTICLES else at + 2
        name, _ = self.name_at(start)
        first = self._first_of(name)
        surely = self._keys[at] in KIN or first in TITLES
        return name if name and (surely or self._is_name(first)) else None

    def _after_little_words(self, at: int, skip: range) -> str | None:
        while at not in skip and self._key(at) in _BETWEEN:
            at += 1
        return None if at in skip else self.name_at(at)[0]

    def _titled(self, at: int) -> str | None:
        """ "dona rita" anywhere; "senhor" alone is the doorman."""
        name, _ = self.name_at(at)
        return name if name and self._first_of(name) in TITLES else None

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
        return name if name and self._first_of(name) in GIVEN_NAMES else None

    def leading(self) -> str | None:
        """A name that opens the turn: "carlos para a dona rita"."""
        return self.name_at(1 if self._key(0) in _ARTICLES else 0)[0]

    def name_at(self, at: int) -> tuple[str | None, int]:
        """The name that begins at a word, with its title, and where it ends."""
        taken: list[str] = []
        start = at
        while self._key(at) in TITLES and self._starts_a_name(at + 1):
            taken.append(self._words[at].heard)
            at += 1
        while at < len(self._keys) and len(taken) < _LONGEST_NAME + (start != at):
            if self._fits(at, first=not taken) or (
                taken and self._keys[at] in PARTICLES and self._goes_on_after(at)
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
        shaped = len(key) >= 3 and key.isalpha() and not key.endswith(NAME_SHAPED_VERBS)
        common = key in NEVER_NAMES or self._keys[at] in NEVER_NAMES or key in TITLES or key in KIN
        return shaped and not common and key not in _FIRMS and self._keys[at] not in _FIRMS

    def _fits(self, at: int, *, first: bool) -> bool:
        """Common words that are surnames too ("luz") come second at the earliest."""
        if not self._starts_a_name(at):
            return False
        key = self._folded(at)
        return not first or key not in NEVER_NAMES or self._known(key)

    def _goes_on_after(self, at: int) -> bool:
        return self._starts_a_name(at + 1) and self._key(at + 1) not in _FIRMS

    def _is_firm_here(self, at: int) -> bool:
        return self._keys[at] in _FIRMS and (at == 0 or self._keys[at - 1] in PARTICLES)

    def _is_name(self, key: str) -> bool:
        return self._known(key) or key in GIVEN_NAMES

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
