"""Whisper as a ``Recogniser``: one model for all callers of a process."""

import asyncio
from collections.abc import Mapping

import numpy as np

from stt.counters import RecognitionCounters
from stt.hallucinations import Guards, Told, certainty, plain_words
from stt.languages import choices
from stt.recogniser import Hints, Transcript
from stt.vad import RATE_HZ
from stt.whisper.decoding import Decoded, Decoding, Request
from stt.whisper.loading import load, unusable
from stt.whisper.options import WHISPER_RATE_HZ, WhisperOptions
from stt.whisper.queue import RequestQueue
from stt.whisper.stream import WhisperStream


class WhisperRecogniser:
    """Results are computed ``workers`` at a time, on threads; refused where many wait."""

    name = "whisper"
    best_hz = WHISPER_RATE_HZ

    def __init__(self, options: WhisperOptions) -> None:
        """Load the model (seconds; perhaps a download) and run it once, so that it is warm.

        Raises :class:`~stt.recogniser.RecogniserUnavailableError`.
        """
        self.options = options
        self.counters = RecognitionCounters()
        loaded = load(options)
        self._languages: frozenset[str] = frozenset(loaded.model.supported_languages)
        self._guards = Guards.load()
        try:
            self.decoding = Decoding(loaded, options)
            silence = np.zeros(RATE_HZ, np.int16)
            self.decoding.decode([Request(silence, RATE_HZ, ("en",))])
        except (RuntimeError, ValueError) as failed:
            raise unusable(options, failed) from failed
        self.queue: RequestQueue[Request, Decoded] = RequestQueue(
            self.decoding.decode,
            self.counters,
            workers=loaded.workers,
            batch=loaded.batch,
            most_waiting=options.waiting,
        )

    @classmethod
    async def open(cls, options: WhisperOptions) -> "WhisperRecogniser":
        """The same as the constructor, off the event loop."""
        return await asyncio.to_thread(cls, options)

    def stream(self, language: str, hints: Hints, rate_hz: int = RATE_HZ) -> WhisperStream:
        """A new utterance. Raises ``ValueError`` if the model does not know the language."""
        codes = {}
        for tag in choices(language, self.options.languages):
            code = tag.partition("-")[0].lower()
            if code not in self._languages:
                raise ValueError(
                    f"the Whisper model {self.options.model!r} does not know the language {tag!r}"
                )
            codes[code] = tag
        return WhisperStream(self, codes, hints, rate_hz)

    def transcript(
        self, request: Request, decoded: Decoded, told: Told, tags: Mapping[str, str]
    ) -> Transcript:
        """What to believe of it; what is not believed is counted."""
        heard = decoded.heard
        spoken = (tags[decoded.language], decoded.likely) if decoded.detected else (None, None)
        objection = self._guards.objection(heard, request.duration_s, told)
        if objection is not None:
            self.counters.guarded[objection] += 1
        text = "" if objection else plain_words(heard.text)
        confidence = certainty(heard) if text else 0.0
        return Transcript(
            text,
            confidence,
            final=True,
            language=spoken[0],
            language_probability=spoken[1] if spoken[1] is None else round(spoken[1], 4),
        )

    async def close(self) -> None:
        """Let the results under way end, refuse those that wait, and stop the threads."""
        await self.queue.close()
