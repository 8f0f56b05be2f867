"""What comes of a code, a PIN or a name: let in, announced, or called as if nothing had been asked.

The visitor hears the same whatever the reason is why a code does not help, and nothing of a list:
whoever is on none waits for the resident in the same words.
"""

from conversation.admission import Admission
from conversation.doorman import asking, calling, closing, codes
from conversation.doorman.desk import Desk
from conversation.doorman.questions import ask_again
from conversation.doorman.state import Stage
from conversation.flow import AdmissionAnswered, Party
from conversation.understanding import Intent


def answered(desk: Desk, event: AdmissionAnswered) -> None:
    """Go on from where it was looked up; an answer that comes too late changes nothing."""
    state = desk.state
    if state.stage is not Stage.CHECKING:
        return
    desk.go(state.checking_from or Stage.ASKING_PURPOSE)
    if event.admission is not None:
        _admitted(desk, event.admission)
    elif state.checking == codes.LIST:
        calling.start(desk)
    else:
        _refused(desk)


def _admitted(desk: Desk, admission: Admission) -> None:
    state = desk.state
    if state.unit != admission.unit:
        state.unit, state.by_name = admission.unit, True  # the visitor never said which it is
    state.intent = state.intent or Intent.VISIT
    state.admission = {
        "id": str(admission.id),
        "ground": str(admission.ground),
        "entry": str(admission.entry),
        "name": admission.visitor,
        "made_by": admission.made_by,
        "lets_in": admission.lets_in,
    }
    if admission.lets_in:
        closing.admit(desk, admission)
        return
    state.expected = admission.visitor
    calling.start(desk)
    # for the resident; the visitor, who may only have found the code, has heard what is said by now
    state.visitor_name = state.visitor_name or admission.visitor


def _refused(desk: Desk) -> None:
    """In the same words for every reason, and never how many tries are left."""
    was_asked = desk.state.stage is Stage.ASKING_CODE
    if was_asked and not codes.tried_enough(desk):
        ask_again(desk, "code.refused")
        return
    desk.tell(Party.VISITOR, "code.refused")
    asking.go_on_without_code(desk)
