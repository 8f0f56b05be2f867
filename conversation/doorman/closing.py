"""How visits end: the one place where a door is ordered, and all the places where it is not."""

from uuid import UUID, uuid5

from conversation.admission import Admission
from conversation.doorman.desk import Desk
from conversation.doorman.state import Outcome, Stage
from conversation.flow import CancelCallOut, HangUp, LogVisit, OpenDoor, Part, Party, Transfer
from conversation.understanding import Understanding


def authorise(desk: Desk, by: str, heard: Understanding | None = None) -> None:
    """The resident, on the line, said or keyed yes: record it, and open."""
    decide(desk, "yes", by, heard)
    if desk.settings.opens_door:
        _order_door(desk, Outcome.AUTHORISED, "resident.thanks.authorised")
        return
    close(desk, Outcome.AUTHORISED, "closing.authorised_no_door", "resident.thanks.authorised")


def admit(desk: Desk, admission: Admission) -> None:
    """A resident let the visitor in beforehand: record by which word of theirs, and open."""
    facts = {"admission": str(admission.id), "made_by": admission.made_by}
    _decide(desk, "yes", str(admission.ground), phone=None, **facts)
    if desk.settings.opens_door:
        _order_door(desk, Outcome.AUTHORISED, "resident.called_off")
        return
    close(desk, Outcome.AUTHORISED, "closing.authorised_no_door")


def grant(desk: Desk, by: str) -> None:
    """The resident lets the visitor in, and goes on talking with them."""
    decide(desk, "yes", by, None)
    if desk.settings.opens_door:
        desk.state.opening_for, desk.state.door = Outcome.AUTHORISED, "ordered"
        desk.do(OpenDoor(authorisation_id(desk)))


def finish_granted(desk: Desk) -> None:
    """The talk in which the resident let the visitor in is over; the door may not be open yet."""
    door = desk.state.door
    if door is None:
        words = "closing.authorised_no_door"
        close(desk, Outcome.AUTHORISED, words, "resident.thanks.authorised")
        return
    dismiss_resident(desk, "resident.thanks.authorised")
    if door == "opened":
        door_opened(desk)
    elif door == "failed":
        door_failed(desk)
    else:
        desk.go(Stage.OPENING_DOOR)


def leave_at_desk(desk: Desk, heard: Understanding | None) -> None:
    """The resident wants the parcel kept: the courier is told; the door only if it must be."""
    decide(desk, "leave_at_desk", "voice", heard)
    if desk.settings.opens_door and desk.settings.desk_opens_door:
        _order_door(desk, Outcome.LEFT_AT_DESK, "resident.thanks.left_at_desk")
        return
    close(desk, Outcome.LEFT_AT_DESK, "closing.left_at_desk", "resident.thanks.left_at_desk")


def leave_in_locker(desk: Desk, heard: Understanding) -> None:
    """The resident wants the parcel in a locker; the door only if it must be."""
    decide(desk, "leave_in_locker", "voice", heard)
    if desk.settings.opens_door and desk.settings.locker_opens_door:
        _order_door(desk, Outcome.LEFT_IN_LOCKER, "resident.thanks.left_in_locker")
        return
    words = "resident.thanks.left_in_locker"
    close(desk, Outcome.LEFT_IN_LOCKER, "closing.left_in_locker", words)


def _order_door(desk: Desk, outcome: Outcome, to_resident: str) -> None:
    """Order the door first, then speak: it may be open before the visitor has heard that."""
    state = desk.state
    state.opening_for, state.door = outcome, "ordered"
    desk.do(OpenDoor(authorisation_id(desk)))
    dismiss_resident(desk, to_resident)
    desk.say(Party.VISITOR, "door.opening", interruptible=False)
    desk.go(Stage.OPENING_DOOR)


def order_door_again(desk: Desk) -> None:
    """In another process: the doorkeeper knows what became of it, and opens nothing twice."""
    desk.do(OpenDoor(authorisation_id(desk)))


def door_opened(desk: Desk) -> None:
    """The door is open: say so."""
    desk.state.door = "opened"
    outcome = desk.state.opening_for
    left = outcome in (Outcome.LEFT_AT_DESK, Outcome.LEFT_IN_LOCKER)
    _close_opening(desk, f"closing.{outcome}" if left else "closing.authorised")


def door_failed(desk: Desk) -> None:
    """Say that it did not open, and leave it to a person if there is one."""
    state = desk.state
    state.door = "failed"
    if desk.settings.guard:
        outcome = state.opening_for or Outcome.AUTHORISED
        hand_over(desk, outcome, "door.failed_guard", desk.settings.guard)
    else:
        _close_opening(desk, "closing.door_failed")


def _close_opening(desk: Desk, farewell: str) -> None:
    close(desk, desk.state.opening_for or Outcome.AUTHORISED, farewell)


def authorisation_id(desk: Desk) -> UUID:
    """The id of what was decided last, as the journal has it."""
    return uuid5(desk.call_id, desk.state.authorisation or "")


def deny(desk: Desk, by: str, heard: Understanding | None = None) -> None:
    """The resident said or keyed no."""
    decide(desk, "no", by, heard)
    close(desk, Outcome.DENIED, "closing.denied", "resident.thanks.denied")


def decide(desk: Desk, decision: str, by: str, heard: Understanding | None) -> None:
    """Record what a resident decided, with the number that they were reached on and their words."""
    text = heard.text if heard else None
    confidence = round(heard.confidence, 3) if heard else None
    _decide(desk, decision, by, phone=desk.state.phone, text=text, confidence=confidence)


def _decide(desk: Desk, decision: str, by: str, **facts: object) -> None:
    state = desk.state
    state.authorisations += 1
    state.authorisation = f"authorisation/{state.authorisations}"
    told = {"id": str(authorisation_id(desk)), "decision": decision, "by": by}
    desk.record("authorisation", **told, unit=state.unit, **facts)


def close(desk: Desk, outcome: Outcome, to_visitor: str, to_resident: str | None = None) -> None:
    """End the call: stop the ringing, take leave of whoever is on the line, log the visit."""
    state = desk.state
    dismiss_resident(desk, to_resident or "resident.called_off")
    state.farewell = to_visitor
    if state.visitor_on_line:
        desk.say(Party.VISITOR, to_visitor, interruptible=False)
        desk.do(HangUp(Party.VISITOR))
    finish(desk, outcome)


def hand_over(desk: Desk, outcome: Outcome, to_visitor: str, destination: str) -> None:
    """Give the visitor to a person; what comes of it decides how the visit ends."""
    state = desk.state
    dismiss_resident(desk, "resident.called_off")
    state.farewell = to_visitor
    state.handing_over_as, state.handing_over_to = outcome, destination
    if state.stage is not Stage.HANDING_OVER:
        state.handed_over_from = state.stage
    desk.go(Stage.HANDING_OVER)
    desk.say(Party.VISITOR, to_visitor, interruptible=False)
    desk.do(Transfer(Party.VISITOR, destination))


def give_up(desk: Desk, outcome: Outcome, farewell: str) -> None:
    """Leave it to a person if there is one who answers, else say goodbye."""
    state = desk.state
    state.gave_up_as, state.gave_up_with = outcome, farewell
    if desk.settings.guard and not state.times_taken_back:
        desk.record("gave_up", reason=str(outcome))
        hand_over(desk, Outcome.TRANSFERRED, "transfer.guard", desk.settings.guard)
    else:
        close(desk, outcome, farewell)


def dismiss_resident(desk: Desk, words: str) -> None:
    """Stop ringing, or take leave of the resident who answered."""
    state = desk.state
    if state.stage is Stage.TALKING:
        desk.do(Part())
    if state.ringing:
        desk.do(CancelCallOut())
        state.ringing = False
    if state.resident_on_line:
        desk.say(Party.RESIDENT, words, interruptible=False)
        desk.do(HangUp(Party.RESIDENT))
        state.resident_on_line = False


def finish(desk: Desk, outcome: Outcome) -> None:
    """Log the visit; nothing happens any more."""
    state, unit = desk.state, desk.unit
    state.outcome = outcome
    state.visitor_on_line = False
    data = {
        "intent": str(state.intent) if state.intent else None,
        "visitor": state.visitor_name,
        "company": state.company,
        "resident": state.resident_name,
        "apartment": unit.number if unit else state.apartment,
        "block": unit.block if unit else state.block,
        "unit": state.unit,
        "calls": [dict(attempt) for attempt in state.attempts],
        "authorisation": str(authorisation_id(desk)) if state.authorisation else None,
        "admission": state.admission,
        "signature": state.signature,
        "door": state.door,
        "talked": state.talked,
        "message": state.message or None,
    }
    desk.do(LogVisit(str(outcome), data))
    desk.go(Stage.ENDED)
