"""What a visitor may say at any time: it is an emergency, fetch a person, never mind."""

from collections.abc import Callable, Mapping

from conversation.doorman import asking, closing
from conversation.doorman.desk import Desk
from conversation.doorman.questions import ask, ask_again
from conversation.doorman.state import ASKING, Outcome, Stage
from conversation.flow import Party
from conversation.understanding import Expecting, Instruction, Intent, Understanding


def handled(desk: Desk, heard: Understanding) -> bool:
    """Deal with a turn that has nothing to do with the present question; False if it has."""
    if desk.state.stage is Stage.TAKING_MESSAGE and heard.intent is not Intent.EMERGENCY:
        return False  # "fala pro porteiro que..." is part of the message
    at_any_time = _AT_ANY_TIME.get(heard.intent) if heard.intent else None
    if at_any_time:
        at_any_time(desk)
        return True
    if desk.state.stage not in ASKING or heard.apartment:
        return False
    if heard.language == "en":
        return _english(desk)
    if _answers_something(heard):
        return False
    return _about_the_talk_itself(desk, heard)


def _answers_something(heard: Understanding) -> bool:
    slots = (heard.block, heard.resident_name, heard.company, heard.answer)
    errand = heard.intent in (Intent.DELIVERY, Intent.VISIT, Intent.SERVICE)
    return any(slots) or (errand and heard.instruction is not Instruction.WAIT)


def _about_the_talk_itself(desk: Desk, heard: Understanding) -> bool:
    if heard.intent is Intent.REPEAT:
        ask(desk, desk.state.stage)
    elif heard.instruction is Instruction.WAIT:
        desk.tell(Party.VISITOR, "take_your_time")
    elif heard.abusive or heard.intent is Intent.HURRY:
        _calm(desk)
    else:
        return False
    return True


def emergency(desk: Desk) -> None:
    """Somebody is in danger: at once to whoever can help."""
    destination = desk.settings.emergency_destination
    desk.record("emergency", party=str(Party.VISITOR))
    if destination is None:
        closing.close(desk, Outcome.EMERGENCY, "emergency.nobody")
    else:
        closing.hand_over(desk, Outcome.EMERGENCY, "emergency.guard", destination)


def wants_human(desk: Desk) -> None:
    """The visitor asks for a person, by voice or with 0."""
    if desk.settings.guard:
        closing.hand_over(desk, Outcome.TRANSFERRED, "transfer.guard", desk.settings.guard)
    elif desk.state.stage in ASKING:
        ask_again(desk, "human.nobody")
    else:
        desk.say(Party.VISITOR, "human.nobody")


def _cancel(desk: Desk) -> None:
    closing.close(desk, Outcome.CANCELLED, "closing.cancelled", "resident.visitor_left")


def _goodbye(desk: Desk) -> None:
    """ "tchau" ends the call; while a phone rings too: whoever leaves needs no door."""
    closing.close(desk, Outcome.CANCELLED, "closing.goodbye", "resident.visitor_left")


_AT_ANY_TIME: Mapping[Intent, Callable[[Desk], None]] = {
    Intent.EMERGENCY: emergency,
    Intent.HUMAN: wants_human,
    Intent.CANCEL: _cancel,
    Intent.WRONG_NUMBER: _cancel,
    Intent.GOODBYE: _goodbye,
}


def _english(desk: Desk) -> bool:
    """To a person where there is one; else the keys, which need no language."""
    state = desk.state
    if desk.settings.guard and not state.times_taken_back:
        closing.hand_over(desk, Outcome.TRANSFERRED, "english.guard", desk.settings.guard)
        return True
    if state.english:
        return False
    state.english = True
    state.waived |= {"purpose", "name", "company"}
    if desk.unit is not None:
        asking.proceed(desk)
    else:
        desk.go(Stage.ASKING_UNIT)
        desk.say(Party.VISITOR, "english.keys", Expecting.UNIT)
    return True


def _calm(desk: Desk) -> None:
    """Swearing and haste are answered once a turn, calmly, and count as not understood."""
    desk.state.misunderstood += 1
    if desk.state.misunderstood >= desk.settings.max_misunderstood:
        closing.give_up(desk, Outcome.NOT_UNDERSTOOD, "closing.not_understood")
    else:
        ask_again(desk, "calm")
