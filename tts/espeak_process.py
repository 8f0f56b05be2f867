"""The parent's side of the helper process: one instance is one life of it."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tts.engine import RefusedTextError, SynthesisError
from tts.espeak_messages import (
    HEADER,
    LONGEST_PAYLOAD_BYTES,
    Cancel,
    FrameKind,
    PhonemesRequest,
    Request,
    encode_request,
)
from tts.going_last import go_last

START_DEADLINE_S = 15.0
"""From fork to HELLO: 0.2 s on an idle machine, more where every core is taken."""

_CLOSE_DEADLINE_S = 1.0
_PACKAGES = Path(__file__).resolve().parent.parent


class WorkerLostError(Exception):
    """The helper process ended, or had to be ended, before a request was answered."""


class WorkerUnusableError(SynthesisError):
    """espeak-ng is not installed; trying again is of no use."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a helper that owes an answer may say nothing to anybody (it makes a second of
    speech in milliseconds: it hangs), and how long a request may wait for its next piece."""

    mute_s: float = 5.0
    deadline_s: float = 20.0


_Answer = bytes | SynthesisError | WorkerLostError | None


class EspeakProcess:
    """A running helper. Made by :meth:`start`; :attr:`lost` once it can answer no more."""

    def __init__(self, process: asyncio.subprocess.Process, description: str) -> None:
        self._process = process
        self._answers: dict[int, asyncio.Queue[_Answer]] = {}
        self._reading = asyncio.create_task(self._read(), name="espeak answers")
        self._heard_at = time.monotonic()
        self.description = description
        self.lost = False

    @classmethod
    async def start(cls, deadline_s: float = START_DEADLINE_S, *, goes_last: bool = False) -> Self:
        """Start the helper and wait until it can speak; see :mod:`tts.going_last`.

        Raises :class:`WorkerUnusableError` without espeak-ng, :class:`WorkerLostError` otherwise.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tts.espeak_worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_environment(),
        )
        try:
            async with asyncio.timeout(deadline_s):
                started = cls(process, await _greeting(process))
            if goes_last:  # its main thread, which speaks; its start is as quick as any
                go_last(process.pid)
            return started
        except BaseException as failure:
            _kill(process)
            await process.wait()
            if isinstance(failure, TimeoutError | asyncio.IncompleteReadError | OSError):
                raise WorkerLostError("the espeak-ng helper did not start") from failure
            raise

    @property
    def pid(self) -> int:
        """Of the helper process."""
        return self._process.pid

    async def answer(
        self, request: Request | PhonemesRequest, patience: Patience
    ) -> AsyncGenerator[bytes, None]:
        """The audio, or the phonemes, for ``request``; closing the iterator cancels it.

        Raises :class:`WorkerLostError` when the helper dies, or is mute for too long (then it is
        killed), :class:`SynthesisError` when espeak-ng refuses or takes too long.
        """
        answers: asyncio.Queue[_Answer] = asyncio.Queue()
        self._answers[request.number] = answers
        finished = False
        try:
            self._send(request)
            while True:
                answer = await self._next(answers, patience)
                if not isinstance(answer, bytes):
                    finished = True
                    if answer is not None:
                        raise answer
                    return
                yield answer
        finally:
            del self._answers[request.number]
            if not finished and self._can_send:
                self._send(Cancel(request.number))

    async def close(self) -> None:
        """End the helper; what it was still to answer is lost."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_CLOSE_DEADLINE_S):
                await self._process.wait()
        except TimeoutError:
            _kill(self._process)
            await self._process.wait()
        await self._reading

    @property
    def _can_send(self) -> bool:
        to_helper = self._process.stdin
        return not self.lost and to_helper is not None and not to_helper.is_closing()

    def _send(self, message: Request | PhonemesRequest | Cancel) -> None:
        if not self._can_send:
            raise WorkerLostError("the espeak-ng helper has ended")
        assert self._process.stdin is not None
        self._process.stdin.write(encode_request(message))

    async def _next(self, answers: asyncio.Queue[_Answer], patience: Patience) -> _Answer:
        since = time.monotonic()
        while answers.empty():
            quiet_since = max(since, self._heard_at)
            until = min(quiet_since + patience.mute_s, since + patience.deadline_s)
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    return await answers.get()
            except TimeoutError:
                self._judge(since, quiet_since, patience)
        return answers.get_nowait()

    def _judge(self, since: float, quiet_since: float, patience: Patience) -> None:
        """No answer in time: the helper hangs, or has too much to do, or spoke just now."""
        if time.monotonic() - since >= patience.deadline_s:
            raise SynthesisError(f"espeak-ng gave no answer within {patience.deadline_s:g} s")
        if quiet_since >= max(since, self._heard_at):
            self._lose(f"it was mute for {patience.mute_s:g} s")

    async def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                number, kind, payload = await _frame(self._process.stdout)
                self._heard_at = time.monotonic()
                if number in self._answers:
                    self._answers[number].put_nowait(_meaning(kind, payload))
        except (asyncio.IncompleteReadError, OSError, ValueError) as end:
            self._lose(str(end))

    def _lose(self, reason: str) -> None:
        if self.lost:
            return
        self.lost = True
        _kill(self._process)
        for answers in self._answers.values():
            answers.put_nowait(WorkerLostError(f"the espeak-ng helper was lost: {reason}"))


def _environment() -> dict[str, str]:
    """Ours, able to import this package from anywhere; one thread, for its arrays are small."""
    path = os.pathsep.join(filter(None, [str(_PACKAGES), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


async def _greeting(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    _, kind, payload = await _frame(process.stdout)
    if kind is FrameKind.UNUSABLE:
        raise WorkerUnusableError(payload.decode())
    return payload.decode()


async def _frame(source: asyncio.StreamReader) -> tuple[int, FrameKind, bytes]:
    number, kind, length = HEADER.unpack(await source.readexactly(HEADER.size))
    if length > LONGEST_PAYLOAD_BYTES:
        raise ValueError(f"a frame of {length} bytes")
    return number, FrameKind(kind), await source.readexactly(length) if length else b""


def _meaning(kind: FrameKind, payload: bytes) -> _Answer:
    if kind in (FrameKind.AUDIO, FrameKind.PHONEMES):
        return payload
    return RefusedTextError(payload.decode()) if kind is FrameKind.FAILED else None


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        try:
            process.kill()
        except ProcessLookupError:
            return  # it ended by itself in this moment
