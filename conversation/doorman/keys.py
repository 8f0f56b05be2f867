"""Answers by telephone keys: a number and #, 1 yes, 2 no, 0 a person; every question has some."""

from conversation.admission import CODE_DIGITS
from conversation.directory import Finding
from conversation.doorman import (
    asking,
    closing,
    codes,
    interruptions,
    languages,
    message,
    resident,
)
from conversation.doorman.desk import Desk
from conversation.doorman.questions import has_keys_of_blocks, keys_of_blocks
from conversation.doorman.state import ASKING, YES_OR_NO, Outcome, Stage
from conversation.understanding import Answer, Intent, Understanding

_LONGEST = CODE_DIGITS[-1]
_PURPOSES = {
    "1": Intent.DELIVERY,
    "2": Intent.VISIT,
    "3": Intent.SERVICE,
    "4": Intent.RESIDENT,
}
_SKIPPED = {
    Stage.ASKING_PURPOSE: "purpose",
    Stage.ASKING_NAME: "name",
    Stage.ASKING_COMPANY: "company",
}
"""What "#" alone leaves out: nobody spells a name on a telephone's keys."""


def pressed_by_visitor(desk: Desk, digit: str) -> None:
    """A visitor's key. "*" starts over, or is another language where several are spoken; "#" ends
    a number; a number that can only be one unit's needs none. "#" alone is a code to come, or,
    where something is asked that has no number, that it is left out.
    """
    state = desk.state
    late, desk.hash_to_come = desk.hash_to_come and digit == "#", False
    if late:
        return
    if digit == "0" and not desk.keys:
        interruptions.wants_human(desk)
    elif digit == "*" and not desk.keys and state.stage in ASKING and len(desk.languages) > 1:
        languages.next_language(desk)
    elif state.stage in YES_OR_NO:
        _yes_or_no(desk, digit)
    elif state.stage in _SKIPPED and state.unit is not None:
        _about_the_errand(desk, digit)
    elif state.stage in _NUMBERS:
        _number(desk, digit)
    elif state.stage is Stage.TAKING_MESSAGE and digit == "#":
        _end_of_message(desk)


def _yes_or_no(desk: Desk, digit: str) -> None:
    answer = {"1": Answer.YES, "2": Answer.NO}.get(digit)
    if answer is not None:
        asking.heard(desk, Understanding(text="", answer=answer))


def _about_the_errand(desk: Desk, digit: str) -> None:
    state = desk.state
    if digit == "#":
        state.waived |= {_SKIPPED[state.stage]}
        state.misunderstood = 0
        asking.proceed(desk)
    elif state.stage is Stage.ASKING_PURPOSE and digit in _PURPOSES:
        asking.heard(desk, Understanding(text="", intent=_PURPOSES[digit]))


def _end_of_message(desk: Desk) -> None:
    if desk.state.message:
        message.finish(desk)
    else:
        closing.close(desk, Outcome.NO_ANSWER, "closing.message_declined")


# ---------------------------------------------------------------- numbers

_NUMBERS = frozenset(
    {Stage.ASKING_PURPOSE, Stage.ASKING_UNIT, Stage.ASKING_BLOCK, Stage.ASKING_CODE}
)


def _number(desk: Desk, digit: str) -> None:
    if digit == "*":
        desk.keys = ""
    elif digit == "#":
        _end_of_number(desk)
    elif digit.isdigit() and len(desk.keys) < _LONGEST:
        desk.keys += digit
        if _is_whole(desk):
            submit(desk)
            desk.hash_to_come = True


def _end_of_number(desk: Desk) -> None:
    if submit(desk):
        return
    if desk.state.stage is Stage.ASKING_CODE:
        asking.go_on_without_code(desk)
    elif desk.settings.takes_codes and desk.state.stage is not Stage.ASKING_BLOCK:
        codes.ask_for_code(desk)


def _is_whole(desk: Desk) -> bool:
    """Whether nothing can follow. A code never is: its "#" would come as an answer of its own."""
    digits = desk.keys
    if desk.state.stage is Stage.ASKING_CODE:
        return False
    if desk.state.stage is Stage.ASKING_BLOCK:
        return has_keys_of_blocks(desk)
    known = desk.directory.find(digits).finding is not Finding.NOTHING
    return known and not desk.directory.is_start_of_number(digits)


def submit(desk: Desk) -> bool:
    """Take the digits keyed so far as the answer; False if there are none."""
    digits, desk.keys = desk.keys, ""
    if not digits:
        return False
    if _may_be_secret(desk, digits):
        codes.check(desk, digits, keyed=True)
    elif desk.state.stage is Stage.ASKING_BLOCK:
        asking.heard(desk, Understanding(text=digits, block=_block(desk, digits)))
    else:
        asking.heard(desk, Understanding(text=digits, apartment=digits))
    return True


def _may_be_secret(desk: Desk, digits: str) -> bool:
    """Whatever is keyed where one was asked for, unless it is a unit here; else what is as long."""
    if desk.state.stage is Stage.ASKING_CODE:
        return desk.directory.find(digits).finding is Finding.NOTHING
    return len(digits) in CODE_DIGITS and desk.settings.takes_codes


def _block(desk: Desk, digits: str) -> str | None:
    """Block 2, or the second block where they have letters."""
    blocks = desk.directory.blocks
    if digits in blocks:
        return digits
    return keys_of_blocks(desk).get(digits)


# ---------------------------------------------------------------- the resident


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
