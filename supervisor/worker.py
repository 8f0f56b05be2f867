"""A worker process: takes sockets from the supervisor and conducts the calls that arrive on them.

Started as ``python -m supervisor.worker DESCRIPTOR``; the descriptor is its line to the supervisor.
"""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog

from audiosocket.clock import MediaClock
from audiosocket.frames import TELEPHONE_HZ
from audiosocket.limits import Limits, WireCounters
from audiosocket.server import AudioSocketServer
from conversation.owned_tasks import OwnedTasks
from supervisor.alarms import Alarms
from supervisor.calls import CallFactory, Flow, Service, call_factory
from supervisor.database.extensions import Extension
from supervisor.database.pool import TROUBLE
from supervisor.desk import Desk
from supervisor.errors import OperatorError
from supervisor.exposition import exposed
from supervisor.legs import Legs
from supervisor.logs import configure_logs, failure_told
from supervisor.metrics import Metrics
from supervisor.reception import Reception, SteeringRefused
from supervisor.recordings.monitoring import TooManyListenersError
from supervisor.rules import ExtensionProblem
from supervisor.settings import Settings
from supervisor.workers import messages
from supervisor.workers.alarm_line import AlarmLine
from supervisor.workers.channel import Channel, ChannelClosedError, Message, inherited
from supervisor.workers.leg_line import LegLine
from supervisor.workers.watchdog import watched_loop
from supervisor.workers.witness import SupervisorsMemory

MOST_TOLD: Final = 400
"""Extensions with calls that a heartbeat names: it has a limit."""
MOST_ORDERS: Final = 10_000
"""That wait while one is carried out; the line holds what comes then."""

_log = structlog.get_logger(__name__)


class Worker:
    """Carries out what the supervisor says, until it is told to leave or the supervisor is gone."""

    def __init__(
        self,
        channel: Channel,
        factory: CallFactory,
        settings: Settings,
        metrics: Metrics,
        *,
        alarms: AlarmLine,
        memory: SupervisorsMemory,
    ) -> None:
        self._channel = channel
        self._factory = factory
        self._settings = settings
        self._clock = MediaClock()
        self._counters = WireCounters()
        metrics.watch_wire(self._counters)
        self._limits = Limits(max_connections=settings.max_calls)
        self._metrics = metrics
        self._alarms = alarms
        self._memory = memory
        self._leg_line = LegLine(channel)
        self._legs = Legs(factory.shared.switchboard, self._leg_line, self._leg_server())
        self._orders: asyncio.Queue[Message] = asyncio.Queue(MOST_ORDERS)
        self._reception = Reception(metrics)
        self._desks: dict[UUID, Desk] = {}
        self._retired: set[Desk] = set()
        """Take no calls any more; some that they took go on."""
        self._errands = OwnedTasks(failure_told("worker.errand_failed"))
        self._leave = asyncio.Event()
        self._drain_s = settings.drain_s
        self._let_go = False
        """Whether calls that outlast the drain are left to another server."""

    async def run(self) -> None:
        """Work until it is time to leave, then finish the calls that run."""
        await self._channel.send(messages.READY, {"pid": os.getpid()})
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, self._leave.set)
        telling = [
            asyncio.create_task(self._alarms.run(), name="alarms"),
            asyncio.create_task(self._memory.run(), name="memory"),
        ]
        tasks = [
            asyncio.create_task(self._listen(), name="line"),
            asyncio.create_task(self._obey(), name="orders"),
            asyncio.create_task(self._beat(), name="heartbeat"),
            asyncio.create_task(self._leave.wait(), name="leave"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await self._finish()
        finally:
            for task in (*tasks, *telling):
                task.cancel()
            await asyncio.gather(*tasks, *telling, return_exceptions=True)

    # ------------------------------------------------------------------ what the supervisor says

    async def _listen(self) -> None:
        """Take orders until the supervisor is gone, also while we drain.

        A call that waits for an answer must not wait for what was ordered before.
        """
        try:
            while True:
                message = await self._channel.receive()
                if message.kind == messages.RECALLED:
                    self._memory.take(message.fields)
                elif message.kind == messages.PLACED:
                    self._leg_line.take(message.fields)
                else:
                    await self._orders.put(message)
        except ChannelClosedError:
            _log.warning("worker.without_supervisor")
            self._give_legs_up()

    async def _obey(self) -> None:
        """Carry out one order after the other; each may take a while."""
        while True:
            await self._carry_out(await self._orders.get())

    async def _carry_out(self, message: Message) -> None:
        match message.kind:
            case messages.PREPARE:
                await self._factory.prepare(message.fields["flows"])
            case messages.SERVE:
                await self._serve(message)
            case messages.CHANGE:
                await self._change(Extension.from_json(message.fields["extension"]))
            case messages.STOP:
                if desk := self._desks.pop(UUID(message.fields["extension_id"]), None):
                    self._retire(desk)
            case messages.STEER:
                self._errands.start(self._steer(message))
            case messages.DRAIN:
                self._drain_s = message.fields["limit_s"]
                self._let_go = message.fields["let_go"]
                self._leave.set()

    async def _serve(self, message: Message) -> None:
        extension = Extension.from_json(message.fields["extension"])
        visitors, returns = message.sockets()
        before = self._desks.get(extension.id)
        service, reason = await self._service(extension)
        if service is None and before is None:
            visitors.close()
            returns.close()
            await self._report(extension, reason)
            return
        desk = self._desk(extension, service or self._desks[extension.id].service)
        self._desks[extension.id] = desk
        await desk.open(visitors, returns)
        if before is not None:
            self._retire(before)
        await self._report(extension, reason)

    async def _service(self, extension: Extension) -> "tuple[Service | None, str | None]":
        """What answers the extension's calls, or why nothing can."""
        try:
            return await self._factory.service(extension), None
        except (ExtensionProblem, OperatorError, *TROUBLE) as problem:
            return None, str(problem) or "the database does not answer"

    def _leg_server(self) -> AudioSocketServer:
        """Conducts legs of residents, at the rate of the telephone system's."""
        asterisk = self._settings.asterisk
        return AudioSocketServer(
            self._factory.shared.switchboard.accept,
            rate_hz=asterisk.line_hz if asterisk else TELEPHONE_HZ,
            clock=self._clock,
            limits=self._limits,
            counters=self._counters,
        )

    def _desk(self, extension: Extension, service: Service) -> Desk:
        return Desk(
            extension,
            service,
            self._reception,
            self._leg_server(),
            self._legs,
            clock=self._clock,
            limits=self._limits,
            counters=self._counters,
        )

    async def _change(self, extension: Extension) -> None:
        """New calls begin with the new settings; if these are no good, with those of before."""
        if (desk := self._desks.get(extension.id)) is None:
            return
        service, reason = await self._service(extension)
        if service is not None:
            desk.follow(extension, service)
        await self._report(extension, reason)

    async def _steer(self, message: Message) -> None:
        call_id, action = UUID(message.fields["call_id"]), message.fields["action"]
        argument = message.fields["argument"]
        try:
            if action == "take_leg":
                known = await self._legs.take(call_id, message.sockets()[0])
            elif action == "listen":
                known = self._factory.shared.monitoring.listen(
                    call_id, argument, message.sockets()[0]
                )
            else:
                known = await self._reception.steer(call_id, action, argument)
            reason = None
        except (SteeringRefused, TooManyListenersError) as refused:
            known, reason = True, str(refused)
        fields = {"number": message.fields["number"], "known": known, "reason": reason}
        await self._channel.send(messages.STEERED, fields)

    # ------------------------------------------------------------------ what the supervisor hears

    async def _report(self, extension: Extension, reason: str | None = None) -> None:
        fields = {"extension_id": str(extension.id)}
        if reason is None:
            await self._channel.send(messages.SERVING, fields)
            return
        goes_on = extension.id in self._desks
        reason += "; until then it goes on as before" if goes_on else ""
        await self._channel.send(messages.FAILED, {**fields, "reason": reason, "goes_on": goes_on})

    async def _beat(self) -> None:
        while True:
            fields = {
                "calls": self._reception.running,
                "calls_of": self._calls_of(),
                "resident_bytes": resident_bytes(),
                "metrics": exposed(self._metrics.registry),
            }
            try:
                await self._channel.send(messages.HEARTBEAT, fields)
            except ChannelClosedError:
                return
            await asyncio.sleep(messages.HEARTBEAT_EVERY_S)

    def _calls_of(self) -> dict[str, int]:
        desks = {str(extension_id): desk.calls for extension_id, desk in self._desks.items()}
        return dict([each for each in desks.items() if each[1]][:MOST_TOLD])

    # ------------------------------------------------------------------ the end

    async def _finish(self) -> None:
        _log.info("worker.drains", calls=self._reception.running, limit_s=self._drain_s)
        beating = asyncio.create_task(self._beat(), name="last heartbeats")
        if self._let_go:
            self._give_legs_up()
        await asyncio.gather(*(desk.refuse_visitors() for desk in self._desks.values()))
        await self._reception.finish(limit_s=self._drain_s, let_go=self._let_go)
        self._give_legs_up()
        await self._legs.close()
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await self._errands.finish(within_s=None)

    def _give_legs_up(self) -> None:
        """Another server is to have the return ports, or nobody waits for a leg any more."""
        for desk in (*self._desks.values(), *self._retired):
            desk.refuse_legs()

    def _retire(self, desk: Desk) -> None:
        self._retired.add(desk)
        self._errands.start(self._close(desk))

    async def _close(self, desk: Desk) -> None:
        await desk.close()
        self._retired.discard(desk)
        with suppress(ChannelClosedError):
            fields = {"return_port": desk.extension.return_port}
            await self._channel.send(messages.CLOSED, fields)


def resident_bytes() -> int:
    """Memory of this process: what it has now on Linux, the most it had elsewhere."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def work(channel: Channel, flows: Mapping[str, Flow]) -> None:
    """Be a worker from the first message to the last."""
    fields = (await channel.receive()).fields
    settings = Settings.from_supervisor(fields["settings"])
    configure_logs(settings.log, process=fields["name"])
    metrics = Metrics()
    alarms, line, memory = Alarms(metrics), AlarmLine(channel), SupervisorsMemory(channel)
    url = fields["database_url"]
    with alarms.heard_by(line.take):
        async with (
            watched_loop() as ready,
            call_factory(
                settings, url, flows, metrics=metrics, alarms=alarms, supervisor=memory
            ) as factory,
        ):
            await factory.prepare(fields["flows"])
            ready.set()
            await Worker(channel, factory, settings, metrics, alarms=line, memory=memory).run()
        await line.flush()


def main() -> None:
    """The entry point of ``python -m supervisor.worker``."""
    import uvloop  # noqa: PLC0415

    from supervisor.flows import FLOWS  # noqa: PLC0415

    uvloop.run(work(inherited(int(sys.argv[1])), FLOWS))


if __name__ == "__main__":
    main()
