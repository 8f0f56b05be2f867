"""An agent's calls: engines, voices and prompts made ready for an extension, whoever answers it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from audiosocket.connection import Connection
from conversation.collaborators import Collaborators, Tongue
from conversation.session import CallSession
from conversation.settings import SessionSettings
from conversation.texts.catalogue import Texts, TextsError
from conversation.tones import at_rate, ringback, waiting_chime
from supervisor.agents.agent import Agent, AgentKind
from supervisor.calls import Service, Session, Shared
from supervisor.database.extensions import Extension
from supervisor.rules import (
    ExtensionProblem,
    LineSettings,
    check_language,
    line_settings_of,
    recorded_parties,
)
from supervisor.speech import Engines
from tts.engine import Voice
from tts.speaker import Speaker

EVERY_CALLS: Final = frozenset({"filler", "recording_notice", "technical_problem"})
"""Texts that a session says by itself."""
FIRST_PROMPTS: Final = 3
"""The greetings of the three parts of the day: what a flow names first, it says first."""

_log = structlog.get_logger(__name__)


async def agent_service(shared: Shared, extension: Extension, kind: AgentKind) -> Service:
    """Everything that the extension's calls need, made before the first of them rings.

    Raises ``ExtensionProblem`` for what an operator has to put right.
    """
    settings = line_settings_of(extension)
    check_language(extension, kind.languages)
    agent = await kind.make(shared, extension)
    own = extension.language
    _check_texts(agent, own)
    engines = await shared.speech.engines()
    voices: Mapping[str, str] = dict(settings.voices.items())
    voice = shared.speech.voice(extension.voice or voices.get(own), own)
    tongues = {
        language: Tongue(rules.interpret, shared.speech.voice(voices.get(language), language))
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

    await _warm(
        shared,
        engines.speaker,
        agent.texts[own],
        agent.flow(UUID(int=0)).prompts(),
        _on_lines(voice, shared, settings),
        name=extension.condominium,
    )
    return answer


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


async def _warm(
    shared: Shared,
    speaker: Speaker,
    texts: Texts,
    prompts: Sequence[tuple[str, Mapping[str, str]]],
    voices: Sequence[Voice],
    *,
    name: str,
) -> None:
    """Have the prompts that every call begins with in memory now, and the others soon.

    The first call may come at once: it does not wait for the rest. Raises ``ExtensionProblem``
    if not one of the greetings can be spoken.
    """
    known = [texts.enumerate(key, values) for key, values in prompts]
    first = [text for variants in known[:FIRST_PROMPTS] for text in variants]
    rest = [text for variants in known[FIRST_PROMPTS:] for text in variants]
    greetings = await speaker.warm(first, voices[0])
    if greetings.failed and not greetings.ready:
        raise ExtensionProblem(f"it cannot speak: {greetings.failed[0][1]}: correct its voice")
    own = [text for text in (*first, *rest) if name in text]
    warming = asyncio.create_task(_warm_rest(speaker, rest, own, voices), name="warm prompts")
    shared.errands.add(warming)
    warming.add_done_callback(shared.errands.discard)


async def _warm_rest(
    speaker: Speaker, texts: Sequence[str], own: Sequence[str], voices: Sequence[Voice]
) -> None:
    """``own`` are said by this extension alone: until somebody calls they are on disk."""
    for voice in voices:
        for sound in (ringback(), waiting_chime()):
            at_rate(sound, voice.rate_hz)
        warmed = await speaker.warm(texts, voice)
        await speaker.put_away(own, voice)
        known = {"rate_hz": voice.rate_hz, "prompts": warmed.ready}
        _log.info("prompts.ready", **known, failed=len(warmed.failed))
        if warmed.failed:
            text, reason = warmed.failed[0]
            _log.warning("prompts.failed", count=len(warmed.failed), first=text, reason=reason)
