"""Whether a resident's yes may be what the line left of a no: "não autorizo" without its first
120 ms is "autorizo". A door is not opened for it; keys are never affected."""

from conversation.doorman.settings import DoormanSettings
from conversation.doorman.state import State
from conversation.losses import Lost
from conversation.understanding import Answer, Instruction, Understanding

ASKED_FOR_A_KEY = 2
"""The yes that is doubted for so many a time is answered by asking for a key, and so is each spoken
yes from then on: the line does not get better."""


def opens(settings: DoormanSettings, heard: Understanding) -> bool:
    """Whether a turn, that has no other intent, would open the door. A yes does also where
    somebody else opens for it; a parcel only where we do."""
    match heard.instruction:
        case None:
            return heard.question is None and heard.answer is Answer.YES
        case Instruction.LEAVE_AT_DESK:
            return settings.opens_door and settings.desk_opens_door
        case Instruction.LEAVE_IN_LOCKER:
            opens_for_it = (
                settings.locker_opens_door if settings.lockers else settings.desk_opens_door
            )
            return settings.opens_door and opens_for_it
        case _:
            return False


def may_have_been_a_no(state: State, heard: Understanding, lost: Lost) -> bool:
    """Whether a yes is to be doubted. Where nothing is known to be missing but the beginning may
    be, a "sim" is still one: no refusal ends in it."""
    if state.doubted >= ASKED_FOR_A_KEY or lost is Lost.PART:
        return True
    return lost is Lost.START and not heard.outright
