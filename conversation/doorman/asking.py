"""What the visitor is asked: one missing piece at a time, until somebody can be called."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from conversation.doorman import calling, closing, codes, finding, languages, message
from conversation.doorman.desk import Desk
from conversation.doorman.learning import forget_unit, learn
from conversation.doorman.questions import ask, ask_again
from conversation.doorman.state import Outcome, Stage, State
from conversation.flow import Party
from conversation.understanding import Answer, Intent, Understanding

_OPTIONAL = {
    Stage.ASKING_PURPOSE: "purpose",
    Stage.ASKING_NAME: "name",
    Stage.ASKING_COMPANY: "company",
}
"""What may stay unknown after two questions in vain: the resident decides without it."""
_ABOUT_THE_VISIT = frozenset(
    {Stage.ASKING_UNIT, Stage.ASKING_BLOCK, Stage.CONFIRMING_UNIT, *_OPTIONAL}
)
"""Questions that a code answers as well."""


def proceed(desk: Desk) -> None:
    """Ask for the next missing piece, or call."""
    state = desk.state
    if not finding.settle(desk):
        return
    if state.doubtful and not state.confirmed:
        ask(desk, Stage.CONFIRMING_UNIT)
    elif state.intent is None and "purpose" not in state.waived:
        ask(desk, Stage.ASKING_PURPOSE)
    elif codes.wants_pin(desk):
        codes.ask_for_pin(desk)
    elif _wants_company(state):
        ask(desk, Stage.ASKING_COMPANY)
    elif _wants_name(state):
        ask(desk, Stage.ASKING_NAME)
    elif codes.wants_list(desk):
        codes.look_at_list(desk)
    else:
        calling.start(desk)


def _wants_company(state: State) -> bool:
    nobody = not state.company and not state.visitor_name
    return state.intent is Intent.SERVICE and nobody and "company" not in state.waived


def _wants_name(state: State) -> bool:
    personal = state.intent in (Intent.VISIT, Intent.RESIDENT)
    return personal and not state.visitor_name and "name" not in state.waived


# ---------------------------------------------------------------- hearing


def heard(desk: Desk, understanding: Understanding) -> None:
    """A visitor's turn while an answer is owed."""
    thinking = understanding.backchannel and not understanding.says_something
    hesitated, desk.state.hesitated = desk.state.hesitated, thinking
    if thinking and not hesitated:
        return  # "hum..." is no answer yet; if nothing follows, silence is asked about
    if understanding.code and desk.state.stage in _ABOUT_THE_VISIT:
        understanding = replace(understanding, answer=None)
        if codes.heard_of_one(desk, understanding):
            return
    _HEARD.get(desk.state.stage, _slots_heard)(desk, understanding)


def _slots_heard(desk: Desk, heard: Understanding) -> None:
    if heard.confidence < desk.settings.heard_confidence:
        not_understood(desk)
    elif heard.code == "" and codes.heard_of_one(desk, heard):
        return
    elif learn(desk, heard):
        if heard.intent is Intent.RESIDENT:
            desk.tell(Party.VISITOR, "security")
        proceed(desk)
    elif heard.does_not_know and desk.state.stage in (Stage.ASKING_UNIT, Stage.ASKING_BLOCK):
        _no_number(desk)
    elif heard.intent is Intent.GREETING and not desk.state.greeted_back:
        desk.state.greeted_back = True
        ask(desk, desk.state.stage)
    else:
        not_understood(desk)


def _no_number(desk: Desk) -> None:
    """Who knows no number or block may know the resident's name; without either nobody helps."""
    state = desk.state
    if state.asked_whom or state.name_is_no_help:
        desk.record("unknown_unit", apartment=state.apartment, block=state.block)
        closing.give_up(desk, Outcome.UNKNOWN_UNIT, "closing.unknown_unit")
        return
    state.asked_whom = True
    ask(desk, Stage.ASKING_UNIT)


def _unit_heard(desk: Desk, heard: Understanding) -> None:
    if heard.answer is Answer.NO and not heard.resident_name and not heard.apartment:
        desk.state.resident_name = None
    _slots_heard(desk, heard)


def _name_heard(desk: Desk, heard: Understanding) -> None:
    """ "o carlos do bloco a" says where Carlos comes from, not whom he wants."""
    if heard.visitor_name and not heard.apartment:
        heard = replace(heard, block=None)
    if heard.visitor_name and heard.apartment not in (None, desk.state.apartment):
        desk.state.doubtful = True
    _slots_heard(desk, heard)


def _company_heard(desk: Desk, heard: Understanding) -> None:
    """Whatever is no other slot names the firm: nobody knows all firms."""
    if learn(desk, heard):
        proceed(desk)
    elif heard.does_not_know:
        desk.state.waived |= {"company"}
        proceed(desk)
    else:
        not_understood(desk)


def _confirmation_heard(desk: Desk, heard: Understanding) -> None:
    state = desk.state
    corrected = heard.apartment or heard.block
    if corrected and not (heard.answer is Answer.YES and _same_unit(desk, heard)):
        if heard.answer is Answer.NO and not heard.apartment:
            state.unit = None
        state.doubtful = False
        learn(desk, heard)
        proceed(desk)
    elif heard.answer is Answer.YES:
        state.confirmed = True
        state.misunderstood = 0
        proceed(desk)
    elif heard.answer is Answer.NO:
        forget_unit(state)
        state.resident_name = None
        ask(desk, Stage.ASKING_UNIT)
    else:
        not_understood(desk)


def _same_unit(desk: Desk, heard: Understanding) -> bool:
    state = desk.state
    same_number = heard.apartment in (None, state.apartment, *state.alternatives)
    return same_number and heard.block in (None, state.block)


def _guard_offer_heard(desk: Desk, heard: Understanding) -> None:
    if heard.answer is Answer.YES and desk.settings.guard:
        closing.hand_over(desk, Outcome.TRANSFERRED, "transfer.guard", desk.settings.guard)
    elif heard.answer is not None:
        closing.close(desk, Outcome.UNDECIDED, "closing.goodbye")
    else:
        not_understood(desk)


def _message_offer_heard(desk: Desk, heard: Understanding) -> None:
    if not message.offered(desk, heard):
        not_understood(desk)


def _message_heard(desk: Desk, heard: Understanding) -> None:
    if heard.text:
        message.heard(desk, heard)
    else:
        not_understood(desk)


def _code_heard(desk: Desk, heard: Understanding) -> None:
    """Digits are looked up; who has none goes on without, and so does who says something else."""
    state = desk.state
    if heard.code and state.asks_pin:
        ask_again(desk, "pin.keys_only")
    elif heard.code:
        codes.check(desk, heard.code, keyed=False)
    elif heard.answer is Answer.NO or heard.does_not_know or learn(desk, heard):
        go_on_without_code(desk)
    else:
        not_understood(desk)


def go_on_without_code(desk: Desk) -> None:
    """There is none, or none that helps: the residents are called as ever."""
    desk.state.waived |= {"pin"}
    desk.state.asks_pin = False
    desk.state.misunderstood = 0
    proceed(desk)


def _desk_offer_heard(desk: Desk, heard: Understanding) -> None:
    if heard.answer is Answer.YES:
        closing.close(desk, Outcome.LEFT_AT_DESK, "closing.left_at_desk")
    elif heard.answer is Answer.NO:
        closing.close(desk, Outcome.NO_ANSWER, "closing.desk_declined")
    else:
        not_understood(desk)


_HEARD: Mapping[Stage, Callable[[Desk, Understanding], None]] = {
    Stage.ASKING_PURPOSE: _slots_heard,
    Stage.ASKING_UNIT: _unit_heard,
    Stage.ASKING_BLOCK: _slots_heard,
    Stage.ASKING_NAME: _name_heard,
    Stage.ASKING_COMPANY: _company_heard,
    Stage.ASKING_CODE: _code_heard,
    Stage.CONFIRMING_UNIT: _confirmation_heard,
    Stage.OFFERING_DESK: _desk_offer_heard,
    Stage.OFFERING_GUARD: _guard_offer_heard,
    Stage.OFFERING_MESSAGE: _message_offer_heard,
    Stage.TAKING_MESSAGE: _message_heard,
}


# ---------------------------------------------------------------- trouble


def not_understood(desk: Desk) -> None:
    """Ask again in other words, then offer the keys, then give up politely."""
    state = desk.state
    state.misunderstood += 1
    optional = _OPTIONAL.get(state.stage)
    if optional and state.unit and state.misunderstood >= 2:
        state.waived |= {optional}
        state.misunderstood = 0
        proceed(desk)
    elif state.misunderstood >= desk.settings.max_misunderstood:
        closing.give_up(desk, Outcome.NOT_UNDERSTOOD, "closing.not_understood")
    else:
        if state.misunderstood > 1:
            languages.offer(desk)
        ask_again(desk, "sorry", keys=state.misunderstood > 1)


def went_quiet(desk: Desk, times: int) -> None:
    """The visitor owes an answer and says nothing."""
    if desk.state.stage is Stage.TAKING_MESSAGE and desk.state.message:
        message.finish(desk)
    elif times >= desk.settings.max_silences:
        closing.close(desk, Outcome.SILENT, "closing.silent")
    elif times == 1:
        ask_again(desk, "silent.once")
    else:
        ask_again(desk, "silent.twice", keys=True)


# ---------------------------------------------------------------- while a phone rings


def heard_while_waiting(desk: Desk, heard: Understanding) -> None:
    """The visitor speaks while waiting: a correction counts, small talk does not."""
    if _is_correction(desk, heard):
        _start_over(desk, heard)
        return
    state = desk.state
    state.visitor_name = state.visitor_name or heard.visitor_name
    state.company = state.company or heard.company
    state.signature = state.signature or heard.signature
    if heard.intent in (Intent.REPEAT, Intent.HURRY) or heard.question is not None:
        desk.say(Party.VISITOR, "waiting")


def _is_correction(desk: Desk, heard: Understanding) -> bool:
    """ "não, é o 502": another unit that exists, clearly heard."""
    state = desk.state
    if heard.apartment is None or heard.confidence < desk.settings.sure_confidence:
        return False
    found = desk.directory.find(
        heard.apartment, heard.block or state.block, None, heard.apartment_alternatives
    )
    return found.unit is not None and found.unit.key != state.unit


def _start_over(desk: Desk, heard: Understanding) -> None:
    """Stop calling the wrong people; read the new unit back before anybody else is called."""
    state = desk.state
    closing.dismiss_resident(desk, "resident.wrong_number")
    desk.record("corrected", unit=state.unit, apartment=heard.apartment, block=heard.block)
    block = state.block
    forget_unit(state)
    state.expected, state.admission, state.list_checked = "", None, False
    state.block = block
    learn(desk, heard)
    state.doubtful = True
    proceed(desk)
