"""The helper process: ``python -m tts.espeak_worker`` turns requests on stdin into audio on stdout.

A process of its own because libespeak-ng is GPL-3, blocks, and crashes when two threads use it.
It speaks one request at a time in the order they came, and ends when its input ends.
"""

import json
import os
import queue
import signal
import sys
import threading
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import soxr

from tts.engine import OUTPUT_RATE_HZ
from tts.espeak_library import EspeakLibrary, OnAudio, UnusableError
from tts.espeak_messages import (
    Cancel,
    FrameKind,
    PhonemesRequest,
    Request,
    decode_request,
    encode_frame,
)
from tts.espeak_program import EspeakProgram
from tts.shaping import SpeechShaper

_PIECES_PER_S = 4
"""Frames for a second of audio: more would cost more in the pipe than they gain."""

_NOTHING = np.zeros(0, np.int16)


class Espeak(Protocol):
    """One of the two ways to run espeak-ng."""

    rate_hz: int

    @property
    def description(self) -> str:
        """For logs."""

    def speak(
        self, text: str, voice: str, words_per_minute: int, pitch: int, on_audio: OnAudio
    ) -> None:
        """Hand the speech to ``on_audio`` as it is made; ``ValueError`` for what it refuses."""

    def phonemes(self, clause: str, voice: str, tie: str) -> str:
        """How ``clause`` is pronounced; ``ValueError`` for what it refuses."""


def open_espeak() -> Espeak:
    """The wheel's library, or else the distribution's program. Raises :class:`UnusableError`."""
    try:
        return EspeakLibrary()
    except UnusableError as no_library:
        try:
            return EspeakProgram()
        except UnusableError as no_program:
            raise UnusableError(
                f"espeak-ng cannot be used: {no_library}, and {no_program}; "
                "install it with: pip install 'ramal[espeak]'  or  apt install espeak-ng"
            ) from no_program


class Inbox:
    """Requests in the order they came, and which of them are no longer wanted."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._waiting: queue.SimpleQueue[Request | PhonemesRequest | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._done = 0

    def read(self) -> None:
        """Take messages until the input ends; runs in a thread of its own."""
        for line in self._source:
            message = decode_request(line)
            if not isinstance(message, Cancel):
                self._waiting.put(message)
            elif message.number > self._done:
                self._cancelled.add(message.number)
        self._waiting.put(None)

    def next(self) -> Request | PhonemesRequest | None:
        """The next request, waiting for it; None when there will be no more."""
        return self._waiting.get()

    def is_cancelled(self, number: int) -> bool:
        """Whether the caller no longer wants this request."""
        return number in self._cancelled

    def forget(self, number: int) -> None:
        """The request was dealt with; numbers only rise, so a late cancellation is no news."""
        self._done = number
        self._cancelled.discard(number)


class Speaking:
    """One request on its way out."""

    def __init__(self, request: Request, rate_hz: int, inbox: Inbox, out: BinaryIO) -> None:
        self._request = request
        self._resampler = _resampler(rate_hz, request.rate_hz)
        self._shaper = SpeechShaper(request.rate_hz)
        self._piece = request.rate_hz // _PIECES_PER_S
        self._made = _NOTHING
        self._inbox = inbox
        self._out = out

    def take(self, samples: npt.NDArray[np.int16]) -> bool:
        """The engine's callback: true stops it."""
        if self._inbox.is_cancelled(self._request.number):
            return True
        self._made = np.append(
            self._made, self._shaper.process(self._resampler.resample_chunk(samples))
        )
        if self._made.size >= self._piece:
            self._send()
        return False

    def end(self) -> None:
        """Send what is still held, and the end."""
        rest = self._resampler.resample_chunk(_NOTHING, last=True)
        self._made = np.concatenate([self._made, self._shaper.process(rest), self._shaper.finish()])
        if self._made.size:
            self._send()
        self._write(FrameKind.END)

    def fail(self, reason: str) -> None:
        """Tell why there is no audio."""
        self._write(FrameKind.FAILED, reason.encode())

    def _send(self) -> None:
        self._write(FrameKind.AUDIO, self._made.astype("<i2").tobytes())
        self._made = _NOTHING

    def _write(self, kind: FrameKind, payload: bytes = b"") -> None:
        self._out.write(encode_frame(self._request.number, kind, payload))
        self._out.flush()


def serve(espeak: Espeak, inbox: Inbox, out: BinaryIO) -> None:
    """Answer requests until there are no more."""
    while (request := inbox.next()) is not None:
        if isinstance(request, PhonemesRequest):
            _pronounce(espeak, request, out)
            inbox.forget(request.number)
            continue
        speaking = Speaking(request, espeak.rate_hz, inbox, out)
        try:
            if not inbox.is_cancelled(request.number):
                espeak.speak(
                    request.text,
                    request.voice,
                    request.words_per_minute,
                    request.pitch,
                    speaking.take,
                )
            speaking.end()
        except ValueError as refused:
            speaking.fail(str(refused))
        inbox.forget(request.number)


def _pronounce(espeak: Espeak, request: PhonemesRequest, out: BinaryIO) -> None:
    try:
        said = [espeak.phonemes(each, request.voice, request.tie) for each in request.clauses]
        frames = encode_frame(request.number, FrameKind.PHONEMES, json.dumps(said).encode())
        frames += encode_frame(request.number, FrameKind.END)
    except ValueError as refused:
        frames = encode_frame(request.number, FrameKind.FAILED, str(refused).encode())
    out.write(frames)
    out.flush()


def _warm(espeak: Espeak) -> None:
    """Load what the first request would wait for: the default voice and the filter's taps."""
    resampler = _resampler(espeak.rate_hz, OUTPUT_RATE_HZ)
    espeak.speak("um", "pt-br", 180, 50, lambda block: resampler.resample_chunk(block).size > 0)


def _resampler(rate_hz: int, wanted_hz: int) -> soxr.ResampleStream:
    """soxr, which for live audio is too bursty: here speech is made a thousand times faster than
    it is spoken, and it takes a tenth of the time of a filter bank in numpy."""
    return soxr.ResampleStream(rate_hz, wanted_hz, 1, dtype="int16")


def _private_stdout() -> BinaryIO:
    """The pipe to the parent; whatever a library prints goes to standard error from now on."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def main() -> int:
    """Serve on the standard pipes; 1 where espeak-ng is not installed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = _private_stdout()
    try:
        espeak = open_espeak()
    except UnusableError as reason:
        out.write(encode_frame(0, FrameKind.UNUSABLE, str(reason).encode()))
        out.flush()
        return 1
    _warm(espeak)
    out.write(encode_frame(0, FrameKind.HELLO, espeak.description.encode()))
    out.flush()
    inbox = Inbox(sys.stdin.buffer)
    threading.Thread(target=inbox.read, daemon=True).start()
    try:
        serve(espeak, inbox, out)
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
