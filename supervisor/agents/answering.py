"""An agent's calls: engines, voices and prompts made ready for an extension, whoever answers it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from audiosocket.connection import Connection
from conversation.collaborators import Collaborators, Tongue
from conversation.session import CallSession
from conversation.settings import SessionSettings
from conversation.texts.catalogue import TextsError
from conversation.tones import ringback, waiting_chime
from supervisor.agents.agent import Agent, AgentKind
from supervisor.agents.warming import Ahead, warm
from supervisor.calls import Service, Session, Shared
from supervisor.database.extensions import Extension
from supervisor.database.pool import TROUBLE
from supervisor.errors import OperatorError
from supervisor.rules import (
    ExtensionProblem,
    LineSettings,
    check_language,
    line_settings_of,
    recorded_parties,
)
from supervisor.speech import Engines
from supervisor.voices.casting import Casting, cast
from tts.engine import Voice

EVERY_CALLS: Final = frozenset({"filler", "recording_notice", "technical_problem"})
"""Texts that a session says by itself."""

_log = structlog.get_logger(__name__)


async def agent_service(
    shared: Shared, extension: Extension, kind: AgentKind, *, foreign: bool = False
) -> Service:
    """Everything that the extension's calls need, made before the first of them rings. What a
    ``foreign`` agent does wrong is its extension's trouble, and nobody else's.

    Raises ``ExtensionProblem`` for what an operator has to put right.
    """
    settings = line_settings_of(extension)
    check_language(extension, kind.languages)
    making = _made(shared, extension, kind) if foreign else kind.make(shared, extension)
    # together: each waits for a database that may be away
    agent, casting = _good(
        *await asyncio.gather(making, cast(shared, extension, settings), return_exceptions=True)
    )
    own = extension.language
    _check_texts(agent, own)
    engines = await shared.speech.engines()
    voices = {language: casting.voice(language) for language in (own, *agent.rules)}
    voice = voices[own]
    tongues = {
        language: Tongue(rules.interpret, voices[language])
        for language, rules in agent.rules.items()
        if language != own
    }
    collaborators = _collaborators(
        shared, extension, settings, agent, engines=engines, voice=voice, tongues=tongues
    )
    facts = {
        "extension_id": str(extension.id),
        "extension": extension.number,
        "condominium_id": str(extension.condominium_id),
        "flow": extension.flow,
    }

    def answer(connection: Connection) -> Session:
        call_id = connection.call_id
        books = {one: said.phrasebook(call_id.int) for one, said in agent.texts.items()}
        return CallSession(
            call_id,
            agent.flow(call_id),
            books[own],
            collaborators,
            translations=books,
            caller=shared.telephone.caller(call_id),
            facts=facts,
        )

    ahead = [
        Ahead(
            agent.texts[language],
            agent.flow(UUID(int=0)).prompts(),
            partial(agent.names, language),
            _on_lines(spoken, shared, settings),
        )
        for language, spoken in voices.items()
    ]
    await warm(shared, engines.speaker, ahead, name=extension.condominium)
    return answer


def _good(agent: Agent | BaseException, casting: Casting | BaseException) -> tuple[Agent, Casting]:
    """Both, or whatever one of them raised."""
    if isinstance(agent, BaseException):
        raise agent
    if isinstance(casting, BaseException):
        raise casting
    return agent, casting


async def _made(shared: Shared, extension: Extension, kind: AgentKind) -> Agent:
    try:
        return await kind.make(shared, extension)
    except (ExtensionProblem, OperatorError, *TROUBLE):
        raise
    except Exception as defect:
        _log.exception("agent.defect", flow=extension.flow)
        raise ExtensionProblem(
            f"its agent cannot be made: {type(defect).__name__}: {defect}"
        ) from defect


def spoken_languages(extension: Extension, settings: LineSettings) -> tuple[str, ...]:
    """The extension's own, and those that its settings let a caller go over to."""
    return tuple(dict.fromkeys((extension.language, *settings.languages)))


def timezone_of(extension: Extension) -> ZoneInfo:
    """Of its condominium or business. Raises ``ExtensionProblem``."""
    try:
        return ZoneInfo(extension.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ExtensionProblem(
            f'its condominium\'s time zone "{extension.timezone}" is unknown: '
            "use a name such as America/Sao_Paulo"
        ) from None


def _collaborators(
    shared: Shared,
    extension: Extension,
    settings: LineSettings,
    agent: Agent,
    *,
    engines: Engines,
    voice: Voice,
    tongues: Mapping[str, Tongue],
) -> Collaborators:
    return Collaborators(
        recogniser=engines.recogniser,
        make_vad=engines.make_vad,
        speaker=engines.speaker,
        voice=voice,
        interpret=agent.rules[extension.language].interpret,
        thinker=agent.thinker,
        telephone=shared.telephone,
        switchboard=shared.switchboard,
        journal=shared.journal,
        return_port=extension.return_port,
        doors=agent.doors,
        admissions=agent.admissions,
        memory=shared.memory,
        language=extension.language,
        tongues=tongues,
        timezone=timezone_of(extension),
        ringback=ringback(),
        waiting_sound=waiting_chime(),
        monitor=shared.monitoring.of_extension(recorded_parties(extension, settings)),
        announces_recording=extension.recording_notice,
        settings=SessionSettings(
            reprompt_after_s=settings.reprompt_after_s,
            idle_limit_s=settings.idle_limit_s,
            call_limit_s=settings.call_limit_s,
        ),
        timing=shared.settings.turns.timing(),
        turn_model=engines.turn_model,
    )


def _check_texts(agent: Agent, own: str) -> None:
    """An agent may come from anywhere: what every call needs is there, or it takes none."""
    for language in dict.fromkeys((own, *agent.texts, *agent.rules)):
        if language not in agent.texts or language not in agent.rules:
            raise ExtensionProblem(f'its agent has no texts or no rules for "{language}"')
        try:
            agent.texts[language].require(dict.fromkeys(EVERY_CALLS, ()))
        except TextsError as error:
            raise ExtensionProblem(str(error)) from error


def _on_lines(voice: Voice, shared: Shared, settings: LineSettings) -> list[Voice]:
    """The voice at every rate that the extension's legs have, the visitor's first."""
    asterisk = shared.settings.asterisk
    rates = [settings.line_hz, asterisk.line_hz if asterisk else settings.line_hz]
    return [replace(voice, rate_hz=rate_hz) for rate_hz in dict.fromkeys(rates)]
