"""What a worker needs to take calls: everything that is made once, and a session for each call.

This is the seam between the worker, which knows processes and sockets, and the flows, which know
conversations. A flow registers a :class:`Flow` in :data:`supervisor.flows.FLOWS`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable
from uuid import UUID

import structlog

from audiosocket.connection import Connection
from audiosocket.listener import Listener
from conversation.journal import Journal, Memory
from conversation.owned_tasks import OwnedTasks
from conversation.telephone import Telephone
from supervisor.alarms import Alarms
from supervisor.ami.client import AmiClient
from supervisor.ami.telephone import AmiTelephone, NoTelephone
from supervisor.ari.client import AriClient
from supervisor.ari.telephone import AriTelephone
from supervisor.database.extensions import Extension
from supervisor.database.journal import DatabaseJournal
from supervisor.database.memory import CallMemory
from supervisor.database.pool import Pool, pooled
from supervisor.database.spool import Spool
from supervisor.doors.locksmith import Locksmith
from supervisor.doors.phone import DoorPhone
from supervisor.errors import OperatorError
from supervisor.language_models import LanguageModels
from supervisor.local_copies import LocalCopies
from supervisor.logs import failure_told
from supervisor.metrics import Metrics
from supervisor.outgoing.addresses import AddressGuard
from supervisor.presence import missed
from supervisor.recordings.monitoring import Monitoring, monitored
from supervisor.rules import check_extension
from supervisor.settings import AriSettings, Settings
from supervisor.speech import Speech
from supervisor.switchboard import LegSwitchboard
from supervisor.voices.clones import Clones
from supervisor.workers.witness import NotedJournal, SupervisorsMemory

_log = structlog.get_logger(__name__)


class Session(Protocol):
    """One visitor's call; :class:`conversation.session.CallSession` is one."""

    @property
    def visitor(self) -> Listener:
        """Listens to the visitor's connection."""

    async def run(self) -> None:
        """Conduct the call; returns when it is over and everything is recorded."""

    def end(self, reason: str) -> None:
        """Ask the call to end politely, for a reason such as ``drain``."""

    def let_go(self) -> None:
        """Drop the connection as a crash would: the caller is connected again to another process,
        which goes on with the call."""


@runtime_checkable
class Steerable(Protocol):
    """A session that operators can also do more with than end it."""

    def say(self, text: str) -> None:
        """Say something to the visitor, after what is being said."""

    async def transfer(self, destination: str) -> None:
        """Send the visitor to an extension of the dialplan, and leave. Raises
        ``TelephoneError``, and then the call goes on."""

    async def open_door(self, door: str | None, key: str, key_id: str) -> None:
        """Open a door, the extension's own where none is named, on the word of whoever has the API
        key of that name and id. Raises ``DoorError``; the call goes on in any case."""


@runtime_checkable
class HandsOver(Protocol):
    """A session that may send its visitor elsewhere."""

    @property
    def handed_over(self) -> bool:
        """Whether it did: the call may then come back under the same id."""


class Phones(Telephone, Protocol):
    """A telephone that also knows where visitors call from."""

    def caller(self, call_id: UUID) -> str | None:
        """The number that a visitor called from, if the telephone system told."""

    @property
    def doors(self) -> DoorPhone:
        """What doors need of it."""


Service: TypeAlias = Callable[[Connection], Session]
"""Answers one extension's calls, with its settings at the time when it was made."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all calls of a worker share. ``resources`` owns what flows open on first use."""

    settings: Settings
    pool: Pool
    journal: Journal
    telephone: Phones
    switchboard: LegSwitchboard
    metrics: Metrics
    alarms: Alarms
    speech: Speech
    clones: Clones
    monitoring: Monitoring
    locksmith: Locksmith
    resources: AsyncExitStack
    memory: Memory
    copies: LocalCopies
    models: LanguageModels
    errands: OwnedTasks = field(
        default_factory=lambda: OwnedTasks(failure_told("calls.errand_failed"))
    )
    """What goes on beside the calls, such as prompts being made; cancelled in the end."""


MakeService: TypeAlias = Callable[[Shared, Extension], Awaitable[Service]]
"""Prepares an extension to be answered: texts, directory, prompts. Raises ``ExtensionProblem``."""


async def _nothing(_: Shared) -> None:
    """A flow that needs nothing ahead."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How a flow is made ready: ``service`` for each extension, ``prepare`` once per worker."""

    service: MakeService
    prepare: Callable[[Shared], Awaitable[None]] = _nothing


class CallFactory:
    """Makes services; one per worker. ``flows`` are by name."""

    def __init__(self, shared: Shared, flows: Mapping[str, Flow]) -> None:
        self.shared = shared
        self._flows = flows

    async def prepare(self, flows: Iterable[str]) -> None:
        """Load what these flows need; trouble shows again, and is told, with an extension."""
        for name in flows:
            try:
                await self._flows[name].prepare(self.shared)
            except OperatorError as error:
                _log.warning("flow.not_prepared", flow=name, reason=str(error))

    async def service(self, extension: Extension) -> Service:
        """What answers the extension's calls from now on. Raises ``ExtensionProblem``."""
        check_extension(extension)
        return await self._flows[extension.flow].service(self.shared, extension)


@asynccontextmanager
async def call_factory(
    settings: Settings,
    database_url: str,
    flows: Mapping[str, Flow],
    *,
    metrics: Metrics,
    alarms: Alarms,
    supervisor: SupervisorsMemory,
) -> AsyncIterator[CallFactory]:
    """Open everything that calls share, and close it in the opposite order: the journal last."""
    spool = Spool(settings.data_dir / "spool", limit_bytes=settings.spool.limit_mb * 2**20)
    async with (
        pooled(database_url, at_once=False) as pool,
        DatabaseJournal(pool, metrics, spool=spool, alarms=alarms).delivering() as journal,
        telephone(settings, metrics, alarms) as phones,
        monitored(settings, metrics, alarms) as monitoring,
        AsyncExitStack() as resources,
    ):
        switchboard = LegSwitchboard()
        clones = Clones(
            pool,
            database_url,
            settings.data_dir,
            alarms,
            unconfirmed_s=settings.tts.voices_unconfirmed_min * 60,
        )
        resources.push_async_callback(clones.close)
        speech = Speech(settings, resources, metrics, alarms, clones)
        locksmith = Locksmith(phones.doors, settings.outgoing, metrics, alarms, resources)
        shared = Shared(
            settings,
            pool,
            NotedJournal(journal, supervisor),
            phones,
            switchboard,
            metrics,
            alarms,
            speech,
            clones,
            monitoring,
            locksmith,
            resources,
            memory=CallMemory(pool, spool.root, supervisor),
            copies=LocalCopies(settings.data_dir / "copies"),
            models=LanguageModels(
                settings.llm, metrics, resources, AddressGuard.of(settings.outgoing)
            ),
        )
        try:
            yield CallFactory(shared, flows)
        finally:
            await shared.errands.cancel()


@asynccontextmanager
async def telephone(settings: Settings, metrics: Metrics, alarms: Alarms) -> AsyncIterator[Phones]:
    """The telephone of the settings: Asterisk by AMI or ARI, or none."""
    chosen = settings.asterisk
    if chosen is None:
        yield NoTelephone()
        return
    login = (chosen.host, chosen.port, chosen.user, chosen.secret.get_secret_value())
    if isinstance(chosen, AriSettings):
        ari = AriClient(*login, metrics)
        async with AriTelephone(ari, chosen).running() as by_ari, missed(ari, alarms):
            yield by_ari
    else:
        ami = AmiClient(*login, metrics)
        async with AmiTelephone(ami, chosen).running() as by_ami, missed(ami, alarms):
            yield by_ami
