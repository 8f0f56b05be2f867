"""A message that the visitor leaves when nobody answers: kept as text in the visit's entry."""

from conversation.doorman import closing, questions
from conversation.doorman.desk import Desk
from conversation.doorman.state import Outcome, Stage
from conversation.flow import Party
from conversation.understanding import Answer, Expecting, Intent, Understanding

_MOST_TURNS = 4
_LONGEST = 1000
"""Characters that are kept: a minute of speech."""
_SHORT_WORDS = 4
"""Few words after "mais alguma coisa?" are the last: "não, só isso", or "meu nome é Rui"."""


def offered(desk: Desk, heard: Understanding) -> bool:
    """Yes or no to leaving one; False for neither."""
    if heard.answer is Answer.YES:
        questions.ask(desk, Stage.TAKING_MESSAGE)
    elif heard.answer is Answer.NO or heard.intent is Intent.GOODBYE:
        closing.close(desk, Outcome.NO_ANSWER, "closing.message_declined")
    else:
        return False
    return True


def heard(desk: Desk, said: Understanding) -> None:
    """Words of the message, or that there are no more."""
    state = desk.state
    short = bool(state.message) and len(said.text.split()) <= _SHORT_WORDS
    if short and _is_no(desk, said):
        finish(desk)
        return
    state.message = f"{state.message} {said.text}".strip()[:_LONGEST]
    state.message_turns += 1
    if short or state.message_turns >= _MOST_TURNS:
        finish(desk)
    else:
        desk.say(Party.VISITOR, "message.more", Expecting.MESSAGE)


def _is_no(desk: Desk, said: Understanding) -> bool:
    """Whether there is nothing more to say."""
    answer = (
        desk.rules_for(Party.VISITOR).interpret(said.text, said.confidence, Expecting.YES_NO).answer
    )
    return answer is Answer.NO or said.intent is Intent.GOODBYE


def finish(desk: Desk) -> None:
    """The message is whole."""
    desk.record("message", text=desk.state.message, unit=desk.state.unit)
    closing.close(desk, Outcome.MESSAGE_LEFT, "closing.message_taken")
