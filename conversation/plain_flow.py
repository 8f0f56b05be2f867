"""What small flows answer alike: for agents with one party, one language and a plain state."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from conversation.flow import Action, CallStarted, Event, HangUp, LogVisit, Party, Say
from conversation.rules import Rules
from conversation.steps import Steps
from conversation.understanding import Expecting
from stt.endpointing import Completeness
from stt.recogniser import Hints


class PlainFlow(Steps, ABC):
    """All of a :class:`~conversation.flow.Flow` but what it does, which is ``step``. ``state`` is
    JSON-serialisable, and is what another process goes on from; override whatever is otherwise."""

    asks: ClassVar[Expecting] = Expecting.NOTHING
    """What the caller is asked for, where it is always the same."""

    def __init__(self, rules: Rules, **state: Any) -> None:
        super().__init__()
        self.rules = rules
        self.state: dict[str, Any] = {**state, "over": False}

    @abstractmethod
    def step(self, event: Event) -> None:
        """Take an event of a call that is not over: ``say``, ``record``, ``do``, ``close``."""

    def handle(self, event: Event) -> Sequence[Action]:
        """One step; a caller who comes back to a call that was closed is not kept waiting."""
        if not self.state["over"]:
            self.step(event)
        elif isinstance(event, CallStarted):
            self.do(HangUp(Party.VISITOR))
        return self.take_actions()

    def say(
        self, key: str, values: Mapping[str, str] | None = None, *, interruptible: bool = True
    ) -> None:
        """Speak a text to the caller, who may then answer what they were asked."""
        expecting = self.expecting(Party.VISITOR)
        self.do(Say(Party.VISITOR, key, values or {}, expecting, interruptible))

    def close(self, outcome: str, farewell: str | None, **data: Any) -> None:
        """Log the call; with a ``farewell``, a text's key, take leave first. It is over then."""
        self.state["over"] = True
        if farewell is not None:
            self.say(farewell, interruptible=False)
            self.do(HangUp(Party.VISITOR))
        self.do(LogVisit(outcome, data))

    def expecting(self, party: Party) -> Expecting:
        """What a party was last asked for."""
        return self.asks

    def completeness(self, party: Party, text: str) -> Completeness:
        """How far ``text`` answers that, by the rules."""
        return self.rules.completeness(text, self.expecting(party))

    def language(self, party: Party) -> str | None:
        """The extension's own."""
        return None

    def hints(self, party: Party) -> Hints:
        """What people often answer."""
        return Hints(self.rules.phrases(self.expecting(party)))

    def prompts(self) -> Sequence[tuple[str, Mapping[str, str]]]:
        """Nothing is rendered ahead."""
        return ()

    def snapshot(self) -> dict[str, Any]:
        """The state, with the flow's name."""
        return {"flow": type(self).__name__, "state": self.state}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot; raises ``ValueError`` for another flow's."""
        if snapshot.get("flow") != type(self).__name__:
            raise ValueError("the snapshot is not one of this flow's")
        self.state |= snapshot["state"]
