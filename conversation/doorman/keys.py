"""Answers by telephone keys: a number and #, 1 yes, 2 no, 0 a person."""

from conversation.directory import Finding
from conversation.doorman import asking, closing, interruptions, languages, message, resident
from conversation.doorman.desk import Desk
from conversation.doorman.state import ASKING, YES_OR_NO, Stage
from conversation.understanding import Answer, Understanding

_LONGEST = 6


def pressed_by_visitor(desk: Desk, digit: str) -> None:
    """A visitor's key. "*" starts over, or is another language where several are spoken; "#" ends
    a number; a number that can only be one unit's needs none.
    """
    state = desk.state
    if digit == "0" and not state.keys:
        interruptions.wants_human(desk)
    elif digit == "*" and not state.keys and state.stage in ASKING and len(desk.languages) > 1:
        languages.next_language(desk)
    elif state.stage in YES_OR_NO:
        _yes_or_no(desk, digit)
    elif state.stage in (Stage.ASKING_PURPOSE, Stage.ASKING_UNIT, Stage.ASKING_BLOCK):
        _number(desk, digit)
    elif state.stage is Stage.TAKING_MESSAGE and digit == "#" and state.message:
        message.finish(desk)


def _yes_or_no(desk: Desk, digit: str) -> None:
    answer = {"1": Answer.YES, "2": Answer.NO}.get(digit)
    if answer is not None:
        asking.heard(desk, Understanding(text="", answer=answer))


def _number(desk: Desk, digit: str) -> None:
    state = desk.state
    if digit == "*":
        state.keys = ""
    elif digit == "#":
        submit(desk)
    elif digit.isdigit() and len(state.keys) < _LONGEST:
        state.keys += digit
        if state.stage is Stage.ASKING_BLOCK or _is_whole(desk):
            submit(desk)


def _is_whole(desk: Desk) -> bool:
    digits = desk.state.keys
    known = desk.directory.find(digits).finding is not Finding.NOTHING
    return known and not desk.directory.is_start_of_number(digits)


def submit(desk: Desk) -> bool:
    """Take the digits keyed so far as the answer; False if there are none."""
    state = desk.state
    digits, state.keys = state.keys, ""
    if not digits:
        return False
    if state.stage is Stage.ASKING_BLOCK:
        asking.heard(desk, Understanding(text=digits, block=_block(desk, digits)))
    else:
        asking.heard(desk, Understanding(text=digits, apartment=digits))
    return True


def _block(desk: Desk, digits: str) -> str | None:
    """Block 2, or the second block where they have letters."""
    blocks = desk.directory.blocks
    place = int(digits) - 1
    if digits in blocks:
        return digits
    return blocks[place] if 0 <= place < len(blocks) else None


def pressed_by_resident(desk: Desk, digit: str, *, interrupted: bool) -> None:
    """A resident's key: 1 lets in, 2 does not, 0 asks for a person.

    A 1 with which the phone is taken lets nobody in, as a "sim?" does not.
    """
    if digit == "1" and resident.too_early(desk, interrupted=interrupted):
        resident.ask_in_full(desk)
    elif digit == "1":
        closing.authorise(desk, "key")
    elif digit == "2":
        closing.deny(desk, "key")
    elif digit == "0":
        resident.wants_human(desk)
