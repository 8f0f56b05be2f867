"""One visitor's call, from its first frame to its last: the flow decides, this carries it out.

    legs ──turns, keys, silences──▶ mailbox ──▶ flow ──actions──▶ legs, telephone, journal

Everything runs on one event loop. Legs and timers only post events; the one task of
:meth:`CallSession.run` takes them in order, so that a flow never sees two at once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import structlog

from audiosocket.connection import Connection
from audiosocket.listener import EndReason
from conversation.admitting import KINDS as ADMITTING_KINDS
from conversation.admitting import Admitting
from conversation.calling_out import CallingOut
from conversation.collaborators import Collaborators, RenderTexts, make_leg
from conversation.doorkeeper import Doorkeeper
from conversation.ear import Turn
from conversation.ends import Ends
from conversation.flow import (
    Action,
    AskAdmission,
    CallOut,
    CallOutcome,
    CallOutEnded,
    CallStarted,
    CancelCallOut,
    Event,
    Flow,
    HangUp,
    Heard,
    Join,
    KeyPressed,
    LogVisit,
    OpenDoor,
    Part,
    Party,
    PartyLeft,
    Record,
    Say,
    TimeIsUp,
    Transfer,
    TransferFailed,
    Transferred,
)
from conversation.interlock import Interlock
from conversation.joining import Joining
from conversation.journal import MemoryLapseError, Recollection
from conversation.leg import Leg
from conversation.mouth import Utterance
from conversation.notice import RecordingNotice
from conversation.owned_tasks import OwnedTasks
from conversation.patience import Patience
from conversation.record import CallRecord
from conversation.second_thoughts import HeardTurn, SecondThoughts
from conversation.telephone import TelephoneError
from conversation.understanding import Expecting, Understanding

log = structlog.get_logger(__name__)

MAILBOX_SIZE = 256
"""Events that may wait for the flow. A turn takes a millisecond, so a full mailbox means a flood
of keys; what does not fit is dropped and logged."""


class CallSession:
    """A call with its parties: make one per visitor's connection, give that connection
    :attr:`visitor` as its listener, and await :meth:`run`."""

    def __init__(
        self,
        call_id: UUID,
        flow: Flow,
        texts: RenderTexts,
        shared: Collaborators,
        *,
        translations: Mapping[str, RenderTexts] | None = None,
        caller: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.call_id = call_id
        self._flow = flow
        self._texts = texts
        self._translations = dict(translations or {})
        self._shared = shared
        self._caller = caller
        self._facts = dict(facts or {})
        self._mailbox: asyncio.Queue[Event | None] = asyncio.Queue(MAILBOX_SIZE)
        interlock = Interlock(call_id)
        self._record = CallRecord(call_id, shared.journal, interlock.see, shared.timepiece)
        self._patience = Patience(shared.settings, self._post, self._cut_off, shared.timepiece.now)
        self._tasks = OwnedTasks(self._action_failed, done=lambda: self._post(None))
        self._kept: Mapping[str, Any] = {}
        self._notice = RecordingNotice()
        self._log = log.bind(call_id=str(call_id))
        self.visitor = make_leg(Party.VISITOR, call_id, self, flow, shared)
        self._legs = {Party.VISITOR: self.visitor}
        self._ends = Ends(call_id, shared, self._record)
        self._doorkeeper = Doorkeeper(
            self._record, interlock, shared.doors, self._tasks, self._post
        )
        self._admitting = Admitting(self._record, shared.admissions, self._tasks, self._post)
        self._let_go = False
        self._calling_out = CallingOut(shared, self._record, self.visitor, self._post)
        self._joining = Joining(self._record, self._patience, self._tasks, self._post)
        self._thoughts = SecondThoughts(shared.thinker, self._understood, self._fill_silence)

    async def run(self) -> None:
        """Conduct the call; returns when every leg is gone and everything is recorded."""
        await self.visitor.connected.wait()
        remembered = await self._recall()
        if remembered is not None and remembered.over:
            # the dialplan asks again after every end; this one was meant
            await self.visitor.hang_up(0)
            return
        resumed = remembered is not None and self._go_on_from(remembered)
        facts = {"caller": self._caller, **self._facts}
        self._record.write("call.resumed" if resumed else "call.started", facts)
        if resumed:
            self._notice.waive(Party.VISITOR)
        self._patience.call_started()
        now = self._shared.timepiece.wall().astimezone(self._shared.timezone)
        self._post(CallStarted(now.hour, self._caller, resumed, now))
        try:
            while not self._over and not self._let_go:
                if (event := await self._mailbox.get()) is not None:
                    self._handle(event)
        except Exception:
            # A defect in a flow must not leave the caller in silence or the line open.
            self._log.exception("call_failed")
            self._ends.reason = "error"
            await self._ends.apologise(self.visitor, self._texts.render("technical_problem", {}))
        finally:
            await self._wind_up()
            if not self._let_go:
                self._record.write("call.ended", {"reason": self._ends.reason or "unknown"})

    def end(self, reason: str) -> None:
        """End the call from outside (an operator, a drain): the flow says goodbye."""
        self._patience.time_is_up(reason)

    def let_go(self) -> None:
        """Drop every leg without a word or an end: the call goes on in another process, from the
        state recorded last, once the dialplan has connected it again."""
        self._let_go = True
        self._post(None)

    def say(self, text: str) -> None:
        """Say an operator's words to the visitor, after what is being said; what we asked before
        is still to be answered."""
        self._record.write("operator.said", {"text": text})
        if self.visitor.up:
            self._patience.somebody_speaks(Party.VISITOR)
            self.visitor.say(Utterance(text, self.visitor.expecting, interruptible=False))

    async def transfer(self, destination: str) -> None:
        """Send the visitor to ``destination`` (an extension of the dialplan), and leave.

        Raises :class:`~conversation.telephone.TelephoneError`; the call then goes on.
        """
        await self._hand_over(self.visitor, destination, by="operator")

    @property
    def handed_over(self) -> bool:
        """Whether the visitor was sent elsewhere, and comes back if nobody is there."""
        return self._ends.reason == "transferred"

    async def open_door(self, door: str | None, key: str, key_id: str) -> None:
        """Open a door on an operator's word, recorded with the name and id of their API key.

        Raises :class:`~conversation.door.DoorError`; the call goes on in any case.
        """
        await self._doorkeeper.open_for_operator(door, key, key_id)

    # ------------------------------------------------------------------ calls from elsewhere

    async def _recall(self) -> Recollection | None:
        if self._shared.memory is None:
            return None
        try:
            return await self._shared.memory.recall(self.call_id)
        except MemoryLapseError as lapse:
            # entries are numbered from 1 again; who stores them puts them behind those before
            self._log.warning("call_not_recalled", reason=str(lapse))
            return None

    def _go_on_from(self, remembered: Recollection) -> bool:
        """Take up a call where its last process left it; ``False`` if it must begin anew."""
        self._record.go_on_after(remembered.last_sequence)
        self._doorkeeper.remember(remembered.doors)
        for leg_id in remembered.legs:
            self._tasks.start(self._ends.hang_up_orphan(leg_id))
        if remembered.snapshot is None:
            return False
        try:
            self._flow.restore(remembered.snapshot)
        except ValueError as error:
            self._log.error("call_not_resumed", reason=str(error))
            return False
        return True

    def _keep_state(self) -> None:
        """Record where the flow is, so that another process can go on from there."""
        snapshot = self._flow.snapshot()
        if snapshot != self._kept:
            self._kept = snapshot
            self._record.write("state", snapshot)

    # ------------------------------------------------------------------ the loop

    @property
    def _over(self) -> bool:
        busy = self._calling_out.busy or not self._mailbox.empty()
        return not busy and not any(leg.up for leg in self._legs.values())

    def _handle(self, event: Event) -> None:
        if isinstance(event, TimeIsUp):
            self._ends.reason = event.reason
        actions = self._flow.handle(event)
        for action in actions:
            self._carry_out(action)
        looks_up = any(isinstance(action, AskAdmission) for action in actions)
        heard_on = self._legs.get(event.party) if isinstance(event, Heard) else None
        if heard_on is not None and not looks_up:
            heard_on.last_speech_at = None  # what is said later does not answer this turn
        self._keep_state()
        for leg in self._legs.values():
            if leg.up and leg.quiet:
                self.silence(leg)

    def _carry_out(self, action: Action) -> None:
        match action:
            case Say():
                self._say(action)
            case CallOut():
                self._call_out(action)
            case CancelCallOut():
                self._calling_out.stop()
            case Join():
                self._join(action)
            case Part():
                self._joining.part("agent")
            case HangUp():
                # the leg as it is now: the next action may call another resident
                if (leg := self._legs.get(action.party)) is not None:
                    self._tasks.start(self._ends.hang_up(leg))
            case Transfer():
                if (leg := self._legs.get(action.party)) is not None and leg.up:
                    self._tasks.start(self._transfer(leg, action.destination))
            case OpenDoor():
                self._doorkeeper.open(action)
            case AskAdmission():
                self._admitting.ask(action)
            case Record() | LogVisit():
                self._note(action)

    def _note(self, action: Record | LogVisit) -> None:
        """Keep what a flow decided; that somebody was let in beforehand is not a flow's to say."""
        if isinstance(action, LogVisit):
            self._record.write("visit", {"outcome": action.outcome, **action.data})
        elif action.kind in ADMITTING_KINDS:
            self._log.error("record_refused", kind=action.kind)
        else:
            self._record.write(action.kind, action.data)

    def _say(self, action: Say) -> None:
        leg = self._legs.get(action.party)
        if leg is not None and leg.up:
            self._patience.somebody_speaks(action.party)
            utterance = self._utterance(
                action.text, action.values, action.language, action.expecting
            )
            utterance.interruptible = action.interruptible
            owed = self._notice.is_owed(action.party)
            if owed:
                notice = self._utterance("recording_notice", {}, action.language)
                utterance.text = f"{notice.text} {utterance.text}"
                self._notice.said_with(action.party, utterance)
            leg.say(utterance)

    def _utterance(
        self,
        key: str,
        values: Mapping[str, str],
        language: str | None,
        expecting: Expecting = Expecting.NOTHING,
    ) -> Utterance:
        """A text in a language, ``None`` being the extension's, with the voice for it."""
        tongue = self._shared.tongues.get(language or "")
        texts = self._translations.get(language or "", self._texts)
        voice = tongue.voice if tongue is not None else None
        return Utterance(texts.render(key, values), expecting, voice=voice)

    def _post(self, event: Event | None) -> None:
        try:
            self._mailbox.put_nowait(event)
        except asyncio.QueueFull:
            self._log.warning("event_dropped", event_kind=type(event).__name__)

    # ------------------------------------------------------------------ LegListener

    def leg_up(self, leg: Leg, connection: Connection) -> None:
        """A party is there; if it is recorded, it is told so with the first words."""
        if self._shared.monitor is None:
            return
        recording = self._shared.monitor(self.call_id, leg.party, connection)
        if recording is not None:
            self._record.write_once_begun("recording.started", recording)
            if self._shared.announces_recording:
                self._notice.owe(leg.party)

    def leg_down(self, leg: Leg, reason: EndReason) -> None:
        """A party left; the flow decides what that means."""
        if leg is self.visitor:
            self._ends.reason = self._ends.reason or str(reason)
            self._patience.end_comes()
        self._tasks.start(leg.close())
        if leg is not self.visitor:
            self.visitor.hold(b"")
        if self._legs.get(leg.party) is leg:
            self._settle(leg)
            self._joining.part(f"{leg.party}_left")
            self._patience.somebody_speaks(leg.party)
            self._post(PartyLeft(leg.party))

    def heard(
        self, leg: Leg, turn: Turn, understanding: Understanding, *, interrupted: bool
    ) -> None:
        """A turn that is meant for us goes to the flow; a visitor's may be thought about first."""
        turn = _without_code(turn, understanding)
        if interrupted:
            self._notice.look_again(leg.party)
        self._patience.somebody_answered(leg.party)
        if leg is self.visitor:
            self._thoughts.take(HeardTurn(turn, understanding, interrupted), leg.expecting)
        else:
            self._record.party_spoke(leg.party, turn)
            self._post(Heard(leg.party, understanding, interrupted, turn.lost))

    def _understood(self, heard: HeardTurn) -> None:
        self._record.party_spoke(Party.VISITOR, heard.turn, thoughts=heard.account)
        self._post(Heard(Party.VISITOR, heard.understanding, heard.interrupted))

    def _fill_silence(self) -> None:
        """The visitor's answer is late: a word, so that nobody takes the line for dead."""
        leg = self.visitor
        if leg.up and leg.quiet:
            self._patience.somebody_speaks(Party.VISITOR)
            language = self._flow.language(Party.VISITOR)
            leg.say(self._utterance("filler", {}, language, leg.expecting))

    def _settle(self, leg: Leg) -> None:
        """Something else comes from the leg: what it said before comes first."""
        if leg is self.visitor:
            self._thoughts.settle()

    def guessed(self, leg: Leg, text: str) -> None:
        """Words that may be all of a visitor's turn: thinking about them may begin."""
        if leg is self.visitor and text:
            self._thoughts.foresee(leg.understand(text), leg.expecting)

    def overheard(self, leg: Leg, turn: Turn, why: str) -> None:
        """A turn that we let pass is recorded all the same."""
        if turn.transcript.text:
            turn = _without_code(turn, leg.understand(turn.transcript.text))
            self._record.party_spoke(leg.party, turn, ignored=why)

    def key_pressed(self, leg: Leg, digit: str, *, interrupted: bool) -> None:
        """A key goes to the flow; it is not recorded here, since it may be part of a PIN."""
        self._settle(leg)
        self._patience.somebody_answered(leg.party)
        self._post(KeyPressed(leg.party, digit, interrupted))

    def began(self, leg: Leg, utterance: Utterance) -> None:
        """Our words are on the wire."""
        self._record.agent_began(leg.party, utterance)

    def said(self, leg: Leg, utterance: Utterance) -> None:
        """Our words were heard, or cut off."""
        self._record.agent_spoke(leg.party, utterance)
        self._notice.look_again(leg.party)

    def speech_failed(self, leg: Leg, utterance: Utterance, reason: str) -> None:
        """Our words could not be spoken; the reprompt tries again."""
        self._log.error("speech_failed", reason=reason, party=leg.party)
        self._record.write("speech.failed", {"party": leg.party, "reason": reason})

    def silence(self, leg: Leg) -> None:
        """Everybody on the leg is quiet: somebody owes the next word."""
        self._patience.everybody_quiet(leg.party, leg.expecting)

    def activity(self, leg: Leg) -> None:
        """The party began to speak or pressed a key."""
        self._patience.somebody_speaks(leg.party)

    # ------------------------------------------------------------------ calls and ends

    def _call_out(self, action: CallOut) -> None:
        if self._calling_out.busy:
            self._log.error("call_out_refused", reason="another phone is ringing already")
            self._post(CallOutEnded(action.phone, CallOutcome.FAILED))
            return
        leg = make_leg(Party.RESIDENT, uuid4(), self, self._flow, self._shared)
        self._legs[Party.RESIDENT] = leg
        self._calling_out.place(leg, action)

    def _join(self, action: Join) -> None:
        resident = self._legs.get(Party.RESIDENT)
        if self.visitor.up and resident is not None and resident.up:
            self._joining.join(self.visitor, resident, action.limit_s)

    async def _transfer(self, leg: Leg, destination: str) -> None:
        try:
            await self._hand_over(leg, destination, by="flow")
        except TelephoneError:  # told where it was tried
            self._post(TransferFailed(leg.party, destination))

    async def _hand_over(self, leg: Leg, destination: str, *, by: str) -> None:
        await self._ends.arrange_transfer(leg, destination, by=by)
        self._post(Transferred(leg.party, destination))
        self._tasks.start(leg.hang_up(self._shared.settings.drain_limit_s))

    def _cut_off(self) -> None:
        """End every leg at once, and the ringing: the flow did not, or something hangs."""
        self._calling_out.stop()
        for leg in self._legs.values():
            leg.cut_off()

    async def _wind_up(self) -> None:
        """Leave nothing behind: no timer, no ringing phone, no leg, no task."""
        self._patience.close()
        self._joining.part("call_over")
        await self._thoughts.close()
        await self._calling_out.close()
        await self._tasks.finish(self._shared.settings.drain_limit_s)
        self._cut_off()
        for leg in self._legs.values():
            await leg.close()

    def _action_failed(self, error: BaseException) -> None:
        self._log.error("action_failed", exc_info=error)


def _without_code(turn: Turn, understanding: Understanding) -> Turn:
    """The turn as it may be written down: a code that was read out is masked in it."""
    if understanding.code is None:
        return turn
    return replace(turn, transcript=replace(turn.transcript, text=understanding.text))
