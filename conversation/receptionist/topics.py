"""What a caller's words are about: entries of the handbook, found by their words alone.

Like BM25, a rare word tells more than one that half of the handbook has; unlike it, the score has a
meaning of its own (0..1): how much of the question is accounted for by the entry, and how much of
one of the entry's own questions is in it. So there is a threshold below which nothing is known.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

from rapidfuzz import fuzz, process

from conversation.directory.phonetics import sound_of
from conversation.receptionist.handbook import Handbook
from conversation.rules.words import fold, words_in

MESSAGE: Final = "message"
"""Wants to leave one."""
MENU: Final = "menu"
"""Asks what there is."""
PERSON: Final = "person"
"""Wants to speak with somebody, whoever it is."""
RESERVED: Final = frozenset({MESSAGE, MENU, PERSON})

FOUND: Final = 0.62
"""Score from which an entry is what was asked about; half of a question never is."""
AS_GOOD: Final = 0.12
"""Entries whose scores differ by less are both meant: "consulta" is its price and its booking."""
MOST: Final = 2
"""More entries than that are no answer but a recital."""
_ALIKE: Final = 83.0
"""Likeness (0..100, of their sounds) from which a word is one that was misheard: "jeum", "jejum";
"levar" is no "chegar"."""
_SHORTEST: Final = 4
"""Letters below which words are alike by accident."""
_LONGEST_END: Final = 2
"""Letters by which forms of one word differ in length: "abre", "abrem"."""
WORDS_KEPT: Final = 2000
"""Words of callers whose kin is remembered: it is looked up again with every partial text."""
_SAID_ONLY: Final = 0.4
"""Of a word's weight, where it is in what an entry says, and not in how it is asked for."""

_WORD = re.compile(r"[0-9]+|[^\W\d_]+")
_EMPTY: Final[Mapping[str, frozenset[str]]] = {
    "pt-BR": words_in(
        """
        o a os as um uma uns umas de do da dos das em no na nos nas por para pra pro com e ou que eu
        voce voces ce me te se meu minha seu sua eles elas ele ela isso isto esse essa este esta ai
        ali la aqui eh sao foi ser estar estao tem ter ha oi ola alo bom boa dia tarde noite favor
        obrigado obrigada queria quero gostaria preciso saber pode poderia podia posso dizer falar
        informar informacao sobre qual quais como ao aos entao ja so tambem mais
        """
    ),
    "en": words_in(
        """
        the a an of in on at to for with and or that i you we they he she it is are was be am do
        does did have has had can could would will may might my your our their his her this these
        those there here hello hi good morning afternoon evening please thanks thank want like need
        know tell say speak talk about what which how me us them so also just any some get
        """
    ),
    "es": words_in(
        """
        el la los las un una unos unas de del en por para con y o que yo usted ustedes tu me te se
        mi su sus nos ellos ellas es son fue ser estar esta estan tiene tienen tener hay hola alo
        buen buenos buenas dia dias tarde tardes noche noches favor gracias quiero queria quisiera
        necesito saber puede podria puedo decir hablar informar informacion sobre cual cuales como
        al aqui alla entonces ya solo tambien mas eso esto ese esa este
        """
    ),
}
"""Words that say nothing about what somebody wants to know."""
_LAST: Final = words_in(
    """
    sim nao bom boa dia tarde noite favor obrigado obrigada oi ola alo isso isto ai ali la aqui eu
    voce voces so tambem mais saber informacao falar tem ha hello hi good morning afternoon evening
    please thanks thank there here it is you me us us them do did can could will have hola buen
    buenos buenas dias tardes noches gracias eso esto aqui alla solo tambien mas hablar
    """
)
"""... and may be the last of a turn all the same."""
_ASKING: Final = words_in(
    """
    quanto quanta quantos quantas quando onde como qual quais que how what when where which who much
    many cuanto cuanta cuantos cuantas cuando donde cual cuales
    """
)
"""Questions begin with them."""
_OURS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "pt-BR": {
        MESSAGE: (
            "deixar um recado",
            "deixar uma mensagem",
            "anotar um recado",
            "recado",
            "mensagem",
        ),
        MENU: ("quais são as opções", "opções", "menu", "departamentos", "setores"),
        PERSON: ("falar com uma pessoa", "pessoa", "falar com alguém"),
    },
    "en": {
        MESSAGE: ("leave a message", "take a message", "message"),
        MENU: ("the options", "options", "menu", "departments"),
        PERSON: ("a real person", "person", "somebody", "operator"),
    },
    "es": {
        MESSAGE: ("dejar un mensaje", "dejar un recado", "mensaje", "recado"),
        MENU: ("las opciones", "opciones", "menú", "departamentos"),
        PERSON: ("hablar con una persona", "persona", "operador", "alguien"),
    },
}


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    questions: tuple[frozenset[str], ...]
    asked: frozenset[str]
    """The words of all its questions."""
    said: frozenset[str]
    words: frozenset[str]
    """All of both."""


class Topics:
    """Finds entries of a handbook in one language; shared by calls."""

    def __init__(self, handbook: Handbook, language: str) -> None:
        self._empty = _EMPTY[language]
        self._entries = [
            *(
                self._entry(fact.id, fact.asked.get(language, ()), fact.says[language])
                for fact in handbook.facts
            ),
            *(
                self._entry(each.id, (each.name[language], *each.asked.get(language, ())))
                for each in handbook.departments
            ),
            *(self._entry(topic, asked) for topic, asked in _OURS[language].items()),
        ]
        self._weights = _weights(self._entries)
        self._unknown = max(self._weights.values(), default=1.0)
        self._kin = lru_cache(WORDS_KEPT)(partial(_kin, tuple(self._weights)))

    def find(self, text: str) -> tuple[str, ...]:
        """Ids of what a turn is about, best first: one, or two that are meant alike; nothing where
        nothing fits, or too much does."""
        ranked = self.ranked(text)
        best = ranked[0][1] if ranked else 0.0
        if best < FOUND:
            return ()
        meant = tuple(topic for topic, score in ranked if score > best - AS_GOOD and score >= FOUND)
        return meant if len(meant) <= MOST else ()

    def ranked(self, text: str) -> list[tuple[str, float]]:
        """Every entry that has anything to do with a turn, with its score, best first."""
        words = self._words(text)
        if not words:
            return []
        kin = {word: self._kin(word) for word in words}
        said = frozenset().union(*kin.values())
        scores = [(entry.id, self._score(kin, said, entry)) for entry in self._entries]
        return sorted(((each, score) for each, score in scores if score), key=lambda one: -one[1])

    def hangs(self, text: str) -> bool:
        """Whether a turn ends in a word that something has to follow: "quanto custa a", or has
        only begun to ask: "bom dia, quanto"; but not "custa quanto"."""
        words = [fold(word) for word in _WORD.findall(text.lower())]
        if not words:
            return False
        if words[-1] in _ASKING:
            return self._empty.union(_ASKING).issuperset(words)
        return len(words) > 1 and words[-1] in self._empty - _LAST

    def explains(self, word: str) -> bool:
        """Whether a folded word is one of the handbook's."""
        return sound_of(word) in self._weights

    def _entry(self, topic: str, asked: Iterable[str], said: str = "") -> _Entry:
        questions = tuple(words for one in asked if (words := frozenset(self._words(one))))
        words, told = frozenset().union(*questions), frozenset(self._words(said))
        return _Entry(topic, questions, words, told, words | told)

    def _words(self, text: str) -> list[str]:
        """The words that tell something, as they sound, each once."""
        folded = (fold(word) for word in _WORD.findall(text.lower()))
        return list(dict.fromkeys(sound_of(word) for word in folded if word not in self._empty))

    def _score(
        self, kin: Mapping[str, frozenset[str]], said: frozenset[str], entry: _Entry
    ) -> float:
        """``kin`` are the handbook's words that each word may be, ``said`` all of them."""
        if said.isdisjoint(entry.words):
            return 0.0
        weights = {word: self._weight(word) for word in kin}
        known = sum(weights[word] * _presence(kin[word], entry) for word in kin)
        explained = known / sum(weights.values())
        whole = max((self._share(question, said) for question in entry.questions), default=0.0)
        if entry.id in RESERVED:
            # "quantas pessoas cabem na sala" asks for nobody: our own words are everybody's
            return math.sqrt(explained * whole)
        return (explained + whole) / 2

    def _share(self, question: frozenset[str], said: frozenset[str]) -> float:
        """How much of one of an entry's questions was said."""
        total = sum(map(self._weight, question))
        return sum(map(self._weight, question & said)) / total

    def _weight(self, word: str) -> float:
        return self._weights.get(word, self._unknown)


def own_words(language: str) -> tuple[str, ...]:
    """What callers say of a message, a person and the menu: hints for a recogniser."""
    words = [word for asked in _OURS[language].values() for each in asked for word in each.split()]
    return tuple(dict.fromkeys(words))


def _weights(entries: Sequence[_Entry]) -> dict[str, float]:
    """BM25's inverse frequency of each word over the entries."""
    counts = Counter(word for entry in entries for word in entry.words)
    many = len(entries)
    return {
        word: math.log(1 + (many - count + 0.5) / (count + 0.5)) for word, count in counts.items()
    }


def _presence(kin: frozenset[str], entry: _Entry) -> float:
    if not kin.isdisjoint(entry.asked):
        return 1.0
    return 0.0 if kin.isdisjoint(entry.said) else _SAID_ONLY


def _kin(vocabulary: Sequence[str], word: str) -> frozenset[str]:
    """The words that a word may be, as they sound: itself, other forms of it, and those that it
    was misheard for."""
    if len(word) < _SHORTEST:
        return frozenset({word}).intersection(vocabulary)
    alike = process.extract(word, vocabulary, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None)
    found = {each for each, _, _ in alike if len(each) >= _SHORTEST}
    return frozenset(found.union(each for each in vocabulary if _is_form(word, each)))


def _is_form(word: str, other: str) -> bool:
    shorter = min(len(word), len(other))
    return (
        shorter >= _SHORTEST
        and abs(len(word) - len(other)) <= _LONGEST_END
        and word[: shorter - 1] == other[: shorter - 1]
    )
