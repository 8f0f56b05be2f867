"""The doorman's desk: the state, the books, and the actions of one step."""

from typing import Any
from uuid import UUID

from conversation.directory import Directory, Unit
from conversation.doorman import wording
from conversation.doorman.settings import DoormanSettings
from conversation.doorman.state import Stage, State
from conversation.flow import Action, Party, Record, Say
from conversation.rules import Rules
from conversation.understanding import Expecting


class Desk:
    """What the steps of a doorman work on; actions pile up until the step is over."""

    def __init__(
        self,
        call_id: UUID,
        settings: DoormanSettings,
        directory: Directory,
        rules: Rules,
    ) -> None:
        self.call_id = call_id
        self.settings = settings
        self.directory = directory
        self.rules = rules
        self.state = State()
        self._actions: list[Action] = []

    def do(self, action: Action) -> None:
        """Add an action to the step."""
        self._actions.append(action)

    def take_actions(self) -> list[Action]:
        """The step's actions, in order; the next step starts empty."""
        actions, self._actions = self._actions, []
        return actions

    def record(self, kind: str, **data: Any) -> None:
        """Keep something decided or learnt."""
        self.do(Record(kind, data))

    def say(
        self,
        party: Party,
        key: str,
        expecting: Expecting = Expecting.NOTHING,
        *,
        interruptible: bool = True,
    ) -> None:
        """Speak a text to a party who is on the line."""
        state = self.state
        if party is Party.VISITOR:
            state.visitor_expecting = expecting
        else:
            state.resident_expecting = expecting
        if state.visitor_on_line if party is Party.VISITOR else state.resident_on_line:
            self.do(Say(party, key, self._values(key), expecting, interruptible))

    def tell(self, party: Party, key: str) -> None:
        """Say something before a question; what is expected stays."""
        state = self.state
        expecting = state.visitor_expecting if party is Party.VISITOR else state.resident_expecting
        self.say(party, key, expecting)

    @property
    def unit(self) -> Unit | None:
        """The unit that the call is about, once there is no doubt."""
        return self.directory.unit(self.state.unit) if self.state.unit else None

    def go(self, stage: Stage) -> None:
        """Change the stage."""
        self.state.stage = stage

    def _values(self, key: str) -> dict[str, str]:
        return {name: self._value(name) for name in sorted(wording.TEXTS[key])}

    def _value(self, name: str) -> str:
        state = self.state
        match name:
            case "condominium":
                return self.settings.condominium
            case "unit":
                return self._spoken_unit()
            case "visitor":
                return wording.as_name(state.visitor_name or "")
            case "resident":
                return wording.as_name(state.resident_name or "")
            case "company":
                return self.rules.company(state.company or "")
            case _:
                return self.rules.of_company(state.company or "")

    def _spoken_unit(self) -> str:
        unit, state, words = self.unit, self.state, self.settings
        number, block = (unit.number, unit.block) if unit else (state.apartment or "", state.block)
        spoken = f"{words.unit_word} {number}"
        return f"{spoken}, {words.block_word} {block}" if block else spoken
