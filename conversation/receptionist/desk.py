"""The receptionist's desk: the state, the handbook, and the actions of one step."""

from collections.abc import Mapping

from conversation.flow import HangUp, LogVisit, Party, Say, Transfer
from conversation.receptionist.handbook import Department, Handbook
from conversation.receptionist.settings import ReceptionistSettings
from conversation.receptionist.state import Outcome, Stage, State
from conversation.rules import Rules
from conversation.steps import Steps
from conversation.understanding import Expecting


class Desk(Steps):
    """What the steps of a receptionist work on."""

    def __init__(
        self,
        settings: ReceptionistSettings,
        handbook: Handbook,
        own: str,
        rules: Mapping[str, Rules],
    ) -> None:
        """``rules`` are by language, ``own`` (the extension's) among them."""
        super().__init__()
        self.settings = settings
        self.handbook = handbook
        self.own = own
        self.languages = (own, *(each for each in rules if each != own))
        self.state = State()
        self._rules = rules

    @property
    def language(self) -> str:
        """What the caller is spoken to in."""
        said = self.state.language
        return said if said is not None and said in self._rules else self.own

    @property
    def rules(self) -> Rules:
        """Those of the caller's language."""
        return self._rules[self.language]

    def ask(
        self,
        stage: Stage,
        key: str,
        expecting: Expecting,
        values: Mapping[str, str] | None = None,
    ) -> None:
        """Put a question to the caller; the stage waits for its answer."""
        self.state.stage, self.state.expecting = stage, expecting
        self.say(key, values)

    def say(
        self,
        key: str,
        values: Mapping[str, str] | None = None,
        *,
        interruptible: bool = True,
        language: str | None = None,
    ) -> None:
        """Speak a text to the caller; what is expected stays."""
        if not self.state.on_line:
            return
        spoken = language or self.language
        foreign = None if spoken == self.own else spoken
        expecting = self.state.expecting
        self.do(Say(Party.VISITOR, key, values or {}, expecting, interruptible, foreign))

    def name_of(self, department: Department) -> str:
        """A department as it is said to the caller."""
        return department.name[self.language]

    @property
    def department(self) -> Department | None:
        """Who is wanted, once it is known."""
        return self.handbook.department(self.state.department or "")

    def is_open(self, department: Department) -> bool:
        """Whether it answers now, or did when the call began."""
        return self.state.at is None or department.hours.open_at(self.state.at)

    def hand_over(
        self, destination: str, key: str, values: Mapping[str, str] | None = None
    ) -> None:
        """Give the caller to a person."""
        self.state.stage, self.state.expecting = Stage.HANDING_OVER, Expecting.NOTHING
        self.state.handing_over_to = destination
        self.say(key, values, interruptible=False)
        self.do(Transfer(Party.VISITOR, destination))

    def close(self, outcome: Outcome, farewell: str) -> None:
        """Take leave of the caller, and log the call."""
        self.state.farewell, self.state.expecting = farewell, Expecting.NOTHING
        if self.state.on_line:
            self.say(farewell, interruptible=False)
            self.do(HangUp(Party.VISITOR))
        self.finish(outcome)

    def finish(self, outcome: Outcome) -> None:
        """Log the call; nothing happens any more."""
        state = self.state
        state.outcome, state.on_line, state.stage = outcome, False, Stage.ENDED
        data = {
            "visitor": state.name,
            "facts": list(state.answered),
            "department": state.department,
            "message": state.message or None,
            "message_for": state.whom,
            "phone": state.phone or None,
        }
        self.do(LogVisit(str(outcome), data))
