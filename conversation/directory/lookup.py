"""Finding the unit that a visitor means, from a number, a block, a name, or parts of them.

Nothing here is for a visitor's ears: a caller of :meth:`Directory.find` may tell a visitor what
that visitor said, and no more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from num2words import num2words

from conversation.directory.names import NameMatcher, SpokenName
from conversation.directory.units import Resident, Unit, canonical_block, canonical_number

SURE = 89.0
"""Score from which a name is taken for a resident's without asking: a diminutive is 90."""
LIKELY = 78.0
"""Score from which a name is worth asking about: one letter wrong in five."""
CLEAR_LEAD = 6.0
"""A name is only taken when the next best unit scores this much less."""


class Finding(StrEnum):
    """How a search ended."""

    EXACT = "exact"
    """One unit, surely."""
    FUZZY = "fuzzy"
    """A name that sounds like one or a few residents': ask for the number."""
    WHICH_BLOCK = "which_block"
    """The number exists in several blocks."""
    WHICH_RESIDENT = "which_resident"
    """Several residents answer to the name: ask for the surname or the number."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Match:
    """A unit that may be meant, by whose name if by one, with a score of 0..100."""

    unit: Unit
    score: float
    resident: Resident | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a search found, the best match first."""

    finding: Finding
    matches: tuple[Match, ...] = ()

    @property
    def unit(self) -> Unit | None:
        """The unit, where there is no doubt."""
        return self.matches[0].unit if self.finding is Finding.EXACT else None


_VOWELS = frozenset("AEIOU")
_NOTHING = Lookup(Finding.NOTHING)


class Directory:
    """A condominium's units, indexed for a call; immutable, shared by all calls."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = tuple(units)
        self._by_key = {unit.key: unit for unit in self.units}
        self._by_number: dict[str, list[Unit]] = {}
        for unit in self.units:
            self._by_number.setdefault(canonical_number(unit.number), []).append(unit)
        self._blocks = tuple(dict.fromkeys(filter(None, map(_block_of, self.units))))
        self._people = [
            (SpokenName.of(person.name), person, unit)
            for unit in self.units
            for person in unit.residents
        ]
        self._names = NameMatcher([written for written, _, _ in self._people])

    @property
    def blocks(self) -> tuple[str, ...]:
        """The canonical blocks, in the directory's order."""
        return self._blocks

    def block_like(self, heard: str) -> str:
        """The block that ``heard`` must be: a vowel alone, which sounds like the other vowels, is
        the one block here that is a vowel alone. Otherwise ``heard`` as it is."""
        block = canonical_block(heard)
        if block in self._blocks or block not in _VOWELS:
            return heard
        return self.block_of_a_vowel or heard

    @property
    def block_of_a_vowel(self) -> str | None:
        """The only block whose name is a vowel, if there is one: at the end of a turn people, or
        lines, swallow it."""
        vowels = [each for each in self._blocks if each in _VOWELS]
        return vowels[0] if len(vowels) == 1 else None

    def unit(self, key: str) -> Unit | None:
        """The unit of a :attr:`Unit.key`, or None if it is gone."""
        return self._by_key.get(key)

    def is_start_of_number(self, digits: str) -> bool:
        """Whether longer numbers than ``digits`` begin with it: somebody may still be counting."""
        return any(number != digits and number.startswith(digits) for number in self._by_number)

    def find(
        self,
        apartment: str | None = None,
        block: str | None = None,
        resident_name: str | None = None,
        alternatives: Sequence[str] = (),
    ) -> Lookup:
        """Find the unit; ``alternatives`` are further readings of the apartment's number."""
        if apartment is None:
            return self._by_name(resident_name, block) if resident_name else _NOTHING
        for number in (apartment, *alternatives):
            found = self._by_apartment(canonical_number(number), canonical_block(block))
            if found:
                return self._narrowed(found, resident_name)
        return _NOTHING

    def _by_apartment(self, number: str, block: str | None) -> list[Unit]:
        same = self._by_number.get(number, [])
        if block is None:
            return same
        joined = self._by_number.get(f"{number}{block}")
        if joined or not self._blocks:
            return joined or same
        return [unit for unit in same if _block_of(unit) == block]

    def _narrowed(self, units: Sequence[Unit], resident_name: str | None) -> Lookup:
        if len(units) == 1:
            return Lookup(Finding.EXACT, (Match(units[0], 100.0),))
        if resident_name:
            named = self._by_name(resident_name, None, among=units)
            if named.finding is Finding.EXACT:
                return named
        return Lookup(Finding.WHICH_BLOCK, tuple(Match(unit, 100.0) for unit in units))

    def _by_name(self, name: str, block: str | None, among: Sequence[Unit] | None = None) -> Lookup:
        matches = self._ranked(name, canonical_block(block), among)
        if not matches:
            return _NOTHING
        rivals = [match for match in matches if matches[0].score - match.score < CLEAR_LEAD]
        if len(rivals) > 1:
            return Lookup(Finding.WHICH_RESIDENT, tuple(rivals))
        finding = Finding.EXACT if matches[0].score >= SURE else Finding.FUZZY
        return Lookup(finding, tuple(matches))

    def _ranked(self, name: str, block: str | None, among: Sequence[Unit] | None) -> list[Match]:
        """The best match of every unit that has a likely one, best first."""
        scores = self._names.scores(SpokenName.of(name))
        best: dict[str, Match] = {}
        for score, (_, person, unit) in zip(scores, self._people, strict=True):
            if (block and _block_of(unit) != block) or (among is not None and unit not in among):
                continue
            if score >= LIKELY and (unit.key not in best or score > best[unit.key].score):
                best[unit.key] = Match(unit, score, person)
        return sorted(best.values(), key=lambda match: -match.score)

    def names(self) -> tuple[str, ...]:
        """Every resident's name, for rules that must not mend them."""
        return tuple(dict.fromkeys(person.name for _, person, _ in self._people))

    def spoken_words(self) -> tuple[str, ...]:
        """What a recogniser should expect in this condominium, as it is said, in lower case; names,
        which nobody could guess, before numbers."""
        return self._spoken_words

    @cached_property
    def _spoken_words(self) -> tuple[str, ...]:
        numbers = [_spoken_number(number) for number in self._by_number]
        blocks = [f"bloco {_spoken_block(block)}" for block in self._blocks]
        people = [name.lower() for name in self.names()]
        firsts = [name.split()[0] for name in people if name.split()]
        units = [f"apartamento {number}" for number in numbers]
        return tuple(dict.fromkeys((*people, *blocks, *units, *firsts)))


def _block_of(unit: Unit) -> str | None:
    return canonical_block(unit.block)


def _spoken_number(number: str) -> str:
    if not number.isdigit():
        return number.lower()
    return str(num2words(int(number), lang="pt_BR")).replace(",", "")


def _spoken_block(block: str) -> str:
    return _spoken_number(block)
