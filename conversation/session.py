"""One visitor's call, from its first frame to its last: the flow decides, this carries it out.

    legs ──turns, keys, silences──▶ mailbox ──▶ flow ──actions──▶ legs, telephone, journal

Everything runs on one event loop. Legs and timers only post events; the one task of
:meth:`CallSession.run` takes them in order, so that a flow never sees two at once.
"""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import structlog

from audiosocket.listener import EndReason
from conversation.calling import OutgoingCall
from conversation.collaborators import Collaborators, RenderTexts, make_leg
from conversation.ear import Turn
from conversation.flow import (
    Action,
    CallOut,
    CallOutcome,
    CallOutEnded,
    CallOutRinging,
    CallStarted,
    CancelCallOut,
    Event,
    Flow,
    HangUp,
    Heard,
    KeyPressed,
    LogVisit,
    OpenDoor,
    Party,
    PartyLeft,
    Record,
    Say,
    TimeIsUp,
    Transfer,
)
from conversation.journal import MemoryLapseError, Recollection
from conversation.leg import Leg
from conversation.mouth import Utterance
from conversation.patience import Patience
from conversation.record import CallRecord
from conversation.telephone import TelephoneError
from conversation.understanding import Understanding

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
        caller: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.call_id = call_id
        self._flow = flow
        self._texts = texts
        self._shared = shared
        self._caller = caller
        self._facts = dict(facts or {})
        self._mailbox: asyncio.Queue[Event | None] = asyncio.Queue(MAILBOX_SIZE)
        self._record = CallRecord(call_id, shared.journal)
        self._patience = Patience(shared.settings, self._post, self._cut_off)
        self._tasks: set[asyncio.Task[None]] = set()
        self._calling: asyncio.Task[None] | None = None
        self._leg_ids = {Party.VISITOR: call_id}
        self._kept: Mapping[str, Any] = {}
        self._end_reason = ""
        self._log = log.bind(call_id=str(call_id))
        self.visitor = make_leg(Party.VISITOR, self, flow, shared)
        self._legs = {Party.VISITOR: self.visitor}

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
        self._patience.call_started()
        hour = datetime.now(self._shared.timezone).hour
        self._post(CallStarted(hour, self._caller, resumed))
        try:
            while not self._over:
                if (event := await self._mailbox.get()) is not None:
                    self._handle(event)
        except Exception:
            # A defect in a flow must not leave the caller in silence or the line open.
            self._log.exception("call_failed")
            self._end_reason = "error"
            await self._apologise()
        finally:
            await self._wind_up()
            self._record.write("call.ended", {"reason": self._end_reason or "unknown"})

    def end(self, reason: str) -> None:
        """End the call from outside (an operator, a drain): the flow says goodbye."""
        self._patience.time_is_up(reason)

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
        await self._shared.telephone.transfer(self.call_id, destination)
        self._end_reason = "transferred"
        facts = {"party": Party.VISITOR, "destination": destination, "by": "operator"}
        self._record.write("transfer", facts)
        await self.visitor.hang_up(self._shared.settings.drain_limit_s)

    # ------------------------------------------------------------------ calls from elsewhere

    async def _recall(self) -> Recollection | None:
        if self._shared.memory is None:
            return None
        try:
            return await self._shared.memory.recall(self.call_id)
        except MemoryLapseError as lapse:
            # Numbers that no earlier entry can have: two entries of one number would be taken for
            # one that was delivered twice.
            self._record.go_on_after(int(time.time()))
            self._log.warning("call_not_recalled", reason=str(lapse))
            return None

    def _go_on_from(self, remembered: Recollection) -> bool:
        """Take up a call where its last process left it; ``False`` if it must begin anew."""
        self._record.go_on_after(remembered.last_sequence)
        for leg_id in remembered.legs:
            self._own(self._hang_up_orphan(leg_id))
        if remembered.snapshot is None:
            return False
        try:
            self._flow.restore(remembered.snapshot)
        except ValueError as error:
            self._log.error("call_not_resumed", reason=str(error))
            return False
        return True

    async def _hang_up_orphan(self, leg_id: UUID) -> None:
        """End a leg whose process died: its phone would ring on beside the one we call again."""
        try:
            await self._shared.telephone.hang_up(leg_id)
        except TelephoneError as error:
            self._log.warning("orphan_not_hung_up", leg=str(leg_id), reason=str(error))

    def _keep_state(self) -> None:
        """Record where the flow is, so that another process can go on from there."""
        snapshot = self._flow.snapshot()
        if snapshot != self._kept:
            self._kept = snapshot
            self._record.write("state", snapshot)

    # ------------------------------------------------------------------ the loop

    @property
    def _over(self) -> bool:
        busy = self._is_calling or not self._mailbox.empty()
        return not busy and not any(leg.up for leg in self._legs.values())

    def _handle(self, event: Event) -> None:
        if isinstance(event, TimeIsUp):
            self._end_reason = event.reason
        for action in self._flow.handle(event):
            self._carry_out(action)
        if isinstance(event, Heard) and (heard_on := self._legs.get(event.party)) is not None:
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
                self._stop_calling()
            case HangUp():
                # the leg as it is now: the next action may call another resident
                if (leg := self._legs.get(action.party)) is not None:
                    self._own(self._hang_up(leg))
            case Transfer():
                if (leg := self._legs.get(action.party)) is not None and leg.up:
                    leg_id = self._leg_ids[action.party]
                    self._own(self._transfer(leg, leg_id, action.destination))
            case OpenDoor():
                self._record.write("door", {"authorisation": str(action.authorisation or "")})
            case Record():
                self._record.write(action.kind, action.data)
            case LogVisit():
                self._record.write("visit", {"outcome": action.outcome, **action.data})

    def _say(self, action: Say) -> None:
        leg = self._legs.get(action.party)
        if leg is not None and leg.up:
            self._patience.somebody_speaks(action.party)
            text = self._texts.render(action.text, action.values)
            leg.say(Utterance(text, action.expecting, action.interruptible))

    def _post(self, event: Event | None) -> None:
        try:
            self._mailbox.put_nowait(event)
        except asyncio.QueueFull:
            self._log.warning("event_dropped", event_kind=type(event).__name__)

    # ------------------------------------------------------------------ LegListener

    def leg_down(self, leg: Leg, reason: EndReason) -> None:
        """A party left; the flow decides what that means."""
        if leg is self.visitor:
            self._end_reason = self._end_reason or str(reason)
            self._patience.end_comes()
        self._own(leg.close())
        if leg is not self.visitor:
            self.visitor.hold(b"")
        if self._legs.get(leg.party) is leg:
            self._patience.somebody_speaks(leg.party)
            self._post(PartyLeft(leg.party))

    def heard(
        self, leg: Leg, turn: Turn, understanding: Understanding, *, interrupted: bool
    ) -> None:
        """A turn that is meant for us goes to the flow."""
        self._record.party_spoke(leg.party, turn)
        self._patience.somebody_answered(leg.party)
        self._post(Heard(leg.party, understanding, interrupted))

    def overheard(self, leg: Leg, turn: Turn, why: str) -> None:
        """A turn that we let pass is recorded all the same."""
        if turn.transcript.text:
            self._record.party_spoke(leg.party, turn, ignored=why)

    def key_pressed(self, leg: Leg, digit: str, *, interrupted: bool) -> None:
        """A key goes to the flow; it is not recorded here, since it may be part of a PIN."""
        self._patience.somebody_answered(leg.party)
        self._post(KeyPressed(leg.party, digit, interrupted))

    def began(self, leg: Leg, utterance: Utterance) -> None:
        """Our words are on the wire."""
        self._record.agent_began(leg.party, utterance)

    def said(self, leg: Leg, utterance: Utterance) -> None:
        """Our words were heard, or cut off."""
        self._record.agent_spoke(leg.party, utterance)

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

    # ------------------------------------------------------------------ calling out

    def _call_out(self, action: CallOut) -> None:
        if self._is_calling:
            self._log.error("call_out_refused", reason="another phone is ringing already")
            self._post(CallOutEnded(action.phone, CallOutcome.FAILED))
            return
        leg = make_leg(Party.RESIDENT, self, self._flow, self._shared)
        self._legs[Party.RESIDENT] = leg
        call = OutgoingCall(leg, action, self._shared.telephone, self._shared.switchboard)
        self._leg_ids[Party.RESIDENT] = call.leg_id
        self._calling = asyncio.create_task(self._place(call, action.phone), name="call out")
        self._calling.add_done_callback(self._call_out_done)

    async def _place(self, call: OutgoingCall, phone: str) -> None:
        self._record.write("call_out.started", {"phone": phone, "leg": str(call.leg_id)})
        outcome: CallOutcome | Literal["cancelled"] = "cancelled"
        self.visitor.hold(self._shared.waiting_sound)  # a phone out of reach never rings
        try:
            outcome = await call.place(
                return_port=self._shared.return_port,
                leg_timeout_s=self._shared.settings.leg_timeout_s,
                on_ringing=lambda: self._ringing(phone),
            )
        finally:
            answered = outcome is CallOutcome.ANSWERED
            self.visitor.hold(self._shared.waiting_sound if answered else b"")
            self._record.write("call_out.ended", {"phone": phone, "outcome": outcome})
        self._post(CallOutEnded(phone, CallOutcome(outcome)))

    def _ringing(self, phone: str) -> None:
        self.visitor.hold(self._shared.ringback)
        self._post(CallOutRinging(phone))

    @property
    def _is_calling(self) -> bool:
        return self._calling is not None and not self._calling.done()

    def _stop_calling(self) -> None:
        if self._calling is not None:
            self._calling.cancel()

    def _call_out_done(self, task: "asyncio.Task[None]") -> None:
        if self._calling is task:
            self._calling = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("call_out_failed", exc_info=error)
            self._post(CallOutEnded("", CallOutcome.FAILED))
        self._post(None)

    # ------------------------------------------------------------------ ends

    async def _hang_up(self, leg: Leg) -> None:
        if leg is self.visitor:
            self._end_reason = self._end_reason or "completed"
            await self._announce_end()
        await leg.hang_up(self._shared.settings.drain_limit_s)

    async def _announce_end(self) -> None:
        try:
            await self._shared.telephone.expect_end(self.call_id)
        except TelephoneError as error:
            # without it the dialplan asks once more, and is told that the call is over
            self._log.info("end_not_announced", reason=str(error))

    async def _transfer(self, leg: Leg, leg_id: UUID, destination: str) -> None:
        facts = {"party": leg.party, "destination": destination}
        try:
            await self._shared.telephone.transfer(leg_id, destination)
        except TelephoneError as error:
            self._log.error("transfer_failed", reason=str(error))
            self._record.write("transfer.failed", {**facts, "reason": str(error)})
        else:
            self._end_reason = "transferred"
            self._record.write("transfer", facts)
        await leg.hang_up(self._shared.settings.drain_limit_s)

    async def _apologise(self) -> None:
        if self.visitor.up:
            self.visitor.stop_talking()
            text = self._texts.render("technical_problem", {})
            self.visitor.say(Utterance(text, interruptible=False))
            await self.visitor.hang_up(self._shared.settings.drain_limit_s)

    def _cut_off(self) -> None:
        """End every leg at once, and the ringing: the flow did not, or something hangs."""
        self._stop_calling()
        for leg in self._legs.values():
            leg.cut_off()

    async def _wind_up(self) -> None:
        """Leave nothing behind: no timer, no ringing phone, no leg, no task."""
        self._patience.close()
        if self._calling is not None:
            self._calling.cancel()
            await asyncio.wait([self._calling])
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._shared.settings.drain_limit_s)
        self._cut_off()
        for leg in self._legs.values():
            await leg.close()

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._disown)

    def _disown(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("action_failed", exc_info=error)
        self._post(None)
