"""Recognition as gateways have it: a ``Recogniser`` over the replicas of :class:`.ears.Ears`."""

import asyncio
import time
from typing import Any, Final

import structlog

from engines.remote_recogniser import Utterance
from stt.recogniser import TELEPHONE_HZ, Hints, RecogniserBusyError, Transcript
from stt.vad import Samples
from stt.whisper.agreement import Agreement
from supervisor.cluster.asking import LOST, Retries, Tries, is_full
from supervisor.cluster.settings import Patience
from supervisor.cluster.wire import Answered, Asked, Described

_PAUSE: Final = 2.0
"""So many times its own time passes after a partial text before the next is asked for."""
_NOTHING: Final = Transcript("", 0.0, final=False)
_log = structlog.get_logger(__name__)


class ClusterRecogniser:
    """Implements :class:`stt.recogniser.Recogniser`. Audio stays in the gateway until a text is
    wanted, so a replica that is lost takes nothing with it."""

    def __init__(
        self,
        handle: Any,
        description: Described,
        patience: Patience,
        partial_every_s: float,
        retries: Retries,
    ) -> None:
        """``handle`` is Serve's ``DeploymentHandle``."""
        self.name = description.name
        self.best_hz = description.best_hz
        self._retries = retries
        self.partial_every_s = partial_every_s
        self._handle = handle
        self.patience_s = patience.result_s

    def stream(self, language: str, hints: Hints, rate_hz: int = TELEPHONE_HZ) -> "ClusterStream":
        """A new stream; whether the engine knows the language is told with the result."""
        return ClusterStream(self, language, hints, rate_hz)

    async def ask(self, asked: Asked) -> Answered:
        """The answer of a replica; of another one where it is lost.

        Raises :class:`~stt.recogniser.RecogniserBusyError`.
        """
        tries = Tries(self._retries, "stt", self.patience_s)
        while True:
            response = self._handle.hear.remote(asked)
            try:
                async with asyncio.timeout(self.patience_s):
                    answered: Answered = await response
                return answered
            except LOST as error:
                response.cancel()
                if is_full(error):
                    raise RecogniserBusyError("all replicas are busy") from error
                reason = f"{type(error).__name__} {error}".splitlines()[0]
                _log.warning("replica.lost", kind="stt", reason=reason)
                if not await tries.has_another(error):
                    raise RecogniserBusyError(f"no replica could recognise: {reason}") from error
            except asyncio.CancelledError:
                response.cancel()
                raise

    async def close(self) -> None:
        """Replicas outlive a gateway."""


class ClusterStream:
    """One caller's speech; see :class:`stt.recogniser.RecognitionStream`.

    Partial texts settle as Whisper's own do (:mod:`stt.whisper.agreement`); each waits for twice
    the time that the one before it took, and one under way is given up for a result.
    """

    def __init__(
        self, engine: ClusterRecogniser, language: str, hints: Hints, rate_hz: int
    ) -> None:
        self._engine = engine
        self._language = language
        self._hints = hints
        self._rate_hz = rate_hz
        self._utterance = Utterance(rate_hz)
        self._hearing: asyncio.Task[None] | None = None
        self._given_up: set[asyncio.Task[None]] = set()
        self._start_over()

    def _start_over(self) -> None:
        self._utterance.clear()
        self._said = object()  # what the evidence knows this utterance by
        self._fed = self._unheard = 0
        self._not_before = 0.0
        self._agreement = Agreement()
        self._partial = _NOTHING

    def feed(self, samples: Samples) -> None:
        """Keep it; now and then a text of it is asked for, one at a time."""
        self._utterance.add(samples)
        self._unheard += len(samples)
        self._fed += len(samples)
        every_s = self._engine.partial_every_s
        due = bool(every_s) and self._unheard >= every_s * self._rate_hz
        if due and self._hearing is None and time.monotonic() >= self._not_before:
            self._unheard = 0
            self._hearing = asyncio.create_task(self._hear_partial(self._said), name="partial")

    @property
    def partial(self) -> Transcript:
        """The newest text."""
        return self._partial

    async def early(self) -> None:
        """Nothing: whether a replica has time to spare is not known here."""

    async def result(self) -> Transcript:
        """The text of all that was fed. Raises :class:`~stt.recogniser.RecogniserBusyError`."""
        self._give_up()
        said, fed = self._said, self._fed
        transcript = await self._hear(said)
        self._take(said, fed, transcript)
        return transcript

    def reset(self) -> None:
        """Forget the utterance."""
        self._give_up()
        self._start_over()

    async def close(self) -> None:
        """Stop what is being recognised."""
        self._give_up()
        if self._given_up:
            await asyncio.wait(self._given_up)

    def _give_up(self) -> None:
        if self._hearing is not None:
            self._hearing.cancel()
            self._given_up.add(self._hearing)
            self._hearing.add_done_callback(self._given_up.discard)
            self._hearing = None

    async def _hear(self, said: object) -> Transcript:
        evidence, hints = self._hints.evidence, self._hints
        asked = Asked(
            self._utterance.whole(),
            self._rate_hz,
            self._language,
            hints.phrases,
            hints.boost,
            hints.just_said,
            evidence.spoken(said) if evidence is not None else (),
            self._engine.patience_s,
        )
        answered = await self._engine.ask(asked)
        if answered.transcript is None:
            raise RecogniserBusyError(answered.reason)
        if answered.heard is not None and evidence is not None:
            evidence.add(said, answered.heard)
        return answered.transcript

    async def _hear_partial(self, said: object) -> None:
        began, fed = time.monotonic(), self._fed
        try:
            self._take(said, fed, await self._hear(said))
        except RecogniserBusyError as busy:
            _log.debug("partial.left_out", reason=str(busy))
        finally:
            if self._hearing is asyncio.current_task():  # else it was given up, for a new utterance
                now = time.monotonic()
                self._not_before = now + _PAUSE * (now - began)
                self._hearing = None

    def _take(self, said: object, fed: int, heard: Transcript) -> None:
        if said is not self._said:
            return
        self._partial = self._agreement.partial(heard, fed * 1000 // self._rate_hz)
