"""The resident's side: told who is there, asked, answered, and never taken for a yes in doubt."""

from collections.abc import Callable, Mapping

from conversation.doorman import calling, closing, wording
from conversation.doorman.desk import Desk
from conversation.doorman.doubting import ASKED_FOR_A_KEY, may_have_been_a_no, opens
from conversation.doorman.state import Outcome, Stage
from conversation.flow import HangUp, Join, Party, Transfer
from conversation.losses import Lost
from conversation.understanding import (
    Answer,
    Expecting,
    Instruction,
    Intent,
    Question,
    Understanding,
)

_GREETINGS = 2
"""An "alô" or two is how one answers a phone, not an unclear answer."""

_ASKS_FOR_A_YES = frozenset({"resident.decide", "resident.confirm"})

_ANSWERS: Mapping[Question, Callable[..., str]] = {
    Question.WHO: wording.who,
    Question.WHERE_FROM: wording.where_from,
    Question.WHAT: wording.what,
    Question.FOR_WHOM: wording.for_whom,
}


def heard(
    desk: Desk, heard: Understanding, *, interrupted: bool, lost: Lost = Lost.NOTHING
) -> None:
    """A resident's turn, while we wait for a decision.

    ``interrupted``: it cut our words off. The "sim?" with which somebody takes the phone is no
    answer to a question that they have not heard. ``lost``: what may be missing of the turn.
    """
    early = too_early(desk, interrupted=interrupted and heard.question is None)
    if early and heard.answer is Answer.YES:
        ask_in_full(desk)
    elif heard.intent is not None and heard.intent in _BY_INTENT:
        _BY_INTENT[heard.intent](desk)
    elif opens(desk.settings, heard) and may_have_been_a_no(desk.state, heard, lost):
        _doubt(desk, lost)
    elif heard.instruction is not None:
        _BY_INSTRUCTION[heard.instruction](desk, heard)
    elif heard.question is not None:
        _answer(desk, heard.question)
    elif heard.answer is not None:
        _decision(desk, heard)
    else:
        unclear(desk)


def too_early(desk: Desk, *, interrupted: bool) -> bool:
    """Whether a resident answers who cannot have heard the question yet."""
    state = desk.state
    state.resident_knows = state.resident_knows or not interrupted
    return not state.resident_knows


def ask_in_full(desk: Desk) -> None:
    """A yes over our first words: say again who is there, then ask for the yes alone."""
    if desk.state.unclear:
        unclear(desk, "resident.confirm")
    else:
        desk.state.unclear = 1
        explain_again(desk)


def _doubt(desk: Desk, lost: Lost) -> None:
    """Ask again: once for words, then for a key, and let nobody in who gets neither."""
    state = desk.state
    state.doubted += 1
    desk.record("yes_doubted", phone=state.phone, lost=str(lost))
    if state.doubted > ASKED_FOR_A_KEY + desk.settings.max_unclear:
        _give_up(desk, "not heard whole")
    elif state.doubted < ASKED_FOR_A_KEY:
        ask_decision(desk, "resident.line_fails")
    else:
        ask_decision(desk, "resident.keys_only")


def _decision(desk: Desk, heard: Understanding) -> None:
    if heard.confidence < desk.settings.decision_confidence:
        unclear(desk, "resident.confirm")
    elif heard.answer is Answer.YES:
        closing.authorise(desk, "voice", heard)
    else:
        closing.deny(desk, "voice", heard)


def _answer(desk: Desk, question: Question) -> None:
    desk.tell(Party.RESIDENT, _ANSWERS[question](desk.state))
    ask_decision(desk)


def ask_decision(desk: Desk, key: str = "resident.decide") -> None:
    """Put the question again, shorter; where only keys are believed, ask for one."""
    if key in _ASKS_FOR_A_YES and desk.state.doubted >= ASKED_FOR_A_KEY:
        key = "resident.keys"
    desk.say(Party.RESIDENT, key, Expecting.AUTHORISATION)


def explain_again(desk: Desk) -> None:
    """Say who is there and ask, from the start; where only keys are believed, ask for one."""
    if desk.state.doubted >= ASKED_FOR_A_KEY:
        desk.tell(Party.RESIDENT, wording.who(desk.state))
        ask_decision(desk)
        return
    desk.say(Party.RESIDENT, wording.resident_question(desk.state), Expecting.AUTHORISATION)


def unclear(desk: Desk, question: str = "resident.decide") -> None:
    """Neither yes nor no: ask again, offer the keys, then let nobody in."""
    state = desk.state
    state.unclear += 1
    if state.unclear > desk.settings.max_unclear:
        _give_up(desk, "not understood")
        return
    if question != "resident.decide":
        ask_decision(desk, question)
        return
    desk.tell(Party.RESIDENT, "resident.sorry")
    if state.unclear > 1:
        ask_decision(desk, "resident.keys")
    else:
        explain_again(desk)


def _give_up(desk: Desk, reason: str) -> None:
    desk.record("undecided", phone=desk.state.phone, reason=reason)
    closing.close(desk, Outcome.UNDECIDED, "closing.undecided", "resident.undecided")


def went_quiet(desk: Desk, times: int) -> None:
    """The resident says nothing; after "um momento" that is what they said."""
    state = desk.state
    state.resident_knows = True
    if state.resident_waits > 0:
        state.resident_waits -= 1
        desk.say(Party.RESIDENT, "resident.take_your_time", Expecting.AUTHORISATION)
    elif times >= desk.settings.max_resident_silences:
        _give_up(desk, "silent")
    else:
        desk.tell(Party.RESIDENT, "resident.still_there")
        ask_decision(desk, "resident.keys" if times > 1 else "resident.decide")


# ---------------------------------------------------------------- who answered, and what for


def _greeted(desk: Desk) -> None:
    desk.state.resident_greetings += 1
    if desk.state.resident_greetings > _GREETINGS:
        unclear(desk)
    else:
        explain_again(desk)


def _machine(desk: Desk) -> None:
    """A voice mail: no place for a visitor's name. Hang up and go on."""
    desk.record("voice_mail", phone=desk.state.phone)
    desk.do(HangUp(Party.RESIDENT))
    desk.state.resident_on_line = False
    calling.next_phone(desk)


def _wrong_number(desk: Desk) -> None:
    desk.record("wrong_number", phone=desk.state.phone)
    closing.dismiss_resident(desk, "resident.wrong_number")
    calling.next_phone(desk)


def wants_human(desk: Desk) -> None:
    """The resident would rather speak with a person."""
    guard = desk.settings.guard
    if guard is None:
        desk.tell(Party.RESIDENT, "resident.no_human")
        ask_decision(desk)
        return
    _give_resident_to(desk, guard, "transfer.guard", Outcome.TRANSFERRED)


def _emergency(desk: Desk) -> None:
    destination = desk.settings.emergency_destination
    desk.record("emergency", party=str(Party.RESIDENT))
    if destination is None:
        closing.close(desk, Outcome.EMERGENCY, "closing.undecided", "emergency.nobody")
    else:
        _give_resident_to(desk, destination, "resident.emergency", Outcome.EMERGENCY)


def _give_resident_to(desk: Desk, destination: str, words: str, outcome: Outcome) -> None:
    """Hand the resident over; whoever takes the call decides about the visitor."""
    desk.state.handing_over_as = outcome
    desk.say(Party.RESIDENT, words, interruptible=False)
    desk.do(Transfer(Party.RESIDENT, destination))


_BY_INTENT: Mapping[Intent, Callable[[Desk], None]] = {
    Intent.EMERGENCY: _emergency,
    Intent.VOICE_MAIL: _machine,
    Intent.WRONG_NUMBER: _wrong_number,
    Intent.HUMAN: wants_human,
    Intent.REPEAT: explain_again,
    Intent.GREETING: _greeted,
}


# ---------------------------------------------------------------- orders


def _leave_at_desk(desk: Desk, heard: Understanding) -> None:
    if desk.state.intent is not Intent.DELIVERY:
        unclear(desk)
    elif not desk.settings.leave_at_desk:
        desk.tell(Party.RESIDENT, "resident.no_desk")
        ask_decision(desk)
    elif desk.state.signature and not desk.settings.desk_signs:
        _needs_signature(desk)
    elif heard.confidence < desk.settings.decision_confidence:
        unclear(desk)
    else:
        closing.leave_at_desk(desk, heard)


def _leave_in_locker(desk: Desk, heard: Understanding) -> None:
    """Where there are no lockers, what is meant is the desk."""
    if not desk.settings.lockers:
        _leave_at_desk(desk, heard)
    elif desk.state.intent is not Intent.DELIVERY:
        unclear(desk)
    elif desk.state.signature:
        _needs_signature(desk)
    elif heard.confidence < desk.settings.decision_confidence:
        unclear(desk)
    else:
        closing.leave_in_locker(desk, heard)


def _needs_signature(desk: Desk) -> None:
    """Nobody is there to sign: the resident lets the courier in, or comes down."""
    desk.tell(Party.RESIDENT, "resident.needs_signature")
    ask_decision(desk)


def _wait(desk: Desk, _heard: Understanding) -> None:
    desk.state.resident_waits = desk.settings.patience_after_wait
    desk.say(Party.RESIDENT, "resident.take_your_time", Expecting.AUTHORISATION)
    desk.say(Party.VISITOR, "waiting")


def _coming_down(desk: Desk, heard: Understanding) -> None:
    closing.decide(desk, "coming_down", "voice", heard)
    closing.close(desk, Outcome.COMING_DOWN, "closing.coming_down", "resident.thanks.coming_down")


def _send_away(desk: Desk, heard: Understanding) -> None:
    """The visitor hears what everybody hears whose call is not answered."""
    closing.decide(desk, "no", "voice", heard)
    closing.close(desk, Outcome.DENIED, "closing.no_answer", "resident.thanks.sent_away")


def _talk(desk: Desk, _heard: Understanding) -> None:
    """Tell both how it goes on, and step out."""
    if not desk.settings.joins:
        desk.tell(Party.RESIDENT, "resident.cannot_talk")
        ask_decision(desk)
        return
    desk.state.resident_knows = desk.state.talked = True
    desk.go(Stage.TALKING)
    desk.say(Party.VISITOR, "talk.visitor")
    desk.say(Party.RESIDENT, "talk.resident")
    desk.do(Join(desk.settings.talk_limit_s))


_BY_INSTRUCTION: Mapping[Instruction, Callable[[Desk, Understanding], None]] = {
    Instruction.LEAVE_AT_DESK: _leave_at_desk,
    Instruction.LEAVE_IN_LOCKER: _leave_in_locker,
    Instruction.WAIT: _wait,
    Instruction.COMING_DOWN: _coming_down,
    Instruction.SEND_AWAY: _send_away,
    Instruction.TALK: _talk,
}
