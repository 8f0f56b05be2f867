"""The built-in network as a ``Recogniser``: no download, pt-BR and English, all callers at once."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from stt.builtin.beam import Beam
from stt.builtin.decoder import Decoder
from stt.builtin.features import SAMPLE_RATE_HZ
from stt.builtin.language import doorman_language
from stt.builtin.network import MODEL, AcousticNetwork
from stt.builtin.utterance import CHUNK, Utterance
from stt.languages import choices
from stt.recogniser import Hints, Transcript

THREADS: Final = 2
"""A caller who speaks takes about 2 % of a core: two threads only keep long jobs from queueing."""
_NOTHING: Final = Transcript("", 0.0, final=False)


class _Hearing:
    """One utterance and how far it is decoded; its computations take turns."""

    def __init__(self, network: AcousticNetwork, decoder: Decoder) -> None:
        self._turn = threading.Lock()
        self._decoder = decoder
        self._utterance = Utterance(network)
        self._beam: Beam | None = None
        self.feed = self._utterance.feed

    @property
    def waiting(self) -> int:
        return self._utterance.waiting

    def _advance(self) -> Beam:
        self._beam = self._decoder.advance(self._beam, self._utterance.advance())
        return self._beam

    def partial(self) -> Transcript:
        with self._turn:
            return self._decoder.partial(self._advance(), self._utterance.scores)

    def final(self) -> Transcript:
        with self._turn:
            beam, rest = self._advance(), self._utterance.conclude()
            scores = np.concatenate((self._utterance.scores, rest))
            return self._decoder.final(self._decoder.advance(beam, rest), scores)


class BuiltinStream:
    """One caller's speech. Everything but ``feed`` and ``reset`` computes on the thread pool."""

    def __init__(self, network: AcousticNetwork, decoder: Decoder, pool: Executor) -> None:
        self._network = network
        self._decoder = decoder
        self._pool = pool
        self._hearing = _Hearing(network, decoder)
        self._partial = _NOTHING
        self._scheduled = False
        self._closed = False

    def feed(self, samples: npt.NDArray[np.int16]) -> None:
        """Take int16 mono samples at 8 kHz. Raises ``RuntimeError`` after ``close``."""
        if self._closed:
            raise RuntimeError("the stream is closed")
        self._hearing.feed(np.array(samples, np.int16).reshape(-1))
        if self._hearing.waiting >= CHUNK and not self._scheduled:
            self._scheduled = True
            self._pool.submit(self._advance, self._hearing)

    def _advance(self, hearing: _Hearing) -> None:
        try:
            transcript = hearing.partial()
            if hearing is self._hearing:
                self._partial = transcript
        finally:
            self._scheduled = False

    @property
    def partial(self) -> Transcript:
        """The newest text, without words' times; 0.3 to 0.5 s behind the speaker."""
        return self._partial

    async def early(self) -> None:
        """Nothing: a result takes 3 ms."""

    async def result(self) -> Transcript:
        """The text of all that was fed so far; speech may go on afterwards."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hearing.final)

    def reset(self) -> None:
        """Forget what was fed; a computation under way is dropped when it ends."""
        self._hearing = _Hearing(self._network, self._decoder)
        self._partial = _NOTHING

    async def close(self) -> None:
        """Forget everything; ``feed`` raises from now on."""
        self._closed = True
        self.reset()


class BuiltinRecogniser:
    """Loads and warms the network once; streams share it and one small thread pool, or ``pool``,
    which :meth:`close` shuts down."""

    name = "builtin"
    best_hz = SAMPLE_RATE_HZ

    def __init__(
        self, model: Path = MODEL, threads: int = THREADS, pool: Executor | None = None
    ) -> None:
        self._network = AcousticNetwork(model)
        doorman_language()  # read now: the first caller's event loop must not wait for it
        self._pool = pool or ThreadPoolExecutor(threads, thread_name_prefix="builtin-stt")

    @classmethod
    async def open(cls, model: Path = MODEL, threads: int = THREADS) -> BuiltinRecogniser:
        """The same as the constructor, off the event loop."""
        return await asyncio.to_thread(cls, model, threads)

    def stream(self, language: str, hints: Hints, rate_hz: int = SAMPLE_RATE_HZ) -> BuiltinStream:
        """A new caller, fed at 8 kHz. ``language`` is a BCP 47 tag: the network hears pt-BR and
        English alike, the tag only decides how what was heard is written; it cannot tell them
        apart, so of several it is the first."""
        if rate_hz != SAMPLE_RATE_HZ:
            raise ValueError(f"the built-in network hears {SAMPLE_RATE_HZ} Hz, not {rate_hz}")
        first = choices(language, ("pt-BR",))[0]
        decoder = Decoder(first, hints, self._network.delay_steps)
        return BuiltinStream(self._network, decoder, self._pool)

    async def close(self) -> None:
        """Finish what is being computed and stop the threads."""
        await asyncio.to_thread(self._pool.shutdown)
