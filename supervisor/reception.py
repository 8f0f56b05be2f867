"""A worker's calls: accepted, conducted, counted, and brought to an end."""

import asyncio
import json
from collections import OrderedDict
from typing import Final
from uuid import UUID

import structlog

from audiosocket.connection import CallRefused, Connection
from audiosocket.listener import Listener
from conversation.door import DoorError
from conversation.telephone import TelephoneError
from supervisor.calls import HandsOver, Service, Session, Steerable
from supervisor.logs import call_context
from supervisor.metrics import Metrics
from supervisor.workers import messages

ENDED_REMEMBERED: Final = 1000

_log = structlog.get_logger(__name__)


class SteeringRefused(Exception):
    """What was asked cannot be done in this call; the message is the plain reason."""


class Reception:
    """All calls of a worker, whichever extension they came in on."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._calls: dict[UUID, tuple[Session, asyncio.Task[None]]] = {}
        self._ended: OrderedDict[UUID, None] = OrderedDict()

    @property
    def running(self) -> int:
        """Calls that go on now."""
        return len(self._calls)

    def accept(self, number: str, service: Service, connection: Connection) -> Listener:
        """Begin a call on a visitor's connection; raises ``CallRefused`` for one that is over.

        Asterisk asks again with the same UUID when a connection ends without a word. For a call
        that ended as it should, the answer is 0x00.
        """
        call_id = connection.call_id
        if call_id in self._calls or call_id in self._ended:
            self._metrics.calls_refused.inc()
            raise CallRefused("this call is here already, or is over")
        with call_context(call_id):
            session = service(connection)
            task = asyncio.create_task(self._conduct(session, connection), name=f"call {call_id}")
        self._calls[call_id] = (session, task)
        self._metrics.calls.labels(extension=number).inc()
        self._metrics.calls_running.inc()
        task.add_done_callback(lambda _: self._forget(call_id))
        return session.visitor

    async def finish(
        self,
        calls: set[UUID] | None = None,
        *,
        limit_s: float | None = None,
        let_go: bool = False,
    ) -> None:
        """Wait for calls to end (all of them, if none are named).

        Those that still go on after ``limit_s`` are asked to say goodbye, and cut off in the end;
        with ``let_go`` they are left, without a word, to the process that took our place.
        """
        mine = [call for key, call in self._calls.items() if calls is None or key in calls]
        if not mine:
            return
        tasks = [task for _, task in mine]
        await asyncio.wait(tasks, timeout=limit_s)
        late = [(session, task) for session, task in mine if not task.done()]
        if not late:
            return
        for session, _ in late:
            session.let_go() if let_go else session.end("drain")
        await asyncio.wait([task for _, task in late], timeout=messages.FAREWELL_S)
        for _, task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def steer(self, call_id: UUID, action: str, argument: str) -> bool:
        """Hang up, say a text, transfer, or open a door in a call; ``False`` for one that is not
        here. A door's ``argument`` is JSON with ``door``, ``key`` and ``key_id``.

        Raises :class:`SteeringRefused`.
        """
        if call_id not in self._calls:
            return False
        session, _ = self._calls[call_id]
        if action == "hang_up":
            session.end("operator")
        elif not isinstance(session, Steerable):
            raise SteeringRefused("this extension's flow cannot be steered")
        elif action == "say":
            session.say(argument)
        else:
            try:
                if action == "open_door":
                    await session.open_door(**json.loads(argument))
                else:
                    await session.transfer(argument)
            except (TelephoneError, DoorError) as error:
                raise SteeringRefused(str(error)) from None
        return True

    @property
    def call_ids(self) -> set[UUID]:
        """Of the calls that go on now."""
        return set(self._calls)

    async def _conduct(self, session: Session, connection: Connection) -> None:
        """A call that fails is counted and ended; no other call notices."""
        _log.info("call.began", peer=connection.peer)
        try:
            await session.run()
        except Exception:
            self._metrics.session_errors.inc()
            _log.exception("call.failed")
        finally:
            if not connection.is_over:
                connection.abort()
            _log.info("call.ended")

    def _forget(self, call_id: UUID) -> None:
        session, _ = self._calls.pop(call_id)
        self._metrics.calls_running.dec()
        if isinstance(session, HandsOver) and session.handed_over:
            return  # where nobody answers, the telephone system brings the visitor back
        self._ended[call_id] = None
        while len(self._ended) > ENDED_REMEMBERED:
            self._ended.popitem(last=False)
