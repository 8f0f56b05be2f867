"""The supervisor remembers its workers' calls: whoever takes over from a dead one asks it.

A worker tells every memorable entry at once, so that nothing is missing that the database and the
disk had not taken yet when the worker was killed.
"""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from itertools import count
from typing import Final
from uuid import UUID

from conversation.journal import Entry, Journal
from supervisor.database.spool_record import decode_line, encode_line
from supervisor.remembered import MEMORABLE, Remembered
from supervisor.workers import messages
from supervisor.workers.channel import Channel, ChannelClosedError, Fields

MOST_CALLS: Final = 20_000
"""Calls that the supervisor remembers: some 3 kB each while they go on, little afterwards."""
MOST_WAITING: Final = 1_000
"""Entries on their way to the supervisor; of more, the database alone knows."""
LONGEST_LINE_BYTES: Final = 16 * 1024
"""Of one entry; a state has 2 kB."""
ANSWER_BYTES: Final = 24 * 1024
"""Of an answer: as JSON in JSON it may be twice as long, and has to fit into a message."""


class CallsRemembered:
    """The supervisor's side."""

    def __init__(self) -> None:
        self._calls: OrderedDict[UUID, Remembered] = OrderedDict()

    def take(self, fields: Fields) -> None:
        """An entry that a worker tells."""
        entry = decode_line(fields["line"].encode())
        known = self._calls.pop(entry.call_id, Remembered(0))
        now = Remembered.of((*known.entries, entry), known.last_sequence)
        self._calls[entry.call_id] = Remembered.of([entry], now.last_sequence) if now.over else now
        if len(self._calls) > MOST_CALLS:
            self._calls.popitem(last=False)

    def answer(self, fields: Fields) -> Fields:
        """What is known of the call that a worker asks for."""
        known = self._calls.get(UUID(fields["call_id"]))
        last = known.last_sequence if known else 0
        lines = _fitting(known) if known else []
        return {"number": fields["number"], "lines": lines, "last_sequence": last}


def _fitting(known: Remembered) -> list[str]:
    """The youngest entries that fit into an answer."""
    lines, room = list[str](), ANSWER_BYTES
    for entry in reversed(known.entries):
        line = encode_line(entry).decode()
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return lines


class SupervisorsMemory:
    """The worker's side: what its journal is given passes by here, and the questions too."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[Remembered | None]] = {}

    def note(self, entry: Entry) -> None:
        """Tell the supervisor of a memorable entry; the journal complains of what is no JSON."""
        if entry.kind not in MEMORABLE or self._waiting.full():
            return
        try:
            line = encode_line(entry)
        except (TypeError, ValueError):
            return
        if len(line) <= LONGEST_LINE_BYTES:
            self._waiting.put_nowait(line.decode())

    async def run(self) -> None:
        """Tell what comes until cancelled, or until the supervisor is gone."""
        with suppress(ChannelClosedError):
            while True:
                await self._channel.send(messages.REMEMBER, {"line": await self._waiting.get()})

    async def ask(self, call_id: UUID) -> Remembered | None:
        """What the supervisor knows of a call; the asker gives up in its own time."""
        number = next(self._numbers)
        answer: asyncio.Future[Remembered | None] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            fields = {"number": number, "call_id": str(call_id)}
            await self._channel.send(messages.RECALL, fields)
            return await answer
        except ChannelClosedError:
            return None
        finally:
            del self._asked[number]

    def take(self, fields: Fields) -> None:
        """The supervisor's answer; one that comes too late is let pass."""
        answer = self._asked.get(fields["number"])
        if answer is None or answer.done():
            return
        entries = [decode_line(line.encode()) for line in fields["lines"]]
        known = fields["last_sequence"] > 0
        answer.set_result(Remembered.of(entries, fields["last_sequence"]) if known else None)


class NotedJournal:
    """A :class:`conversation.journal.Journal` whose entries are noted on their way."""

    def __init__(self, journal: Journal, memory: SupervisorsMemory) -> None:
        self._journal = journal
        self._memory = memory

    def write(self, entry: Entry) -> None:
        """See :class:`conversation.journal.Journal`."""
        self._memory.note(entry)
        self._journal.write(entry)
