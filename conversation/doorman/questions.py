"""The question that each stage puts to the visitor, and how it is put again."""

from conversation.doorman.desk import Desk
from conversation.doorman.state import YES_OR_NO, Stage, State
from conversation.flow import Party
from conversation.understanding import Expecting

_FIXED = {
    Stage.ASKING_BLOCK: ("ask.block", Expecting.BLOCK),
    Stage.ASKING_NAME: ("ask.name", Expecting.VISITOR_NAME),
    Stage.ASKING_COMPANY: ("ask.company", Expecting.COMPANY),
    Stage.OFFERING_DESK: ("desk.offer", Expecting.YES_NO),
    Stage.OFFERING_GUARD: ("guard.offer", Expecting.YES_NO),
    Stage.OFFERING_MESSAGE: ("message.offer", Expecting.YES_NO),
    Stage.TAKING_MESSAGE: ("message.ask", Expecting.MESSAGE),
}


def ask(desk: Desk, stage: Stage) -> None:
    """Put a stage's question to the visitor."""
    desk.go(stage)
    key, expecting = _question(desk)
    desk.say(Party.VISITOR, key, expecting)


def ask_again(desk: Desk, *lead: str) -> None:
    """Say something first and put the present question again, in its next wording."""
    for key in lead:
        desk.tell(Party.VISITOR, key)
    ask(desk, desk.state.stage)


def _question(desk: Desk) -> tuple[str, Expecting]:
    state = desk.state
    if state.stage is Stage.ASKING_UNIT:
        return _unit_question(desk, state), Expecting.UNIT
    if state.stage is Stage.CONFIRMING_UNIT:
        return ("confirm.name" if state.by_name else "confirm.unit"), Expecting.YES_NO
    if state.stage is Stage.ASKING_PURPOSE:
        return ("ask.why" if state.unit else "ask.purpose"), Expecting.PURPOSE
    return _FIXED[state.stage]


def _unit_question(desk: Desk, state: State) -> str:
    if state.english:
        return "english.keys"
    if state.name_is_no_help:
        return "ask.unit_instead"
    if state.asked_whom:
        return "ask.whom"
    return "ask.unit_and_block" if len(desk.directory.blocks) > 1 else "ask.unit"


def keys_hint(desk: Desk) -> tuple[str, ...]:
    """How the present question is answered by keys, where it can be said shortly: a block's key is
    its place in the directory, which nobody knows."""
    if desk.state.stage is Stage.ASKING_BLOCK:
        return ()
    if desk.state.stage in YES_OR_NO:
        return ("keys.yes_no",)
    return ("keys.unit",) if desk.state.unit is None else ()
