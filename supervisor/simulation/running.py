"""Many scenarios against one running server: each with an extension of its own, side by side."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

from audiosocket.clock import MediaClock
from stt.builtin.recogniser import BuiltinRecogniser
from supervisor.admission.secrets import hash_of
from supervisor.callers.person import Nobody
from supervisor.database.pool import Pool, pooled
from supervisor.errors import OperatorError
from supervisor.server import running_server
from supervisor.simulation.cast import Cast, learn_lines, phones_of
from supervisor.simulation.chronicle import Chronicle
from supervisor.simulation.exchange import Exchange, Phone
from supervisor.simulation.housing import Housing
from supervisor.simulation.portrait import Told, tell
from supervisor.simulation.result import Played
from supervisor.simulation.scenario import Scenario
from supervisor.simulation.stage import (
    AMI_USER,
    DOOR,
    HOST,
    INTERCOM,
    embedded_database,
    sample_units,
    stage_settings,
)
from supervisor.simulation.verdict import Check, Happened, judge
from supervisor.simulation.waiting import beside, within
from tts.cache import PromptCache
from tts.espeak import EspeakEngine
from tts.speaker import Speaker

LONGEST_CALL_S = 150.0
WOUND_UP_WITHIN_S = 15.0
"""After the visitor's leg, until the others are over and the last event is in the database."""


@dataclass(frozen=True, slots=True)
class Take:
    """A scenario that is to be played once; the same ``seed`` chooses the same wordings, noise and
    shades of the voices."""

    scenario: Scenario
    repetition: int
    seed: int


def takes_of(scenarios: Sequence[Scenario], repeat: int, seed: int) -> list[Take]:
    """Every scenario ``repeat`` times; the first round of seed 0 is played as it is written."""
    return [
        Take(scenario, repetition, seed + repetition)
        for repetition in range(repeat)
        for scenario in scenarios
    ]


async def play_all(
    takes: Sequence[Take], jobs: int, on_played: Callable[[Played], None]
) -> list[Played]:
    """Play all takes, ``jobs`` at a time; ``on_played`` is told each as it is over.

    Raises :class:`OperatorError` where no server comes up; a take that cannot be played is a
    result that did not pass.
    """
    with tempfile.TemporaryDirectory(prefix="ramal-simulate-") as folder:
        async with _theatre(Path(folder), jobs) as theatre:
            room = asyncio.Semaphore(jobs)

            async def play(take: Take) -> Played:
                async with room:
                    played = await theatre.play(take)
                on_played(played)
                return played

            async with asyncio.TaskGroup() as tasks:
                playing = [tasks.create_task(play(take)) for take in takes]
    return [task.result() for task in playing]


@asynccontextmanager
async def _theatre(folder: Path, jobs: int) -> AsyncIterator["_Theatre"]:
    async with AsyncExitStack() as stack:
        recogniser = await BuiltinRecogniser.open()
        stack.push_async_callback(recogniser.close)
        engine = EspeakEngine()
        stack.push_async_callback(engine.close)
        speaker = Speaker(engine, PromptCache(folder / "voices"))
        stack.push_async_callback(speaker.close)
        secret = secrets.token_urlsafe(16)
        exchange = Exchange({}, _nobody_answers, user=AMI_USER, secret=secret, doors={DOOR})
        stack.push_async_callback(exchange.close)
        ami_port = await exchange.start()
        url = await stack.enter_async_context(embedded_database(folder))
        pool = await stack.enter_async_context(pooled(url, size=4))
        workers = max(1, min(jobs // 4, 4))
        settings = stage_settings(
            url, folder, ami_port=ami_port, ami_secret=secret, workers=workers
        )
        await stack.enter_async_context(running_server(settings))
        housing = Housing(pool, lambda: hash_of(settings.visitors, folder))
        yield _Theatre(url, pool, exchange, recogniser, speaker, housing=housing)


async def _nobody_answers(_leg: object) -> None:
    """No phone rings for an extension that no scenario has."""


class _Theatre:
    """Everything that all calls share."""

    def __init__(
        self,
        url: str,
        pool: Pool,
        exchange: Exchange,
        recogniser: BuiltinRecogniser,
        speaker: Speaker,
        *,
        housing: Housing,
    ) -> None:
        self._url = url
        self._pool = pool
        self._exchange = exchange
        self._recogniser = recogniser
        self._speaker = speaker
        self._housing = housing
        self._clock = MediaClock()

    async def play(self, take: Take) -> Played:
        """Play a take to its end, whatever that is."""
        began = time.monotonic()
        try:
            told, checks = await self._call(take)
        except OperatorError as problem:
            told, checks = None, [Check("the call came about", met=False, found=str(problem))]
        took_s = time.monotonic() - began
        return Played(take.scenario, take.repetition, take.seed, checks, told, took_s)

    async def _call(self, take: Take) -> tuple[Told, list[Check]]:
        scenario = take.scenario
        lines = await learn_lines(scenario, self._speaker, take.seed)
        cast = Cast(
            scenario,
            lines,
            recogniser=self._recogniser,
            clock=self._clock,
            watcher=Nobody(),
            seed=take.seed,
        )
        call_id = _call_id(take)
        chronicle = Chronicle(self._pool, self._url, call_id, lambda _: None)
        async with self._housing.extension(scenario) as extension:
            with self._exchange.apart(extension.return_port, _phones(scenario), cast.pick_up):
                async with beside(chronicle.follow()) as following:
                    visit = cast.visit(HOST, extension.port, call_id)
                    placed = self._exchange.place(INTERCOM, str(call_id), visit)
                    channel = await within(LONGEST_CALL_S, "The call", placed)
                    await within(WOUND_UP_WITHIN_S, "A resident's call", cast.settled())
                    await within(WOUND_UP_WITHIN_S, "The call's record", following)
        row = await chronicle.visit()
        happened = Happened(row, cast.visitor, cast.residents, chronicle.events, channel.sent_to)
        return tell(scenario, cast, chronicle), judge(scenario.expected, happened)


def _call_id(take: Take) -> UUID:
    """It chooses among our wordings."""
    random = Random(f"{take.scenario.name} {take.seed}")  # noqa: S311 - no secret
    return UUID(int=random.getrandbits(128), version=4)


def _phones(scenario: Scenario) -> dict[str, Phone]:
    units = [unit.row() for unit in scenario.directory or ()] or sample_units()
    numbers = {phone for unit in units for one in unit.residents for phone in one.phones}
    return phones_of(scenario, numbers)
