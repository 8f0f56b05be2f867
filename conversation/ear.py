"""What one party says: voice activity, turns and recognition, joined for one leg."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from audiosocket.resampling import Halver, Resampler
from conversation.losses import Ended, Losses, Lost
from conversation.owned_tasks import OwnedTasks
from stt.cadence import CadenceWatch, is_moved_by_voice, weigh
from stt.endpointing import Completeness
from stt.recogniser import RecogniserBusyError, RecognitionStream, Transcript
from stt.turn_detector import (
    FalseStart,
    Paused,
    Resumed,
    SpeechStarted,
    TurnDetector,
    TurnEnded,
    TurnEvent,
)
from stt.turn_model import Tail, TurnModel
from stt.vad import RATE_HZ, FrameAssembler, PreRoll, Samples, VoiceActivity

log = structlog.get_logger(__name__)

EARLY_MS = 80
"""Silence after which a recogniser that has time begins on what may be the whole turn: most stops
between sounds are shorter, and what speech makes out of date was only a text in between. After 60
ms the built-in one missed a soft last syllable in one of 256 sentences, after 80 in none."""
RECOGNITION_LIMIT_S = 3.0
"""A recogniser slower than this has failed: the caller is told that we did not understand."""
NOTHING_HEARD = Transcript("", 0.0, final=True)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn as it was heard. ``last_speech_at`` is monotonic; ``recognised_in_ms`` counts from
    the end of the turn, so 0 means that the speculative result was ready."""

    transcript: Transcript
    speech_ms: int
    silence_ms: int
    last_speech_at: float
    recognised_in_ms: int
    failed: bool = False
    lost: Lost = Lost.NOTHING
    """What may not have reached us of it."""


class EarListener(Protocol):
    """Who wants to know what a party does with its voice."""

    def speech_started(self) -> None:
        """The party began to speak, some 60 ms ago."""

    def speech_continues(self) -> None:
        """Every 20 ms of a turn in which the party is still speaking."""

    def false_start(self) -> None:
        """It was too short for speech."""

    def turn_ended(self, turn: Turn) -> None:
        """The party said something, and stopped."""


class Ear:
    """Listens to one party. Calls come from the event loop; recognition runs elsewhere.

    ``open_stream`` makes a recogniser's stream for each utterance, so that its hints fit the
    question; it is given the rate, which is the line's where the recogniser makes use of it
    (``best_hz``). Voice activity is always judged at 8 kHz: that is what its thresholds were
    measured on. ``judge`` says how far some words answer the question; ``turn_model`` hears
    whether they sounded like an end, and where there is none ``cadence`` listens to the pitch.
    ``judge`` is also told words that will stay while the party still speaks, so that work on them
    can begin; only at a short silence does its answer count.
    """

    def __init__(
        self,
        vad: VoiceActivity,
        detector: TurnDetector,
        open_stream: Callable[[int], RecognitionStream],
        judge: Callable[[str], Completeness],
        listener: EarListener,
        *,
        best_hz: int = RATE_HZ,
        now: Callable[[], float] = time.monotonic,
        turn_model: TurnModel | None = None,
        cadence: CadenceWatch | None = None,
    ) -> None:
        self._turn_model = turn_model
        self._cadence = cadence if turn_model is None else None
        self._keeps_tail = turn_model is not None or cadence is not None
        self._tail = Tail()
        self._now = now
        self._vad = vad
        self._detector = detector
        self._open_stream = open_stream
        self._judge = judge
        self._listener = listener
        self._best_hz = best_hz
        self.line_opens(RATE_HZ)
        self._stream: RecognitionStream | None = None
        self._fed = 0
        self._settled = ""
        self._early: asyncio.Task[Transcript | None] | None = None
        self._speculation: asyncio.Task[Transcript] | None = None
        self._tasks = OwnedTasks(_failed)

    def line_opens(self, rate_hz: int) -> None:
        """From now on samples come at ``rate_hz``, 8 kHz or more; 8 kHz before this is called."""
        self._frames = FrameAssembler(rate_hz)
        self._rate_hz = rate_hz
        self._losses = Losses()
        self._narrow = _narrowing(rate_hz)
        self._stream_hz = rate_hz if rate_hz <= self._best_hz else RATE_HZ
        self._pre_roll = PreRoll(rate_hz=self._stream_hz)

    @property
    def in_turn(self) -> bool:
        """Whether the party has the floor: it speaks, or makes a short pause."""
        return self._detector.in_turn

    @property
    def partial(self) -> str:
        """The words of the turn so far; they may still change."""
        return self._stream.partial.text if self._stream is not None else ""

    @property
    def unheard_ms(self) -> int:
        """How much of the turn so far :attr:`partial` does not cover."""
        if self._stream is None:
            return 0
        return self._fed * 1000 // self._stream_hz - self._stream.partial.heard_ms

    def ask(self, then: Callable[[str], None]) -> None:
        """Have all of the turn so far recognised, and call ``then`` with its words; they are empty
        where that fails. Not called if the turn ends before."""
        if self._stream is not None:
            self._tasks.start(self._tell(self._stream, then))

    def hear(self, samples: Samples) -> None:
        """Take the next samples of the line: int16 mono at its rate, any number."""
        self._losses.came(len(samples) / self._rate_hz, self._now())
        for whole in self._frames.push(samples):
            narrow = whole if self._narrow is None else self._narrow.process(whole)
            frame = narrow if self._stream_hz == RATE_HZ else whole
            events = self._detector.frame(self._vad.process(narrow))
            if self._stream is None:
                self._pre_roll.push(frame)
            else:
                self._stream.feed(frame)
                self._fed += len(frame)
                if self._keeps_tail:
                    self._tail.push(narrow)
            for event in events:
                self._take(event)
            if self._stream is not None:
                self._follow(self._stream)

    def gap(self, duration_ms: int) -> None:
        """Nothing came for ``duration_ms``: silence, as far as anybody knows."""
        self._frames.drop()
        self._vad.gap(duration_ms)
        self._pre_roll.gap(duration_ms)
        for event in self._detector.gap(duration_ms):
            self._take(event)

    def masked(self) -> None:
        """We spoke when the turn that has just started did."""
        self._losses.masked()

    def unmasked(self) -> None:
        """What the turn began with was our own echo."""
        self._losses.unmasked()

    async def close(self) -> None:
        """Stop recognising; what was not yet understood is dropped."""
        if self._stream is not None:
            self._finish_later(self._stream)
            self._stream = None
        self._forget_speculation()
        await self._tasks.cancel()

    # ------------------------------------------------------------------ what the detector says

    def _take(self, event: TurnEvent) -> None:
        match event:
            case SpeechStarted():
                self._stream = self._open_stream(self._stream_hz)
                before = self._pre_roll.take()
                self._stream.feed(before)
                self._fed, self._settled = len(before), ""
                self._tail.begin()
                self._losses.began(event.age_ms / 1000, self._now())
                self._listener.speech_started()
            case Paused():
                self._speculate(event)
            case Resumed():
                self._forget_speculation()
            case FalseStart():
                self._drop_stream()
                self._listener.false_start()
            case TurnEnded():
                self._end_turn(event)

    def _follow(self, stream: RecognitionStream) -> None:
        """What there is to do at each frame of a turn, beside the detector's events."""
        silence_ms = self._detector.silence_ms
        if silence_ms == 0:
            self._forget_early()
            self._listener.speech_continues()
        elif silence_ms == EARLY_MS and self._speculation is None:
            self._early = asyncio.create_task(_early(stream), name="recognise early")
        partial = stream.partial
        stays = 0 < partial.settled == len(partial.text.split())
        if stays and partial.text != self._settled and self._speculation is None:
            self._settled = partial.text
            self._tasks.start(self._foretell(partial.text))

    async def _foretell(self, words: str) -> None:
        """Let work begin on words that will stay; where that fails, the turn goes on."""
        self._judge(words)

    def _speculate(self, pause: Paused) -> None:
        if self._stream is None:
            return
        early, self._early = self._early, None
        self._forget_speculation()
        self._speculation = asyncio.create_task(_recognise(self._stream, early), name="recognise")
        self._tasks.start(self._judge_when_known(self._speculation, pause))

    async def _judge_when_known(self, result: "asyncio.Task[Transcript]", pause: Paused) -> None:
        """First by the words; then, where there is a turn model, by the sound as well."""
        model = self._turn_model
        if model is None:
            await asyncio.wait([result])
            if not result.cancelled():
                words = self._judge(result.result().text)
                self._judge_pause(pause, self._with_cadence(words))
            return
        sound = asyncio.create_task(model.judge(self._tail.samples()), name="turn model")
        try:
            await asyncio.wait([result])
            if not result.cancelled():
                by_words = self._judge(result.result().text)
                self._judge_pause(pause, by_words)
                self._judge_pause(pause, model.combine(by_words, await sound))
        finally:
            sound.cancel()

    def _with_cadence(self, words: Completeness) -> Completeness:
        """What the voice makes of words that leave it a say."""
        if self._cadence is None or not is_moved_by_voice(words):
            return words
        return weigh(words, self._cadence.before_pause(self._tail.samples()))

    def _judge_pause(self, pause: Paused, completeness: Completeness) -> None:
        for event in self._detector.judge(pause, completeness):
            self._take(event)

    def _forget_early(self) -> None:
        if self._early is not None:
            self._early.cancel()
            self._early = None

    def _forget_speculation(self) -> None:
        self._forget_early()
        if self._speculation is not None:
            self._speculation.cancel()
            self._speculation = None

    def _drop_stream(self) -> None:
        self._forget_speculation()
        if self._stream is not None:
            self._finish_later(self._stream)
            self._stream = None

    def _end_turn(self, end: TurnEnded) -> None:
        stream, self._stream = self._stream, None
        result, self._speculation = self._speculation, None
        early, self._early = self._early, None
        if stream is None:
            return
        if result is None:
            result = asyncio.create_task(_recognise(stream, early), name="recognise")
        self._tasks.start(self._deliver(end, result, stream, self._losses.ended()))

    async def _deliver(
        self,
        end: TurnEnded,
        result: "asyncio.Task[Transcript]",
        stream: RecognitionStream,
        whole: Ended,
    ) -> None:
        ended_at = self._now()
        try:
            transcript = await result
        finally:
            await stream.close()
        self._listener.turn_ended(
            Turn(
                transcript=transcript,
                speech_ms=end.speech_ms,
                silence_ms=end.silence_ms,
                last_speech_at=ended_at - end.silence_ms / 1000,
                recognised_in_ms=round((self._now() - ended_at) * 1000),
                failed=transcript is NOTHING_HEARD,
                lost=self._losses.of_turn(whole),
            )
        )

    # ------------------------------------------------------------------ tasks

    async def _tell(self, stream: RecognitionStream, then: Callable[[str], None]) -> None:
        result = self._speculation
        if result is not None:
            await asyncio.wait([result])
        if result is None or result.cancelled():
            transcript = await _recognise(stream)
        else:
            transcript = result.result()
        if stream is self._stream:
            then(transcript.text)

    def _finish_later(self, stream: RecognitionStream) -> None:
        self._tasks.start(stream.close())


def _failed(error: BaseException) -> None:
    log.error("hearing_failed", exc_info=error)


def _narrowing(rate_hz: int) -> Halver | Resampler | None:
    """What makes 8 kHz of a line's frames, which are whole and 20 ms long."""
    if rate_hz == RATE_HZ:
        return None
    return Halver() if rate_hz == 2 * RATE_HZ else Resampler(rate_hz, RATE_HZ)


async def _early(stream: RecognitionStream) -> Transcript | None:
    """A stream's early text; a recogniser that fails will say so again when it is asked again."""
    try:
        return await stream.early()
    except Exception as failed:  # whatever its library raises
        log.info("no_early_text", reason=str(failed))
        return None


async def _recognise(
    stream: RecognitionStream, early: "asyncio.Task[Transcript | None] | None" = None
) -> Transcript:
    """A stream's early text if it has one, else its result; :data:`NOTHING_HEARD` when the
    recogniser is too slow."""
    try:
        async with asyncio.timeout(RECOGNITION_LIMIT_S):
            begun = await early if early is not None else None
            return begun if begun is not None else await stream.result()
    except TimeoutError:
        log.warning("recognition_too_slow", limit_s=RECOGNITION_LIMIT_S)
        return NOTHING_HEARD
    except RecogniserBusyError as busy:
        log.warning("recognition_refused", reason=str(busy))
        return NOTHING_HEARD
    except Exception as failed:  # whatever its library raises: the caller still waits for a word
        log.error("recognition_failed", exc_info=failed)
        return NOTHING_HEARD
