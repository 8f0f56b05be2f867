"""``ramal demo``: one whole call, from an empty machine to the visit's entry in the log."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from audiosocket.clock import MediaClock
from stt.builtin.recogniser import BuiltinRecogniser
from supervisor.callers.call import write_recording
from supervisor.callers.figures import figures_of
from supervisor.callers.measures import quantiles
from supervisor.demo.cast import Cast, learn_lines, phones_of
from supervisor.demo.chronicle import Chronicle, VisitRow
from supervisor.demo.document import Result
from supervisor.demo.exchange import Exchange, Leg, Phone
from supervisor.demo.portrait import Told, picture_of
from supervisor.demo.scenario import Scenario
from supervisor.demo.show import Show
from supervisor.demo.stage import (
    AMI_USER,
    CONDOMINIUM,
    HOST,
    NUMBER,
    Stage,
    database,
    only_one,
    sample_units,
    supervised,
)
from supervisor.demo.timeline import draw, load_drawing
from supervisor.demo.verdict import judge
from supervisor.errors import OperatorError
from tts.cache import PromptCache
from tts.engine import SynthesisError
from tts.espeak import EspeakEngine
from tts.speaker import Speaker

INTERCOM = "9001"
"""The number that the visitor's intercom calls from."""

LONGEST_CALL_S = 180.0
WOUND_UP_WITHIN_S = 10.0
"""After the visitor's leg, until the others are over and the last event is in the database."""

Made = TypeVar("Made")


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
    began = time.monotonic()
    files = {"wav": folder / "call.wav", "timeline": folder / "timeline.png"}
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(folder))
        casting = await stack.enter_async_context(beside(_cast(scenario, folder, show, stack)))
        drawing = await stack.enter_async_context(beside(asyncio.to_thread(load_drawing)))
        secret = secrets.token_urlsafe(16)
        exchange = Exchange(_phones(scenario), _picking_up(casting), user=AMI_USER, secret=secret)
        stack.push_async_callback(exchange.close)
        ami_port = await exchange.start()
        url = await stack.enter_async_context(database(folder))
        stage = await stack.enter_async_context(
            supervised(url, folder, scenario, ami_port=ami_port, ami_secret=secret)
        )
        cast = await casting
        await drawing
        started_in_s = time.monotonic() - began
        show.note(
            f"Everything is up after {started_in_s:.1f} s: {CONDOMINIUM}, extension "
            f"{NUMBER} at {HOST}:{stage.port}\n"
        )
        told, visit = await _call(scenario, stage, exchange, cast, show)
        checks = judge(scenario.expected, visit, told.visitor, cast.resident_legs, told.events)
        result = Result(scenario, told, visit, checks, files, started_in_s)
        show.outcome(result)
        async with beside(_keep(result)) as keeping:
            if stay is not None:
                await stay(stage)
            await keeping
    return result


async def _call(
    scenario: Scenario, stage: Stage, exchange: Exchange, cast: Cast, show: Show
) -> tuple[Told, VisitRow | None]:
    call_id = uuid4()
    chronicle = Chronicle(stage.pool, call_id, show.event)
    async with beside(chronicle.follow()) as following:
        show.call_begins(datetime.now(UTC))
        visit = cast.visit(HOST, stage.port, call_id)
        await _within(LONGEST_CALL_S, "The call", exchange.place(INTERCOM, str(call_id), visit))
        await _within(WOUND_UP_WITHIN_S, "The resident's call", exchange.settled())
        if exchange.errors:
            raise exchange.errors[0]
        await _within(WOUND_UP_WITHIN_S, "The call's record", following)
    told = _tell(scenario, cast, chronicle)
    return told, await chronicle.visit()


async def _keep(result: Result) -> None:
    """Write the WAV and the picture."""
    await asyncio.to_thread(write_recording, result.told.visitor, result.files["wav"])
    await asyncio.to_thread(draw, picture_of(result.told), result.files["timeline"])


def _tell(scenario: Scenario, cast: Cast, chronicle: Chronicle) -> Told:
    if cast.visitor is None:
        raise OperatorError("The visitor's call did not come about; the lines above say why.")
    figures = figures_of(cast.visitor)
    residents = [(phone, leg, figures_of(leg)) for phone, leg in cast.residents]
    outcomes = [event.data["outcome"] for event in chronicle.events if event.kind == "visit"]
    gate = quantiles(figures.voice_to_voice_ms)
    facts = [CONDOMINIUM, f"extension {NUMBER}", scenario.name]
    facts += [f"voice-to-voice at the gate p50 {gate.p50:.0f} ms"] if gate else []
    facts += [f"visit: {outcome}" for outcome in outcomes]
    ago = timedelta(seconds=time.monotonic() - cast.visitor.connected_at)
    return Told(
        title=scenario.title,
        subtitle="  ·  ".join(facts),
        began=datetime.now(UTC) - ago,
        visitor=cast.visitor,
        visitor_figures=figures,
        residents=residents,
        events=chronicle.events,
    )


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
    numbers = {phone for resident in residents for phone in resident.phones}
    return phones_of(scenario, numbers)


def _picking_up(casting: "asyncio.Task[Cast]") -> Callable[[Leg], Coroutine[Any, Any, None]]:
    async def pick_up(leg: Leg) -> None:
        await (await casting).pick_up(leg)

    return pick_up


async def _within(limit_s: float, what: str, work: Awaitable[Made]) -> Made:
    try:
        async with asyncio.timeout(limit_s):
            return await work
    except TimeoutError:
        raise OperatorError(f"{what} did not end within {limit_s:g} s.") from None


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, Made]) -> AsyncIterator["asyncio.Task[Made]"]:
    """Run ``work`` beside the block, which awaits it or gives it up at its end."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
