"""Ringing the resident: phone after phone, while the visitor is told that it goes on."""

from conversation.doorman import closing, wording
from conversation.doorman.desk import Desk
from conversation.doorman.questions import ask
from conversation.doorman.state import Outcome, Stage
from conversation.flow import CallOut, CallOutcome, CallOutEnded, HangUp, Party
from conversation.understanding import Expecting, Intent

_LONGEST_LIST = 10
_SHORTEST_RING_S = 5.0
_NEVER_RANG = frozenset({CallOutcome.INVALID, CallOutcome.UNREACHABLE})


def start(desk: Desk) -> None:
    """Tell the visitor, and ring the unit's first phone in the same step."""
    state, unit = desk.state, desk.unit
    state.phones = unit.phones()[:_LONGEST_LIST] if unit else ()
    state.phone_at, state.called_back, state.attempts = 0, 0, []
    state.doubted = 0
    state.phones_rung, state.hunted_s = 0, 0.0
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
    desk.do(CallOut(desk.state.phone, _ring_s(desk)))


def _ring_s(desk: Desk) -> float:
    """The ring time of this step of the hunt list, within what is left for all of them."""
    state, settings = desk.state, desk.settings
    steps = settings.ring_steps_s
    step_s = steps[state.phones_rung] if state.phones_rung < len(steps) else settings.ring_s
    return min(step_s, max(_SHORTEST_RING_S, settings.hunt_limit_s - state.hunted_s))


def ended(desk: Desk, event: CallOutEnded) -> None:
    """A phone was answered, or was not."""
    state = desk.state
    ours = state.stage is Stage.CALLING and event.phone in ("", state.phone)
    if not ours:
        if event.outcome is CallOutcome.ANSWERED and not state.resident_on_line:
            desk.do(HangUp(Party.RESIDENT))
        return
    state.ringing = False
    state.hunted_s += event.took_s
    state.phones_rung += event.outcome not in _NEVER_RANG
    state.attempts.append({"phone": state.phone, "outcome": str(event.outcome)})
    if event.outcome is CallOutcome.ANSWERED:
        _answered(desk)
    elif event.outcome is CallOutcome.FAILED:
        closing.give_up(desk, Outcome.FAILED, "closing.failed")
    else:
        next_phone(desk, rang=event.outcome not in _NEVER_RANG)


def _answered(desk: Desk) -> None:
    state = desk.state
    state.resident_on_line = True
    state.unclear, state.resident_waits, state.resident_greetings = 0, 0, 0
    state.resident_knows = False
    state.leanings.pop(str(Party.RESIDENT), None)
    state.languages.pop(str(Party.RESIDENT), None)  # somebody else may have answered
    language = desk.unit.language_of(state.phone) if desk.unit else None
    if language is not None and desk.speaks(language):
        state.languages[str(Party.RESIDENT)] = language
    desk.go(Stage.AUTHORISING)
    desk.record("authorisation.asked", phone=state.phone, unit=state.unit)
    desk.say(Party.RESIDENT, wording.resident_question(state), Expecting.AUTHORISATION)


def call_again(desk: Desk) -> None:
    """Our line to the resident was lost, by no fault of theirs: say sorry and ring once more."""
    desk.say(Party.VISITOR, "resume.sorry")
    ring(desk)


def hear_decision(desk: Desk) -> None:
    """The resident is with us again, and has not decided."""
    desk.state.unclear, desk.state.resident_waits = 0, 0
    desk.go(Stage.AUTHORISING)


def next_phone(desk: Desk, *, rang: bool = True) -> None:
    """Ring the next phone of the hunt list, or tell the visitor that nobody could be reached.

    A phone that never ``rang`` is passed over without a word: the visitor noticed nothing of it.
    """
    state = desk.state
    state.phone_at += 1
    state.called_back = state.doubted = 0  # another line, another person
    if state.phone_at < len(state.phones) and not _hunted_enough(desk):
        if rang:
            desk.say(Party.VISITOR, "waiting.another")
        ring(desk)
    else:
        _nobody(desk)


def _hunted_enough(desk: Desk) -> bool:
    state, settings = desk.state, desk.settings
    too_long = state.hunted_s + _SHORTEST_RING_S > settings.hunt_limit_s
    return too_long or state.phones_rung >= settings.max_phones


def _nobody(desk: Desk) -> None:
    state, settings = desk.state, desk.settings
    if settings.offer_desk and state.intent is Intent.DELIVERY:
        ask(desk, Stage.OFFERING_DESK)
    elif settings.nobody_answers == "message":
        ask(desk, Stage.OFFERING_MESSAGE)
    elif settings.nobody_answers == "guard":
        closing.give_up(desk, Outcome.NO_ANSWER, "closing.no_answer")
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
