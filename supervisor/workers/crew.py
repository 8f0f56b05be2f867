"""All workers of this machine: extensions spread over them, the dead replaced.

An extension's sockets belong to the supervisor. They stay open when a worker dies, so callers
wait in the backlog for its replacement and none is refused.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol
from uuid import UUID

import structlog

from conversation.owned_tasks import OwnedTasks
from supervisor.alarms import Alarm, Alarms
from supervisor.database.extensions import Extension
from supervisor.listeners import Listeners
from supervisor.logs import failure_told
from supervisor.metrics import Metrics
from supervisor.workers import messages
from supervisor.workers.channel import Message
from supervisor.workers.moving import Mover
from supervisor.workers.post import Assignment, Load, Post, least_busy
from supervisor.workers.process import EXIT_GRACE_S, WorkerFailedError, WorkerProcess
from supervisor.workers.spare import Reserve
from supervisor.workers.steering import Action, Steered, Steering
from supervisor.workers.suspicion import SUSPICIOUS, Ended, How, Suspicion, half_of
from supervisor.workers.witness import CallsRemembered

FIRST_WAIT_S: Final = 0.5
LAST_WAIT_S: Final = 30.0
"""The first replacement is made at once; those of a worker that keeps dying wait longer each."""
STEADY_S: Final = 30.0
"""A worker that lived so long did not die of its start."""

LAST_STRAW: Final = 1.5
"""Times the memory that a worker may have: it is not waited for any more."""
LEG_LIMIT_S: Final = 18.0
"""For a leg to find who waits for it; its worker waits a little longer."""
PARKED: Final = "extension.parked"

_log = structlog.get_logger(__name__)


class OnReport(Protocol):
    """Is told how it goes with an extension; ``reason`` is ``None`` where it goes well."""

    def __call__(
        self,
        extension_id: UUID,
        reason: str | None,
        *,
        unanswered: bool = False,
        parked: bool = False,
    ) -> None:
        """Called on the event loop. ``unanswered``: nobody accepts its calls, nor will soon;
        ``parked``: nor before its row is touched."""


class TakeLeg(Protocol):
    """Another server, who may wait for a leg that connected to us."""

    async def __call__(self, leg_id: UUID, sockets: Sequence[socket.socket]) -> Steered | None:
        """``None`` if it does not; the connection stays ours to close."""


@dataclass(frozen=True, slots=True)
class CrewLimits:
    """``memory_bytes`` of a worker, beyond which it is replaced: its calls have ``drain_s``."""

    memory_bytes: int | None = None
    drain_s: float = 120.0


class Starter(Protocol):
    """Starts a worker; :meth:`WorkerProcess.start` with everything else bound."""

    async def __call__(self, name: str, flows: Sequence[str]) -> WorkerProcess:
        """``flows`` are those to be prepared for. Raises ``WorkerFailedError``."""


class Crew:
    """Use it through :meth:`running`. ``size`` bounds the workers that share extensions.

    With ``spare``, one more waits with its engines loaded to take the place of one that dies.
    """

    def __init__(
        self,
        start: Starter,
        size: int,
        on_report: OnReport,
        metrics: Metrics,
        *,
        spare: bool,
        alarms: Alarms,
        limits: CrewLimits | None = None,
        on_closed: Callable[[int], None] = lambda _: None,
    ) -> None:
        """``on_closed`` is told the return port of a stopped extension whose calls have ended."""
        self._on_closed = on_closed
        self._limits = limits or CrewLimits()
        self._start = start
        self._size = size
        self._reserve = Reserve(
            self._start_one, self._hear_anybody, self._prepare_spare, wanted=spare
        )
        self._on_report = on_report
        self._metrics = metrics
        self._alarms = alarms
        self._posts: list[Post] = []
        self._made = 0
        self._steering = Steering()
        self._calls = CallsRemembered()
        self.elsewhere: list[TakeLeg] = []
        """Who is asked for legs that none of the workers waits for."""
        self._mover = Mover(self._hand_over)
        self._errands = OwnedTasks(failure_told("crew.errand_failed"))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Crew"]:
        """Keep workers during the block; whatever still runs afterwards is ended at once."""
        try:
            yield self
        finally:
            tasks = [post.task for post in self._posts if post.task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._errands.cancel()
            await self._reserve.dismiss()

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of the workers that are ready, by name."""
        workers = [post.worker for post in self._posts if post.worker is not None]
        return {worker.name: worker.pid for worker in workers}

    @property
    def calls(self) -> int:
        """Calls that go on, as the workers told last."""
        return sum(post.worker.calls for post in self._posts if post.worker is not None)

    @property
    def missing(self) -> int:
        """Posts whose worker is not ready: it starts, or died and is being replaced."""
        return sum(post.worker is None for post in self._posts)

    @property
    def expositions(self) -> dict[str, str]:
        """What the workers that are ready count, by name, as Prometheus reads it."""
        workers = [post.worker for post in self._posts if post.worker is not None]
        return {worker.name: worker.exposition for worker in workers}

    def worker_of(self, extension_id: UUID) -> str | None:
        """The name of the worker that an extension lives in, once that is ready."""
        post = self._find(extension_id)
        return post.worker.name if post and post.worker else None

    async def serve(self, extension: Extension, listeners: Listeners) -> None:
        """Put an extension on a worker, or give the one that has it new sockets."""
        flows = self._flows
        post = self._find(extension.id) or self._choose(isolated=extension.isolated)
        before = post.assignments.get(extension.id)
        load = before.load if before else Load()
        post.assignments[extension.id] = Assignment(extension, listeners, load)
        self._alarms.end_alarm(PARKED, "It is tried again.", subject=extension.number)
        await self._hand_over(post, post.assignments[extension.id])
        if extension.flow not in flows:
            await self._prepare_spare()

    async def change(self, extension: Extension) -> None:
        """Let new calls of an extension begin with new settings."""
        if (post := self._find(extension.id)) is None:
            return
        assignment = replace(post.assignments[extension.id], extension=extension)
        post.assignments[extension.id] = assignment
        if post.worker is not None:
            await post.worker.tell(messages.CHANGE, {"extension": extension.to_json()})

    async def stop(self, extension_id: UUID, *, drain_s: float) -> None:
        """Take no more calls for an extension; those that run finish."""
        if (post := self._find(extension_id)) is None:
            return
        del post.assignments[extension_id]
        if post.worker is not None:
            await post.worker.tell(messages.STOP, {"extension_id": str(extension_id)})
        if post.isolated:
            await self._dismiss(post, drain_s)

    async def steer(
        self,
        call_id: UUID,
        action: Action,
        argument: str = "",
        sockets: Sequence[socket.socket] = (),
    ) -> Steered | None:
        """Have something done in a call that goes on, also where its worker is leaving; ``None`` if
        no worker has it. To ``listen``, its audio is sent to the socket."""
        workers = [post.worker for post in self._posts if post.worker]
        return await self._steering.steer(workers, call_id, action, argument, sockets)

    async def drain(self, limit_s: float, *, let_go: bool = False) -> None:
        """Let every worker finish its calls and leave; returns when all are gone.

        Calls that outlast the limit say goodbye; with ``let_go`` they are left to another server.
        """
        await self._reserve.dismiss()
        await asyncio.gather(*(self._dismiss(post, limit_s, let_go=let_go) for post in self._posts))
        tasks = [post.task for post in self._posts if post.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=limit_s + messages.FAREWELL_S + EXIT_GRACE_S)

    # ------------------------------------------------------------------ posts

    def _find(self, extension_id: UUID) -> Post | None:
        return next((post for post in self._posts if extension_id in post.assignments), None)

    def _choose(self, *, isolated: bool) -> Post:
        """An idle post, or a new one while there may be more, or the one with the least to do."""
        shared = [post for post in self._shared() if not post.suspicion.on_probation]
        lightest = least_busy(shared)
        if isolated or lightest is None or (lightest.assignments and len(shared) < self._size):
            return self._open_post(isolated=isolated)
        return lightest

    def _shared(self) -> list[Post]:
        posts = [post for post in self._posts if not post.isolated]
        return [post for post in posts if not post.leaving and not post.replaced]

    def _open_post(self, *, isolated: bool) -> Post:
        post = Post(isolated)
        post.task = asyncio.create_task(self._keep(post), name="worker's post")
        self._posts.append(post)
        return post

    async def _dismiss(self, post: Post, limit_s: float, *, let_go: bool = False) -> None:
        post.leaving = True
        if post.worker is not None:
            await post.worker.tell(messages.DRAIN, {"limit_s": limit_s, "let_go": let_go})
        elif post.task is not None:
            post.task.cancel()

    async def _hand_over(self, post: Post, assignment: Assignment) -> None:
        if post.worker is not None:
            fields = {"extension": assignment.extension.to_json()}
            await post.worker.tell(messages.SERVE, fields, assignment.listeners.sockets)

    # ------------------------------------------------------------------ keeping a post filled

    async def _keep(self, post: Post) -> None:
        wait_s = 0.0
        try:
            while not post.leaving and not post.replaced:
                began = time.monotonic()
                ended = await self._fill(post)
                if post.leaving or post.replaced:
                    break
                self._metrics.worker_restarts.inc()
                wait_s = wait_s if time.monotonic() - began < STEADY_S else 0.0
                if post.suspicion.hold(ended, time.monotonic()):
                    self._find_who_is_to_blame(post, ended)
                    wait_s = 0.0
                _log.error("worker.lost", reason=ended.reason, restart_in_s=wait_s)
                self._tell_end(ended)
                if wait_s > 0:
                    if ended.how not in SUSPICIOUS:  # else it is soon known whose fault it is
                        self._report_all(post, f"its worker keeps failing: {ended.reason}")
                    await asyncio.sleep(wait_s)
                wait_s = min(max(wait_s * 2, FIRST_WAIT_S), LAST_WAIT_S)
        finally:
            if post.worker is not None:
                await post.worker.kill()
            self._posts.remove(post)

    async def _fill(self, post: Post) -> Ended:
        """Have a worker on the post from its start to its end; returns why it ended."""
        try:
            worker = post.worker = await self._reserve.take()
        except WorkerFailedError as error:
            return Ended(f"it does not start: {error}", How.NOT_STARTED)
        _log.info("worker.ready", worker=worker.name, pid=worker.pid)
        for assignment in tuple(post.assignments.values()):
            await self._hand_over(post, assignment)
        post.ready.set()
        self._reserve.prepare()
        ended = await worker.watch(partial(self._take, post, worker))
        post.worker = None
        return Ended(f"{worker.name}: {ended.reason}", ended.how)

    def _tell_end(self, ended: Ended) -> None:
        kind = "worker.hung" if ended.how is How.HUNG else "worker.lost"
        text = f"A worker ended and is replaced; its calls go on in the next one ({ended.reason})."
        self._alarms.raise_alarm(kind, text, how=ended.how)

    # ------------------------------------------------------------------ who crashes, who grows

    def _find_who_is_to_blame(self, post: Post, ended: Ended) -> None:
        """Park the only suspect, or give half of them a worker of their own."""
        now = time.monotonic()
        suspects = tuple(post.assignments)
        if len(suspects) > 1:
            other = self._open_post(isolated=post.isolated)
            for extension_id in half_of(suspects):
                other.assignments[extension_id] = post.assignments.pop(extension_id)
            for each in (post, other):
                each.suspicion.single_out(now)
            _log.warning("worker.suspects", extensions=len(suspects), reason=ended.reason)
        elif suspects:
            self._park(post.assignments.pop(suspects[0]).extension, ended)
            post.replaced = post.isolated or len(self._shared()) > self._size
            post.suspicion = Suspicion()

    def _park(self, extension: Extension, ended: Ended) -> None:
        reason = (
            f"it ends its worker again and again ({ended.reason}) and is parked: correct it, "
            f"then say: ramal extension set {extension.number} --enable"
        )
        self._alarms.raise_alarm(
            PARKED, f"Extension {extension.number}: {reason}", subject=extension.number
        )
        self._on_report(extension.id, reason, unanswered=True, parked=True)

    def _look_at(self, post: Post, worker: WorkerProcess) -> None:
        """At a heartbeat: whether it grew too large, or its extensions are beyond suspicion."""
        limit = self._limits.memory_bytes
        if limit is not None and worker.outgrows(limit) and not post.replaced and not post.leaving:
            self._errands.start(self._relieve(post, worker))
        elif limit is not None and worker.outgrows(limit * LAST_STRAW):
            worker.end(Ended("it had far more memory than it may", How.OVERSIZED))
        elif post.suspicion.is_cleared(time.monotonic()) and not worker.calls:
            post.suspicion = Suspicion()
            if post in self._shared() and len(self._shared()) > self._size:
                self._errands.start(self._fold(post))

    async def _relieve(self, post: Post, worker: WorkerProcess) -> None:
        """Let another worker take over from one that has too much memory, and then end it."""
        post.replaced = True
        used_mb, limit_mb = (round(n / 2**20) for n in (worker.resident_bytes, worker.limit_bytes))
        text = (
            f"{worker.name} has {used_mb} MiB of memory ({limit_mb} are allowed): it is replaced."
        )
        self._alarms.raise_alarm("worker.memory", text, used_mb=used_mb, limit_mb=limit_mb)
        self._metrics.worker_restarts.inc()
        heir = self._open_post(isolated=post.isolated)
        heir.suspicion = post.suspicion
        heir.assignments, post.assignments = post.assignments, {}
        await heir.ready.wait()
        await self._see_off(post, worker)

    async def _fold(self, post: Post) -> None:
        """Give what is assigned here to another post: there is one more than there should be."""
        heir = least_busy([each for each in self._shared() if each is not post])
        if heir is None or post.worker is None:
            return
        post.replaced = True
        moved, post.assignments = post.assignments, {}
        heir.assignments |= moved
        for assignment in moved.values():
            await self._hand_over(heir, assignment)
        await self._see_off(post, post.worker)

    def _balance(self) -> None:
        """Have a worker that is far over the others give an extension away."""
        candidates = [post for post in self._shared() if not post.suspicion.on_probation]
        if (move := self._mover.due(candidates)) is not None:
            self._errands.start(self._mover.move(*move))

    async def _see_off(self, post: Post, worker: WorkerProcess) -> None:
        """Drain a worker; calls that outlast it go on in the next, and so do all if it fails."""
        await self._dismiss(post, self._limits.drain_s, let_go=True)
        if post.task is not None:
            limit_s = self._limits.drain_s + messages.FAREWELL_S + EXIT_GRACE_S
            await asyncio.wait([post.task], timeout=limit_s)
        worker.end(Ended("it did not leave in time", How.OVERSIZED))

    async def _start_one(self) -> WorkerProcess:
        self._made += 1
        return await self._start(f"worker-{self._made}", self._flows)

    @property
    def _flows(self) -> list[str]:
        posts = self._posts
        return sorted({each.extension.flow for post in posts for each in post.assignments.values()})

    async def _prepare_spare(self) -> None:
        """Have the spare load what it would need now: it may have started before there was any
        extension of a flow."""
        await self._reserve.tell(messages.PREPARE, {"flows": self._flows})

    def _report_all(self, post: Post, reason: str) -> None:
        for extension_id in post.assignments:
            self._on_report(extension_id, reason)

    async def _place_leg(self, worker: WorkerProcess, message: Message) -> None:
        """Find who waits for a leg that connected to ``worker``: another worker, who is leaving,
        or another server."""
        sockets, leg_id = message.sockets(), UUID(message.fields["leg_id"])
        try:
            async with asyncio.timeout(LEG_LIMIT_S):
                placed = await self.steer(leg_id, "take_leg", "", sockets)
                for take_leg in self.elsewhere:
                    placed = placed or await take_leg(leg_id, sockets)
        except TimeoutError:
            placed = None
        finally:
            for each in sockets:
                each.close()
        answer = {"number": message.fields["number"], "known": placed is not None}
        await worker.tell(messages.PLACED, answer)

    def _hear_anybody(self, message: Message) -> None:
        if message.kind == messages.ALARM:
            self._alarms.pass_on(Alarm.from_json(message.fields["alarm"]))

    def _take(self, post: Post, worker: WorkerProcess, message: Message) -> None:
        if message.kind == messages.HEARTBEAT:
            post.note(message.fields["calls_of"], time.monotonic())
            self._look_at(post, worker)
            self._balance()
        elif message.kind in (messages.SERVING, messages.FAILED):
            extension_id = UUID(message.fields["extension_id"])
            accepts = message.kind == messages.SERVING
            if self._mover.takes(extension_id, worker, accepts=accepts):
                return
            self._on_report(
                extension_id,
                message.fields.get("reason"),
                unanswered=not accepts and not message.fields["goes_on"],
            )
        elif message.kind == messages.CLOSED:
            self._on_closed(message.fields["return_port"])
        elif message.kind == messages.STEERED:
            self._steering.take(message.fields)
        elif message.kind == messages.REMEMBER:
            self._calls.take(message.fields)
        elif message.kind == messages.RECALL:
            self._errands.start(worker.tell(messages.RECALLED, self._calls.answer(message.fields)))
        elif message.kind == messages.LEG:
            self._errands.start(self._place_leg(worker, message))
        else:
            self._hear_anybody(message)
