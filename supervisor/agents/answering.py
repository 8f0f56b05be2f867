"""An agent's calls: engines, voices and prompts made ready for an extension, whoever answers it."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from audiosocket.connection import Connection
from conversation.texts.catalogue import TextsError
from supervisor.agents.agent import Agent, AgentKind
from supervisor.agents.sessions import collaborators_of, session_of
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
)
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
    making = agent_of(shared, extension, kind, foreign=foreign)
    # together: each waits for a database that may be away
    agent, casting = _good(
        *await asyncio.gather(making, cast(shared, extension, settings), return_exceptions=True)
    )
    own = extension.language
    engines = await shared.speech.engines()
    voices = {language: casting.voice(language) for language in (own, *agent.rules)}
    together = collaborators_of(shared, extension, settings, agent, engines=engines, voices=voices)
    facts = {
        "extension_id": str(extension.id),
        "extension": extension.number,
        "condominium_id": str(extension.condominium_id),
        "flow": extension.flow,
    }

    def answer(connection: Connection) -> Session:
        call_id = connection.call_id
        caller = shared.telephone.caller(call_id)
        return session_of(agent, call_id, together, caller=caller, facts=facts)

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


async def agent_of(
    shared: Shared, extension: Extension, kind: AgentKind, *, foreign: bool
) -> Agent:
    """An extension's agent, which has what every call needs. Raises ``ExtensionProblem``."""
    check_language(extension, kind.languages)
    making = _made(shared, extension, kind) if foreign else kind.make(shared, extension)
    agent = await making
    _check_texts(agent, extension.language)
    return agent


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
