"""A simulated person on an AudioSocket leg: goes through a script, hears, and keeps the times."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from audiosocket.caller import Caller
from audiosocket.clock import MediaClock
from audiosocket.listener import EndReason, IgnoringListener
from audiosocket.recording import Track
from audiosocket.slin import Samples
from stt.recogniser import Recogniser
from supervisor.callers.acting import Actor
from supervisor.callers.ears import Ears, LineEndedError, Sound
from supervisor.callers.echo import EchoPath
from supervisor.callers.measures import Said, voice_to_voice_ms
from supervisor.callers.microphone import Microphone
from supervisor.callers.steps import Converse, StayOnLine, Step
from supervisor.callers.transcribing import OnTurn, Transcriber, Turn


class Watcher(Protocol):
    """Who is told what happens on a person's leg, while it happens."""

    def said(self, person: str, text: str) -> None:
        """The person begins to say something."""

    def answered(self, person: str, latency_ms: float) -> None:
        """The first audible frame after something that the person said: voice-to-voice."""

    def heard(self, person: str, turn: Turn) -> None:
        """The person understood a stretch of the other side's speech."""


class Nobody:
    """A watcher who does not care."""

    def said(self, person: str, text: str) -> None:
        """Ignore it."""

    def answered(self, person: str, latency_ms: float) -> None:
        """Ignore it."""

    def heard(self, person: str, turn: Turn) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A call as one person lived it; times in seconds of the monotonic clock."""

    call_id: UUID
    person: str
    connected_at: float
    """When the UUID frame was sent."""
    ended_at: float
    ended_by: EndReason
    said: Sequence[Said]
    sounds: Sequence[Sound]
    """The other side's speech, turn by turn."""
    bursts: Sequence[Sound]
    """The same with the stops inside words bridged only."""
    turns: Sequence[Turn]
    """The same, understood; empty without a recogniser."""
    sent: Track
    received: Track
    unmet: str | None
    """The first thing that the person waited for in vain."""


class Person:
    """Somebody with a script.

    ``speech`` holds the sound (8 kHz int16) of every text and file in ``steps``, made before the
    call, so that a person speaks when it is their turn and not when an engine is done. Without
    a ``recogniser`` a person hears when the other side speaks, but not what.
    """

    def __init__(
        self,
        name: str,
        steps: Sequence[Step],
        speech: Mapping[str, Samples],
        *,
        clock: MediaClock,
        recogniser: Recogniser | None = None,
        language: str = "pt-BR",
        street: Samples | None = None,
        echo: EchoPath | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.name = name
        self._steps = steps
        self._speech = speech
        self._clock = clock
        self._recogniser = recogniser
        self._language = language
        self._street = street
        self._echo = echo
        self._watcher = watcher or Nobody()

    async def call(self, host: str, port: int, call_id: UUID) -> Leg:
        """Place the call, live through it, and hang up at the end of the script.

        Raises ``OSError`` or ``TimeoutError`` if nothing answers there.
        """
        line = _Line(self._clock, self._recogniser, self._language, self._heard)
        line.echo = self._echo
        caller = await Caller.connect(host, port, call_id, clock=self._clock, listener=line)
        if self._echo is not None:
            caller.acoustics = self._echo.pick_up
        microphone = Microphone(caller.playback, caller.said, street=self._street)
        line.on_sound = lambda: self._tell_answered(line.ears, microphone)
        actor = Actor(
            caller,
            ears=line.ears,
            transcriber=line.transcriber,
            microphone=microphone,
            speech=self._speech,
            on_say=self._says,
        )
        unmet = None
        try:
            unmet = await self._live_through(actor)
            await caller.hang_up()
        finally:
            caller.abort()
            await line.close()
        return Leg(
            call_id=call_id,
            person=self.name,
            connected_at=caller.started_at,
            ended_at=line.ended_at,
            ended_by=await caller.ended,
            said=microphone.said,
            sounds=line.ears.sounds,
            bursts=line.ears.bursts,
            turns=line.transcriber.turns if line.transcriber else (),
            sent=caller.said,
            received=caller.heard,
            unmet=unmet,
        )

    async def _live_through(self, actor: Actor) -> str | None:
        for step in self._steps:
            try:
                await actor.take(step)
            except LineEndedError as ended:
                return None if isinstance(step, StayOnLine | Converse) else f"{step}, but {ended}"
            except TimeoutError:
                return f"{step}, in vain"
        return None

    def _says(self, text: str) -> None:
        self._watcher.said(self.name, text)

    def _heard(self, turn: Turn) -> None:
        self._watcher.heard(self.name, turn)

    def _tell_answered(self, ears: Ears, microphone: Microphone) -> None:
        said = microphone.last_finished
        if said is None or any(said.end < burst.start for burst in ears.bursts[:-1]):
            return
        latency_ms = voice_to_voice_ms(said, ears.bursts, before=float("inf"))
        if latency_ms is not None:
            self._watcher.answered(self.name, latency_ms)


class _Line(IgnoringListener):
    """A caller's listener: ears and, with a recogniser, understanding."""

    def __init__(
        self, clock: MediaClock, recogniser: Recogniser | None, language: str, on_turn: OnTurn
    ) -> None:
        self.ears = Ears()
        self.transcriber: Transcriber | None = None
        self.ended_at = 0.0
        self.on_sound: Callable[[], None] = lambda: None
        """Called when the other side begins to speak."""
        self.echo: EchoPath | None = None
        self._clock = clock
        if recogniser is not None:
            self.transcriber = Transcriber(self.ears, recogniser, language, on_turn)

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """One frame: first hear it, then follow what is said."""
        if self.echo is not None:
            self.echo.hear(samples)
        before = len(self.ears.bursts)
        self.ears.take(samples, self._clock.now())
        if len(self.ears.bursts) > before:
            self.on_sound()
        if self.transcriber is not None:
            self.transcriber.take(samples)

    def call_ended(self, reason: EndReason) -> None:
        """Tell whoever is listening."""
        self.ended_at = self._clock.now()
        why = f"the line ended ({reason})"
        if self.transcriber is not None:
            self.transcriber.end(why)
        self.ears.end(why)

    async def close(self) -> None:
        """Understand the rest."""
        if self.transcriber is not None:
            await self.transcriber.close()
