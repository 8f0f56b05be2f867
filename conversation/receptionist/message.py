"""A message that is taken: who, for whom, the number to call back on, and the words."""

from conversation.receptionist.desk import Desk
from conversation.receptionist.phone_numbers import LONGEST, is_whole, read_back
from conversation.receptionist.state import Outcome, Stage
from conversation.understanding import Answer, Expecting, Intent, Understanding

_MOST_TURNS = 4
_LONGEST_MESSAGE = 1000
"""Characters that are kept: a minute of speech."""
_LONGEST_NAME = 80
_SHORT_WORDS = 4
"""Few words after "mais alguma coisa?" are the last."""
_MOST_MISTAKES = 3
"""Times that a number is asked for: then there is a message without one."""
_QUESTIONS = {
    Stage.ASKING_NAME: ("message.name", Expecting.VISITOR_NAME),
    Stage.ASKING_WHOM: ("message.whom", Expecting.MESSAGE),
    Stage.ASKING_PHONE: ("message.phone", Expecting.PHONE),
    Stage.TAKING_MESSAGE: ("message.ask", Expecting.MESSAGE),
}
TAKING = frozenset({*_QUESTIONS, Stage.CONFIRMING_PHONE})
"""Stages in which a message is taken."""


def begin(desk: Desk) -> None:
    """Start with the first thing that is not known."""
    desk.state.misunderstood = 0
    if desk.department is not None:
        desk.state.whom = desk.name_of(desk.department)
    _next(desk)


def _next(desk: Desk) -> None:
    state = desk.state
    if state.name is None:
        _ask(desk, Stage.ASKING_NAME)
    elif state.whom is None and desk.handbook.departments:
        _ask(desk, Stage.ASKING_WHOM)
    elif not is_whole(state.phone) and not state.no_phone:
        _ask(desk, Stage.ASKING_PHONE)
    else:
        _ask(desk, Stage.TAKING_MESSAGE)


def _ask(desk: Desk, stage: Stage) -> None:
    key, expecting = _QUESTIONS[stage]
    desk.ask(stage, key, expecting)


def ask_again(desk: Desk) -> None:
    """Put the present question once more."""
    if desk.state.stage is Stage.CONFIRMING_PHONE:
        _confirm(desk)
    else:
        _ask(desk, desk.state.stage)


def heard(desk: Desk, said: Understanding) -> None:
    """A turn of somebody who leaves a message."""
    if said.intent is Intent.REPEAT and desk.state.stage is not Stage.TAKING_MESSAGE:
        ask_again(desk)
    elif said.intent is Intent.CANCEL:
        desk.close(Outcome.UNANSWERED, "closing.unanswered")
    elif said.confidence < desk.settings.heard_confidence:
        desk.say("sorry")
        ask_again(desk)
    else:
        _HEARD[desk.state.stage](desk, said)


def _name_heard(desk: Desk, said: Understanding) -> None:
    """Whoever is asked for a name says one, whatever else is in the words."""
    if said.does_not_know or (said.backchannel and not said.visitor_name):
        desk.say("sorry")
        ask_again(desk)
        return
    desk.state.name = (said.visitor_name or said.text)[:_LONGEST_NAME]
    _next(desk)


def _whom_heard(desk: Desk, said: Understanding) -> None:
    desk.state.whom = said.text[:_LONGEST_NAME]
    _next(desk)


def _phone_heard(desk: Desk, said: Understanding) -> None:
    """Digits in one turn or in several; "não tenho" is an answer too."""
    if said.phone:
        take_digits(desk, said.phone)
    elif said.answer is Answer.NO or said.does_not_know:
        desk.state.no_phone, desk.state.phone = True, ""
        _next(desk)
    else:
        _phone_again(desk)


def take_digits(desk: Desk, digits: str) -> None:
    """Add digits that were said or keyed to the number, and read it back once it is whole."""
    state = desk.state
    state.phone += digits
    if len(state.phone) > LONGEST:
        _phone_again(desk)
    elif is_whole(state.phone):
        _confirm(desk)
    else:
        desk.say("message.phone_rest")


def _confirm(desk: Desk) -> None:
    phone = read_back(desk.state.phone, desk.language)
    desk.ask(Stage.CONFIRMING_PHONE, "message.confirm_phone", Expecting.YES_NO, {"phone": phone})


def _phone_again(desk: Desk) -> None:
    state = desk.state
    state.phone = ""
    state.misunderstood += 1
    if state.misunderstood >= _MOST_MISTAKES:
        state.no_phone = True
        _next(desk)
    else:
        desk.ask(Stage.ASKING_PHONE, "message.phone_again", Expecting.PHONE)


def _phone_confirmed(desk: Desk, said: Understanding) -> None:
    if said.answer is Answer.YES:
        _next(desk)
    elif said.answer is Answer.NO:
        _phone_again(desk)
    else:
        desk.say("keys.yes_no")
        _confirm(desk)


def _words_heard(desk: Desk, said: Understanding) -> None:
    """Words of the message, or that there are no more."""
    state = desk.state
    short = bool(state.message) and len(said.text.split()) <= _SHORT_WORDS
    if short and is_no(desk, said.text):
        finish(desk)
        return
    state.message = f"{state.message} {said.text}".strip()[:_LONGEST_MESSAGE]
    state.message_turns += 1
    if short or state.message_turns >= _MOST_TURNS:
        finish(desk)
    else:
        desk.say("message.more")


def is_no(desk: Desk, text: str) -> bool:
    """Whether there is nothing more to say."""
    said = desk.rules.interpret(text, 1.0, Expecting.YES_NO)
    return said.answer is Answer.NO or said.intent is Intent.GOODBYE


def finish(desk: Desk) -> None:
    """The message is whole."""
    keep(desk)
    desk.close(Outcome.MESSAGE_LEFT, "closing.message_taken")


def keep(desk: Desk) -> None:
    """Record the message as it is."""
    state = desk.state
    desk.record(
        "message",
        text=state.message,
        name=state.name,
        message_for=state.whom,
        department=state.department,
        phone=state.phone or None,
    )


_HEARD = {
    Stage.ASKING_NAME: _name_heard,
    Stage.ASKING_WHOM: _whom_heard,
    Stage.ASKING_PHONE: _phone_heard,
    Stage.CONFIRMING_PHONE: _phone_confirmed,
    Stage.TAKING_MESSAGE: _words_heard,
}
