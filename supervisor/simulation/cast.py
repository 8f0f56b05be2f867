"""The people of a scenario: voices ready before the call, legs kept after it."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from uuid import UUID

import numpy as np

from audiosocket.clock import MediaClock
from audiosocket.slin import Samples
from stt.recogniser import Recogniser
from supervisor.callers.call import echo_of, street_of
from supervisor.callers.person import Leg, Person, Watcher
from supervisor.callers.script import PersonScript
from supervisor.callers.speech import speech_for
from supervisor.simulation import exchange
from supervisor.simulation.exchange import Habit, Phone
from supervisor.simulation.scenario import Scenario
from tts.espeak import espeak_voice
from tts.speaker import Speaker

VISITOR = "visitor"
RESIDENT = "resident"


@dataclass(frozen=True, slots=True)
class Lines:
    """What people say in a scenario, as sound: the visitor's, and each resident's by phone."""

    visitor: Mapping[str, Samples]
    residents: Mapping[str, Mapping[str, Samples]]


async def learn_lines(scenario: Scenario, speaker: Speaker, seed: int = 0) -> Lines:
    """Make every sound of a scenario; with a ``seed`` but 0, a little slower, faster, higher or
    lower than it says.

    Raises :class:`tts.engine.SynthesisError`.
    """
    random = Random(seed)  # noqa: S311 - no secret: voices that differ a little

    async def lines_of(person: PersonScript) -> Mapping[str, Samples]:
        speed = person.speed * (random.uniform(0.94, 1.06) if seed else 1)
        pitch = person.pitch + (random.uniform(-0.06, 0.06) if seed else 0)
        voice = espeak_voice(person.voice, speed=speed, pitch=min(1.0, max(0.0, pitch)))
        speech = await speech_for(person.steps, speaker, voice)
        return {text: louder(samples, person.gain_db) for text, samples in speech.items()}

    residents = {phone: await lines_of(person) for phone, person in scenario.residents.items()}
    return Lines(await lines_of(scenario.visitor), residents)


def louder(samples: Samples, gain_db: float) -> Samples:
    """int16 samples by so much louder, clipped; as they are for 0."""
    if not gain_db:
        return samples
    scaled = samples.astype(np.float32) * 10 ** (gain_db / 20)
    clipped: Samples = np.clip(scaled, -32768, 32767).astype(np.int16)
    return clipped


def phones_of(scenario: Scenario, numbers: Iterable[str]) -> dict[str, Phone]:
    """How every phone of the condominium behaves: as the scenario says, else it only rings."""
    scripted = {number: one.phone() for number, one in scenario.residents.items()}
    return dict.fromkeys(numbers, Phone(Habit.NEVER_ANSWERS)) | scripted


class Cast:
    """Brings the people onto their legs; a leg is kept once it has ended."""

    def __init__(
        self,
        scenario: Scenario,
        lines: Lines,
        *,
        recogniser: Recogniser,
        clock: MediaClock,
        watcher: Watcher,
        seed: int = 0,
    ) -> None:
        self.visitor: Leg | None = None
        self.residents: list[tuple[str, Leg]] = []
        """With the phone that was picked up, in the order of their ends."""
        self._scenario = scenario
        self._lines = lines
        self._recogniser = recogniser
        self._clock = clock
        self._watcher = watcher
        self._seed = seed
        self._on_the_phone = 0
        self._hung_up = asyncio.Event()

    async def visit(self, host: str, port: int, call_id: UUID) -> None:
        """Be the visitor. Raises ``OSError`` or ``TimeoutError`` if nothing answers there."""
        person = self._person(VISITOR, self._scenario.visitor, self._lines.visitor)
        self.visitor = await person.call(host, port, call_id)

    async def pick_up(self, leg: exchange.Leg) -> None:
        """Be the resident whose phone was answered."""
        script = self._scenario.residents[leg.number]
        person = self._person(RESIDENT, script, self._lines.residents[leg.number])
        self._on_the_phone += 1
        try:
            lived = await person.call(leg.host, leg.port, UUID(leg.unique_id))
            self.residents.append((leg.number, lived))
        finally:
            self._on_the_phone -= 1
            if not self._on_the_phone:
                self._hung_up.set()

    async def settled(self) -> None:
        """Wait until no resident is on the phone."""
        while self._on_the_phone:
            self._hung_up.clear()
            await self._hung_up.wait()

    def _person(self, name: str, script: PersonScript, speech: Mapping[str, Samples]) -> Person:
        return Person(
            name,
            script.steps,
            speech,
            clock=self._clock,
            recogniser=self._recogniser,
            language=script.hears,
            street=street_of(script, self._seed + 1),
            echo=echo_of(script),
            watcher=self._watcher,
        )
