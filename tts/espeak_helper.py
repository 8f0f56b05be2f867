"""A place for one helper process: starts it when it is needed, and again after it died."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from tts.engine import SynthesisError
from tts.espeak_messages import PhonemesRequest, Request
from tts.espeak_process import EspeakProcess, Patience


class EspeakHelper:
    """``started`` is called at every start. ``waiting`` counts the requests not yet answered."""

    def __init__(self, started: Callable[[], None], *, goes_last: bool = False) -> None:
        self.waiting = 0
        self._started = started
        self._goes_last = goes_last
        self._process: EspeakProcess | None = None
        self._changing = asyncio.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process's id while one runs."""
        return None if self._process is None or self._process.lost else self._process.pid

    async def start(self) -> EspeakProcess:
        """The running process, started if need be.

        Raises :class:`tts.espeak_process.WorkerLostError`, or
        :class:`tts.engine.SynthesisError` without espeak-ng and after :meth:`close`.
        """
        if self._process is not None and not self._process.lost:
            return self._process
        async with self._changing:
            if self._closed:
                raise SynthesisError("the espeak-ng engine is closed")
            if self._process is None or self._process.lost:
                await self._end()
                self._process = await EspeakProcess.start(goes_last=self._goes_last)
                self._started()
            return self._process

    async def answer(
        self, request: Request | PhonemesRequest, patience: Patience
    ) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.espeak_process.EspeakProcess.answer`."""
        self.waiting += 1
        try:
            process = await self.start()
            async with aclosing(process.answer(request, patience)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self.waiting -= 1

    async def close(self) -> None:
        """End the process for good."""
        self._closed = True
        async with self._changing:
            await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.close()
