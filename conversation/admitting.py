"""Asks for a call whether somebody was let in beforehand, and writes down what came of it."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from conversation.admission import Admission, Admissions, Inquiry, Refusal
from conversation.flow import AdmissionAnswered, AskAdmission, Event
from conversation.owned_tasks import OwnedTasks
from conversation.record import CallRecord

ANSWER_LIMIT_S: Final = 1.5
"""The longest that somebody waits in silence for it; afterwards the resident is called instead."""
KINDS: Final = frozenset({"admission", "admission.refused"})
"""Entries of the journal that only this module writes: no flow can record one."""

log = structlog.get_logger(__name__)


class Admitting:
    """Carries out a call's questions, one after the other, and posts the answers."""

    def __init__(
        self,
        record: CallRecord,
        admissions: Admissions | None,
        tasks: OwnedTasks,
        post: Callable[[Event], None],
    ) -> None:
        self._record = record
        self._admissions = admissions
        self._tasks = tasks
        self._post = post

    def ask(self, action: AskAdmission) -> None:
        """Ask, without waiting; the flow hears of it as ``AdmissionAnswered``."""
        self._tasks.start(self._ask(action.inquiry))

    async def _ask(self, inquiry: Inquiry) -> None:
        answer = await self._answer(inquiry)
        if isinstance(answer, Admission):
            self._record.write("admission", _facts(answer))
            self._post(AdmissionAnswered(answer))
            return
        if inquiry.secret is not None:
            facts = {"unit": inquiry.unit, "keyed": inquiry.keyed, "reason": str(answer)}
            self._record.write("admission.refused", facts)
        self._post(AdmissionAnswered(None))

    async def _answer(self, inquiry: Inquiry) -> Admission | Refusal:
        if self._admissions is None:
            return Refusal.UNKNOWN
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await self._admissions.ask(self._record.call_id, inquiry)
        except TimeoutError:
            return Refusal.AWAY
        except Exception as defect:
            # whatever it is, the visitor goes on; the traceback's frames are not logged with values
            log.error("admission_defect", exc_info=defect)
            return Refusal.AWAY


def _facts(admission: Admission) -> dict[str, object]:
    return {
        "id": str(admission.id),
        "ground": str(admission.ground),
        "unit": admission.unit,
        "entry": str(admission.entry),
        "visitor": admission.visitor,
        "made_by": admission.made_by,
        "lets_in": admission.lets_in,
    }
