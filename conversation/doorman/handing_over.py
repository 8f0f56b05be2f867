"""What comes of giving somebody to a person: gone, or taken back with a word, never dead air."""

from conversation.doorman import calling, closing, questions, resident
from conversation.doorman.desk import Desk
from conversation.doorman.state import ASKING, Outcome, Stage
from conversation.flow import Party, Transfer, TransferFailed, Transferred

_CALLS = frozenset({Stage.CALLING, Stage.AUTHORISING, Stage.TALKING})


def transferred(desk: Desk, event: Transferred) -> None:
    """Somebody leaves us for a person, on our word or an operator's."""
    state = desk.state
    outcome = state.handing_over_as or Outcome.TRANSFERRED
    if event.party is Party.RESIDENT:
        state.resident_on_line = False
        closing.close(desk, outcome, "transfer.wait")
        return
    closing.dismiss_resident(desk, "resident.called_off")
    if state.stage is not Stage.HANDING_OVER:
        state.handed_over_from = state.stage
    closing.finish(desk, outcome)


def failed(desk: Desk, event: TransferFailed) -> None:
    """The telephone system refused: who was to be handed over is still here."""
    if event.party is Party.VISITOR:
        if desk.state.stage is Stage.HANDING_OVER:
            _take_back(desk)
    elif desk.state.handing_over_as is Outcome.EMERGENCY:
        closing.close(desk, Outcome.EMERGENCY, "closing.undecided", "emergency.nobody")
    elif desk.state.stage is Stage.AUTHORISING:
        desk.state.handing_over_as = None
        desk.tell(Party.RESIDENT, "transfer.failed")
        resident.ask_decision(desk)


def resumed(desk: Desk) -> bool:
    """Take up a visitor whom the person did not answer, or whose handing over a crash cut off;
    ``False`` if the call is neither."""
    state = desk.state
    if state.stage is Stage.HANDING_OVER:
        desk.say(Party.VISITOR, "resume.sorry")
        desk.do(Transfer(Party.VISITOR, state.handing_over_to))
        return True
    if state.stage is not Stage.ENDED or state.handed_over_from is None:
        return False
    state.outcome = None
    _take_back(desk)
    return True


def _take_back(desk: Desk) -> None:
    """Say that nobody is there, and go on where that makes sense; else it is a goodbye."""
    state = desk.state
    stage, state.handed_over_from = state.handed_over_from, None
    outcome, state.handing_over_as = state.handing_over_as, None
    state.times_taken_back += 1
    desk.record("transfer.taken_back", times=state.times_taken_back)
    if outcome is Outcome.EMERGENCY:
        closing.close(desk, Outcome.EMERGENCY, "emergency.nobody")
        return
    if _has_more_to_say(desk, stage):
        desk.go(stage or Stage.ASKING_PURPOSE)
        questions.ask_again(desk, "transfer.failed")
        return
    desk.say(Party.VISITOR, "transfer.failed")
    if stage in _CALLS and state.times_taken_back == 1:
        calling.ring(desk)
    elif state.gave_up_as is not None:
        closing.close(desk, state.gave_up_as, state.gave_up_with)
    else:
        decided = outcome if outcome is not Outcome.TRANSFERRED else None
        words = "closing.door_failed" if state.door == "failed" else "closing.goodbye"
        closing.close(desk, decided or Outcome.UNDECIDED, words)


def _has_more_to_say(desk: Desk, stage: Stage | None) -> bool:
    """Whether the visitor only asked for a person, in the middle of our questions."""
    state = desk.state
    asked = stage in ASKING and stage is not Stage.OFFERING_GUARD
    return asked and state.gave_up_as is None and state.times_taken_back == 1
