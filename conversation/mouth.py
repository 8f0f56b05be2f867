"""What we say to one party: in order, interruptible, and known to the millisecond."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol

from audiosocket.playback import Clip, Playback
from conversation.phrases import phrase_start
from conversation.understanding import Expecting
from tts.engine import Makeshift, SynthesisError, Voice
from tts.speaker import Speaker

UNSPOKEN_MS = 10_000
"""What an utterance counts as, as long as its length is unknown: longer than any of ours."""


@dataclass(slots=True)
class Utterance:
    """One thing that we say: what, how much of it was heard, and when its first frame left."""

    text: str
    expecting: Expecting = Expecting.NOTHING
    interruptible: bool = True
    voice: Voice | None = None
    """Where it is not the mouth's own: words in another language."""
    held: bool = False
    """Waits for :meth:`Mouth.resume` before its first word, as if it had been paused."""
    last_speech_at: float | None = None
    """When the speech that this answers ended (monotonic), for the voice-to-voice latency."""
    started_at: float | None = None
    heard_ms: int = 0
    complete: bool = False
    interrupted: bool = False
    audio: bytearray = field(default_factory=bytearray, repr=False)
    engines: list[str] = field(default_factory=list)
    """Who spoke it, in order: more than one where an engine had to stand in for another."""

    @property
    def voice_to_voice_ms(self) -> int | None:
        """From the end of the speech that this answers to its own first frame."""
        if self.started_at is None or self.last_speech_at is None:
            return None
        return round((self.started_at - self.last_speech_at) * 1000)


class MouthListener(Protocol):
    """Who wants to know what became of what we said."""

    def utterance_started(self, utterance: Utterance) -> None:
        """Its first frame is on the wire."""

    def utterance_ended(self, utterance: Utterance) -> None:
        """It was heard to its end, or was interrupted for good."""

    def fell_silent(self) -> None:
        """Nothing is being said and nothing is waiting to be said."""

    def speech_failed(self, utterance: Utterance, reason: str) -> None:
        """The engine could not say it."""


class Mouth:
    """Speaks one utterance after another into a playback queue, whose rate is the voice's.

    An interruption is a question first: :meth:`pause` silences us within one tick, and then
    either :meth:`resume` goes on at the phrase where the caller stopped hearing, or :meth:`drop`
    gives up what was being said and everything behind it.
    """

    def __init__(
        self,
        playback: Playback,
        speaker: Speaker,
        voice: Voice,
        listener: MouthListener,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._playback = playback
        self._speaker = speaker
        self._voice = voice
        self._listener = listener
        self._waiting: deque[Utterance] = deque()
        self._current: Utterance | None = None
        self._verdict: asyncio.Future[bool] | None = None
        self._task: asyncio.Task[None] | None = None
        self._synthesis: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def speaking(self) -> Utterance | None:
        """What is being said now; ``None`` also while we are paused."""
        return None if self._verdict is not None else self._current

    @property
    def paused(self) -> Utterance | None:
        """What was interrupted and waits for its verdict."""
        return self._current if self._verdict is not None else None

    @property
    def silent(self) -> bool:
        """Nothing is being said, paused, or waiting to be said."""
        return self._task is None

    def unheard_ms(self) -> int:
        """How much of what we say is still to be heard. What has not begun, or is not known whole
        yet, counts :data:`UNSPOKEN_MS`: nobody can have heard it."""
        waiting_ms = UNSPOKEN_MS * len(self._waiting)
        current = self._current
        if current is None:
            return waiting_ms
        whole = self._synthesis is not None and self._synthesis.done()
        if current.started_at is None or not whole:
            return waiting_ms + UNSPOKEN_MS
        heard_ms = current.heard_ms  # up to the last pause; before the first one the clock tells
        if self._verdict is None and not heard_ms and current.started_at is not None:
            heard_ms = round((self._now() - current.started_at) * 1000)
        whole_ms = len(current.audio) // self._voice.bytes_per_ms
        return waiting_ms + max(0, whole_ms - heard_ms)

    def say(self, utterance: Utterance) -> None:
        """Say it after what is being said already. The first words leave at the next tick when
        they are in the prompt cache. After :meth:`close` nothing is said."""
        if self._closed:
            return
        self._waiting.append(utterance)
        if self._task is None:
            self._task = asyncio.create_task(self._speak_all(), name="mouth")
            self._task.add_done_callback(_report_crash)

    def pause(self) -> None:
        """Be silent from the next tick on, until :meth:`resume` or :meth:`drop`."""
        if self._current is not None and self._verdict is None:
            self._verdict = asyncio.get_running_loop().create_future()
            self._playback.flush()

    def resume(self) -> None:
        """Go on where the caller stopped hearing, at the start of that phrase."""
        self._decide(True)

    def drop(self) -> None:
        """Give up what was being said, and what waits behind it."""
        self._waiting.clear()
        if self._current is not None and self._verdict is None:
            self.pause()
        self._decide(False)

    async def drained(self) -> None:
        """Return when everything has been said, or given up."""
        while (task := self._task) is not None:
            await asyncio.wait([task])

    async def close(self) -> None:
        """Stop speaking at once; idempotent."""
        self._closed = True
        self._waiting.clear()
        self._playback.flush()
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.wait([task])

    def _decide(self, go_on: bool) -> None:
        if not go_on and self._synthesis is not None:
            self._synthesis.cancel()
        if self._verdict is not None and not self._verdict.done():
            self._verdict.set_result(go_on)

    async def _speak_all(self) -> None:
        try:
            while self._waiting:
                self._current = self._waiting.popleft()
                try:
                    await self._speak(self._current)
                except SynthesisError as error:
                    self._listener.speech_failed(self._current, str(error))
                self._listener.utterance_ended(self._current)
        finally:
            self._current = self._verdict = self._task = None
            if not self._closed:
                self._listener.fell_silent()

    async def _speak(self, utterance: Utterance) -> None:
        if utterance.held and not await self._next_verdict():
            utterance.interrupted = True
            return
        clip = self._playback.open_clip()
        self._synthesis = asyncio.create_task(self._synthesise(utterance, clip))
        try:
            await asyncio.wait([self._synthesis])
            if not self._synthesis.cancelled():
                self._synthesis.result()
            await self._hear_out(utterance, clip, start_ms=0)
            while self._verdict is not None:
                if not await self._next_verdict():
                    utterance.interrupted = not utterance.complete
                    return
                if not utterance.complete:
                    await self._say_rest(utterance)
        finally:
            await _end(self._synthesis)

    async def _next_verdict(self) -> bool:
        """Whether to go on, once somebody says."""
        if self._verdict is None:
            self._verdict = asyncio.get_running_loop().create_future()
        go_on = await self._verdict
        self._verdict = None
        return go_on

    async def _synthesise(self, utterance: Utterance, clip: Clip) -> None:
        clip.started.add_done_callback(lambda started: self._started(utterance, started))
        voice = replace(utterance.voice or self._voice, rate_hz=self._voice.rate_hz)
        try:
            async with aclosing(self._speaker.speak(utterance.text, voice)) as chunks:
                async for chunk in chunks:
                    utterance.audio += chunk
                    _note_engine(utterance, chunk, voice)
                    clip.write(chunk)
                    await clip.drain()
        finally:
            clip.end()  # an open clip would hold back everything behind it

    async def _say_rest(self, utterance: Utterance) -> None:
        per_ms = self._voice.bytes_per_ms
        start = phrase_start(utterance.audio, utterance.heard_ms * per_ms, 20 * per_ms)
        clip = self._playback.enqueue(bytes(utterance.audio[start:]))
        await self._hear_out(utterance, clip, start_ms=start // per_ms)

    async def _hear_out(self, utterance: Utterance, clip: Clip, start_ms: int) -> None:
        heard = await clip.done
        utterance.heard_ms = start_ms + round(heard.played_ms)
        utterance.complete = heard.complete

    def _started(self, utterance: Utterance, started: "asyncio.Future[float | None]") -> None:
        if not started.cancelled() and (at := started.result()) is not None:
            utterance.started_at = at
            self._listener.utterance_started(utterance)


def _note_engine(utterance: Utterance, chunk: bytes, voice: Voice) -> None:
    engine = chunk.engine if isinstance(chunk, Makeshift) else voice.engine
    if engine not in utterance.engines and any(chunk):  # a pause is nobody's
        utterance.engines.append(engine)


def _report_crash(task: "asyncio.Task[None]") -> None:
    """A defect in here must not pass in silence: hand it to the loop's handler."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler(
            {"message": "speaking ended by a defect", "exception": error, "task": task}
        )


async def _end(task: "asyncio.Task[None]") -> None:
    """Cancel a task and wait for it; what it raised was its awaiter's to see."""
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
