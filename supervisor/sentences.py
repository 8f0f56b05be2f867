"""Every sentence of our agents under one name each: the doorman's by their own keys, another
agent's behind its name (``receptionist.greeting.morning``), as the table ``texts`` has them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from conversation import doorman, receptionist
from conversation.texts.catalogue import Texts
from conversation.texts.overrides import check_override

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Script:
    """All that one agent says. ``values`` are its keys, each with what may stand in braces."""

    agent: str
    values: Mapping[str, frozenset[str]]
    package: str
    """Where its sentences come from, one file for each language."""
    prefix: str = ""

    def texts(self, language: str) -> Texts:
        """Our own sentences. Raises ``TextsError`` for a language that there are none of."""
        return Texts.load(language, self.package)

    def own(self, said: Mapping[str, T]) -> dict[str, T]:
        """By the agent's keys, what ``said`` has under the names of this agent, known or not."""
        return {
            name.removeprefix(self.prefix): value
            for name, value in said.items()
            if _script_of(name) is self
        }


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that an agent says."""

    name: str
    key: str
    script: Script

    @property
    def values(self) -> frozenset[str]:
        """What may stand in braces."""
        return self.script.values[self.key]

    def check(self, language: str, variants: Sequence[str]) -> tuple[str, ...]:
        """Sentences of somebody's own as they will be said in its place. Raises ``TextsError``."""
        return check_override(self.script.texts(language), self.key, variants, self.values)


DOORMAN: Final = Script("doorman", doorman.TEXTS, "conversation.texts")
RECEPTIONIST: Final = Script(
    *("receptionist", receptionist.TEXTS, "conversation.receptionist.texts"),
    prefix="receptionist.",
)


def _sentences(scripts: Iterable[Script]) -> dict[str, Sentence]:
    return {
        script.prefix + key: Sentence(script.prefix + key, key, script)
        for script in scripts
        for key in sorted(script.values)
    }


SENTENCES: Final[Mapping[str, Sentence]] = _sentences((DOORMAN, RECEPTIONIST))
"""By name: the doorman's first, each agent's by its keys."""


def _script_of(name: str) -> Script:
    return RECEPTIONIST if name.startswith(RECEPTIONIST.prefix) else DOORMAN
