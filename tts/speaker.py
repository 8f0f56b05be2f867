"""What a conversation speaks with: text in, slin out, from the prompt cache or the engine."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache, partial

from tts.cache import PromptCache, PromptKey
from tts.engine import Makeshift, SynthesisError, TtsEngine, Voice, in_background, is_in_background
from tts.gate import QualityGate
from tts.normalising import Normaliser, normaliser_for
from tts.rendering import Rendering
from tts.sentences import split_sentences

SENTENCE_PAUSE_MS = 220
"""Between sentences at natural speed: a breath, too short to be taken for the end of our turn."""

PART_PAUSE_MS = 40
"""Between parts of one sentence that were made apart."""

_PUNCTUATION = frozenset(",.!?:;")
_TEXTS_REMEMBERED = 2048
_WARM_PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Warmed:
    """What came of rendering ahead, in prompts (sentences); ``failed`` gives text and reason,
    ``stood_in`` the texts that another engine than the best one said, so that none is kept."""

    ready: int
    failed: tuple[tuple[str, str], ...] = ()
    stood_in: tuple[str, ...] = ()


class Speaker:
    """Speaks for many calls at once; texts are normalised, and cached sentence by sentence.

    ``normalisers`` chooses the normaliser for a voice's language. ``present`` gives the voice that
    speaks in place of one that may not any more; it is asked for each text. The speaker owns
    neither the engine nor the cache.
    """

    def __init__(
        self,
        engine: TtsEngine,
        cache: PromptCache,
        normalisers: Callable[[str], Normaliser] = normaliser_for,
        present: Callable[[Voice], Voice] = lambda voice: voice,
        gate: QualityGate | None = None,
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._normalisers = normalisers
        self._present = present
        self._gate = gate
        self._prompts = lru_cache(_TEXTS_REMEMBERED)(self._sentences)
        self._renderings: dict[PromptKey, Rendering] = {}
        self._making: set[Rendering] = set()
        self._live = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def cache(self) -> PromptCache:
        """For its counters."""
        return self._cache

    async def speak(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """Slin of ``text`` at the voice's rate, as it comes.

        Closing the iterator stops what it alone waited for. What is in memory comes without any
        wait. Raises :class:`tts.engine.SynthesisError`, also for a text that is empty or too long.
        """
        prompts = self._prompts(text, self._present(voice))
        async with aclosing(self._speak(prompts, _pause(SENTENCE_PAUSE_MS, voice))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def speak_parts(self, parts: Sequence[str], voice: Voice) -> AsyncGenerator[bytes, None]:
        """One sentence whose ``parts`` (fixed words, a name, a unit) are cached apart.

        A part that is not the last is spoken with the melody of an unfinished sentence.
        """
        voice = self._present(voice)
        prompts = [prompt for part in parts[:-1] for prompt in self._unfinished(part, voice)]
        prompts += [prompt for part in parts[-1:] for prompt in self._prompts(part, voice)]
        async with aclosing(self._speak(prompts, _pause(PART_PAUSE_MS, voice))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def warm(self, texts: Iterable[str], voice: Voice, *, at_once: int = 2) -> Warmed:
        """Have ``texts`` in the cache; each waits, within reason, while a call waits for speech.

        A text that cannot be spoken is reported, and the others are made all the same.
        """
        voice = self._present(voice)
        waiting = asyncio.Queue[str]()
        for text in texts:
            waiting.put_nowait(text)
        ready: list[int] = []
        failed: list[tuple[str, str]] = []
        stood_in: list[str] = []
        async with asyncio.TaskGroup() as tasks:
            for _ in range(at_once):
                tasks.create_task(self._warm_from(waiting, voice, ready, failed, stood_in))
        return Warmed(sum(ready), tuple(failed), tuple(stood_in))

    async def put_away(self, texts: Iterable[str], voice: Voice) -> None:
        """Hold what only one of many extensions says on disk alone, a millisecond away."""
        prompts = [prompt for text in texts for prompt in self._prompts(text, voice)]
        await self._cache.put_away(prompts)

    async def duration_ms(self, text: str, voice: Voice) -> int:
        """How long ``text`` takes to say; it is rendered if need be."""
        length_bytes = 0
        async for chunk in self.speak(text, voice):
            length_bytes += len(chunk)
        return length_bytes // voice.bytes_per_ms

    def known_duration_ms(self, text: str, voice: Voice) -> int | None:
        """How long ``text`` takes to say if all of it is in memory; never waits."""
        prompts = self._prompts(text, self._present(voice))
        lengths = [self._cache.holds(prompt) for prompt in prompts]
        known = [length for length in lengths if length is not None]
        if len(known) < len(prompts):
            return None
        pauses_bytes = (len(prompts) - 1) * len(_pause(SENTENCE_PAUSE_MS, voice))
        return (sum(known) + pauses_bytes) // voice.bytes_per_ms

    async def close(self) -> None:
        """Stop what is being made, whose listeners get :class:`tts.engine.SynthesisError`, and
        wait until what was made is on disk."""
        making = list(self._making)
        for rendering in making:
            rendering.abandon()
        if making:
            await asyncio.wait([rendering.task for rendering in making])

    def _sentences(self, text: str, voice: Voice) -> tuple[PromptKey, ...]:
        spoken = self._normalisers(voice.language).normalise(text)
        return tuple(PromptKey(voice, sentence) for sentence in split_sentences(spoken))

    def _unfinished(self, part: str, voice: Voice) -> tuple[PromptKey, ...]:
        *before, last = self._prompts(part, voice)
        text = last.text if last.text[-1:] in _PUNCTUATION else last.text + ","
        return (*before, PromptKey(voice, text))

    async def _speak(
        self, prompts: Sequence[PromptKey], pause: bytes
    ) -> AsyncGenerator[bytes, None]:
        """The next prompt is begun while this one is spoken."""
        ahead = self._take(prompts[0]) if prompts else None
        try:
            for following in (*prompts[1:], None):
                current, ahead = ahead, self._take(following) if following else None
                if isinstance(current, bytes):
                    yield current
                elif current is not None:
                    async with aclosing(self._listen(current)) as chunks:
                        async for chunk in chunks:
                            yield chunk
                if following:
                    yield pause
        finally:
            if isinstance(ahead, Rendering):
                ahead.leave()

    def _take(self, prompt: PromptKey) -> bytes | Rendering:
        """The whole prompt if it is in memory, or else a rendering that we listen to from now."""
        return self._cache.recall(prompt) or self._join(prompt)

    async def _listen(self, rendering: Rendering) -> AsyncGenerator[bytes, None]:
        self._live += 1
        self._quiet.clear()
        try:
            async with aclosing(rendering.listen()) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self._live -= 1
            if self._live == 0:
                self._quiet.set()

    def _join(self, prompt: PromptKey) -> Rendering:
        rendering = self._renderings.get(prompt)
        if rendering is None or _would_keep_a_caller_waiting(rendering):
            rendering = Rendering(prompt, self._engine, self._cache, self._forget, self._gate)
            self._renderings[prompt] = rendering
            self._making.add(rendering)
            rendering.task.add_done_callback(partial(self._done, rendering))
        rendering.listeners += 1
        return rendering

    def _forget(self, rendering: Rendering) -> None:
        if self._renderings.get(rendering.key) is rendering:
            del self._renderings[rendering.key]

    def _done(self, rendering: Rendering, _task: "asyncio.Task[None]") -> None:
        self._making.discard(rendering)

    async def _warm_from(
        self,
        waiting: asyncio.Queue[str],
        voice: Voice,
        ready: list[int],
        failed: list[tuple[str, str]],
        stood_in: list[str],
    ) -> None:
        while not waiting.empty():
            text = waiting.get_nowait()
            try:
                kept = [await self._warm_one(prompt) for prompt in self._prompts(text, voice)]
                ready.append(len(kept))
                if not all(kept):
                    stood_in.append(text)
            except SynthesisError as reason:
                failed.append((text, str(reason)))

    async def _warm_one(self, prompt: PromptKey) -> bool:
        """Whether the best engine said it."""
        if self._cache.holds(prompt) is not None:
            return True
        try:
            async with asyncio.timeout(_WARM_PATIENCE_S):
                await self._quiet.wait()
        except TimeoutError:
            pass  # calls never stop asking: take a turn among them
        with in_background():
            rendering = self._join(prompt)
        kept = True
        async with aclosing(rendering.listen()) as chunks:
            async for chunk in chunks:
                kept = kept and not isinstance(chunk, Makeshift)
        return kept


def _would_keep_a_caller_waiting(rendering: Rendering) -> bool:
    """An engine may make others wait for calls: what a call wants now is asked for anew."""
    return rendering.waits_for_calls and not rendering.has_sound and not is_in_background()


def _pause(natural_ms: int, voice: Voice) -> bytes:
    return bytes(round(natural_ms / voice.pace) * voice.bytes_per_ms)
