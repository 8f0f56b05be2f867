"""Prompts of an extension made before anybody calls: what it says first, then all the rest."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import structlog

from conversation.texts.catalogue import Texts
from conversation.tones import at_rate, ringback, waiting_chime
from supervisor.calls import Shared
from supervisor.rules import ExtensionProblem
from tts.engine import Voice
from tts.espeak import ENGINE as ESPEAK
from tts.speaker import Speaker

FIRST_PROMPTS: Final = 3
"""The greetings of the three parts of the day: what a flow names first, it says first."""
NAMES_AT_ONCE: Final = 50
"""They pass through the memory on their way to the disk, and are not to fill it."""

AGAIN_S: Final = 30.0
"""After which prompts that another engine had to say are tried again."""

_log = structlog.get_logger(__name__)

Prompt = tuple[str, Mapping[str, str]]
"""A text's key, and values that are known before any call."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What an extension says in one language. ``names`` gives what is said of one unit each, which
    may be endless; ``voices`` are those of each line's rate, the visitor's first."""

    texts: Texts
    prompts: Sequence[Prompt]
    names: Callable[[], Iterable[Prompt]]
    voices: Sequence[Voice]

    def said(self, prompts: Iterable[Prompt]) -> Iterator[str]:
        """Every variant of these."""
        for key, values in prompts:
            yield from self.texts.enumerate(key, values)


async def warm(shared: Shared, speaker: Speaker, ahead: Sequence[Ahead], *, name: str) -> None:
    """Have the prompts that every call begins with in memory now, and the others soon; ``ahead``
    has the extension's own language first.

    The first call may come at once: it does not wait for the rest. Raises ``ExtensionProblem``
    if not one of the greetings can be spoken.
    """
    first = list(ahead[0].said(ahead[0].prompts[:FIRST_PROMPTS]))
    greetings = await speaker.warm(first, ahead[0].voices[0])
    if greetings.failed and not greetings.ready:
        raise ExtensionProblem(f"it cannot speak: {greetings.failed[0][1]}: correct its voice")
    most = shared.settings.tts.cache.names
    rest = warm_rest(speaker, ahead, name=name, most_names=most)
    shared.errands.start(rest, "warm prompts")


async def warm_rest(
    speaker: Speaker, ahead: Sequence[Ahead], *, name: str, most_names: int
) -> None:
    """What this extension alone says, and other languages than its own, are on disk until somebody
    needs them. Each language is whole, names of units and all, before the next begins. Whatever
    another engine had to say is made once the best one is there, which may load for a minute."""
    left: list[_Left] = []
    for each in ahead:
        texts = list(each.said(each.prompts))
        seldom = [text for text in texts if name in text or each is not ahead[0]]
        for voice in each.voices:
            for sound in (ringback(), waiting_chime()):
                at_rate(sound, voice.rate_hz)
            left.append(await _warm_texts(speaker, texts, seldom, voice))
        for voice in each.voices:
            if voice.engine != ESPEAK:  # which says a name sooner than a disk finds it
                names = islice(each.said(each.names()), most_names)
                while some := list(islice(names, NAMES_AT_ONCE)):
                    left.append(await _warm_texts(speaker, some, some, voice))
    while left := [each for each in left if each.texts]:
        await asyncio.sleep(AGAIN_S)
        left = [await _once_more(speaker, each) for each in left]


@dataclass(frozen=True, slots=True)
class _Left:
    """Texts that the best engine has not said yet."""

    texts: Sequence[str]
    seldom: Sequence[str]
    voice: Voice


async def _once_more(speaker: Speaker, left: _Left) -> _Left:
    """One text tells whether the engine is there."""
    tried = await speaker.warm(left.texts[:1], left.voice)
    if tried.stood_in:
        return left
    return await _warm_texts(speaker, left.texts, left.seldom, left.voice)


async def _warm_texts(
    speaker: Speaker, texts: Sequence[str], seldom: Sequence[str], voice: Voice
) -> _Left:
    warmed = await speaker.warm(texts, voice)
    await speaker.put_away(seldom, voice)
    known = {"rate_hz": voice.rate_hz, "language": voice.language, "prompts": warmed.ready}
    counts = {"failed": len(warmed.failed), "stood_in": len(warmed.stood_in)}
    _log.info("prompts.ready", **known, **counts)
    if warmed.failed:
        text, reason = warmed.failed[0]
        _log.warning("prompts.failed", count=len(warmed.failed), first=text, reason=reason)
    return _Left(warmed.stood_in, seldom, voice)
