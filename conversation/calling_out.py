"""The phone that a session is calling: one at a time, with what the visitor hears meanwhile."""

import asyncio
from collections.abc import Callable
from typing import Literal

import structlog

from conversation.calling import OutgoingCall
from conversation.collaborators import Collaborators
from conversation.flow import CallOut, CallOutcome, CallOutEnded, CallOutRinging, Event
from conversation.leg import Leg
from conversation.record import CallRecord

log = structlog.get_logger(__name__)


class CallingOut:
    """Places a session's calls to others and posts how they go."""

    def __init__(
        self,
        shared: Collaborators,
        record: CallRecord,
        visitor: Leg,
        post: Callable[[Event | None], None],
    ) -> None:
        self._shared = shared
        self._record = record
        self._visitor = visitor
        self._post = post
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether a phone is being called now."""
        return self._task is not None and not self._task.done()

    def place(self, leg: Leg, action: CallOut) -> None:
        """Call a phone for ``leg``, which is up by the time its ``ANSWERED`` is posted."""
        call = OutgoingCall(leg, action, self._shared.telephone, self._shared.switchboard)
        self._task = asyncio.create_task(self._place(call, action.phone), name="call out")
        self._task.add_done_callback(self._over)

    def stop(self) -> None:
        """Let the phone ring no longer; nothing rings without harm."""
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        """Stop, and wait until it has stopped."""
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _place(self, call: OutgoingCall, phone: str) -> None:
        self._record.write("call_out.started", {"phone": phone, "leg": str(call.leg.leg_id)})
        outcome: CallOutcome | Literal["cancelled"] = "cancelled"
        began = self._shared.timepiece.now()
        self._visitor.hold(self._shared.waiting_sound)  # a phone out of reach never rings
        try:
            outcome = await call.place(
                return_port=self._shared.return_port,
                rings_within_s=self._shared.settings.rings_within_s,
                leg_timeout_s=self._shared.settings.leg_timeout_s,
                on_ringing=lambda: self._ringing(phone),
            )
        finally:
            answered = outcome is CallOutcome.ANSWERED
            self._visitor.hold(self._shared.waiting_sound if answered else b"")
            self._record.write("call_out.ended", {"phone": phone, "outcome": outcome})
        took_s = round(self._shared.timepiece.now() - began, 1)
        self._post(CallOutEnded(phone, CallOutcome(outcome), took_s))

    def _ringing(self, phone: str) -> None:
        self._visitor.hold(self._shared.ringback)
        self._post(CallOutRinging(phone))

    def _over(self, task: "asyncio.Task[None]") -> None:
        if self._task is task:
            self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("call_out_failed", exc_info=error)
            self._post(CallOutEnded("", CallOutcome.FAILED))
        self._post(None)
