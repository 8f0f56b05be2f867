"""What may enter the prompt cache: a take that passes, or else another one."""

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, Protocol

from tts.cache import PromptKey
from tts.engine import (
    Makeshift,
    SynthesisError,
    TtsEngine,
    Voice,
    another_take,
    in_background,
    stepping_down,
)
from tts.normalising import Normaliser, normaliser_for
from tts.quality import Fault, fault_in, says

TAKES: Final = 3
READING_S: Final = 15.0
REMEMBERED: Final = 4096

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """Who reads a take back: a recogniser, asked when nobody else needs it."""

    async def hear(self, slin: bytes, voice: Voice) -> str | None:
        """The words in ``slin``, at the voice's rate; None where it cannot tell now."""


@dataclass(slots=True)
class TakeCounters:
    """Since the gate was made; ``rejected`` by fault, ``given_up`` are prompts without a take."""

    accepted: int = 0
    rejected: Counter[Fault] = field(default_factory=Counter)
    read_back: int = 0
    stepped_down: int = 0
    given_up: int = 0


class QualityGate:
    """Judges takes of an engine that samples, and knows which of a prompt's were no good.

    After ``takes`` bad ones the next engine of the ladder says the prompt. Without a ``listener``
    takes are judged by their sound alone.
    """

    def __init__(
        self,
        listener: Listener | None = None,
        *,
        takes: int = TAKES,
        normalisers: Callable[[str], Normaliser] = normaliser_for,
    ) -> None:
        self.counters = TakeCounters()
        self._listener = listener
        self._takes = takes
        self._normalisers = normalisers
        self._bad = OrderedDict[PromptKey, int]()

    def next_take(self, key: PromptKey) -> int:
        """The number of the take that is worth trying: those before it were bad."""
        return self._bad.get(key, 0)

    async def passes(self, key: PromptKey, audio: bytes) -> bool:
        """Whether the take that :meth:`next_take` named is good; if not, another one is next."""
        fault = await self._fault(key, audio)
        if fault is None:
            self.counters.accepted += 1
            return True
        self.counters.rejected[fault] += 1
        self._bad[key] = self.next_take(key) + 1
        self._bad.move_to_end(key)
        if len(self._bad) > REMEMBERED:
            self._bad.popitem(last=False)
        _log.info("A take of %r is not kept: %s", key.text[:40], fault)
        return False

    async def best(self, key: PromptKey, engine: TtsEngine) -> bytes:
        """A good take, made beside the calls; :class:`~tts.engine.Makeshift` where the engine is
        away. Raises :class:`~tts.engine.SynthesisError` where there is none."""
        with in_background():
            while (number := self.next_take(key)) < self._takes:
                with another_take(number):
                    audio = await _whole(engine, key)
                if isinstance(audio, Makeshift) or await self.passes(key, audio):
                    return audio
            with stepping_down():
                audio = await _whole(engine, key)
        if isinstance(audio, Makeshift) and fault_in(audio, key.text, key.voice) is None:
            self.counters.stepped_down += 1
            return bytes(audio)
        self.counters.given_up += 1
        raise SynthesisError(f"no take of {key.text[:40]!r} was good enough to be kept")

    async def _fault(self, key: PromptKey, audio: bytes) -> Fault | None:
        fault = await asyncio.to_thread(fault_in, audio, key.text, key.voice)
        if fault is not None or self._listener is None:
            return fault
        try:
            async with asyncio.timeout(READING_S):
                with in_background():
                    heard = await self._listener.hear(audio, key.voice)
        except TimeoutError:
            return None
        if heard is None:
            return None
        self.counters.read_back += 1
        told = self._normalisers(key.voice.language).normalise(heard) if heard.strip() else ""
        return None if says(key.text, told) else Fault.WORDS


async def _whole(engine: TtsEngine, key: PromptKey) -> bytes:
    """All of a take; Makeshift if any of it is."""
    chunks = []
    async with aclosing(engine.synthesise(key.text, key.voice)) as made:
        async for chunk in made:
            chunks.append(chunk)  # noqa: PERF401 - closed in time this way
    audio = b"".join(chunks)
    if not audio:
        raise SynthesisError(f"the engine made no sound of {key.text[:40]!r}")
    stand_ins = [each.engine for each in chunks if isinstance(each, Makeshift)]
    return Makeshift(audio, stand_ins[0]) if stand_ins else audio
