"""One caller's utterance: texts while it goes on, and one pass over all of it at its end."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import structlog

from stt.hallucinations import Told
from stt.recogniser import Hints, RecogniserBusyError, Transcript
from stt.whisper.agreement import Agreement
from stt.whisper.decoding import Decoded, Request, Samples
from stt.whisper.options import LONGEST_S

if TYPE_CHECKING:
    from stt.whisper.recogniser import WhisperRecogniser

SHORTEST_S = 0.1
"""Less audio than this holds no word, but Whisper would find some."""
_PARTIAL_PAUSE, _EARLY_PAUSE = 2.0, 1.0
"""After a pass its own time is waited so often before a partial text is begun, and before an early
one: a caller who speaks takes a third of a worker, and one who halts at every word half of one."""
_NOTHING = Transcript("", 0.0, final=False)
_log = structlog.get_logger(__name__)

Run: TypeAlias = Callable[[Request, float], Coroutine[Any, Any, Decoded]]


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """A spare pass under way, and what it hears: all of an utterance up to ``fed`` samples."""

    utterance: object
    fed: int
    task: "asyncio.Task[Transcript | None]"


class WhisperStream:
    """Fed and asked from the event loop. ``languages`` are the model's codes and their tags.

    Of the partial texts' words the first ``settled`` stay: see :mod:`stt.whisper.agreement`. Each
    text that is had before the end, partial, early or a result, is a hearing. A caller has one pass
    that anybody wants at most: a result that covers more gives up the one under way.
    """

    def __init__(
        self,
        engine: "WhisperRecogniser",
        languages: Mapping[str, str],
        hints: Hints,
        rate_hz: int,
    ) -> None:
        self._engine = engine
        self._rate_hz = rate_hz
        self._languages = languages
        self._evidence = hints.evidence
        self._phrases = hints.phrases if hints.boost > 0 else ()
        self._just_said = hints.just_said
        self._pass: _Pass | None = None
        self._closed = False
        self._start_over()

    def feed(self, samples: Samples) -> None:
        """Keep a copy of int16 mono samples at the stream's rate; the newest 30 s are kept."""
        self._audio.append(samples.copy())
        self._length += len(samples)
        self._unheard += len(samples)
        self._fed += len(samples)
        while self._length - len(self._audio[0]) >= LONGEST_S * self._rate_hz:
            self._length -= len(self._audio.pop(0))
        every_s = self._engine.options.partial_every_s
        if every_s and self._unheard >= every_s * self._rate_hz and not self._closed:
            self._begin_partial(every_s)

    @property
    def partial(self) -> Transcript:
        """The newest text of this utterance, or no text before there was one."""
        return self._partial

    async def early(self) -> Transcript | None:
        """The text of what was fed so far, begun only if there is a worker to spare; None also
        where partial texts are turned off."""
        if not self._engine.options.partial_every_s or self._closed:
            return None
        if not self._covers_all(self._pass):
            self._give_up()
            self._begin(_EARLY_PAUSE)
        if (begun := self._pass) is None:
            return None
        return await _outcome(begun, or_cancel=True)

    async def result(self) -> Transcript:
        """The text of what was fed so far, in one pass: that of one which is on its way if it
        covers the same. Raises :class:`~stt.recogniser.RecogniserBusyError` and, after
        ``deadline_s``, ``TimeoutError``."""
        utterance, fed, request = self._utterance, self._fed, self._request()
        if request is None:
            return Transcript("", 0.0, final=True)
        transcript = None
        if self._pass is not None and self._covers_all(self._pass):
            transcript = await _outcome(self._pass)
        if transcript is None:
            self._give_up()
            transcript = await self._recognise(self._engine.queue.run, request)
            self._take(utterance, fed, transcript)
        self._engine.counters.results += 1
        return transcript

    def reset(self) -> None:
        """Forget the utterance; a pass under way is given up."""
        self._give_up()
        self._start_over()

    async def close(self) -> None:
        """Forget everything; what a thread computes for it ends at its next step."""
        self._closed = True
        under_way = self._pass
        self.reset()
        if under_way is not None:
            await asyncio.wait([under_way.task])

    def _start_over(self) -> None:
        self._utterance = object()
        self._audio: list[Samples] = []
        self._length = self._unheard = self._fed = 0
        self._ended_at, self._took_s = 0.0, 0.0
        self._agreement = Agreement()
        self._partial = _NOTHING

    # ------------------------------------------------------------------ spare passes

    def _begin_partial(self, every_s: float) -> None:
        """Not where it would tell old news, and be in the way of the text that follows it."""
        if self._engine.queue.usual_s <= every_s:
            self._begin(_PARTIAL_PAUSE)
        else:
            self._unheard = 0
            self._engine.counters.partials_skipped += 1

    def _begin(self, pause: float) -> None:
        """Begin a spare pass, unless there is one, or one was so lately, or others need it."""
        if self._pass is not None or time.monotonic() < self._ended_at + pause * self._took_s:
            return
        if (request := self._request()) is None:
            return
        self._unheard = 0
        if not self._engine.queue.has_spare:
            self._engine.counters.partials_skipped += 1
            return
        hearing = self._hear(self._utterance, self._fed, request)
        task = asyncio.get_running_loop().create_task(hearing, name="partial")
        self._pass = begun = _Pass(self._utterance, self._fed, task)
        task.add_done_callback(lambda _: self._ended(begun))

    def _covers_all(self, under_way: _Pass | None) -> bool:
        if under_way is None:
            return False
        return under_way.utterance is self._utterance and under_way.fed == self._fed

    def _give_up(self) -> None:
        if self._pass is not None:
            self._pass.task.cancel()
            self._pass = None

    def _ended(self, begun: _Pass) -> None:
        if self._pass is begun:
            self._pass = None

    async def _hear(self, utterance: object, fed: int, request: Request) -> Transcript | None:
        began = time.monotonic()
        try:
            heard = await self._recognise(self._engine.queue.run_if_spare, request)
        except (RecogniserBusyError, TimeoutError):
            self._engine.counters.partials_skipped += 1
        except RuntimeError as failed:  # the library's: the result will say so to whoever asks
            _log.warning("partial_result_failed", reason=str(failed))
        else:
            self._engine.counters.partials += 1
            self._take(utterance, fed, heard)
            return heard
        finally:
            self._ended_at = time.monotonic()
            self._took_s = self._ended_at - began
        return None

    # ------------------------------------------------------------------ texts

    def _request(self) -> Request | None:
        if self._length < SHORTEST_S * self._rate_hz:
            return None
        prior: tuple[float, ...] = ()
        if self._evidence is not None and len(self._languages) > 1:
            even = dict.fromkeys(self._languages, 1.0)
            prior = tuple(self._evidence.weigh(even, self._utterance).values())
        audio = np.concatenate(self._audio)
        languages, heard = tuple(self._languages), self._partial.text
        return Request(audio, self._rate_hz, languages, prior, self._phrases, heard)

    async def _recognise(self, run: Run, request: Request) -> Transcript:
        utterance, engine = self._utterance, self._engine
        decoded = await run(request, engine.options.deadline_s)
        told = Told(self._just_said, decoded.told)
        transcript = engine.transcript(request, decoded, told, self._languages)
        if self._evidence is not None and decoded.detected and transcript.text:
            self._evidence.note(utterance, decoded.detected, request.duration_s)
        return transcript

    def _take(self, utterance: object, fed: int, heard: Transcript) -> None:
        if utterance is not self._utterance:
            return
        self._partial = self._agreement.partial(heard, round(fed * 1000 / self._rate_hz))


async def _outcome(under_way: _Pass, *, or_cancel: bool = False) -> Transcript | None:
    """What a pass hears; None if it was given up. Who is cancelled here cancels it on demand."""
    try:
        await asyncio.wait([under_way.task])
    except asyncio.CancelledError:
        if or_cancel:
            under_way.task.cancel()
        raise
    return None if under_way.task.cancelled() else under_way.task.result()
