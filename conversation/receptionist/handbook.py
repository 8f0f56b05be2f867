"""What a receptionist knows: numbered facts, and departments with the hours in which they answer.

A receptionist speaks a fact's own text, or a text of ours; there is no third kind of sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

MINUTES_A_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody answers. ``weekly`` has, for Monday to Sunday, spans of minutes since midnight,
    the end not included; ``closed`` are days such as ``12-25`` or ``2026-12-24``. Without spans,
    always."""

    weekly: tuple[tuple[tuple[int, int], ...], ...] = ()
    closed: frozenset[str] = frozenset()

    def open_at(self, at: datetime) -> bool:
        """Whether somebody answers at that moment of the business's own clock."""
        if not self.weekly:
            return True
        day = at.date().isoformat()
        if day in self.closed or day[5:] in self.closed:
            return False
        minute = at.hour * 60 + at.minute
        return any(start <= minute < end for start, end in self.weekly[at.weekday()])


@dataclass(frozen=True, slots=True)
class Fact:
    """A numbered entry: what is said, and how people ask for it, by language."""

    id: str
    says: Mapping[str, str]
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Department:
    """Who may be spoken with: ``name`` as we say it, ``asked`` as callers do (people's names too),
    ``extension`` of the dialplan, ``key`` of the menu."""

    id: str
    name: Mapping[str, str]
    extension: str
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key: str | None = None
    hours: Hours = Hours()


class Handbook:
    """Immutable, shared by all calls. An id is a fact's number or a department's name."""

    def __init__(self, facts: Sequence[Fact] = (), departments: Sequence[Department] = ()) -> None:
        self.facts = tuple(facts)
        self.departments = tuple(departments)
        self._facts = {fact.id: fact for fact in facts}
        self._departments = {department.id: department for department in departments}
        self._keys = {each.key: each for each in departments if each.key is not None}

    def fact(self, topic: str) -> Fact | None:
        """The fact of that id, if it is one's."""
        return self._facts.get(topic)

    def department(self, topic: str) -> Department | None:
        """The department of that id, if it is one's."""
        return self._departments.get(topic)

    def on_key(self, digit: str) -> Department | None:
        """The department that the menu has on that key."""
        return self._keys.get(digit)

    @property
    def menu(self) -> tuple[Department, ...]:
        """Departments that have a key, by key."""
        return tuple(self._keys[key] for key in sorted(self._keys))

    def spoken_words(self, language: str) -> tuple[str, ...]:
        """What callers may say of it: hints for a recogniser."""
        asked = [each.asked for each in self.facts] + [each.asked for each in self.departments]
        phrases = [phrase for each in asked for phrase in each.get(language, ())]
        names = [department.name[language] for department in self.departments]
        words = [word for text in (*phrases, *names) for word in text.lower().split()]
        return tuple(dict.fromkeys(word for word in words if len(word) > SHORTEST_HINT))


SHORTEST_HINT: Final = 3
"""Letters of a word that need no hint: "que", "tem"."""
