"""The receptionist as a flow: events in, actions out. It has no door, and asks for none."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conversation.flow import (
    Action,
    CallStarted,
    Event,
    HangUp,
    Heard,
    KeyPressed,
    Party,
    PartyLeft,
    TimeIsUp,
    Transfer,
    TransferFailed,
    Transferred,
    WentQuiet,
)
from conversation.receptionist import answering, languages, message, wording
from conversation.receptionist.desk import Desk
from conversation.receptionist.handbook import Handbook
from conversation.receptionist.settings import ReceptionistSettings
from conversation.receptionist.state import (
    OPEN,
    Outcome,
    Stage,
    State,
    from_snapshot,
    to_snapshot,
)
from conversation.rules import Rules
from conversation.understanding import Answer, Expecting, Understanding
from stt.endpointing import Completeness
from stt.recogniser import Hints

__all__ = ["Receptionist", "ReceptionistSettings"]


class Receptionist:
    """One call. ``rules`` are by language, ``own`` (the extension's) among them; each of them has
    to know the handbook (:class:`~conversation.receptionist.rules.ReceptionRules`)."""

    def __init__(
        self,
        settings: ReceptionistSettings,
        handbook: Handbook,
        own: str,
        rules: Mapping[str, Rules],
    ) -> None:
        self._desk = Desk(settings, handbook, own, rules)

    @property
    def state(self) -> State:
        """Where the call stands."""
        return self._desk.state

    def handle(self, event: Event) -> Sequence[Action]:
        """Take an event, change the state, and say what is to be done, in order."""
        step = _STEPS.get(type(event))
        if step is not None and (
            self.state.stage is not Stage.ENDED or isinstance(event, CallStarted)
        ):
            step(self._desk, event)
        return self._desk.take_actions()

    def expecting(self, party: Party) -> Expecting:
        """What the caller was last asked for."""
        return self.state.expecting

    def completeness(self, party: Party, text: str) -> Completeness:
        """How far ``text`` answers what the caller was asked."""
        state, rules = self.state, self._desk.rules
        if state.expecting is Expecting.PHONE:
            digits = rules.interpret(text, 1.0, Expecting.PHONE).phone or ""
            return rules.completeness(f"{state.phone} {digits}", Expecting.PHONE)
        if state.expecting is Expecting.MESSAGE and state.stage is Stage.TAKING_MESSAGE:
            no_more = bool(state.message) and message.is_no(self._desk, text)
            return Completeness.UNKNOWN if no_more else Completeness.OPEN
        return rules.completeness(text, state.expecting)

    def language(self, party: Party) -> str | None:
        """The language that the caller went over to; ``None`` is the extension's own."""
        return None if self._desk.language == self._desk.own else self._desk.language

    def hints(self, party: Party) -> Hints:
        """The handbook's words, and yes and no where that is asked."""
        words = self._desk.handbook.spoken_words(self._desk.language)
        return Hints((*words, *self._desk.rules.phrases(self.state.expecting)))

    def prompts(self) -> Sequence[tuple[str, Mapping[str, str]]]:
        """Text keys with values that can be known before the call; the handbook's facts are
        rendered beside them."""
        business = {"business": self._desk.settings.business}
        return [
            (key, business if values else {})
            for key, values in wording.TEXTS.items()
            if values <= {"business"}
        ]

    def snapshot(self) -> dict[str, Any]:
        """The state as JSON-serialisable data."""
        return to_snapshot(self.state)

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot; raises ``ValueError`` if it is not one of this flow's."""
        self._desk.state = from_snapshot(snapshot)


# ---------------------------------------------------------------- one step per kind of event


def _started(desk: Desk, event: CallStarted) -> None:
    state = desk.state
    state.at = event.at
    if state.stage is not Stage.NEW:
        if event.resumed:
            _resumed(desk)
        return
    state.on_line = True
    words = wording.greeting(event.hour)
    desk.ask(Stage.ASKING, words, Expecting.PURPOSE, {"business": desk.settings.business})
    if desk.settings.offers_languages:
        languages.offer(desk)
    if desk.settings.offers_menu:
        answering.tell_menu(desk)


def _resumed(desk: Desk) -> None:
    """Go on in another process, or take back a caller whom the person did not answer."""
    state = desk.state
    state.on_line = True
    if state.stage is Stage.HANDING_OVER:
        desk.say("resume.sorry")
        desk.do(Transfer(Party.VISITOR, state.handing_over_to))
    elif state.outcome is Outcome.TRANSFERRED:
        _take_back(desk)
    elif state.stage is Stage.ENDED:
        desk.say(state.farewell or "closing.goodbye", interruptible=False)
        desk.do(HangUp(Party.VISITOR))
        state.on_line = False
    else:
        desk.say("resume.sorry")
        answering.ask_again(desk)


def _take_back(desk: Desk) -> None:
    """Nobody was there: a message is the next best; a second time in vain is the last."""
    state = desk.state
    state.outcome, state.taken_back = None, state.taken_back + 1
    desk.record("transfer.taken_back", times=state.taken_back)
    if state.taken_back > 1 and not desk.settings.takes_messages:
        desk.close(Outcome.UNANSWERED, "closing.unanswered")
    else:
        answering.offer(desk, "transfer.failed", person=False)


def _heard(desk: Desk, event: Heard) -> None:
    if desk.state.stage in (Stage.NEW, Stage.HANDING_OVER):
        return
    said = languages.follow(desk, event.understanding)
    if said is None:
        return
    desk.state.keys = ""
    if desk.state.stage in OPEN:
        answering.heard(desk, said)
    else:
        message.heard(desk, said)


def _key_pressed(desk: Desk, event: KeyPressed) -> None:
    """1 and 2 are yes and no where that is asked; a number is a telephone's where one is; else they
    are the menu's. 0 is a person, "*" the next language, or the menu where one is spoken."""
    stage, digit = desk.state.stage, event.digit
    if stage is Stage.ASKING_PHONE:
        _phone_key(desk, digit)
    elif stage is Stage.TAKING_MESSAGE:
        if digit == "#" and desk.state.message:
            message.finish(desk)
    elif stage in (Stage.CONFIRMING, Stage.OFFERING, Stage.CONFIRMING_PHONE) and digit in _YES_NO:
        said = Understanding(text="", answer=_YES_NO[digit])
        (message if stage is Stage.CONFIRMING_PHONE else answering).heard(desk, said)
    elif stage in OPEN:
        _menu_key(desk, digit)


_YES_NO = {"1": Answer.YES, "2": Answer.NO}


def _phone_key(desk: Desk, digit: str) -> None:
    if digit == "*":
        desk.state.keys = ""
    elif digit == "#":
        _submit(desk)
    elif digit.isdigit():
        desk.state.keys += digit


def _submit(desk: Desk) -> bool:
    """Take the digits keyed so far; False if there are none."""
    digits, desk.state.keys = desk.state.keys, ""
    if digits:
        message.take_digits(desk, digits)
    return bool(digits)


def _menu_key(desk: Desk, digit: str) -> None:
    department = desk.handbook.on_key(digit)
    if department is not None:
        answering.connect(desk, department)
    elif digit == "0":
        answering.human(desk)
    elif digit == "*" and len(desk.languages) > 1:
        languages.next_language(desk)
    elif digit == "*":
        answering.menu(desk)


def _went_quiet(desk: Desk, event: WentQuiet) -> None:
    state = desk.state
    if state.stage is Stage.HANDING_OVER or _submit(desk):
        return
    if state.stage is Stage.TAKING_MESSAGE and state.message:
        message.finish(desk)
    elif event.times >= desk.settings.max_silences:
        desk.close(Outcome.ANSWERED if state.answered else Outcome.SILENT, "closing.silent")
    else:
        desk.say("silent.once" if event.times == 1 else "silent.twice")
        answering.ask_again(desk)


def _left(desk: Desk, event: PartyLeft) -> None:
    """Who hangs up in the middle of a message has left what was said of it."""
    state = desk.state
    state.on_line = False
    if state.message:
        message.finish(desk)
    else:
        desk.finish(Outcome.ANSWERED if state.answered else Outcome.LEFT)


def _transferred(desk: Desk, event: Transferred) -> None:
    desk.finish(Outcome.TRANSFERRED)


def _transfer_failed(desk: Desk, event: TransferFailed) -> None:
    _take_back(desk)


def _time_is_up(desk: Desk, event: TimeIsUp) -> None:
    desk.record("time_is_up", reason=event.reason)
    if desk.state.message:
        message.keep(desk)
    desk.close(Outcome.TIMED_OUT, "closing.time")


_STEPS: Mapping[type, Callable[[Desk, Any], None]] = {
    CallStarted: _started,
    Heard: _heard,
    KeyPressed: _key_pressed,
    WentQuiet: _went_quiet,
    PartyLeft: _left,
    Transferred: _transferred,
    TransferFailed: _transfer_failed,
    TimeIsUp: _time_is_up,
}
