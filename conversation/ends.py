"""How parties leave a call: hung up on after our words, or handed over to somebody else."""

from uuid import UUID

import structlog

from conversation.collaborators import Collaborators
from conversation.flow import Party
from conversation.leg import Leg
from conversation.mouth import Utterance
from conversation.record import CallRecord
from conversation.telephone import TelephoneError

log = structlog.get_logger(__name__)


class Ends:
    """Ends the legs of one call. ``reason`` is why the call itself ends, "" while it does not."""

    def __init__(self, call_id: UUID, shared: Collaborators, record: CallRecord) -> None:
        self.reason = ""
        self._call_id = call_id
        self._shared = shared
        self._record = record
        self._limit_s = shared.settings.drain_limit_s

    async def hang_up(self, leg: Leg) -> None:
        """End a leg once everything said to it has been heard."""
        if leg.party is Party.VISITOR:
            self.reason = self.reason or "completed"
            await self._announce()
        await leg.hang_up(self._limit_s)

    async def arrange_transfer(self, leg: Leg, destination: str, *, by: str) -> None:
        """See to it that a party goes on to an extension of the dialplan once the leg ends.

        Raises :class:`~conversation.telephone.TelephoneError`; the leg then stays.
        """
        facts = {"party": leg.party, "destination": destination, "by": by}
        try:
            await self._shared.telephone.transfer(leg.leg_id, destination)
        except TelephoneError as error:
            log.warning("transfer_failed", reason=str(error))
            self._record.write("transfer.failed", {**facts, "reason": str(error)})
            raise
        if leg.party is Party.VISITOR:
            self.reason = "transferred"
        self._record.write("transfer", facts)

    async def apologise(self, visitor: Leg, text: str) -> None:
        """Leave nobody in silence after a defect of ours."""
        if visitor.up:
            visitor.stop_talking()
            visitor.say(Utterance(text, interruptible=False))
            await visitor.hang_up(self._limit_s)

    async def hang_up_orphan(self, leg_id: UUID) -> None:
        """End a leg whose process died: its phone would ring on beside the one we call again."""
        try:
            await self._shared.telephone.hang_up(leg_id)
        except TelephoneError as error:
            log.warning("orphan_not_hung_up", leg=str(leg_id), reason=str(error))

    async def _announce(self) -> None:
        try:
            await self._shared.telephone.expect_end(self._call_id)
        except TelephoneError as error:
            # without it the dialplan asks once more, and is told that the call is over
            log.info("end_not_announced", reason=str(error))
