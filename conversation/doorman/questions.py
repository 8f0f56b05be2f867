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


def ask_again(desk: Desk, *lead: str, keys: bool = False) -> None:
    """Say something first and put the present question again, in its next wording; with ``keys``,
    how it is answered by them comes before it."""
    for key in lead:
        desk.tell(Party.VISITOR, key)
    if keys:
        _tell_keys(desk)
    ask(desk, desk.state.stage)


def _question(desk: Desk) -> tuple[str, Expecting]:
    state = desk.state
    if state.stage is Stage.ASKING_UNIT:
        return _unit_question(desk, state), Expecting.UNIT
    if state.stage is Stage.ASKING_CODE:
        return ("pin.ask" if state.asks_pin else "code.ask"), Expecting.CODE
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


_KEYS = {
    Stage.ASKING_NAME: "keys.skip",
    Stage.ASKING_COMPANY: "keys.skip",
    Stage.TAKING_MESSAGE: "keys.message",
    **dict.fromkeys(YES_OR_NO, "keys.yes_no"),
}


def _tell_keys(desk: Desk) -> None:
    """Say how the present question is answered by keys."""
    state = desk.state
    if state.stage is Stage.ASKING_BLOCK:
        _tell_keys_of_blocks(desk)
    elif state.stage in _KEYS:
        desk.tell(Party.VISITOR, _KEYS[state.stage])
    elif state.stage is Stage.ASKING_CODE and not state.asks_pin:
        desk.tell(Party.VISITOR, "keys.code")
    elif state.stage is Stage.ASKING_PURPOSE and state.unit:
        desk.tell(Party.VISITOR, "keys.why")
    elif state.unit is None and state.stage in (Stage.ASKING_PURPOSE, Stage.ASKING_UNIT):
        desk.tell(Party.VISITOR, "keys.unit")


def _tell_keys_of_blocks(desk: Desk) -> None:
    """ "Para o bloco A, tecle 1": of all blocks, whoever lives in which."""
    if not has_keys_of_blocks(desk):
        desk.tell(Party.VISITOR, "keys.block_number")
        return
    for key, block in keys_of_blocks(desk).items():
        values = {"block": desk.block_words(Party.VISITOR, block), "key": key}
        desk.tell(Party.VISITOR, "keys.block", values=values)


def has_keys_of_blocks(desk: Desk) -> bool:
    """Whether one key is enough for every block; else its number is keyed, and then "#"."""
    return 0 < len(keys_of_blocks(desk)) == len(desk.directory.blocks)


def keys_of_blocks(desk: Desk) -> dict[str, str]:
    """A key for each block that has one: its own digit, or its place in the directory where none
    of the blocks is a number."""
    blocks = desk.directory.blocks
    if any(block.isdigit() for block in blocks):
        return {block: block for block in blocks if block in _KEYS_FROM_1}
    return dict(zip(_KEYS_FROM_1, blocks, strict=False))


_KEYS_FROM_1 = "123456789"
