"""Asking for a code or a resident's PIN, and looking up whether it, or a name, is good."""

from conversation.admission import Inquiry
from conversation.doorman.desk import Desk
from conversation.doorman.learning import learn
from conversation.doorman.questions import ask, ask_again
from conversation.doorman.state import Stage
from conversation.flow import AskAdmission, Party
from conversation.understanding import Intent, Understanding

CODE, LIST = "code", "list"


# ---------------------------------------------------------------- asking for it


def heard_of_one(desk: Desk, heard: Understanding) -> bool:
    """A visitor reads a code out, or says that they have one; False where that is no matter."""
    if not desk.settings.takes_codes:
        return False
    news = learn(desk, heard)
    if heard.code:
        check(desk, heard.code, keyed=False)
    elif news or heard.does_not_know:
        return False
    else:
        ask_for_code(desk)
    return True


def ask_for_code(desk: Desk) -> None:
    """The visitor says or keys that they have one."""
    desk.state.asks_pin = False
    ask(desk, Stage.ASKING_CODE)


def wants_pin(desk: Desk) -> bool:
    """Whether who says to live here is to be asked for a PIN before anybody is called."""
    state = desk.state
    asks = desk.settings.takes_pins and "pin" not in state.waived
    return asks and state.intent is Intent.RESIDENT and not tried_enough(desk)


def ask_for_pin(desk: Desk) -> None:
    """Ask who says to live here to key it."""
    desk.state.asks_pin = True
    ask(desk, Stage.ASKING_CODE)


def wants_list(desk: Desk) -> bool:
    """Whether the unit's list is to be looked at for what the visitor is called."""
    state = desk.state
    named = bool(state.visitor_name or state.company)
    fresh = not state.list_checked and not state.expected and state.intent is not Intent.RESIDENT
    return desk.settings.checks_list and named and fresh


# ---------------------------------------------------------------- looking it up


def check(desk: Desk, secret: str, *, keyed: bool) -> None:
    """Look a code or PIN up; of who has guessed often enough nothing is compared any more."""
    state = desk.state
    state.checking, state.checking_from = CODE, state.stage
    compared = None if tried_enough(desk) else secret
    state.code_tries += 1
    desk.go(Stage.CHECKING)
    desk.do(AskAdmission(Inquiry(compared, _unit_said(desk), keyed=keyed)))


def _unit_said(desk: Desk) -> str | None:
    """A code that is good for another unit than the visitor says is good for none."""
    state = desk.state
    if state.unit is not None or state.apartment is None:
        return state.unit
    found = desk.directory.find(state.apartment, state.block, None, state.alternatives)
    return found.unit.key if found.unit is not None else None


def look_at_list(desk: Desk) -> None:
    """Look whether the resident expects somebody of that name or firm now."""
    state = desk.state
    state.checking, state.checking_from = LIST, state.stage
    state.list_checked = True
    desk.go(Stage.CHECKING)
    names = tuple(name for name in (state.visitor_name, state.company) if name)
    desk.do(AskAdmission(Inquiry(None, state.unit, names)))


def resumed(desk: Desk) -> None:
    """In another process: the answer is lost. A list is looked at again, a code is asked for."""
    if desk.state.checking == LIST:
        desk.say(Party.VISITOR, "resume.sorry")
        look_at_list(desk)
        return
    desk.go(desk.state.checking_from or Stage.ASKING_PURPOSE)
    ask_again(desk, "resume.sorry")


def tried_enough(desk: Desk) -> bool:
    """Whether this call has had its tries."""
    return desk.state.code_tries >= desk.settings.max_code_tries
