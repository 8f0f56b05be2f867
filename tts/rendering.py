"""One prompt being made, listened to by everyone who wants it at that moment."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from tts.cache import PromptCache, PromptKey
from tts.engine import Makeshift, SynthesisError, TtsEngine, another_take, is_in_background
from tts.gate import QualityGate

_CANCELLED = "the synthesis was cancelled"


class Rendering:
    """Finds a prompt on disk or makes it, while any number of listeners take it as it comes.

    It ends by itself, or when its last listener leaves; only a whole prompt enters the cache, and
    none that was made by a stand-in. With a ``gate`` only a good take does: what is made ahead is
    given out once there is one, and what a caller hears is made again where it was none.
    """

    def __init__(
        self,
        key: PromptKey,
        engine: TtsEngine,
        cache: PromptCache,
        ended: Callable[["Rendering"], None],
        gate: QualityGate | None = None,
    ) -> None:
        self.key = key
        self.listeners = 0
        self.waits_for_calls = is_in_background()
        """Whether nobody on the line wanted it when it began."""
        self._engine = engine
        self._cache = cache
        self._ended = ended
        self._gate = gate
        self._is_kept = False
        self._chunks: list[bytes] = []
        self._over = False
        self._failure: SynthesisError | None = None
        self._news = asyncio.Event()
        self.task = asyncio.create_task(self._run(), name=f"render {key.text[:30]}")
        self.task.add_done_callback(self._settle)

    @property
    def has_sound(self) -> bool:
        """Whether its first piece is there."""
        return bool(self._chunks)

    async def listen(self) -> AsyncGenerator[bytes, None]:
        """Everything from the start. The listener was counted by who gave the rendering out."""
        try:
            position = 0
            while True:
                while position < len(self._chunks):
                    position += 1
                    yield self._chunks[position - 1]
                if self._over:
                    break
                await self._news.wait()
            if self._failure is not None:
                raise self._failure
        finally:
            self.leave()

    def leave(self) -> None:
        """One listener fewer; after the last one the work stops."""
        self.listeners -= 1
        if self.listeners == 0:
            self.give_up()

    def give_up(self) -> None:
        """Stop the work, unless the prompt is made and only on its way to the disk."""
        if not self._over:
            self._ended(self)
            self.task.cancel()

    def abandon(self) -> None:
        """Stop the work, also what is done for later calls; what is being kept, is."""
        if not self._is_kept:
            self._ended(self)
            self.task.cancel()

    def _settle(self, _task: "asyncio.Task[None]") -> None:
        if not self._over:  # cancelled before its first step
            self._failure = SynthesisError(_CANCELLED)
            self._finish()
        self._ended(self)

    async def _run(self) -> None:
        try:
            await self._make()
        except SynthesisError as failure:
            self._fail(failure)
        except asyncio.CancelledError:
            self._fail(SynthesisError(_CANCELLED))
            raise
        except BaseException as defect:
            self._fail(SynthesisError(f"the engine failed: {defect!r}"))
            raise
        finally:
            self._finish()

    def _fail(self, reason: SynthesisError) -> None:
        """Tell the listeners, unless they have heard all of it: what failed was for later."""
        if not self._over:
            self._failure = reason

    async def _make(self) -> None:
        kept = await self._cache.find(self.key)
        if kept is not None:
            self._add(kept)
            return
        async with self._cache.making(self.key) as made_elsewhere:
            if made_elsewhere is not None:
                self._add(made_elsewhere)
            else:
                await self._synthesise()

    async def _synthesise(self) -> None:
        if self._gate is not None and self.waits_for_calls:
            self._add(await self._gate.best(self.key, self._engine))
        else:
            with another_take(self._gate.next_take(self.key) if self._gate else 0):
                await self._stream()
        audio = b"".join(self._chunks)
        if not audio:
            raise SynthesisError(f"the engine made no sound of {self.key.text[:40]!r}")
        if any(isinstance(chunk, Makeshift) for chunk in self._chunks):
            self._ended(self)  # the next one who asks may hear the real engine
            self._finish()
            return
        self._finish()
        if self._gate is not None and not self.waits_for_calls:
            audio = await self._good(self._gate, audio)
        self._is_kept = True
        await self._cache.store(self.key, audio)

    async def _stream(self) -> None:
        async with aclosing(self._engine.synthesise(self.key.text, self.key.voice)) as chunks:
            async for chunk in chunks:
                self._add(chunk)

    async def _good(self, gate: QualityGate, audio: bytes) -> bytes:
        """What was heard if it is a good take, or else one that is."""
        if await gate.passes(self.key, audio):
            return audio
        self._ended(self)  # whoever asks meanwhile hears another take
        better = await gate.best(self.key, self._engine)
        if isinstance(better, Makeshift):
            raise SynthesisError("the engine is away")
        return better

    def _add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._tell()

    def _finish(self) -> None:
        self._over = True
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
