"""What small flows answer alike: for agents with one party, one language and a plain state."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from conversation.flow import Party
from conversation.rules import Rules
from conversation.understanding import Expecting
from stt.endpointing import Completeness
from stt.recogniser import Hints


class PlainFlow:
    """All of a :class:`~conversation.flow.Flow` but ``handle``. ``state`` is JSON-serialisable, and
    is what another process goes on from; override whatever is otherwise."""

    asks: ClassVar[Expecting] = Expecting.NOTHING
    """What the caller is asked for, where it is always the same."""

    def __init__(self, rules: Rules, **state: Any) -> None:
        self.rules = rules
        self.state: dict[str, Any] = state

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
        self.state = dict(snapshot["state"])
