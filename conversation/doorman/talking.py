"""Visitor and resident talk with each other: what keys do meanwhile, and what follows."""

from conversation.doorman import calling, closing, questions, resident
from conversation.doorman.desk import Desk
from conversation.doorman.state import Outcome, Stage
from conversation.flow import Part, Party


def pressed_by_resident(desk: Desk, digit: str) -> None:
    """1 or # opens, and they may go on talking; 2 does not; * is us again; 0 a person."""
    if digit in "1#":
        _open(desk)
    elif digit == "2":
        closing.deny(desk, "key")
    elif digit == "*":
        come_back(desk, "talk.back")
    elif digit == "0" and not desk.state.granted:
        desk.do(Part())
        calling.hear_decision(desk)
        resident.wants_human(desk)


def _open(desk: Desk) -> None:
    if desk.state.granted and desk.state.door == "ordered":
        return  # pressed twice: the door has not answered yet
    desk.state.granted = True
    closing.grant(desk, "key")
    _tell_both(desk, "talk.authorised")


def door_opened(desk: Desk) -> None:
    """The door answered while the two talk."""
    desk.state.door = "opened"
    _tell_both(desk, "talk.opened")


def door_failed(desk: Desk) -> None:
    """The resident may press again, or open it themselves."""
    desk.state.door = "failed"
    _tell_both(desk, "talk.door_failed")


def _tell_both(desk: Desk, words: str) -> None:
    for party in Party:
        desk.say(party, words)


def come_back(desk: Desk, words: str) -> None:
    """The talk is over with both still there: hear what the resident decides, if that is open."""
    if desk.state.granted:
        closing.finish_granted(desk)
        return
    desk.do(Part())
    desk.say(Party.VISITOR, "waiting")
    calling.hear_decision(desk)
    desk.tell(Party.RESIDENT, words)
    resident.ask_decision(desk)


def resident_left(desk: Desk) -> None:
    """The resident hung up: what they keyed stands, and nothing that they may have said."""
    desk.state.resident_on_line = False
    desk.record("resident_left", phone=desk.state.phone)
    if desk.state.granted:
        closing.finish_granted(desk)
    elif desk.settings.guard:
        questions.ask(desk, Stage.OFFERING_GUARD)
    else:
        closing.close(desk, Outcome.UNDECIDED, "closing.talk_over")


def visitor_left(desk: Desk) -> None:
    """The visitor hung up: after the key, they are on their way in."""
    outcome = Outcome.AUTHORISED if desk.state.granted else Outcome.LEFT
    closing.close(desk, outcome, "closing.goodbye", "resident.visitor_left")


def time_is_up(desk: Desk) -> None:
    """The whole call has to end."""
    outcome = Outcome.AUTHORISED if desk.state.granted else Outcome.TIMED_OUT
    closing.close(desk, outcome, "closing.time")


def resumed(desk: Desk) -> None:
    """Go on in another process: the talk is lost with the resident's line, what was keyed not."""
    if not desk.state.granted:
        calling.call_again(desk)
    elif desk.state.door == "ordered":
        desk.go(Stage.OPENING_DOOR)
        closing.order_door_again(desk)
    else:
        closing.finish_granted(desk)
