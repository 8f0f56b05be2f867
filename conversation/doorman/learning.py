"""What a visitor's turn adds to what is known."""

from conversation.directory import Finding
from conversation.doorman.desk import Desk
from conversation.doorman.state import State
from conversation.understanding import Intent, Understanding

_PURPOSES = frozenset({Intent.DELIVERY, Intent.VISIT, Intent.SERVICE, Intent.RESIDENT})


def learn(desk: Desk, heard: Understanding) -> bool:
    """Take the slots of a turn into the state; False if it told us nothing new: who repeats what
    was no answer before is not asked the same for ever."""
    state = desk.state
    before = _known(state)
    if heard.intent in _PURPOSES and state.intent is None:
        state.intent = heard.intent
    state.company = heard.company or state.company
    state.visitor_name = heard.visitor_name or state.visitor_name
    state.signature = state.signature or heard.signature
    _learn_unit(desk, heard)
    news = _known(state) != before
    if news:
        state.misunderstood = 0
    return news


def _known(state: State) -> tuple[object, ...]:
    name = None if state.name_is_no_help else state.resident_name
    told = (state.intent, state.company, state.visitor_name, state.apartment, state.block, name)
    return (*told, state.signature)


def _is_a_beginning(desk: Desk, number: str | None) -> bool:
    """Whether a lone digit is no unit here but begins some: "hum" sounds like "um"."""
    if number is None or len(number) > 1:
        return False
    nothing = desk.directory.find(number).finding is Finding.NOTHING
    return nothing and desk.directory.is_start_of_number(number)


def _learn_unit(desk: Desk, heard: Understanding) -> None:
    state = desk.state
    if _is_a_beginning(desk, heard.apartment):
        return
    block = _block(desk, heard)
    if not (heard.apartment or block or heard.resident_name):
        return
    same = heard.apartment in (None, state.apartment) and block in (None, state.block)
    if state.unit and same and not heard.resident_name:
        return  # it is known already
    if state.unit and not state.by_name and not heard.apartment and not block:
        state.resident_name = heard.resident_name
        return
    if heard.apartment:
        state.apartment, state.alternatives = heard.apartment, heard.apartment_alternatives
    state.block = block or state.block
    state.resident_name = _joined(state.resident_name, heard.resident_name)
    state.unit, state.by_name, state.confirmed = None, False, False
    unsure = heard.confidence < desk.settings.sure_confidence or block != heard.block
    state.doubtful = state.doubtful or unsure


def _block(desk: Desk, heard: Understanding) -> str | None:
    if heard.block:
        return desk.directory.block_like(heard.block)
    return desk.directory.block_of_a_vowel if heard.block_unheard else None


def _joined(before: str | None, now: str | None) -> str | None:
    """ "daniel", then "reis": Daniel Reis. A name that repeats the first replaces it."""
    if not before or not now or before.split()[-1] in now.split() or len(now.split()) > 1:
        return now or before
    return before if now in before.split() else f"{before} {now}"


def forget_unit(state: State) -> None:
    """What was said about the unit was wrong."""
    state.apartment, state.alternatives, state.block, state.unit = None, (), None, None
    state.by_name, state.confirmed, state.doubtful = False, False, False
