"""The doorman as a flow: events in, actions out; every step is a function in a table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from conversation.directory import Directory
from conversation.doorman import (
    admitted,
    asking,
    calling,
    closing,
    codes,
    handing_over,
    interruptions,
    keys,
    languages,
    resident,
    talking,
    wording,
)
from conversation.doorman.desk import Desk
from conversation.doorman.listening import Listening
from conversation.doorman.questions import ask_again
from conversation.doorman.settings import DoormanSettings
from conversation.doorman.state import (
    ASKING,
    WAITING,
    Outcome,
    Stage,
    from_snapshot,
    to_snapshot,
)
from conversation.flow import (
    Action,
    AdmissionAnswered,
    CallOutEnded,
    CallOutRinging,
    CallStarted,
    DoorFailed,
    DoorOpened,
    Event,
    HangUp,
    Heard,
    KeyPressed,
    Parted,
    Party,
    PartyLeft,
    StillWaiting,
    TimeIsUp,
    TransferFailed,
    Transferred,
    WentQuiet,
)
from conversation.rules import Rules
from conversation.understanding import Expecting, Understanding
from stt.endpointing import Completeness
from stt.recogniser import Hints


class Doorman:
    """One call at the gate. ``call_id`` names its authorisations; the rest is shared by calls."""

    def __init__(
        self,
        call_id: UUID,
        settings: DoormanSettings,
        directory: Directory,
        rules: Rules,
        others: Mapping[str, Rules] | None = None,
        *,
        called: Mapping[str, Rules] | None = None,
    ) -> None:
        """``others`` are the rules of the languages that a party may go over to, by language;
        ``called`` those of the languages that residents are called in besides."""
        others, called = others or {}, called or {}
        self._desk = Desk(call_id, settings, directory, rules, others, called=called)
        self._listening = {
            language: Listening(directory, spoken)
            for language, spoken in {**called, **others, rules.language: rules}.items()
        }

    @property
    def stage(self) -> Stage:
        """Where the call stands."""
        return self._desk.state.stage

    @property
    def outcome(self) -> Outcome | None:
        """How the visit ended, once it has."""
        return self._desk.state.outcome

    @property
    def holds_keys(self) -> bool:
        """Whether the visitor is in the middle of a number, which no snapshot holds."""
        return bool(self._desk.keys) or self._desk.hash_to_come

    def handle(self, event: Event) -> Sequence[Action]:
        """Take an event, change the state, and say what is to be done, in order."""
        if self.stage is not Stage.ENDED or isinstance(event, CallStarted):
            _STEPS[type(event)](self._desk, event)
        return self._desk.take_actions()

    def expecting(self, party: Party) -> Expecting:
        """What a party was last asked for."""
        return self._desk.state.expecting(party)

    def completeness(self, party: Party, text: str) -> Completeness:
        """How far ``text`` answers what the party was asked, by the directory too."""
        listening = self._listening[self._desk.language(party)]
        return listening.completeness(self._desk.state, self.expecting(party), text)

    def language(self, party: Party) -> str | None:
        """The language that a party went over to; ``None`` is the extension's own."""
        spoken = self._desk.language(party)
        return None if spoken == self._desk.languages[0] else spoken

    def hints(self, party: Party) -> Hints:
        """Words that the recogniser should expect from a party now."""
        return self._listening[self._desk.language(party)].hints(party, self.expecting(party))

    def prompts(self) -> Sequence[tuple[str, Mapping[str, str]]]:
        """Text keys with values that can be known before the call, to be rendered ahead."""
        condominium = {"condominium": self._desk.settings.condominium}
        return [
            (key, condominium if values else {})
            for key, values in wording.TEXTS.items()
            if values <= {"condominium"}
        ]

    def unit_prompts(self, language: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        """What is said of a unit alone, in a language, for each unit of the directory."""
        keys = [
            key
            for key, values in wording.TEXTS.items()
            if values == {"unit"} and key != "unknown_unit.again"
        ]
        for unit in self._desk.directory.units:
            spoken = {"unit": self._desk.spoken_unit(unit.number, unit.block, language)}
            yield from ((key, spoken) for key in keys)

    def snapshot(self) -> dict[str, Any]:
        """The state as JSON-serialisable data."""
        return to_snapshot(self._desk.state)

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot; raises ``ValueError`` if it is not one of this flow's."""
        self._desk.state = from_snapshot(snapshot)


# ---------------------------------------------------------------- one step per kind of event


def _started(desk: Desk, event: CallStarted) -> None:
    state = desk.state
    if state.stage is Stage.NEW:
        state.visitor_on_line = True
        desk.go(Stage.ASKING_PURPOSE)
        desk.say(Party.VISITOR, wording.greeting(event.hour), Expecting.PURPOSE)
        if desk.settings.offers_languages:
            languages.offer(desk)
    elif event.resumed:
        _resumed(desk)


def _resumed(desk: Desk) -> None:
    """Go on in another process: the resident's line is lost, the visitor's words are not."""
    state = desk.state
    state.resident_on_line, state.ringing = False, False
    state.visitor_on_line = True
    if handing_over.resumed(desk):
        return
    if state.stage is Stage.ENDED:
        desk.say(Party.VISITOR, state.farewell or "closing.goodbye", interruptible=False)
        desk.do(HangUp(Party.VISITOR))
        state.visitor_on_line = False
    elif state.stage is Stage.OPENING_DOOR:
        closing.order_door_again(desk)
    elif state.stage is Stage.CHECKING:
        codes.resumed(desk)
    elif state.stage is Stage.TALKING:
        talking.resumed(desk)
    elif state.stage in WAITING:
        calling.call_again(desk)
    else:
        ask_again(desk, "resume.sorry")


def _heard(desk: Desk, event: Heard) -> None:
    if event.party is Party.RESIDENT:
        if _resident_decides(desk) and (
            heard := languages.follow(desk, event.party, event.understanding)
        ):
            resident.heard(desk, heard, interrupted=event.interrupted, lost=event.lost)
        return
    if desk.state.stage not in _DEAF and (
        heard := languages.follow(desk, event.party, event.understanding)
    ):
        _visitor_heard(desk, heard)


def _visitor_heard(desk: Desk, heard: Understanding) -> None:
    if interruptions.handled(desk, heard):
        return
    desk.keys, desk.hash_to_come = "", False
    if desk.state.stage in ASKING:
        asking.heard(desk, heard)
    else:
        asking.heard_while_waiting(desk, heard)


def _resident_decides(desk: Desk) -> bool:
    """Only somebody who answered our call, and is still there, decides anything."""
    return desk.state.stage is Stage.AUTHORISING and desk.state.resident_on_line


def _key_pressed(desk: Desk, event: KeyPressed) -> None:
    if event.party is Party.VISITOR:
        if desk.state.stage not in _DEAF:
            keys.pressed_by_visitor(desk, event.digit)
    elif _resident_decides(desk):
        keys.pressed_by_resident(desk, event.digit, interrupted=event.interrupted)
    elif desk.state.stage is Stage.TALKING:
        talking.pressed_by_resident(desk, event.digit)


def _went_quiet(desk: Desk, event: WentQuiet) -> None:
    if event.party is Party.RESIDENT:
        if _resident_decides(desk):
            resident.went_quiet(desk, event.times)
    elif desk.state.stage in ASKING and not keys.submit(desk):
        asking.went_quiet(desk, event.times)


def _still_waiting(desk: Desk, event: StillWaiting) -> None:
    if desk.state.stage not in WAITING:
        return
    if event.party is Party.VISITOR:
        desk.say(Party.VISITOR, "waiting")
    elif _resident_decides(desk):
        resident.ask_decision(desk)


def _ringing(desk: Desk, event: CallOutRinging) -> None:
    if desk.state.stage is Stage.CALLING:
        desk.record("call_out.ringing", phone=event.phone)


def _call_ended(desk: Desk, event: CallOutEnded) -> None:
    calling.ended(desk, event)


def _left(desk: Desk, event: PartyLeft) -> None:
    state = desk.state
    if event.party is Party.VISITOR:
        state.visitor_on_line = False
        if state.stage is Stage.TALKING:
            talking.visitor_left(desk)
        else:
            # once a door was ordered, what was decided stands
            outcome = state.opening_for or Outcome.LEFT
            closing.close(desk, outcome, "closing.goodbye", "resident.visitor_left")
    elif state.stage is Stage.TALKING:
        talking.resident_left(desk)
    elif _resident_decides(desk):
        calling.resident_left(desk)


def _door_opened(desk: Desk, event: DoorOpened) -> None:
    if _is_ours(desk, event.authorisation):
        (talking if desk.state.stage is Stage.TALKING else closing).door_opened(desk)
    else:
        desk.tell(Party.VISITOR, "door.opened_by_operator")


def _door_failed(desk: Desk, event: DoorFailed) -> None:
    if _is_ours(desk, event.authorisation):
        (talking if desk.state.stage is Stage.TALKING else closing).door_failed(desk)


def _is_ours(desk: Desk, authorisation: UUID) -> bool:
    """Whether a door answers the order that we wait for, rather than an operator's."""
    waits = desk.state.stage in (Stage.OPENING_DOOR, Stage.TALKING)
    return waits and authorisation == closing.authorisation_id(desk)


def _admission_answered(desk: Desk, event: AdmissionAnswered) -> None:
    admitted.answered(desk, event)


def _parted(desk: Desk, _event: Parted) -> None:
    if desk.state.stage is Stage.TALKING:
        talking.come_back(desk, "talk.time")


def _transferred(desk: Desk, event: Transferred) -> None:
    handing_over.transferred(desk, event)


def _transfer_failed(desk: Desk, event: TransferFailed) -> None:
    handing_over.failed(desk, event)


def _time_is_up(desk: Desk, event: TimeIsUp) -> None:
    desk.record("time_is_up", reason=event.reason)
    if desk.state.stage is Stage.TALKING:
        talking.time_is_up(desk)
    else:
        closing.close(desk, desk.state.opening_for or Outcome.TIMED_OUT, "closing.time")


_DEAF = frozenset(
    {Stage.NEW, Stage.TALKING, Stage.HANDING_OVER, Stage.OPENING_DOOR, Stage.CHECKING}
)
"""Stages in which nothing that the visitor says or keys can change anything."""

_STEPS: Mapping[type, Callable[[Desk, Any], None]] = {
    CallStarted: _started,
    Heard: _heard,
    KeyPressed: _key_pressed,
    WentQuiet: _went_quiet,
    StillWaiting: _still_waiting,
    CallOutRinging: _ringing,
    CallOutEnded: _call_ended,
    PartyLeft: _left,
    DoorOpened: _door_opened,
    DoorFailed: _door_failed,
    AdmissionAnswered: _admission_answered,
    Parted: _parted,
    Transferred: _transferred,
    TransferFailed: _transfer_failed,
    TimeIsUp: _time_is_up,
}
