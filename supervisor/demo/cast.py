"""The people of a scenario: voices ready before the call, legs kept after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from audiosocket.clock import MediaClock
from audiosocket.slin import Samples
from stt.recogniser import Recogniser
from supervisor.callers.call import street_of
from supervisor.callers.person import Leg, Person, Watcher
from supervisor.callers.script import PersonScript
from supervisor.callers.speech import speech_for
from supervisor.demo import exchange
from supervisor.demo.exchange import Habit, Phone
from supervisor.demo.scenario import Scenario
from tts.espeak import espeak_voice
from tts.speaker import Speaker

VISITOR = "visitor"
RESIDENT = "resident"


@dataclass(frozen=True, slots=True)
class Lines:
    """What people say in a scenario, as sound: the visitor's, and each resident's by phone."""

    visitor: Mapping[str, Samples]
    residents: Mapping[str, Mapping[str, Samples]]


async def learn_lines(scenario: Scenario, speaker: Speaker) -> Lines:
    """Make every sound of a scenario. Raises :class:`tts.engine.SynthesisError`."""

    async def lines_of(person: PersonScript) -> Mapping[str, Samples]:
        voice = espeak_voice(person.voice, speed=person.speed, pitch=person.pitch)
        return await speech_for(person.steps, speaker, voice)

    residents = {phone: await lines_of(person) for phone, person in scenario.residents.items()}
    return Lines(await lines_of(scenario.visitor), residents)


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
    ) -> None:
        self.visitor: Leg | None = None
        self.residents: list[tuple[str, Leg]] = []
        """With the phone that was picked up, in the order of their ends."""
        self._scenario = scenario
        self._lines = lines
        self._recogniser = recogniser
        self._clock = clock
        self._watcher = watcher

    @property
    def resident_legs(self) -> list[Leg]:
        """The residents' legs without their phones."""
        return [leg for _, leg in self.residents]

    async def visit(self, host: str, port: int, call_id: UUID) -> None:
        """Be the visitor. Raises ``OSError`` or ``TimeoutError`` if nothing answers there."""
        person = self._person(VISITOR, self._scenario.visitor, self._lines.visitor)
        self.visitor = await person.call(host, port, call_id)

    async def pick_up(self, leg: exchange.Leg) -> None:
        """Be the resident whose phone was answered."""
        script = self._scenario.residents[leg.number]
        person = self._person(RESIDENT, script, self._lines.residents[leg.number])
        lived = await person.call(leg.host, leg.port, UUID(leg.unique_id))
        self.residents.append((leg.number, lived))

    def _person(self, name: str, script: PersonScript, speech: Mapping[str, Samples]) -> Person:
        return Person(
            name,
            script.steps,
            speech,
            clock=self._clock,
            recogniser=self._recogniser,
            street=street_of(script),
            watcher=self._watcher,
        )
