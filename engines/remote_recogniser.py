"""Recognition by engines processes, ours or other machines': a ``Recogniser`` over WebSockets.

Audio goes out while the caller speaks, so that the server has heard all of it when the result is
wanted; what was said is kept here too, and told to another server where one fails.
"""

import asyncio
import itertools
import json
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final

import aiohttp
import numpy as np

from engines.origins import Origin, Origins
from stt.languages import LanguageEvidence, Spoken
from stt.recogniser import TELEPHONE_HZ, Hints, RecogniserBusyError, Transcript, Word
from stt.vad import Samples
from tts.engine import is_in_background

WIDE_HZ: Final = 16_000
LONGEST_S: Final = 30
"""A stream keeps the newest so many seconds, to tell them again."""
_NOTHING: Final = Transcript("", 0.0, final=False)


class RecognitionFailedError(RecogniserBusyError):
    """No server gave a result; the message says why."""


class _RefusedError(RecognitionFailedError):
    """The server is well, and says that it has no time."""


class Utterance:
    """The newest :data:`LONGEST_S` of what was fed."""

    def __init__(self, rate_hz: int) -> None:
        self._most = LONGEST_S * rate_hz
        self._parts: deque[Samples] = deque()
        self._length = 0

    def add(self, samples: Samples) -> None:
        """Keep a copy."""
        self._parts.append(samples.copy())
        self._length += len(samples)
        while self._length - len(self._parts[0]) >= self._most:
            self._length -= len(self._parts.popleft())

    def whole(self) -> Samples:
        """All of it."""
        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.int16)

    def clear(self) -> None:
        """Forget it."""
        self._parts.clear()
        self._length = 0


class _Line:
    """One connection: sends what waits, hears partial texts and results. ``failure`` once lost."""

    def __init__(
        self, origin: Origin, start: Mapping[str, Any], on_heard: Callable[[Spoken], None]
    ) -> None:
        self.origin = origin
        self.partial = _NOTHING
        self._on_heard = on_heard
        self._outbox: deque[bytes | str] = deque([json.dumps(start)])
        self._news = asyncio.Event()
        self._news.set()
        self._numbers = itertools.count(1)
        self._wanted: dict[int, asyncio.Future[Transcript]] = {}
        self._task = asyncio.create_task(self._run(), name="remote recognition")

    @property
    def lost(self) -> bool:
        return self._task.done()

    def send(self, message: bytes | str) -> None:
        self._outbox.append(message)
        self._news.set()

    async def result(self, deadline_s: float, *, early: bool = False) -> Transcript:
        number = next(self._numbers)
        wanted: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
        self._wanted[number] = wanted
        asked = {"type": "result", "id": number, "deadline_ms": max(1, round(deadline_s * 1000))}
        if early:
            asked["early"] = True
        self.send(json.dumps(asked))
        try:
            either: list[asyncio.Future[Any]] = [wanted, self._task]
            async with asyncio.timeout(deadline_s):
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if wanted.done():
                return await wanted
            raise RecognitionFailedError(self._why())
        except TimeoutError:
            raise RecognitionFailedError(f"no result within {deadline_s:.2f} s") from None
        finally:
            del self._wanted[number]
            if not wanted.done():
                self.send(json.dumps({"type": "forget", "id": number}))

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _why(self) -> str:
        error = None if self._task.cancelled() else self._task.exception()
        return str(error) or type(error).__name__ if error else "the connection was closed"

    async def _run(self) -> None:
        async with self.origin.session.ws_connect("v1/recognition", heartbeat=5.0) as socket:
            sending = asyncio.create_task(self._send_all(socket))
            try:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        self._take(json.loads(message.data))
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def _send_all(self, socket: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._outbox:
                audio = bytearray()
                while self._outbox and isinstance(self._outbox[0], bytes):
                    audio += self._outbox.popleft()  # type: ignore[arg-type]
                if audio:
                    await socket.send_bytes(bytes(audio))
                while self._outbox and isinstance(self._outbox[0], str):
                    await socket.send_str(self._outbox.popleft())  # type: ignore[arg-type]

    def _take(self, message: Mapping[str, Any]) -> None:
        kind = message["type"]
        if kind == "partial":
            self.partial = _transcript(message, final=False)
            return
        wanted = self._wanted.get(message["id"]) if message["id"] is not None else None
        if kind == "failed" and message["id"] is None:
            raise RecognitionFailedError(message["reason"])
        if wanted is None or wanted.done():
            return
        if kind == "result":
            if heard := message.get("heard"):
                self._on_heard(Spoken(**heard))
            wanted.set_result(_transcript(message, final=True))
        else:
            error = _RefusedError if kind == "refused" else RecognitionFailedError
            wanted.set_exception(error(message["reason"]))


class RemoteStream:
    """One caller's speech; see :class:`stt.recogniser.RecognitionStream`."""

    def __init__(
        self,
        origins: Origins,
        start: Mapping[str, Any],
        evidence: LanguageEvidence | None,
        patience_s: float,
    ) -> None:
        self._origins = origins
        self._start = start
        self._evidence = evidence
        self._patience_s = patience_s
        self._utterance = Utterance(start["rate_hz"])
        self._said = object()  # what the evidence knows this utterance by
        self._line: _Line | None = self._open(origins.in_order()[0])
        self._closing: set[asyncio.Task[None]] = set()

    def feed(self, samples: Samples) -> None:
        """Keep it, and send it on."""
        self._utterance.add(samples)
        if self._line is not None and not self._line.lost:
            self._line.send(samples.astype("<i2").tobytes())

    @property
    def partial(self) -> Transcript:
        """The newest text that the server told of."""
        return self._line.partial if self._line is not None else _NOTHING

    async def early(self) -> Transcript | None:
        """The server's own, if it has time for it. Raises :class:`RecognitionFailedError` where it
        fails; the result is then asked of the next one."""
        line = self._line
        if line is None or line.lost:
            return None
        _, share_s = next(self._origins.shares(self._patience_s, line.origin))
        try:
            return await line.result(share_s, early=True)
        except _RefusedError:
            return None
        except RecognitionFailedError as failure:
            raise RecognitionFailedError(self._leave(line, failure)) from failure

    async def result(self) -> Transcript:
        """The text of all that was fed. Raises :class:`RecognitionFailedError`."""
        reasons: list[str] = []
        line = self._line
        for origin, share_s in self._origins.shares(
            self._patience_s, line.origin if line else None
        ):
            if line is None or line.origin is not origin:
                self._line = line = self._open(origin)
                line.send(self._utterance.whole().astype("<i2").tobytes())
            try:
                transcript = await line.result(share_s)
            except RecognitionFailedError as failure:
                reasons.append(self._leave(line, failure))
            else:
                origin.worked()
                return transcript
        raise RecognitionFailedError("; ".join(reasons))

    def reset(self) -> None:
        """Forget the utterance."""
        self._utterance.clear()
        self._said = object()
        if self._line is not None:
            self._line.partial = _NOTHING
            self._line.send(json.dumps({"type": "reset"}))

    async def close(self) -> None:
        """End the connection."""
        if self._line is not None:
            await self._line.close()
            self._line = None
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _open(self, origin: Origin) -> _Line:
        start = self._start
        if self._evidence is not None:
            start = {
                **start,
                "spoken": [asdict(each) for each in self._evidence.spoken(self._said)],
            }
        return _Line(origin, start, self._heard)

    def _heard(self, spoken: Spoken) -> None:
        if self._evidence is not None:
            self._evidence.add(self._said, spoken)

    def _leave(self, line: _Line, failure: RecognitionFailedError) -> str:
        line.origin.failed()
        if line is self._line:
            self._line = None
        task = asyncio.create_task(line.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return f"{line.origin.name}: {failure}"


class RemoteRecogniser:
    """Implements :class:`stt.recogniser.Recogniser`; ``patience_s`` for each result."""

    name = "remote"
    best_hz = WIDE_HZ

    def __init__(self, origins: Origins, *, patience_s: float) -> None:
        self._origins = origins
        self._patience_s = patience_s

    def stream(self, language: str, hints: Hints, rate_hz: int = TELEPHONE_HZ) -> RemoteStream:
        """A new stream; whether the server knows the language is told with the result."""
        start = {
            "type": "start",
            "language": language,
            "rate_hz": rate_hz,
            "phrases": list(hints.phrases),
            "boost": hints.boost,
            "just_said": hints.just_said,
            "priority": "background" if is_in_background() else "live",
        }
        return RemoteStream(self._origins, start, hints.evidence, self._patience_s)

    async def close(self) -> None:
        """End all connections."""
        with suppress(aiohttp.ClientError):
            await self._origins.close()


def _transcript(message: Mapping[str, Any], *, final: bool) -> Transcript:
    return Transcript(
        message["text"],
        message["confidence"],
        final,
        tuple(Word(**each) for each in message["words"]),
        message.get("settled", 0),
        message.get("heard_ms", 0),
        message.get("language"),
        message.get("language_probability"),
    )
