"""What callers want to know and whom they want: answered, transferred, or offered what there is."""

from conversation.receptionist import message
from conversation.receptionist.desk import Desk
from conversation.receptionist.handbook import Department
from conversation.receptionist.state import Outcome, Stage
from conversation.receptionist.topics import MENU, MESSAGE, RESERVED
from conversation.understanding import Answer, Expecting, Intent, Understanding

_MENU_AFTER = 2
"""Turns in a row that were not understood, after which the keys are told."""
_LEAVES = frozenset({Intent.GOODBYE, Intent.CANCEL, Intent.WRONG_NUMBER})


def heard(desk: Desk, said: Understanding) -> None:
    """A turn of somebody who may ask anything: what it is about goes before how it is said."""
    if said.backchannel and not said.says_something:
        return  # if nothing follows, silence is asked about
    if said.confidence < desk.settings.heard_confidence:
        not_understood(desk, "sorry")
    elif said.topics:
        desk.state.misunderstood = 0
        _about(desk, said)
    elif not _by_intent(desk, said):
        _unknown(desk)


def _about(desk: Desk, said: Understanding) -> None:
    """Facts first; then whoever else was asked for."""
    if MESSAGE in said.topics and desk.settings.takes_messages:
        message.begin(desk)
        return
    if RESERVED.issuperset(said.topics) and said.topics != (MENU,):
        human(desk)
        return
    facts = [fact for topic in said.topics if (fact := desk.handbook.fact(topic)) is not None]
    for fact in facts:
        desk.say("answer", {"answer": fact.says[desk.language]})
    if facts:
        desk.state.answered += [fact.id for fact in facts]
        desk.record("answered", facts=[fact.id for fact in facts])
    wanted = (desk.handbook.department(topic) for topic in said.topics)
    department = next((each for each in wanted if each is not None), None)
    if department is not None:
        sure = said.confidence >= desk.settings.sure_confidence and not facts
        (connect if sure else confirm)(desk, department)
    elif facts:
        _anything_else(desk)
    elif MENU in said.topics:
        menu(desk)
    else:
        _unknown(desk)


def _anything_else(desk: Desk) -> None:
    if len(desk.state.answered) >= desk.settings.max_answers:
        desk.close(Outcome.ANSWERED, "closing.goodbye")
    else:
        desk.ask(Stage.ASKING, "anything_else", Expecting.PURPOSE)


def _by_intent(desk: Desk, said: Understanding) -> bool:
    """What needs no entry of the handbook; False if there is nothing."""
    state = desk.state
    if said.intent is Intent.EMERGENCY:
        desk.say("emergency", interruptible=False)
        human(desk)
    elif said.intent is Intent.HUMAN:
        human(desk)
    elif said.intent is Intent.REPEAT:
        ask_again(desk)
    elif said.intent in _LEAVES:
        goodbye(desk)
    elif said.answer is not None:
        _yes_or_no(desk, said.answer)
    elif said.intent is Intent.GREETING and not state.greeted_back:
        state.greeted_back = True
        ask_again(desk)
    else:
        return False
    state.misunderstood = 0
    return True


def _yes_or_no(desk: Desk, answer: Answer) -> None:
    stage, department = desk.state.stage, desk.department
    if answer is Answer.NO:
        if stage is Stage.CONFIRMING:
            desk.state.department = None
            desk.ask(Stage.ASKING, "ask", Expecting.PURPOSE)
        else:
            goodbye(desk)
    elif stage is Stage.CONFIRMING and department is not None:
        connect(desk, department)
    elif stage is Stage.OFFERING:
        take_offer(desk)
    else:
        desk.ask(Stage.ASKING, "ask", Expecting.PURPOSE)


def _unknown(desk: Desk) -> None:
    """There is nothing about it in the handbook, as far as was understood: nothing is made up."""
    if desk.state.stage is Stage.CONFIRMING or desk.state.misunderstood == 0:
        not_understood(desk, "unknown.once")
    else:
        desk.record("unanswered")
        offer(desk, "unknown")


def not_understood(desk: Desk, words: str) -> None:
    """Ask again, tell the keys, and in the end leave it to a person."""
    state = desk.state
    state.misunderstood += 1
    if state.misunderstood >= desk.settings.max_misunderstood:
        if desk.settings.operator and not state.taken_back:
            human(desk)
        else:
            desk.close(Outcome.NOT_UNDERSTOOD, "closing.not_understood")
        return
    desk.say(words)
    if state.misunderstood == _MENU_AFTER:
        tell_menu(desk)
    if words == "sorry" or state.stage is not Stage.ASKING:
        ask_again(desk)


def ask_again(desk: Desk) -> None:
    """Put the present question once more."""
    stage, department = desk.state.stage, desk.department
    if stage is Stage.CONFIRMING and department is not None:
        confirm(desk, department)
    elif stage is Stage.OFFERING:
        desk.say(_offer_of(desk) or "ask")
    elif stage is Stage.ASKING:
        desk.ask(stage, "ask", Expecting.PURPOSE)
    else:
        message.ask_again(desk)


# ---------------------------------------------------------------- people


def confirm(desk: Desk, department: Department) -> None:
    """Read back whom somebody wants: it was not heard well, or is a model's guess."""
    desk.state.department = department.id
    name = desk.name_of(department)
    desk.ask(Stage.CONFIRMING, "confirm.department", Expecting.YES_NO, {"department": name})


def connect(desk: Desk, department: Department) -> None:
    """Transfer to a department, or say that nobody answers there now."""
    desk.state.department = department.id
    name = desk.name_of(department)
    if desk.is_open(department):
        desk.hand_over(department.extension, "transfer.department", {"department": name})
        return
    desk.record("department.closed", department=department.id)
    desk.say("closed", {"department": name})
    if desk.settings.takes_messages:
        desk.ask(Stage.OFFERING, "offer.message", Expecting.YES_NO)
    else:
        desk.ask(Stage.ASKING, "anything_else", Expecting.PURPOSE)


def human(desk: Desk) -> None:
    """A person is wanted, whoever it is."""
    operator = desk.settings.operator
    if operator and not desk.state.taken_back:
        desk.hand_over(operator, "transfer.person")
    else:
        offer(desk, "human.nobody", person=False)


def offer(desk: Desk, words: str, *, person: bool = True) -> None:
    """Say ``words``, and what there is instead: a person, a message, or nothing."""
    desk.say(words)
    offered = _offer_of(desk, person=person)
    if offered is not None:
        desk.ask(Stage.OFFERING, offered, Expecting.YES_NO)
    elif desk.state.answered:
        _anything_else(desk)
    else:
        desk.ask(Stage.ASKING, "ask", Expecting.PURPOSE)


def _offer_of(desk: Desk, *, person: bool = True) -> str | None:
    person = person and desk.settings.operator is not None and not desk.state.taken_back
    if person and desk.settings.takes_messages:
        return "offer.both"
    if person:
        return "offer.person"
    return "offer.message" if desk.settings.takes_messages else None


def take_offer(desk: Desk) -> None:
    """Yes to what was offered: to a message where nobody is there, else to a person."""
    closed = desk.department is not None and not desk.is_open(desk.department)
    if closed or _offer_of(desk) == "offer.message":
        message.begin(desk)
    else:
        human(desk)


def goodbye(desk: Desk) -> None:
    """The caller wants nothing more."""
    answered = bool(desk.state.answered)
    words = "closing.goodbye" if answered else "closing.unanswered"
    desk.close(Outcome.ANSWERED if answered else Outcome.UNANSWERED, words)


# ---------------------------------------------------------------- keys


def menu(desk: Desk) -> None:
    """Tell what is on the keys, and ask again."""
    tell_menu(desk)
    desk.ask(Stage.ASKING, "ask", Expecting.PURPOSE)


def tell_menu(desk: Desk) -> None:
    """Which department is on which key."""
    for department in desk.handbook.menu:
        name = desk.name_of(department)
        values = {"department": name, "key": department.key or ""}
        desk.say("menu.department", values)
    if desk.settings.operator:
        desk.say("menu.person")
