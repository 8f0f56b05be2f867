"""Plays a recorded call again, on simulated time, with whatever was changed since."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from audiosocket.clock import MediaClock
from audiosocket.connection import Connection
from audiosocket.listener import Listener
from conversation.door import Doors
from conversation.session import CallSession
from stt.builtin.network import MODEL
from stt.builtin.recogniser import BuiltinRecogniser
from stt.engines import open_voice_activity
from stt.recogniser import Recogniser, RecogniserUnavailableError
from stt.turn_model import TurnModel
from supervisor.agents.answering import agent_of
from supervisor.agents.loading import load
from supervisor.agents.sessions import collaborators_of, session_of
from supervisor.calls import Shared
from supervisor.database.doors import DoorRow
from supervisor.flows import AGENTS
from supervisor.replay.bundle import Bundle, ReplayError, Told
from supervisor.replay.engines import TimelessEngine, TimelessRecogniser
from supervisor.replay.line import Line
from supervisor.replay.pretending import (
    KnownCopies,
    NobodyThinks,
    NoDatabase,
    Notebook,
    PretendedDoor,
    PretendedTelephone,
    RecordedThen,
    attempts_of,
)
from supervisor.replay.recorded_voice import RecordedVoice
from supervisor.replay.simulated_time import AtOnce, SimulatedLoop
from supervisor.rules import ExtensionProblem, line_settings_of
from supervisor.settings import Settings
from supervisor.speech import Engines
from supervisor.speech_ladders import ShiftWatch, open_listening, open_speaking, voice_in
from supervisor.speech_settings import PROMPTS
from supervisor.switchboard import LegSwitchboard
from tts.cache import PromptCache
from tts.engine import SynthesisError
from tts.engines import UnknownEngineError
from tts.speaker import Speaker

UNHURRIED_S: Final = 60.0
"""A turn model on simulated time is never late."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a call became: its events, and how long our words took to begin."""

    events: tuple[Told, ...]


def replay(bundle: Bundle, settings: Settings, recognition_s: float = 0.0) -> Replayed:
    """Play a call; the same twice for the same settings. Raises :class:`ReplayError`.

    Recognition and speech take no time but ``recognition_s``.
    """
    if bundle.extension.flow not in AGENTS:
        raise ReplayError(
            f'Only calls of an agent can be played again, and "{bundle.extension.flow}", which '
            f"answered this one, is none of {', '.join(sorted(AGENTS))}."
        )
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(bundle.began)) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SimulatedLoop)
        try:
            return runner.run(_play(bundle, settings, loop, recognition_s))
        except (
            ExtensionProblem,
            RecogniserUnavailableError,
            UnknownEngineError,
            SynthesisError,
        ) as problem:
            raise ReplayError(f"The call cannot be played with these settings: {problem}") from None


async def _play(
    bundle: Bundle, settings: Settings, loop: SimulatedLoop, recognition_s: float
) -> Replayed:
    async with AsyncExitStack() as stack:
        recogniser = TimelessRecogniser(
            await _recogniser(settings, stack), loop, takes_s=recognition_s
        )
        alone = settings.tts.model_copy(update={"processes": 1})
        speaking = open_speaking(settings.model_copy(update={"tts": alone}), ShiftWatch(None, None))
        engine = TimelessEngine(speaking, loop)
        stack.push_async_callback(engine.close)
        await engine.start()
        # the server's own: what it said then is there, and espeak-ng's breath is random
        speaker = Speaker(engine, PromptCache(settings.data_dir / PROMPTS))
        stack.push_async_callback(speaker.close)
        turn_model = None
        if settings.turns.model is not None:
            turn_model = await TurnModel.open(Path(settings.turns.model), deadline_s=UNHURRIED_S)
            stack.push_async_callback(turn_model.close)
        stage = _Stage(
            bundle,
            settings,
            loop,
            Engines(recogniser, open_voice_activity(), speaker, turn_model),
        )
        return await stage.play()


async def _recogniser(settings: Settings, stack: AsyncExitStack) -> Recogniser:
    """The settings' own; the built-in one without threads, whose partial texts have no order."""
    chosen = settings.stt
    if chosen.steps == ("builtin",):
        model = Path(chosen.model) if chosen.model else MODEL
        recogniser: Recogniser = await asyncio.to_thread(BuiltinRecogniser, model, pool=AtOnce())
    else:
        recogniser = await open_listening(settings, ShiftWatch(None, None))
    stack.push_async_callback(recogniser.close)
    return recogniser


class _Stage:
    def __init__(
        self, bundle: Bundle, settings: Settings, loop: SimulatedLoop, engines: Engines
    ) -> None:
        self._engines = engines
        self._bundle = bundle
        self._settings = settings
        self._loop = loop
        self._journal = Notebook()
        self._clock = MediaClock(now=loop.time)
        self._switchboard = LegSwitchboard()
        self._telephone = PretendedTelephone(
            attempts_of(bundle.events), [*bundle.residents], self._clock, self._switchboard
        )

    async def play(self) -> Replayed:
        session = await self._session()
        running = asyncio.create_task(session.run())
        voice = RecordedVoice(self._bundle.visitor)

        def accept(_: Connection) -> Listener:
            return session.visitor

        line = Line(accept, self._bundle.call_id, voice.frame, self._clock, voice.rate_hz)
        voice.ends(line.hang_up)
        await running
        for each in (line, *self._telephone.lines):
            each.hang_up()
        entries = self._journal.entries
        began = entries[0].at if entries else self._bundle.began
        return Replayed(
            tuple(
                Told(round((each.at - began).total_seconds(), 3), each.kind, each.data)
                for each in entries
            )
        )

    async def _session(self) -> CallSession:
        bundle, extension, shared = self._bundle, self._bundle.extension, self._shared()
        chosen = line_settings_of(extension)
        point = AGENTS[extension.flow]
        agent = await agent_of(shared, extension, load(point), foreign=point.dist is not None)
        named: dict[str, str] = {str(one): name for one, name in chosen.voices.items()}
        if extension.voice is not None:
            named[extension.language] = extension.voice
        languages = (extension.language, *agent.rules)
        voices = {one: voice_in(self._settings.tts, named.get(one), one) for one in languages}
        together = collaborators_of(
            shared, extension, chosen, agent, engines=self._engines, voices=voices
        )
        # nobody is asked who could say something else today
        piece = self._loop.timepiece
        together = replace(together, thinker=None, admissions=None, timepiece=piece)
        caller = bundle.events[0].data.get("caller") if bundle.events else None
        return session_of(agent, bundle.call_id, together, caller=caller)

    def _shared(self) -> Shared:
        """As much of what a worker's calls share as making an agent looks at."""
        doors = [{**door, "settings": {}} for door in self._bundle.condominium["doors"]]
        known = {"document": {}, **self._bundle.condominium, "doors": doors}
        nothing = cast(Any, None)
        return Shared(
            settings=self._settings,
            pool=cast(Any, NoDatabase()),
            journal=self._journal,
            telephone=cast(Any, self._telephone),
            switchboard=self._switchboard,
            metrics=nothing,
            alarms=nothing,
            speech=nothing,
            clones=nothing,
            monitoring=cast(Any, RecordedThen()),
            locksmith=cast(Any, _Pretending(self._bundle.events)),
            resources=AsyncExitStack(),
            memory=nothing,
            copies=cast(Any, KnownCopies(known)),
            models=cast(Any, NobodyThinks()),
        )


class _Pretending:
    """Makes doors that touch nothing; they fail where one failed then."""

    def __init__(self, events: Iterable[Told]) -> None:
        self._failed = any(event.kind == "door.failed" for event in events)

    async def doors(self, place: str, rows: Iterable[DoorRow], wanted: str | None) -> Doors:
        known = {row.name: row for row in rows}
        made = {name: PretendedDoor(name, not self._failed) for name in known}
        default = wanted or next((row.name for row in known.values() if row.is_default), None)
        only = next(iter(known)) if len(known) == 1 else None
        return Doors(dict(made), default or only)


def changed(bundle: Bundle, texts: Mapping[str, Any], extension: Mapping[str, Any]) -> Bundle:
    """The same call with other sentences of the condominium's own language, and other settings of
    the extension. Raises :class:`ReplayError`."""
    own = bundle.extension.language
    before = dict(bundle.condominium.get("texts", {}))
    before[own] = {**before.get(own, {}), **_variants(texts)}
    settings = {**(bundle.extension.settings or {}), **extension}
    return replace(
        bundle,
        condominium={**bundle.condominium, "texts": before},
        extension=replace(bundle.extension, settings=settings),
    )


def _variants(texts: Mapping[str, Any]) -> dict[str, list[str]]:
    """One sentence, or several that take turns."""
    return {key: said if isinstance(said, list) else [said] for key, said in texts.items()}
