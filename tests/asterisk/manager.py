"""A manager (AMI) session for tests: sends actions, keeps events. The rig's own reference."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from tests.asterisk.asterisk import AsteriskServer

Fields = Mapping[str, str]


class ManagerSession:
    """A session that is logged in; made by :func:`managing`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.events: list[Fields] = []
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._responses: dict[str, asyncio.Future[Fields]] = {}
        self._changed = asyncio.Condition()

    async def action(self, name: str, **fields: str) -> Fields:
        """Send an action and return its response; the fields' names are AMI's own."""
        number = str(next(self._numbers))
        response: asyncio.Future[Fields] = asyncio.get_running_loop().create_future()
        self._responses[number] = response
        lines = [
            f"Action: {name}",
            f"ActionID: {number}",
            *(f"{k}: {v}" for k, v in fields.items()),
        ]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(10):
            return await response

    async def event(self, name: str, timeout_s: float = 10.0, **fields: str) -> Fields:
        """The first event of that name with those values, seen already or awaited."""
        async with asyncio.timeout(timeout_s), self._changed:
            while (found := self._find({"Event": name, **fields})) is None:
                await self._changed.wait()
        return found

    async def read(self) -> None:
        """Take what the manager sends, until it closes."""
        while block := await self._block():
            waiting = self._responses.pop(block.get("ActionID", ""), None)
            if "Response" in block and waiting is not None:
                waiting.set_result(block)
            elif "Event" in block:
                async with self._changed:
                    self.events.append(block)
                    self._changed.notify_all()

    def _find(self, wanted: Fields) -> Fields | None:
        return next((e for e in self.events if wanted.items() <= e.items()), None)

    async def _block(self) -> Fields:
        fields: dict[str, str] = {}
        while line := (await self._reader.readline()).decode(errors="replace"):
            name, colon, value = line.rstrip("\r\n").partition(":")
            if colon:
                fields[name] = value.strip()
            elif fields:
                return fields
        return {}


@asynccontextmanager
async def managing(asterisk: AsteriskServer) -> AsyncIterator[ManagerSession]:
    """A session as the user that we ship."""
    reader, writer = await asyncio.open_connection(*asterisk.ami)
    session = ManagerSession(reader, writer)
    reading = asyncio.create_task(session.read())
    try:
        answer = await session.action(
            "Login", Username=asterisk.ami_user, Secret=asterisk.ami_secret, Events="on"
        )
        assert answer["Response"] == "Success", answer
        yield session
    finally:
        writer.close()
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
