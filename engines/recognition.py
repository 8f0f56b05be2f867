"""``GET /v1/recognition``: a WebSocket for one caller's speech, with partial results.

The client sends ``{"type": "start", "language", "rate_hz", "phrases", "boost", "just_said",
"spoken", "priority"}``, then slin as binary messages, ``{"type": "result", "id", "deadline_ms"}``
whenever it wants the text of all that was sent (with ``"early": true`` only if that makes nobody
wait), ``{"type": "forget", "id"}`` when it no longer does, and ``{"type": "reset"}`` for a new
utterance. It gets ``partial``, ``result``, ``refused`` and ``failed``. Where the language is open,
``spoken`` is what the caller spoke before, and a result says what was ``heard`` in this utterance.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from aiohttp import WSMsgType, web

from audiosocket.resampling import Resampler
from engines.admission import RefusedError
from engines.serving import SERVED, AnswerError, Served, Terms
from stt.languages import LanguageEvidence, Spoken
from stt.recogniser import Hints, RecogniserBusyError, RecognitionStream, Transcript
from stt.vad import Samples

RATES_HZ: Final = (8000, 16000)
LARGEST_MESSAGE_BYTES: Final = 1 << 20
"""Half a minute at 16 kHz, which is as much as an utterance has."""
LONGEST_S: Final = 60.0
MOST_RESULTS: Final = 8
"""That are asked for and not forgotten, on one connection."""


async def recognise(request: web.Request) -> web.WebSocketResponse:
    """The handler of ``GET /v1/recognition``."""
    served = request.app[SERVED]
    served.has_recogniser  # noqa: B018 - answers 404 or 503 before it becomes a WebSocket
    socket = web.WebSocketResponse(heartbeat=10.0, max_msg_size=LARGEST_MESSAGE_BYTES)
    await socket.prepare(request)
    hearing = _Hearing(served, socket)
    try:
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await hearing.feed(message.data)
            elif message.type is WSMsgType.TEXT:
                await hearing.obey(message.json())
    except (AnswerError, TypeError, ValueError) as error:
        await socket.send_json({"type": "failed", "id": None, "reason": str(error)})
    finally:
        await hearing.close()
    return socket


class _Hearing:
    """One connection's utterance and the results that it waits for."""

    def __init__(self, served: Served, socket: web.WebSocketResponse) -> None:
        self._served = served
        self._socket = socket
        self._stream: RecognitionStream | None = None
        self._resampler: Resampler | None = None
        self._rate_hz = RATES_HZ[0]
        self._length = 0
        self._told = ("", 0)
        self._start: Mapping[str, Any] = {}
        self._results: dict[int, asyncio.Task[None]] = {}
        self._evidence = LanguageEvidence()
        self._told_of: Spoken | None = None

    async def obey(self, message: Any) -> None:
        """Take one JSON message. Raises ``AnswerError`` for one that makes no sense."""
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "start":
            await self._begin(message)
        elif kind == "result":
            self._ask(message)
        elif kind == "forget":
            self._forget(int(message.get("id", 0)))
        elif kind == "reset":
            self._started.reset()
            self._length, self._told = 0, ("", 0)
            self._told_of = self._evidence.latest
        else:
            raise AnswerError(400, f"a message is start, result, forget or reset, not {kind!r}")

    async def feed(self, data: bytes) -> None:
        """Take slin, and tell of a new partial text."""
        stream = self._started
        if len(data) % 2:
            raise AnswerError(400, "slin has two bytes for each sample")
        samples: Samples = np.frombuffer(data, "<i2").astype(np.int16)
        self._length += len(samples)
        if self._length > LONGEST_S * self._rate_hz:
            raise AnswerError(400, f"an utterance has {LONGEST_S:g} s at most: reset in between")
        stream.feed(samples if self._resampler is None else self._resampler.process(samples))
        partial = stream.partial
        if (partial.text, partial.settled) != self._told:
            self._told = (partial.text, partial.settled)
            await self._socket.send_json({"type": "partial", **transcript_json(partial)})

    async def close(self) -> None:
        """Stop what is being recognised."""
        tasks = list(self._results.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._stream is not None:
            await self._stream.close()

    @property
    def _started(self) -> RecognitionStream:
        if self._stream is None:
            raise AnswerError(400, "the first message is start")
        return self._stream

    async def _begin(self, message: Mapping[str, Any]) -> None:
        if self._stream is not None:
            raise AnswerError(400, "start comes once")
        rate_hz = message.get("rate_hz", RATES_HZ[0])
        if rate_hz not in RATES_HZ:
            raise AnswerError(400, f"rate_hz is 8000 or 16000, not {rate_hz!r}")
        phrases = message.get("phrases", [])
        if not isinstance(phrases, list) or not all(isinstance(each, str) for each in phrases):
            raise AnswerError(400, "phrases is a list of texts")
        self._start, self._rate_hz = message, rate_hz
        Terms.of(message)
        boost, just_said = message.get("boost", 1.0), message.get("just_said", "")
        self._evidence = LanguageEvidence(spoken_of(message.get("spoken", [])))
        hints = Hints(tuple(phrases), float(boost), str(just_said), self._evidence)
        language = str(message.get("language", "pt-BR"))
        self._stream, self._resampler = open_stream(self._served, language, hints, rate_hz)

    def _ask(self, message: Mapping[str, Any]) -> None:
        stream, number = self._started, int(message.get("id", 0))
        seconds = self._length / self._rate_hz
        if len(self._results) >= MOST_RESULTS:
            raise AnswerError(400, f"{MOST_RESULTS} results are asked for already: forget some")
        fields = {"priority": self._start.get("priority", "live"), **message}
        recognise = _early if message.get("early") is True else transcribed
        work = self._answer(number, recognise(self._served, stream, seconds, Terms.of(fields)))
        task = asyncio.create_task(work, name="recognise")
        self._results[number] = task
        task.add_done_callback(lambda _: self._results.pop(number, None))

    def _forget(self, number: int) -> None:
        if (task := self._results.get(number)) is not None:
            task.cancel()

    async def _answer(self, number: int, recognising: Coroutine[Any, Any, Transcript]) -> None:
        try:
            transcript = await recognising
        except RefusedError as refused:
            facts = {"reason": str(refused), "retry_after_s": refused.retry_after_s}
            answer = {"type": "refused", "id": number, **facts}
        except AnswerError as error:
            answer = {"type": "failed", "id": number, "reason": str(error)}
        else:
            told = transcript_json(transcript)
            if (heard := self._evidence.latest) is not self._told_of and heard is not None:
                told["heard"] = asdict(heard)
            answer = {"type": "result", "id": number, **told}
        if not self._socket.closed:
            await self._socket.send_json(answer)


def open_stream(
    served: Served, language: str, hints: Hints, rate_hz: int
) -> tuple[RecognitionStream, Resampler | None]:
    """A stream at the best rate for the engine, and what brings ``rate_hz`` there.

    Raises :class:`~engines.serving.AnswerError` for a language that the engine does not know.
    """
    recogniser = served.has_recogniser
    engine_hz = rate_hz if rate_hz <= recogniser.best_hz else RATES_HZ[0]
    try:
        stream = recogniser.stream(language, hints, engine_hz)
    except ValueError as error:
        raise AnswerError(400, str(error)) from error
    return stream, None if engine_hz == rate_hz else Resampler(rate_hz, engine_hz)


async def transcribed(
    served: Served, stream: RecognitionStream, seconds: float, terms: Terms
) -> Transcript:
    """The stream's result at a place of its own, by its deadline.

    Raises :class:`~engines.admission.RefusedError` and :class:`~engines.serving.AnswerError`.
    """
    async with served.place("stt", terms, max(seconds, 0.1)):
        try:
            async with asyncio.timeout(terms.deadline_s):
                return await stream.result()
        except RecogniserBusyError as busy:
            raise RefusedError(str(busy), seconds) from busy
        except TimeoutError:
            late = f"nothing was recognised within {terms.deadline_s:.2f} s"
            raise AnswerError(504, late) from None
        except Exception as failed:  # whatever the library raises: the caller asks elsewhere
            raise AnswerError(500, f"the recogniser failed: {failed}") from failed


async def _early(
    served: Served, stream: RecognitionStream, seconds: float, terms: Terms
) -> Transcript:
    """The stream's early text, which takes no place from anybody.

    Raises :class:`~engines.admission.RefusedError` where there is none.
    """
    transcript = None
    with suppress(RecogniserBusyError, TimeoutError):
        async with asyncio.timeout(terms.deadline_s):
            transcript = None if served.listening.waiting else await stream.early()
    if transcript is None:
        raise RefusedError("no text is to be had before the result", seconds)
    return transcript


def spoken_of(told: Any) -> list[Spoken]:
    """What is known of a caller's language. Raises :class:`~engines.serving.AnswerError`."""
    try:
        return [Spoken(_probabilities(each["heard"]), _share(each["weight"])) for each in told]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerError(
            400, "spoken is a list of {heard: {language: 0..1}, weight: 0..1}"
        ) from error


def _probabilities(heard: Mapping[str, Any]) -> dict[str, float]:
    return {str(language): _share(value) for language, value in heard.items()}


def _share(value: Any) -> float:
    if not 0.0 <= (number := float(value)) <= 1.0:
        raise ValueError(value)
    return number


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """A transcript for the wire."""
    told = asdict(transcript)
    del told["final"]  # the message's type says it
    return told
