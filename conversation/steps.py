"""One step of a flow: what is to be done piles up until the event has been taken."""

from typing import Any

from conversation.flow import Action, Record


class Steps:
    """The actions of the step that goes on; what flows' own desks are made of."""

    def __init__(self) -> None:
        self._actions: list[Action] = []

    def do(self, action: Action) -> None:
        """Add an action to the step."""
        self._actions.append(action)

    def record(self, kind: str, **data: Any) -> None:
        """Keep something decided or learnt."""
        self.do(Record(kind, data))

    def take_actions(self) -> list[Action]:
        """The step's actions, in order; the next step starts empty."""
        actions, self._actions = self._actions, []
        return actions
