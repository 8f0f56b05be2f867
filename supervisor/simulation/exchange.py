"""The built-in telephone exchange: rings simulated phones when told to over AMI.

It stands in for Asterisk in the demo, so that the program's own AMI client and its return legs
run as in production. What it sends for each outcome, in which order and with which cause, is
what Asterisk 22.10.1 was seen to send for a PJSIP endpoint (``docs/asterisk.md``).
"""

import asyncio
import itertools
from collections.abc import Callable, Container, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from supervisor.ami.protocol import Message
from supervisor.doors.dialplan import CONTEXT as DOOR_CONTEXT
from supervisor.simulation.manager import ManagerSession, event, response

RETURN_HOST_VARIABLE = "RAMAL_HOST"
"""Channel variable with the address that an answered phone's leg connects to."""

RETURN_PORT_VARIABLE = "RAMAL_RETURN_PORT"
"""Channel variable with the port that an answered phone's leg connects to."""

NEXT_VARIABLE = "RAMAL_NEXT"
"""Where the shipped dialplan sends a caller after the agent's end of the call."""

DEFAULT_TIMEOUT_MS = 30_000
"""How long Asterisk rings where Originate names no ``Timeout``."""

HANGUP_CAUSES = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    16: "Normal Clearing",
    17: "User busy",
    19: "User alerting, no answer",
    21: "Call Rejected",
}
"""Q.850 cause codes with the ``Cause-txt`` that Asterisk gives them."""

STATES = {0: "Down", 5: "Ringing", 6: "Up"}
"""``ChannelState`` numbers with their ``ChannelStateDesc``."""


class Habit(StrEnum):
    """What a simulated phone does when it is rung."""

    ANSWERS = "answers"
    BUSY = "busy"
    REJECTS = "rejects"
    NEVER_ANSWERS = "never_answers"
    UNREACHABLE = "unreachable"
    """Registered but not there: no ringing, no answer, nothing until the time-out."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A simulated phone: what it does, and how many seconds after it began to be called."""

    habit: Habit
    after_s: float = 1.0


@dataclass(slots=True)
class Channel:
    """A leg of the exchange, from being placed until it is hung up."""

    name: str
    unique_id: str
    number: str
    state: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    hangup_cause: int = 16
    sent_to: str | None = None
    """The extension that a Redirect, or ``RAMAL_NEXT`` at its end, sent this leg to."""


@dataclass(frozen=True, slots=True)
class Leg:
    """Where an answered phone must connect, and as which call."""

    number: str
    unique_id: str
    host: str
    port: int


Talk: TypeAlias = Coroutine[Any, Any, None]
"""What happens on a leg while it is up; its end is the end of the leg."""

AnswerLeg: TypeAlias = Callable[[Leg], Talk]
"""Picks up: speaks and listens on the leg until either side ends it."""


@dataclass(frozen=True, slots=True)
class Room:
    """The phones that the calls of one extension reach, and who picks them up."""

    phones: Mapping[str, Phone]
    answer: AnswerLeg


class Exchange:
    """A server that takes AMI actions and carries them out on simulated phones.

    ``phones`` maps numbers to what they do; any other number does not exist. ``answer`` is run
    for each phone that answers, and its end is the end of the leg. Calls that come with a return
    port of their own may have phones of their own: :meth:`apart`. ``doors`` are those that the
    dialplan would open (``Local/NAME@ramal-door``). ``on_event`` sees every event that goes out,
    for tests and for a live display. What goes wrong on a leg ends that leg and
    is kept in ``errors``.
    """

    def __init__(
        self,
        phones: Mapping[str, Phone],
        answer: AnswerLeg,
        *,
        user: str,
        secret: str,
        doors: Container[str] = (),
        on_event: Callable[[Message], None] = lambda _: None,
    ) -> None:
        self._doors = doors
        self.opened: list[str] = []
        """Doors that were opened, in order."""
        self.errors: list[BaseException] = []
        self._common = Room(phones, answer)
        self._rooms: dict[str, Room] = {}
        self._user = user
        self._secret = secret
        self._on_event = on_event
        self._sessions: dict[ManagerSession, asyncio.Task[None]] = {}
        self._channels: dict[str, Channel] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self._server: asyncio.Server | None = None

    @contextmanager
    def apart(
        self, return_port: int, phones: Mapping[str, Phone], answer: AnswerLeg
    ) -> Iterator[None]:
        """Give the calls of the extension with ``return_port`` phones of their own meanwhile."""
        self._rooms[str(return_port)] = Room(phones, answer)
        try:
            yield
        finally:
            del self._rooms[str(return_port)]

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen for AMI clients; returns the port. Raises ``OSError`` if it is taken."""
        self._server = await asyncio.start_server(self._serve, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Hang up every leg, drop every client and stop listening."""
        if self._server is not None:
            self._server.close()
        tasks = [*self._tasks, *self._sessions.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until no leg is up and no phone rings."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def channel(self, key: str) -> Channel | None:
        """The live leg with this unique id or channel name."""
        found = self._channels.get(key)
        return found or next((c for c in self._channels.values() if c.name == key), None)

    async def place(self, caller: str, unique_id: str, talk: Talk) -> Channel:
        """Put an incoming call on the exchange and run ``talk`` as its leg, to its end.

        The events are those of the shipped dialplan: the channel comes up, says by ``UserEvent``
        which AudioSocket call it is, talks, and is hung up. Returns the ended channel, whose
        ``sent_to`` says whether it was transferred.
        """
        channel = self._open(f"PJSIP/{caller}", unique_id, caller)
        self._change(channel, 6)
        told = {"uuid": unique_id, "chan": channel.name, "from": caller}
        self._tell("UserEvent", UserEvent="AudioSocketCall", **_about(channel), **told)
        channel.task = self._own(talk)
        await asyncio.wait([channel.task])
        self._hang_up(channel)
        channel.sent_to = channel.sent_to or channel.variables.get(NEXT_VARIABLE)
        return channel

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = ManagerSession(
            reader, writer, user=self._user, secret=self._secret, answer=self._take
        )
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a client is served by a task")
        self._sessions[session] = task
        try:
            await session.serve()
        finally:
            del self._sessions[session]

    async def _take(self, action: Message) -> list[Message]:
        match action.get("Action").casefold():
            case "ping":
                return [response("Success", Ping="Pong")]
            case "events" | "filter":
                return [response("Success", Message="Events are on")]
            case "originate":
                return [self._originate(action)]
            case "hangup" | "redirect" | "setvar" | "getvar" as name:
                return [self._on_channel(name, action)]
        return [response("Error", Message="Invalid/unknown command")]

    def _on_channel(self, name: str, action: Message) -> Message:
        channel = self.channel(action.get("Channel"))
        if channel is None:
            return response("Error", Message="No such channel")
        match name:
            case "setvar":
                channel.variables[action.get("Variable")] = action.get("Value")
                return response("Success", Message="Variable Set")
            case "getvar":
                variable = action.get("Variable")
                value = channel.variables.get(variable, "")
                return response("Success", Variable=variable, Value=value)
            case "redirect":
                channel.sent_to = action.get("Exten")
                self._end(channel, 16)
                return response("Success", Message="Redirect successful")
        self._end(channel, int(action.get("Cause") or 16))
        return response("Success", Message="Channel Hungup")

    def _originate(self, action: Message) -> Message:
        technology, _, rest = action.get("Channel").partition("/")
        number = rest.partition("@")[0]
        if not (technology and number):
            return response("Error", Message="Channel not specified or invalid")
        if action.get("Async").casefold() not in {"true", "yes", "1"}:
            return response("Error", Message="This exchange originates with Async: true only")
        if technology == "Local":
            self._own(self._open_door(rest, action))
        else:
            self._own(self._ring(f"{technology}/{number}", number, action))
        return response("Success", Message="Originate successfully queued")

    async def _open_door(self, place: str, action: Message) -> None:
        """The dialplan's door: answers once it is open; one that is not there ends at once."""
        door, _, context = place.removesuffix("/n").partition("@")
        is_there = context == DOOR_CONTEXT and door in self._doors
        if is_there:
            self.opened.append(door)
        channel = Channel(f"Local/{place}", f"{next(self._numbers)}.0", door)
        self._report(action, channel, reason=4 if is_there else 0)

    async def _ring(self, name: str, number: str, action: Message) -> None:
        variables = _variables(action)
        room = self._rooms.get(variables.get(RETURN_PORT_VARIABLE, ""), self._common)
        phone = room.phones.get(number)
        if phone is None:
            self._report(action, Channel(name, "<null>", number), reason=0)
            return
        channel = self._open(name, action.get("ChannelId") or f"{next(self._numbers)}.0", number)
        channel.variables.update(variables)
        self._tell("DialBegin", **_dialled(channel), DialString=number)
        channel.task = self._own(self._wait_for(channel, phone, action))
        await asyncio.wait([channel.task])
        if channel.state != 6:
            self._fail(channel, action)
            return
        self._tell("DialEnd", **_dialled(channel), DialStatus="ANSWER")
        self._report(action, channel, reason=4)
        if not channel.task.cancelled():
            channel.task = self._own(room.answer(_leg(channel)))
            await asyncio.wait([channel.task])
        self._hang_up(channel)

    async def _wait_for(self, channel: Channel, phone: Phone, action: Message) -> None:
        timeout_s = int(action.get("Timeout") or DEFAULT_TIMEOUT_MS) / 1000
        if phone.habit in {Habit.ANSWERS, Habit.NEVER_ANSWERS}:
            self._change(channel, 5)
            self._tell("DialState", **_dialled(channel), DialStatus="RINGING")
        if phone.habit in {Habit.NEVER_ANSWERS, Habit.UNREACHABLE} or phone.after_s > timeout_s:
            await asyncio.sleep(timeout_s)
            channel.hangup_cause = 19
            return
        await asyncio.sleep(phone.after_s)
        match phone.habit:
            case Habit.BUSY:
                channel.hangup_cause = 17
            case Habit.REJECTS:
                channel.hangup_cause = 21
            case _:
                self._change(channel, 6)

    def _fail(self, channel: Channel, action: Message) -> None:
        cancelled = channel.task is not None and channel.task.cancelled()
        status = "CANCEL" if cancelled else "BUSY" if channel.hangup_cause == 17 else "NOANSWER"
        self._tell("DialEnd", **_dialled(channel), DialStatus=status)
        self._hang_up(channel)
        timed_out = channel.hangup_cause == 19 and not cancelled
        self._report(action, channel, reason=3 if timed_out else 0)

    def _end(self, channel: Channel, cause: int) -> None:
        channel.hangup_cause = cause
        if channel.task is not None:
            channel.task.cancel()

    def _open(self, name: str, unique_id: str, number: str) -> Channel:
        channel = Channel(f"{name}-{next(self._numbers):08x}", unique_id, number)
        self._channels[unique_id] = channel
        self._tell("Newchannel", **_about(channel))
        return channel

    def _change(self, channel: Channel, state: int) -> None:
        channel.state = state
        self._tell("Newstate", **_about(channel))

    def _hang_up(self, channel: Channel) -> None:
        self._channels.pop(channel.unique_id, None)
        cause = channel.hangup_cause
        text = HANGUP_CAUSES.get(cause, "Unknown")
        self._tell("Hangup", **_about(channel), Cause=str(cause), **{"Cause-txt": text})

    def _report(self, action: Message, channel: Channel, *, reason: int) -> None:
        self._tell(
            "OriginateResponse",
            ActionID=action.get("ActionID"),
            Response="Success" if reason == 4 else "Failure",
            Channel=channel.name,
            Context=action.get("Context"),
            Exten=action.get("Exten"),
            Reason=str(reason),
            Uniqueid=channel.unique_id,
        )

    def _tell(self, name: str, **values: str) -> None:
        message = event(name, **values)
        self._on_event(message)
        for session in self._sessions:
            session.tell(message)

    def _own(self, work: Talk) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.errors.append(error)


def _variables(action: Message) -> dict[str, str]:
    lines = (value for name, value in action.lines if name.casefold() == "variable")
    pairs = [line.partition("=") for line in lines]
    return {name.lstrip("_"): value for name, _, value in pairs}


def _about(channel: Channel) -> dict[str, str]:
    return {
        "Channel": channel.name,
        "ChannelState": str(channel.state),
        "ChannelStateDesc": STATES[channel.state],
        "CallerIDNum": channel.number,
        "Uniqueid": channel.unique_id,
        "Linkedid": channel.unique_id,
    }


def _dialled(channel: Channel) -> dict[str, str]:
    return {f"Dest{name}": value for name, value in _about(channel).items()}


def _leg(channel: Channel) -> Leg:
    host = channel.variables.get(RETURN_HOST_VARIABLE, "127.0.0.1")
    port = int(channel.variables.get(RETURN_PORT_VARIABLE) or 0)
    return Leg(channel.number, channel.unique_id, host, port)
