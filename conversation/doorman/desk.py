"""The doorman's desk: the state, the books, and the actions of one step."""

from collections.abc import Mapping
from uuid import UUID

from conversation.directory import Directory, Unit
from conversation.doorman import wording
from conversation.doorman.settings import DoormanSettings
from conversation.doorman.state import Stage, State
from conversation.doorman.unit_words import translated
from conversation.flow import Party, Say
from conversation.rules import Rules
from conversation.steps import Steps
from conversation.understanding import Expecting


class Desk(Steps):
    """What the steps of a doorman work on."""

    def __init__(
        self,
        call_id: UUID,
        settings: DoormanSettings,
        directory: Directory,
        rules: Rules,
        others: Mapping[str, Rules],
        *,
        called: Mapping[str, Rules],
    ) -> None:
        """``others`` are the rules of the languages that a party may go over to, ``called`` of
        those that only residents are called in."""
        super().__init__()
        self.call_id = call_id
        self.settings = settings
        self.directory = directory
        self._own = rules.language
        self.languages = (self._own, *others)
        """Those that are spoken here, the extension's own first."""
        self._rules = {**called, **others, self._own: rules}
        self.state = State()
        self.keys = ""
        """Digits keyed so far. They may be a secret's, so they are in no snapshot: whoever is in
        the middle of a number when a process dies keys it again."""
        self.hash_to_come = False
        """A number was taken before its "#", which will come and means nothing else."""

    def say(
        self,
        party: Party,
        key: str,
        expecting: Expecting = Expecting.NOTHING,
        *,
        interruptible: bool = True,
        language: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        """Speak a text to a party who is on the line, in their language or a given one; ``values``
        are those of this text that the state does not tell."""
        state = self.state
        if party is Party.VISITOR:
            state.visitor_expecting = expecting
        else:
            state.resident_expecting = expecting
        if state.visitor_on_line if party is Party.VISITOR else state.resident_on_line:
            spoken = language or self.language(party)
            filled = values or self._values(key, spoken)
            foreign = None if spoken == self._own else spoken
            self.do(Say(party, key, filled, expecting, interruptible, foreign))

    def tell(
        self,
        party: Party,
        key: str,
        *,
        language: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        """Say something before a question; what is expected stays."""
        expecting = self.state.expecting(party)
        self.say(party, key, expecting, language=language, values=values)

    def speaks(self, language: str | None) -> bool:
        """Whether a resident may be called in a language."""
        return language in self._rules

    def language(self, party: Party) -> str:
        """What a party is spoken to in."""
        said = self.state.languages.get(str(party))
        return said if said in self._rules and said is not None else self._own

    def rules_for(self, party: Party) -> Rules:
        """The rules for a party's language."""
        return self._rules[self.language(party)]

    @property
    def unit(self) -> Unit | None:
        """The unit that the call is about, once there is no doubt."""
        return self.directory.unit(self.state.unit) if self.state.unit else None

    def go(self, stage: Stage) -> None:
        """Change the stage."""
        self.state.stage = stage

    def _values(self, key: str, language: str) -> dict[str, str]:
        return {name: self._value(name, language) for name in sorted(wording.TEXTS[key])}

    def _value(self, name: str, language: str) -> str:
        state = self.state
        match name:
            case "condominium":
                return self.settings.condominium
            case "unit":
                return self._spoken_unit(language)
            case "visitor" | "resident" | "expected":
                names = (state.visitor_name, state.resident_name, state.expected)
                named = dict(zip(("visitor", "resident", "expected"), names, strict=True))
                return wording.as_name(named[name] or "")
            case "company":
                return self._rules[language].company(state.company or "")
            case _:
                return self._rules[language].of_company(state.company or "")

    def block_words(self, party: Party, block: str) -> str:
        """A block as a party is told of it: "bloco A", "tower 2"."""
        word = translated(self.settings.block_word, self._own, self.language(party))
        return f"{word} {block}"

    def _spoken_unit(self, language: str) -> str:
        unit, state = self.unit, self.state
        number, block = (unit.number, unit.block) if unit else (state.apartment or "", state.block)
        return self.spoken_unit(number, block, language)

    def spoken_unit(self, number: str, block: str | None, language: str) -> str:
        """A unit as it is said here."""
        words = self.settings
        spoken = f"{translated(words.unit_word, self._own, language)} {number}"
        tower = translated(words.block_word, self._own, language)
        return f"{spoken}, {tower} {block}" if block else spoken
