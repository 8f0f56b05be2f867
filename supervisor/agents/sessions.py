"""A call's session, made of its agent, its extension's row and what its worker has."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conversation.collaborators import Collaborators, Tongue
from conversation.session import CallSession
from conversation.settings import SessionSettings
from conversation.tones import ringback, waiting_chime
from supervisor.agents.agent import Agent
from supervisor.calls import Shared
from supervisor.database.extensions import Extension
from supervisor.rules import ExtensionProblem, LineSettings, recorded_parties
from supervisor.speech import Engines
from tts.engine import Voice


def collaborators_of(
    shared: Shared,
    extension: Extension,
    settings: LineSettings,
    agent: Agent,
    *,
    engines: Engines,
    voices: Mapping[str, Voice],
) -> Collaborators:
    """What all calls of an extension work with; ``voices`` are by language, its own among them.

    Raises ``ExtensionProblem``.
    """
    own = extension.language
    return Collaborators(
        recogniser=engines.recogniser,
        make_vad=engines.make_vad,
        speaker=engines.speaker,
        voice=voices[own],
        interpret=agent.rules[own].interpret,
        thinker=agent.thinker,
        telephone=shared.telephone,
        switchboard=shared.switchboard,
        journal=shared.journal,
        return_port=extension.return_port,
        doors=agent.doors,
        admissions=agent.admissions,
        memory=shared.memory,
        language=own,
        tongues={
            language: Tongue(
                rules.interpret, voices[language], anybodys=language not in agent.called_in
            )
            for language, rules in agent.rules.items()
            if language != own
        },
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
        cadence=shared.settings.turns.cadence_watch(),
        turn_model=engines.turn_model,
    )


def session_of(
    agent: Agent,
    call_id: UUID,
    collaborators: Collaborators,
    *,
    caller: str | None,
    facts: Mapping[str, Any] | None = None,
) -> CallSession:
    """The session of one call; ``facts`` are what its journal says of the extension."""
    books = {one: said.phrasebook(call_id.int) for one, said in agent.texts.items()}
    return CallSession(
        call_id,
        agent.flow(call_id),
        books[collaborators.language],
        collaborators,
        translations=books,
        caller=caller,
        facts=facts,
    )


def timezone_of(extension: Extension) -> ZoneInfo:
    """Of its condominium or business. Raises ``ExtensionProblem``."""
    try:
        return ZoneInfo(extension.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ExtensionProblem(
            f'its condominium\'s time zone "{extension.timezone}" is unknown: '
            "use a name such as America/Sao_Paulo"
        ) from None
