"""Ringing the resident: phone after phone, while the visitor is told that it goes on."""

from conversation.doorman import closing, wording
from conversation.doorman.desk import Desk
from conversation.doorman.questions import ask
from conversation.doorman.state import Outcome, Stage
from conversation.flow import CallOut, CallOutcome, CallOutEnded, HangUp, Party
from conversation.understanding import Expecting, Intent


def start(desk: Desk) -> None:
    """Tell the visitor, and ring the unit's first phone in the same step."""
    state, unit = desk.state, desk.unit
    state.phones = unit.phones()[: desk.settings.max_phones] if unit else ()
    state.phone_at, state.called_back, state.attempts = 0, 0, []
    if not state.phones:
        desk.record("no_phone", unit=state.unit)
        closing.give_up(desk, Outcome.FAILED, "closing.no_phone")
        return
    desk.say(Party.VISITOR, wording.calling(state))
    ring(desk)


def ring(desk: Desk) -> None:
    """Ring the phone whose turn it is."""
    desk.go(Stage.CALLING)
    desk.record("call_out", phone=desk.state.phone, unit=desk.state.unit)
    desk.state.ringing = True
    desk.do(CallOut(desk.state.phone, desk.settings.ring_s))


def ended(desk: Desk, event: CallOutEnded) -> None:
    """A phone was answered, or was not."""
    state = desk.state
    ours = state.stage is Stage.CALLING and event.phone in ("", state.phone)
    if not ours:
        if event.outcome is CallOutcome.ANSWERED and not state.resident_on_line:
            desk.do(HangUp(Party.RESIDENT))
        return
    state.ringing = False
    state.attempts.append({"phone": state.phone, "outcome": str(event.outcome)})
    if event.outcome is CallOutcome.ANSWERED:
        _answered(desk)
    elif event.outcome is CallOutcome.FAILED:
        closing.give_up(desk, Outcome.FAILED, "closing.failed")
    else:
        next_phone(desk)


def _answered(desk: Desk) -> None:
    state = desk.state
    state.resident_on_line = True
    state.unclear, state.resident_waits, state.resident_greetings = 0, 0, 0
    state.resident_knows = False
    desk.go(Stage.AUTHORISING)
    desk.record("authorisation.asked", phone=state.phone, unit=state.unit)
    desk.say(Party.RESIDENT, wording.resident_question(state), Expecting.AUTHORISATION)


def next_phone(desk: Desk) -> None:
    """Ring the next phone of the hunt list, or tell the visitor that nobody could be reached."""
    state = desk.state
    state.phone_at += 1
    state.called_back = 0
    if state.phone_at < len(state.phones):
        desk.say(Party.VISITOR, "waiting.another")
        ring(desk)
    elif desk.settings.offer_desk and state.intent is Intent.DELIVERY:
        ask(desk, Stage.OFFERING_DESK)
    else:
        closing.close(desk, Outcome.NO_ANSWER, "closing.no_answer")


def resident_left(desk: Desk) -> None:
    """The resident hung up before deciding: call once more, then tell the visitor."""
    state = desk.state
    state.resident_on_line = False
    desk.record("resident_left", phone=state.phone)
    if state.called_back < desk.settings.call_backs:
        state.called_back += 1
        desk.say(Party.VISITOR, "waiting")
        ring(desk)
    else:
        closing.close(desk, Outcome.UNDECIDED, "closing.undecided")
