"""The seam between a conversation and whatever turns text into speech."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from tts.profiles import DEFAULT_PROFILE, PROFILES, ProfileName

OUTPUT_RATE_HZ = 8000
"""The telephone's rate, AudioSocket kind 0x10: what an engine delivers unless asked for more."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How a text is to sound.

    ``version`` changes whenever the same text would sound different, so that caches notice.
    ``speed`` is a factor on the voice's natural speed, ``pitch`` 0..1 with 0.5 as the default.
    ``rate_hz`` is that of the line it is heard on: 8000 or 16000. ``latents`` are those of a
    cloned voice (:mod:`tts.cloning`) where an engine needs them; ``version`` stands for them.
    """

    engine: str
    name: str
    language: str
    version: str = "1"
    speed: float = 1.0
    pitch: float = 0.5
    rate_hz: int = OUTPUT_RATE_HZ
    profile: ProfileName = DEFAULT_PROFILE
    latents: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def pace(self) -> float:
        """The speed as its profile has it; for engines that know nothing else of profiles."""
        return self.speed * PROFILES[self.profile].speed

    @property
    def bytes_per_ms(self) -> int:
        """Of the slin that it is delivered as."""
        return self.rate_hz * 2 // 1000


class SynthesisError(Exception):
    """The engine could not speak a text; the message says why in one sentence."""


class EngineBusyError(SynthesisError):
    """The engine is well, and has no place for this text in time."""


class RefusedTextError(SynthesisError):
    """The engine will not speak this text with this voice, however often it is asked."""


class OnlyAheadError(SynthesisError):
    """The engine is well, and too slow for a call: it makes prompts ahead."""


class VoiceGoneError(RefusedTextError):
    """The engine is well; this voice was revoked, and must not speak."""


class UnknownVoiceError(RefusedTextError):
    """The engine is well, and has no such voice."""


class Makeshift(bytes):
    """A chunk from an ``engine`` that stands in for another: heard now, and not to be kept."""

    engine: str

    def __new__(cls, sound: bytes, engine: str) -> "Makeshift":
        """``engine`` is its step's name on the ladder."""
        chunk = super().__new__(cls, sound)
        chunk.engine = engine
        return chunk


_in_background: ContextVar[bool] = ContextVar("in_background", default=False)


@contextmanager
def in_background() -> Iterator[None]:
    """Whatever is synthesised from here waits while a call waits, at an engine that many share."""
    token = _in_background.set(True)
    try:
        yield
    finally:
        _in_background.reset(token)


def is_in_background() -> bool:
    """Whether nobody on the line waits for what is being synthesised here."""
    return _in_background.get()


_take: ContextVar[int] = ContextVar("take", default=0)


@contextmanager
def another_take(number: int) -> Iterator[None]:
    """An engine that samples says a text the same way each time, and from here in another way for
    each ``number`` but 0."""
    token = _take.set(number)
    try:
        yield
    finally:
        _take.reset(token)


def take_number() -> int:
    """Which take is wanted of what is synthesised here."""
    return _take.get()


_stepping_down: ContextVar[bool] = ContextVar("stepping_down", default=False)


@contextmanager
def stepping_down() -> Iterator[None]:
    """A ladder of engines passes its best one over for what is synthesised from here."""
    token = _stepping_down.set(True)
    try:
        yield
    finally:
        _stepping_down.reset(token)


def is_stepping_down() -> bool:
    """Whether the best engine is to be passed over here."""
    return _stepping_down.get()


@runtime_checkable
class Crowded(Protocol):
    """An engine that knows how many texts it speaks at once; asked after its start."""

    @property
    def at_once(self) -> int:
        """More of them wait."""


@runtime_checkable
class Cast(Protocol):
    """An engine that knows whom it can speak as; asked after its start."""

    @property
    def voices(self) -> Sequence[str]:
        """Names of voices that a request may give."""


class TtsEngine(Protocol):
    """A text-to-speech engine that serves many calls at once."""

    name: str

    async def start(self) -> str:
        """Be ready before the first call; a description for logs. It is not needed, only faster.

        Raises :class:`SynthesisError` with what to do where the engine cannot work here.
        """

    def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """Speak normalised ``text``: mono little-endian int16 at the voice's ``rate_hz``, in chunks
        as they are made.

        Closing the iterator early cancels the synthesis. Raises :class:`SynthesisError`.
        """

    async def close(self) -> None:
        """End helper processes and connections."""
