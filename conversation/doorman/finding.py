"""Which unit the visitor means: found, asked about, or given up on, and nobody given away."""

from conversation.directory import Finding, Lookup
from conversation.doorman import closing
from conversation.doorman.desk import Desk
from conversation.doorman.learning import forget_unit
from conversation.doorman.questions import ask
from conversation.doorman.state import Outcome, Stage
from conversation.flow import Party
from conversation.understanding import Expecting


def settle(desk: Desk) -> bool:
    """Find the unit from what was said; False if the visitor had to be asked something."""
    state = desk.state
    if desk.unit is not None:
        return True
    name = None if state.name_is_no_help else state.resident_name
    if not state.apartment and not name:
        _ask_for_unit(desk)
        return False
    found = desk.directory.find(state.apartment, state.block, name, state.alternatives)
    if found.unit is None:
        _NOT_SETTLED[found.finding](desk)
        return False
    _take(desk, found)
    return True


def _take(desk: Desk, found: Lookup) -> None:
    state, match = desk.state, found.matches[0]
    state.unit = match.unit.key
    state.by_name = state.apartment is None
    desk.record("unit", unit=state.unit, by_name=state.by_name, score=round(match.score, 1))


def _ask_for_unit(desk: Desk) -> None:
    nothing_known = desk.state.intent is None and "purpose" not in desk.state.waived
    ask(desk, Stage.ASKING_PURPOSE if nothing_known else Stage.ASKING_UNIT)


def _which_block(desk: Desk) -> None:
    ask(desk, Stage.ASKING_BLOCK)


def _which_resident(desk: Desk) -> None:
    """Ask for more without reading out the names that it might be."""
    desk.go(Stage.ASKING_UNIT)
    desk.say(Party.VISITOR, "ask.surname", expecting=Expecting.UNIT)


def _only_the_number_helps(desk: Desk) -> None:
    """The same words for a name that nobody has and one that somebody nearly has."""
    desk.state.name_is_no_help = True
    ask(desk, Stage.ASKING_UNIT)


def _nothing(desk: Desk) -> None:
    state = desk.state
    if state.apartment is None:
        _only_the_number_helps(desk)
        return
    state.unknown_units += 1
    desk.record("unknown_unit", apartment=state.apartment, block=state.block)
    if state.unknown_units >= desk.settings.max_unknown_units:
        closing.give_up(desk, Outcome.UNKNOWN_UNIT, "closing.unknown_unit")
        return
    desk.go(Stage.ASKING_UNIT)
    desk.say(Party.VISITOR, "unknown_unit.again", expecting=Expecting.UNIT)
    forget_unit(state)


_NOT_SETTLED = {
    Finding.WHICH_BLOCK: _which_block,
    Finding.WHICH_RESIDENT: _which_resident,
    Finding.FUZZY: _only_the_number_helps,
    Finding.NOTHING: _nothing,
}
