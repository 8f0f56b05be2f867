"""``ramal demo``: one whole call, from an empty machine to the visit's entry in the log."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from audiosocket.clock import MediaClock
from stt.builtin.recogniser import BuiltinRecogniser
from supervisor.callers.call import write_recording
from supervisor.callers.measures import quantiles
from supervisor.demo.document import Result
from supervisor.demo.show import Show
from supervisor.demo.stage import database, only_one, supervised
from supervisor.demo.timeline import draw, load_drawing
from supervisor.errors import OperatorError
from supervisor.simulation.cast import Cast, learn_lines, phones_of
from supervisor.simulation.chronicle import Chronicle
from supervisor.simulation.exchange import Exchange, Leg, Phone
from supervisor.simulation.portrait import Told, picture_of, tell
from supervisor.simulation.scenario import Scenario
from supervisor.simulation.stage import (
    AMI_USER,
    DOOR,
    HOST,
    INTERCOM,
    Stage,
    sample_units,
)
from supervisor.simulation.verdict import Happened, judge
from supervisor.simulation.waiting import beside, within
from tts.cache import PromptCache
from tts.engine import SynthesisError
from tts.espeak import EspeakEngine
from tts.speaker import Speaker

LONGEST_CALL_S = 180.0
WOUND_UP_WITHIN_S = 10.0
"""After the visitor's leg, until the others are over and the last event is in the database."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything is up, and everybody knows their lines."""

    stage: Stage
    exchange: Exchange
    cast: Cast
    after_s: float


async def run_demo(
    scenario: Scenario,
    folder: Path,
    show: Show,
    stay: Callable[[Stage], Awaitable[None]] | None = None,
) -> Result:
    """Run ``scenario`` with everything real, and leave its files in ``folder``.

    ``stay`` is awaited while everything is still up. Raises :class:`OperatorError` for what
    somebody can put right; however it ends, nothing is left running.
    """
    async with AsyncExitStack() as desk:
        desk.enter_context(only_one(folder))
        async with _everything_up(scenario, folder, show) as ready:
            extension = ready.stage.extension
            place = f"extension {extension.number} at {HOST}:{extension.port}"
            show.ready(extension.condominium, place, ready.after_s)
            result = await _call(scenario, folder, show, ready)
            keeping = await desk.enter_async_context(beside(_keep(result)))
            show.outcome(result)
            if stay is not None:
                await stay(ready.stage)
        await keeping
    return result


@asynccontextmanager
async def _everything_up(scenario: Scenario, folder: Path, show: Show) -> AsyncIterator[Ready]:
    """What takes long is done at the same time: models, voices, drawing, database, worker."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        casting = await stack.enter_async_context(beside(_cast(scenario, folder, show, stack)))
        drawing = await stack.enter_async_context(beside(asyncio.to_thread(load_drawing)))
        secret = secrets.token_urlsafe(16)
        exchange = Exchange(
            *(_phones(scenario), _picking_up(casting)), user=AMI_USER, secret=secret, doors={DOOR}
        )
        stack.push_async_callback(exchange.close)
        ami_port = await exchange.start()
        url = await stack.enter_async_context(database(folder))
        stage = await stack.enter_async_context(
            supervised(url, folder, scenario, ami_port=ami_port, ami_secret=secret)
        )
        cast = await casting
        await drawing
        yield Ready(stage, exchange, cast, time.monotonic() - began)


async def _call(scenario: Scenario, folder: Path, show: Show, ready: Ready) -> Result:
    call_id = uuid4()
    exchange, cast = ready.exchange, ready.cast
    chronicle = Chronicle(ready.stage.pool, ready.stage.database_url, call_id, show.event)
    async with beside(chronicle.follow()) as following:
        show.call_begins(datetime.now(UTC))
        visit = cast.visit(HOST, ready.stage.extension.port, call_id)
        placed = exchange.place(INTERCOM, str(call_id), visit)
        channel = await within(LONGEST_CALL_S, "The call", placed)
        await within(WOUND_UP_WITHIN_S, "The resident's call", exchange.settled())
        if exchange.errors:
            raise exchange.errors[0]
        await within(WOUND_UP_WITHIN_S, "The call's record", following)
    row = await chronicle.visit()
    told = _tell(scenario, ready, chronicle)
    happened = Happened(row, cast.visitor, cast.residents, told.events, channel.sent_to)
    checks = judge(scenario.expected, happened)
    files = {"wav": folder / "call.wav", "timeline": folder / "timeline.png"}
    return Result(scenario, told, row, checks, files, ready.after_s)


async def _keep(result: Result) -> None:
    """Write the WAV and the picture."""

    def write() -> None:
        write_recording(result.told.visitor, result.files["wav"])
        draw(picture_of(result.told, voices=True), result.files["timeline"])

    await asyncio.to_thread(write)


def _tell(scenario: Scenario, ready: Ready, chronicle: Chronicle) -> Told:
    """The call, with what a picture of it says below its title."""
    told, extension = tell(scenario, ready.cast, chronicle), ready.stage.extension
    outcomes = [event.data["outcome"] for event in chronicle.events if event.kind == "visit"]
    gate = quantiles(told.visitor_figures.voice_to_voice_ms)
    facts = [extension.condominium, f"extension {extension.number}", scenario.name]
    facts += [f"voice-to-voice {scenario.place} p50 {gate.p50:.0f} ms"] if gate else []
    facts += [f"visit: {outcome}" for outcome in outcomes]
    return replace(told, subtitle="  ·  ".join(facts))


async def _cast(scenario: Scenario, folder: Path, show: Show, stack: AsyncExitStack) -> Cast:
    """The people, with ears and lines. Raises :class:`OperatorError` if they have no voice."""
    recogniser = await BuiltinRecogniser.open()
    stack.push_async_callback(recogniser.close)
    engine = EspeakEngine()
    stack.push_async_callback(engine.close)
    speaker = Speaker(engine, PromptCache(folder / "voices"))
    stack.push_async_callback(speaker.close)
    try:
        lines = await learn_lines(scenario, speaker)
    except SynthesisError as error:
        raise OperatorError(f"The demo's people have no voice: {error}.") from None
    return Cast(scenario, lines, recogniser=recogniser, clock=MediaClock(), watcher=show)


def _phones(scenario: Scenario) -> dict[str, Phone]:
    residents = [resident for unit in sample_units() for resident in unit.residents]
    return phones_of(scenario, {phone for resident in residents for phone in resident.phones})


def _picking_up(casting: "asyncio.Task[Cast]") -> Callable[[Leg], Coroutine[Any, Any, None]]:
    async def pick_up(leg: Leg) -> None:
        await (await casting).pick_up(leg)

    return pick_up
