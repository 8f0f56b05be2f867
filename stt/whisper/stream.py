"""One caller's utterance: partial texts while it goes on, one pass over all of it at its end."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import structlog

from stt.hallucinations import Told
from stt.recogniser import Hints, RecogniserBusyError, Transcript
from stt.whisper.agreement import Agreement
from stt.whisper.decoding import Request, Samples, prompt_of
from stt.whisper.options import LONGEST_S

if TYPE_CHECKING:
    from stt.whisper.recogniser import WhisperRecogniser

SHORTEST_S = 0.1
"""Less audio than this holds no word, but Whisper would find some."""
_PROMPT_CHARACTERS = 400
"""About 150 tokens of the prompt, which has room for 223; every one of them costs time."""
_LEAST_PAUSE = 2.0
"""A partial result may take a third of a worker's time: this many times its own is waited."""
_NOTHING = Transcript("", 0.0, final=False)
_log = structlog.get_logger(__name__)


class WhisperStream:
    """Fed and asked from the event loop. ``languages`` are the model's codes and their tags.

    Of the partial texts' words the first ``settled`` stay: see :mod:`stt.whisper.agreement`. There
    is never more than one partial result of a caller under way, and none is begun while others
    wait for theirs.
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
        phrases = hints.phrases if hints.boost > 0 else ()
        self._prompt = prompt_of(engine.options.prompt, phrases, _PROMPT_CHARACTERS)
        self._told = Told(hints.just_said, phrases)
        self._hearing: asyncio.Task[Transcript | None] | None = None
        self._hears_to: tuple[object, int] | None = None
        self._closed = False
        self.reset()

    def feed(self, samples: Samples) -> None:
        """Keep a copy of int16 mono samples at the stream's rate; the newest 30 s are kept."""
        self._audio.append(samples.copy())
        self._length += len(samples)
        self._unheard += len(samples)
        self._fed += len(samples)
        while self._length - len(self._audio[0]) >= LONGEST_S * self._rate_hz:
            self._length -= len(self._audio.pop(0))
        self._consider_partial()

    @property
    def partial(self) -> Transcript:
        """The newest text of this utterance, or no text before there was one."""
        return self._partial

    async def result(self) -> Transcript:
        """The text of what was fed so far, in one pass: that of a partial text which is on its way
        if it covers the same. Raises :class:`~stt.recogniser.RecogniserBusyError` and, after
        ``deadline_s``, ``TimeoutError``."""
        utterance, request = self._utterance, self._request()
        if request is None:
            return Transcript("", 0.0, final=True)
        transcript = None
        if self._hearing is not None and self._hears_to == (utterance, self._fed):
            transcript = await asyncio.shield(self._hearing)
        if transcript is None:
            transcript = await self._recognise(request)
        self._engine.counters.results += 1
        if utterance is self._utterance:
            words = len(transcript.text.split())
            self._partial = replace(transcript, final=False, settled=words)
        return transcript

    def reset(self) -> None:
        """Forget the utterance; a result under way no longer becomes the partial text."""
        self._utterance = object()
        self._audio: list[Samples] = []
        self._length = self._unheard = self._fed = 0
        self._not_before = 0.0
        self._agreement = Agreement()
        self._partial = _NOTHING

    async def close(self) -> None:
        """Forget everything; what a thread computes for it ends by itself."""
        self._closed = True
        self.reset()
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.wait([self._hearing])

    def _request(self) -> Request | None:
        if self._length < SHORTEST_S * self._rate_hz:
            return None
        prior: tuple[float, ...] = ()
        if self._evidence is not None and len(self._languages) > 1:
            even = dict.fromkeys(self._languages, 1.0)
            prior = tuple(self._evidence.weigh(even, self._utterance).values())
        audio = np.concatenate(self._audio)
        return Request(audio, self._rate_hz, tuple(self._languages), prior, self._prompt)

    async def _recognise(self, request: Request) -> Transcript:
        utterance, engine = self._utterance, self._engine
        decoded = await engine.queue.run(request, engine.options.deadline_s)
        transcript = engine.transcript(request, decoded, self._told, self._languages)
        if self._evidence is not None and decoded.detected and transcript.text:
            self._evidence.note(utterance, decoded.detected, request.duration_s)
        return transcript

    def _consider_partial(self) -> None:
        every_s = self._engine.options.partial_every_s
        if not every_s or self._unheard < every_s * self._rate_hz or self._closed:
            return
        if self._hearing is not None or time.monotonic() < self._not_before:
            return
        self._unheard = 0
        if not self._engine.queue.has_spare:
            self._engine.counters.partials_skipped += 1
            return
        if (request := self._request()) is not None:
            self._hears_to = (self._utterance, self._fed)
            hearing = self._hear(self._utterance, request)
            self._hearing = asyncio.get_running_loop().create_task(hearing, name="partial")

    async def _hear(self, utterance: object, request: Request) -> Transcript | None:
        began = time.monotonic()
        try:
            heard = await self._recognise(request)
        except (RecogniserBusyError, TimeoutError):
            self._engine.counters.partials_skipped += 1
        except RuntimeError as failed:  # the library's: the result will say so to whoever asks
            _log.warning("partial_result_failed", reason=str(failed))
        else:
            self._take(utterance, heard)
            return heard
        finally:
            now = time.monotonic()
            self._not_before = now + _LEAST_PAUSE * (now - began)
            self._hearing = None
        return None

    def _take(self, utterance: object, heard: Transcript) -> None:
        self._engine.counters.partials += 1
        if utterance is not self._utterance:
            return
        self._agreement.add(heard.text.split())
        self._partial = replace(
            heard,
            text=" ".join(self._agreement.words),
            final=False,
            settled=self._agreement.settled,
        )
