"""The engine: neural voices in ONNX files, on threads beside the event loop."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import soxr

from tts.engine import SynthesisError, Voice, is_in_background
from tts.espeak import LONGEST_TEXT, EspeakEngine
from tts.going_last import be_nice_here
from tts.neural.network import Floats, Stop
from tts.neural.pronouncing import Phonemiser, halves, pieces, pronounce
from tts.neural.turns import Turns
from tts.neural.voices import Speaker, Talker, VoiceFolder, find_speaker
from tts.shaping import Samples, SpeechShaper

_log = logging.getLogger(__name__)

WAITING_AT_MOST = 64
"""Pieces of speech that may wait for a thread; the text of one more is refused."""

_PITCH_RANGE = 2 ** (8 / 12)
"""From the lowest to the highest pitch: eight semitones, beyond which a voice is a cartoon's."""
_SPEEDS = (0.25, 4.0)
_NOTHING = np.zeros(0, np.int16)


class Sounding:
    """One text on its way from a network's samples to even slin; used by one thread at a time."""

    def __init__(self, made_at_hz: float, wanted_hz: int) -> None:
        self._resampler = soxr.ResampleStream(made_at_hz, wanted_hz, 1, dtype="float32")
        self._shaper = SpeechShaper(wanted_hz)

    def take(self, samples: Floats) -> bytes:
        """What may be heard after ``samples``; empty where it is too little yet."""
        return _slin(self._shaper.process(self._resampled(samples)))

    def finish(self) -> bytes:
        """The rest, without the silence at its end."""
        rest = self._shaper.process(self._resampled(np.zeros(0, np.float32), last=True))
        return _slin(np.concatenate([rest, self._shaper.finish()]))

    def _resampled(self, samples: Floats, *, last: bool = False) -> Samples:
        wanted = self._resampler.resample_chunk(samples, last=last)
        scaled: Samples = (np.clip(wanted, -1, 1) * 32767).round().astype(np.int16)
        return scaled if scaled.size else _NOTHING


class NeuralEngine:
    """Implements :class:`tts.engine.TtsEngine` over a folder of voices.

    ``open_folder`` reads it, blocking, once; ``at_once`` pieces are computed at a time, a thread
    for each, which with ``goes_last`` lets all else go first; ``voice`` is loaded at :meth:`start`,
    others when they are first asked for.
    """

    def __init__(
        self,
        name: str,
        open_folder: Callable[[], VoiceFolder],
        *,
        voice: Voice,
        at_once: int = 1,
        phonemiser: Phonemiser | None = None,
        goes_last: bool = False,
    ) -> None:
        self.name = name
        self._open_folder = open_folder
        self._voice = voice
        self._phonemiser = phonemiser or EspeakEngine()
        self._threads = ThreadPoolExecutor(
            at_once, thread_name_prefix=name, initializer=be_nice_here if goes_last else None
        )
        self._turns = Turns(at_once)
        self._folder: VoiceFolder | None = None
        self._talkers: dict[str, Talker] = {}
        self._loading = asyncio.Lock()
        self._unknown: set[str] = set()

    @property
    def computing(self) -> int:
        """Pieces that are being made."""
        return self._turns.taken

    @property
    def waiting(self) -> int:
        """Pieces that wait for a thread."""
        return self._turns.waiting

    async def idle(self) -> None:
        """Wait until a thread is free, also of what was cancelled."""
        async with self._turns.one(in_background=False):
            await asyncio.get_running_loop().run_in_executor(self._threads, _nothing)

    async def start(self) -> str:
        """See :meth:`tts.engine.TtsEngine.start`: read the folder, load the voice, say a word."""
        talker = await self._talker(self._voice)
        by = "its own letters"
        if talker.speaker.pronounced_by:
            by = await self._phonemiser.start()
        async for _ in self.synthesise("um", self._voice):
            pass
        speakers = await self.speakers()
        languages = ", ".join(sorted({each.language for each in speakers}))
        return (
            f"{self.name} {talker.speaker.name}, {len(speakers)} voices ({languages}), "
            f"pronounced by {by}"
        )

    async def speakers(self) -> tuple[Speaker, ...]:
        """The voices that there are, by language. Raises :class:`tts.engine.SynthesisError`."""
        folder = await self._opened()
        return tuple(sorted(folder.speakers.values(), key=lambda each: (each.language, each.name)))

    async def synthesise(self, text: str, voice: Voice) -> AsyncGenerator[bytes, None]:
        """See :meth:`tts.engine.TtsEngine.synthesise`; one chunk for each piece of the text."""
        self._check(text)
        talker = await self._talker(voice)
        bent = _PITCH_RANGE ** (voice.pitch - 0.5)
        speed = min(max(voice.pace, _SPEEDS[0]), _SPEEDS[1]) / bent
        sounding = Sounding(talker.rate_hz * bent, voice.rate_hz)
        for piece in pieces(text):
            for ids in await self._spelled(talker, piece):
                if chunk := await self._make(partial(_speak, talker, ids, speed, sounding)):
                    yield chunk
        if chunk := sounding.finish():
            yield chunk

    async def close(self) -> None:
        """See :meth:`tts.engine.TtsEngine.close`."""
        await self._phonemiser.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _check(self, text: str) -> None:
        if not text.strip():
            raise SynthesisError("there is no text to speak")
        if len(text) > LONGEST_TEXT:
            raise SynthesisError(
                f"a text of {len(text)} characters; {self.name} takes {LONGEST_TEXT} at a time"
            )
        if self._turns.waiting >= WAITING_AT_MOST:
            raise SynthesisError(f"{WAITING_AT_MOST} texts wait for {self.name} already")

    async def _opened(self) -> VoiceFolder:
        if self._folder is None:
            async with self._loading:
                if self._folder is None:
                    self._folder = await asyncio.to_thread(self._open_folder)
        return self._folder

    async def _talker(self, voice: Voice) -> Talker:
        folder = await self._opened()
        speaker = find_speaker(folder.speakers, voice.name, voice.language)
        if speaker.name not in self._talkers:
            async with self._loading:
                if speaker.name not in self._talkers:
                    loaded = await asyncio.to_thread(folder.load, speaker)
                    self._talkers[speaker.name] = loaded
        return self._talkers[speaker.name]

    async def _spelled(self, talker: Talker, text: str) -> list[list[int]]:
        """The network's numbers for ``text``, in several lists where it is too long for one."""
        by = talker.speaker.pronounced_by
        phonemes = await pronounce(self._phonemiser, text, by, talker.tie) if by else text
        ids, unknown = talker.ids(phonemes)
        if unknown - self._unknown:
            self._unknown |= unknown
            _log.warning("%s has no sound for %s", talker.speaker.name, " ".join(sorted(unknown)))
        if not phonemes:
            return []
        if len(ids) <= talker.longest:
            return [ids]
        return [part for half in halves(text) for part in await self._spelled(talker, half)]

    async def _make(self, work: Callable[[Stop], bytes]) -> bytes:
        """Run ``work`` on a thread when it is our turn; it is stopped where we are cancelled."""
        async with self._turns.one(in_background=is_in_background()):
            stop = Stop()
            running = asyncio.get_running_loop().run_in_executor(self._threads, work, stop)
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                stop.set()
                running.add_done_callback(_forget)
                raise


def _speak(talker: Talker, ids: list[int], speed: float, sounding: Sounding, stop: Stop) -> bytes:
    return sounding.take(talker.network.run(talker.feeds(ids, speed), stop))


def _nothing() -> None:
    """What a thread does to show that it is free."""


def _forget(running: "asyncio.Future[bytes]") -> None:
    """Nobody wants the result, nor to hear that it was stopped."""
    if not running.cancelled():
        running.exception()


def _slin(samples: Samples) -> bytes:
    return samples.astype("<i2").tobytes()
