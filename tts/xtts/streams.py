"""Many streams, two threads: one computes audio tokens for all of them, one makes them sound."""

import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import torch

from tts.engine import SynthesisError
from tts.profiles import QualityProfile
from tts.xtts.batch import Batch, Line
from tts.xtts.memory import Patience
from tts.xtts.sampling import Sampler
from tts.xtts.transformer import Transformer
from tts.xtts.vocoder import Floats, Utterance, Vocoder, Window

CLOSE_LIMIT_S: Final = 10.0
CLOSED: Final = "it was closed"
PREFIX_MARK: Final = 1
"""What coqui-tts has in place of prefix tokens; the repetition penalty counts it as said."""

_log = logging.getLogger(__name__)
Heard = Callable[[Floats | SynthesisError | None], None]
"""Told each piece of sound (float32, 24 kHz), then None; or an error, and nothing more."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What is to be said: ``text`` in the model's tokens, a voice as tensors on its device."""

    text: Sequence[int]
    conditioning: torch.Tensor
    speaker: torch.Tensor
    profile: QualityProfile
    seed: int
    most_tokens: int
    stretch: float = 1.0


@dataclass(slots=True, eq=False)
class Stream:
    """An order that is being said."""

    order: Order
    heard: Heard
    number: int
    utterance: Utterance
    left: "Callable[[Stream], None]"
    """Told once nobody listens any more."""
    unheard: int = 0
    """Tokens since the last chunk."""
    chunks: int = 0
    is_cancelled: bool = False
    has_failed: bool = False
    line: Line | None = None

    def cancel(self) -> None:
        """No token of it is computed any more, but for one that may be under way."""
        self.is_cancelled = True
        self.left(self)

    @property
    def is_gone(self) -> bool:
        """Whether nobody listens any more."""
        return self.is_cancelled or self.has_failed

    @property
    def is_due(self) -> bool:
        """Whether it is time for a chunk: a small one first."""
        profile = self.order.profile
        size = profile.chunk_tokens if self.chunks else profile.first_chunk_tokens
        return self.unheard >= size


@dataclass(slots=True)
class StreamCounters:
    """Since the start."""

    streams: int = 0
    tokens: int = 0
    cancelled: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Sounds:
    """Windows that wait for the vocoder."""

    waiting: list[tuple[int, int, Stream, Window]] = field(default_factory=list)

    def add(self, stream: Stream, window: Window, number: int) -> None:
        """First chunks go before others: somebody waits for them in silence."""
        self.waiting.append((min(stream.chunks, 1), number, stream, window))

    def take(self, most: int) -> list[tuple[Stream, Window]]:
        """The next one, and others of its length."""
        self.waiting = [each for each in self.waiting if not each[2].is_gone]
        self.waiting.sort(key=lambda each: each[:2])
        if not self.waiting:
            return []
        shape = self.waiting[0][3].frames.shape
        fit = [each for each in self.waiting if each[3].frames.shape == shape][:most]
        self.waiting = [each for each in self.waiting if each not in fit]
        return [(stream, window) for _, _, stream, window in fit]


class Streams:
    """Says orders, up to ``most`` at once; more wait for their turn.

    ``together`` lines share a pass of the GPT, ``sounding`` windows one of the vocoder.
    """

    def __init__(
        self,
        transformer: Transformer,
        vocoder: Vocoder,
        *,
        most: int,
        together: int | None = None,
        sounding: int = 1,
    ) -> None:
        self.counters = StreamCounters()
        self._closing = threading.Event()
        self.patience = Patience(self._closing)
        self._gpt, self._vocoder = transformer, vocoder
        self._batch = Batch(transformer, together, self.patience.attempt)
        self._most, self._sounding = most, sounding
        self._numbers = itertools.count()
        self._news = threading.Condition()
        self._waiting: list[Stream] = []
        self._open: set[Stream] = set()
        self._speaking: dict[Line, Stream] = {}
        self._sounds = _Sounds()
        names = {"xtts tokens": self._speak, "xtts sound": self._sound}
        self._threads = [
            threading.Thread(target=run, name=name, daemon=True) for name, run in names.items()
        ]
        for thread in self._threads:
            thread.start()

    def say(self, order: Order, heard: Heard) -> Stream:
        """Begin; ``heard`` is called by a thread of ours."""
        utterance = Utterance(order.speaker, order.stretch)
        stream = Stream(order, heard, next(self._numbers), utterance, self._open.discard)
        with self._news:
            self.counters.streams += 1
            self._waiting.append(stream)
            self._open.add(stream)
            self._news.notify_all()
        if self._closing.is_set():
            self._fail([stream], RuntimeError(CLOSED))
        return stream

    def wait_until_idle(self) -> None:
        """Block until no token is computed for anybody."""
        with self._news:
            self._news.wait_for(lambda: not self._batch.lines and not self._waiting)

    def compute_together(self, most: int | None) -> None:
        """How many streams share a pass of the GPT from now on; all of them for None."""
        self._batch.together = most

    def close(self) -> None:
        """End the threads; what is being said breaks off."""
        self._closing.set()
        with self._news:
            self._news.notify_all()
        for thread in self._threads:
            thread.join(CLOSE_LIMIT_S)
        self._fail(list(self._open), RuntimeError(CLOSED))

    def _speak(self) -> None:
        with torch.inference_mode():
            while (arrived := self._next_turn()) is not None:
                try:
                    self._turn(arrived)
                except Exception as failed:
                    _log.exception("XTTS failed in the midst of its streams")
                    self._fail([*self._speaking.values(), *arrived], failed)

    def _next_turn(self) -> list[Stream] | None:
        """Streams that may begin now, once there is anything to do; None to end."""
        with self._news:
            self._batch.leave(self._is_over)
            self._speaking = {line: self._speaking[line] for line in self._batch.lines}
            while not self._closing.is_set():
                self._waiting = [each for each in self._waiting if not self._has_left(each)]
                room = self._most - len(self._batch.lines)
                arrived, self._waiting = self._waiting[:room], self._waiting[room:]
                if arrived or self._batch.lines:
                    return arrived
                self._news.notify_all()
                self._news.wait()
        return None

    def _turn(self, arrived: list[Stream]) -> None:
        """A token for each stream."""
        speaking = list(self._speaking.values())
        try:
            if speaking:
                for line, latent in self._batch.step():
                    self._said(line, latent)
        except torch.OutOfMemoryError as full:
            self._fail([max(speaking, key=lambda each: each.number)], full)
        try:
            for stream in arrived:
                stream.line = self._line(stream.order)
                self._speaking[stream.line] = stream
            for line, latent in self._batch.join([each.line for each in arrived if each.line]):
                self._said(line, latent)
        except torch.OutOfMemoryError as full:
            self._fail(arrived, full)

    def _line(self, order: Order) -> Line:
        said = (PREFIX_MARK, self._gpt.start_token)
        sampler = Sampler(order.profile, order.seed, self._gpt.codes, said)
        prefix = self._gpt.prefix(order.conditioning, order.text)
        return Line(prefix, sampler, min(order.most_tokens, self._gpt.most_tokens))

    def _said(self, line: Line, latent: torch.Tensor) -> None:
        stream = self._speaking[line]
        self.counters.tokens += 1
        stream.utterance.latents.append(latent)
        stream.unheard += 1
        if stream.is_gone or not (stream.is_due or line.is_over):
            return
        window = self._vocoder.window(stream.utterance, is_last=line.is_over)
        with self._news:
            self._sounds.add(stream, window, next(self._numbers))
            self._news.notify_all()
        stream.chunks, stream.unheard = stream.chunks + 1, 0

    def _is_over(self, line: Line) -> bool:
        return line.is_over or self._has_left(self._speaking[line])

    def _has_left(self, stream: Stream) -> bool:
        self.counters.cancelled += stream.is_cancelled
        return stream.is_gone

    def _fail(self, streams: Sequence[Stream], reason: BaseException) -> None:
        if isinstance(reason, torch.OutOfMemoryError):
            told = "XTTS ran out of memory: set engines.tts.xtts.streams lower"
        else:
            told = f"XTTS failed: {' '.join(str(reason).split())[:200] or type(reason).__name__}"
        for stream in streams:
            if not stream.is_gone:
                self.counters.failed += 1
                stream.has_failed = True
                self._open.discard(stream)
                error = SynthesisError(told)
                error.__cause__ = reason
                stream.heard(error)

    def _sound(self) -> None:
        with torch.inference_mode():
            while taken := self._next_sounds():
                try:
                    self._let_hear(taken)
                except Exception as failed:
                    _log.exception("XTTS's vocoder failed")
                    self._fail([stream for stream, _ in taken], failed)

    def _let_hear(self, taken: Sequence[tuple[Stream, Window]]) -> None:
        windows = [window for _, window in taken]
        sounds = self.patience.attempt(partial(self._vocoder.sound, windows))
        for (stream, window), sound in zip(taken, sounds, strict=True):
            stream.heard(sound)
            if window.is_last:
                self._open.discard(stream)
                stream.heard(None)

    def _next_sounds(self) -> list[tuple[Stream, Window]]:
        """Empty to end."""
        with self._news:
            while not self._closing.is_set():
                if taken := self._sounds.take(self._sounding):
                    return taken
                self._news.wait()
        return []
