"""A gate for tests: scripted visitors and residents against a real doorman, without audio.

The rules hear, the texts speak; only sound and time are left out.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from conversation.admission import Admission, Inquiry
from conversation.directory import Directory, Resident, Unit
from conversation.doorman import Doorman, DoormanSettings
from conversation.flow import (
    Action,
    AdmissionAnswered,
    AskAdmission,
    CallOut,
    CallOutcome,
    CallOutEnded,
    CallStarted,
    CancelCallOut,
    DoorFailed,
    DoorOpened,
    Event,
    HangUp,
    Heard,
    KeyPressed,
    LogVisit,
    OpenDoor,
    Party,
    PartyLeft,
    Record,
    Say,
    StillWaiting,
    TimeIsUp,
    Transfer,
    TransferFailed,
    Transferred,
    WentQuiet,
)
from conversation.losses import Lost
from conversation.rules import Rules, rules_for
from conversation.texts import Texts

Kind = TypeVar("Kind")
CALL = UUID("11111111-2222-3333-4444-555555555555")
DIRECTORY = Directory(
    [
        Unit("501", "A", (Resident("Daniel Reis", ("1501",)),)),
        Unit("501", "B", (Resident("Juliana Prado", ("2501", "2591")),)),
        Unit("502", "B", (Resident("Cláudio Rezende", ("2502",)),)),
        Unit("302", "B", (Resident("Marina Queiroz", ("2302",)), Resident("Davi", ("2392",)))),
        Unit("201", "A", (Resident("Daniel Souza", ("1201",)),)),
        Unit("102", "B", (Resident("Rita Figueiredo", ("2102",)),)),
        Unit("1204", "A", (Resident("Wellington Dias", ("11204",)),)),
        Unit("701", "A", ()),
    ]
)
RULES = rules_for("pt-BR", DIRECTORY.names())
TEXTS = Texts.load("pt-BR")


class Gate:
    """One call: what happens is told with its methods; what the doorman did is asked of it.

    A door that is ordered opens at once, in the same step; ``door`` may say "fails" or "waits".
    """

    def __init__(
        self,
        hour: int = 15,
        door: str = "opens",
        admits: Callable[[Inquiry], Admission | None] = lambda _: None,
        rules: Rules = RULES,
        **settings: Any,
    ) -> None:
        self.door = door
        self.admits = admits
        self.rules = rules
        chosen = DoormanSettings("Residencial Aurora", **settings)
        self.doorman = Doorman(CALL, chosen, DIRECTORY, rules)
        self.book = Texts.load(rules.language).phrasebook(seed=1)
        self.actions: list[Action] = []
        self.last: list[Action] = []
        self.said: list[tuple[Party, str]] = []
        self.transfers_work: bool | None = True
        """``None``: nothing is heard of them."""
        self.happens(CallStarted(hour))

    # ------------------------------------------------------------ what happens

    def happens(self, event: Event) -> "Gate":
        self.last = list(self.doorman.handle(event))
        for asked in [action for action in self.last if isinstance(action, AskAdmission)]:
            self.last += self.doorman.handle(AdmissionAnswered(self.admits(asked.inquiry)))
        for order in [action for action in self.last if isinstance(action, OpenDoor)]:
            if self.door == "opens":
                self.last += self.doorman.handle(DoorOpened(order.authorisation, "gate"))
            elif self.door == "fails":
                self.last += self.doorman.handle(DoorFailed(order.authorisation, "it is stuck"))
        self.actions += self.last
        for action in self.last:
            if isinstance(action, Say):
                self.said.append((action.party, self.book.render(action.text, action.values)))
        step = self.last
        for action in step:
            if isinstance(action, Transfer) and self.transfers_work is not None:
                kind = Transferred if self.transfers_work else TransferFailed
                self.happens(kind(action.party, action.destination))
                self.last = [*step, *self.last]
        return self

    def visitor(self, text: str, confidence: float = 0.95) -> "Gate":
        heard = self.rules.interpret(text, confidence, self.doorman.expecting(Party.VISITOR))
        return self.happens(Heard(Party.VISITOR, heard))

    def resident(
        self,
        text: str,
        confidence: float = 0.95,
        *,
        interrupted: bool = False,
        lost: Lost = Lost.NOTHING,
    ) -> "Gate":
        heard = self.rules.interpret(text, confidence, self.doorman.expecting(Party.RESIDENT))
        return self.happens(Heard(Party.RESIDENT, heard, interrupted, lost))

    def keys(self, digits: str, party: Party = Party.VISITOR) -> "Gate":
        for digit in digits:
            self.happens(KeyPressed(party, digit))
        return self

    def phone(self, outcome: CallOutcome) -> "Gate":
        return self.happens(CallOutEnded(self.ringing or "", outcome))

    def answered(self) -> "Gate":
        return self.phone(CallOutcome.ANSWERED)

    def quiet(self, party: Party, times: int) -> "Gate":
        return self.happens(WentQuiet(party, times))

    def leaves(self, party: Party) -> "Gate":
        return self.happens(PartyLeft(party))

    def waits(self, seconds: float = 9.0) -> "Gate":
        return self.happens(StillWaiting(Party.VISITOR, seconds))

    def time_is_up(self) -> "Gate":
        return self.happens(TimeIsUp("call_too_long"))

    # ------------------------------------------------------------ what the doorman did

    @property
    def ringing(self) -> str | None:
        """The phone called last."""
        calls = self.each(CallOut)
        return calls[-1].phone if calls else None

    @property
    def outcome(self) -> str | None:
        """The visit's outcome in the log; there is at most one entry."""
        visits = self.each(LogVisit)
        assert len(visits) <= 1
        return visits[0].outcome if visits else None

    @property
    def visit(self) -> Mapping[str, Any]:
        return self.each(LogVisit)[0].data

    @property
    def opened(self) -> bool:
        return bool(self.each(OpenDoor))

    @property
    def to_visitor(self) -> str:
        """Everything said to the visitor in the last step."""
        return self._last_said(Party.VISITOR)

    @property
    def to_resident(self) -> str:
        return self._last_said(Party.RESIDENT)

    @property
    def keys_said(self) -> list[str]:
        """The texts of the last step."""
        return [action.text for action in self.last if isinstance(action, Say)]

    @property
    def hung_up(self) -> set[Party]:
        return {action.party for action in self.each(HangUp)}

    @property
    def transferred(self) -> list[tuple[Party, str]]:
        return [(action.party, action.destination) for action in self.each(Transfer)]

    @property
    def cancelled(self) -> bool:
        return bool(self.each(CancelCallOut))

    def records(self, kind: str) -> list[Mapping[str, Any]]:
        return [record.data for record in self.each(Record) if record.kind == kind]

    def each(self, kind: type[Kind]) -> list[Kind]:
        return [action for action in self.actions if isinstance(action, kind)]

    def _last_said(self, party: Party) -> str:
        count = sum(isinstance(action, Say) and action.party is party for action in self.last)
        said = [text for whom, text in self.said if whom is party]
        return " ".join(said[len(said) - count :])
