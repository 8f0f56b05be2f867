"""The ``doorman`` flow made ready for an extension: its directory, texts, voice and prompts."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from audiosocket.connection import Connection
from conversation.collaborators import Collaborators, Tongue
from conversation.directory import Directory, Resident, Unit
from conversation.door import Doors
from conversation.doorman import TEXTS, Doorman, DoormanSettings
from conversation.doorman.unit_words import block_word, unit_word
from conversation.rules import Rules, rules_for
from conversation.rules.polyglot import Polyglot
from conversation.session import CallSession
from conversation.settings import SessionSettings
from conversation.texts.catalogue import Texts, TextsError
from conversation.texts.overrides import usable_overrides
from conversation.tones import at_rate, ringback, waiting_chime
from supervisor.calls import Service, Session, Shared
from supervisor.database.directory import UnitRow, load_units, units_from_json
from supervisor.database.doors import DoorRow, load_doors
from supervisor.database.extensions import Extension
from supervisor.database.texts import load_texts
from supervisor.doors.settings import DoorProblem
from supervisor.rules import (
    ExtensionProblem,
    ExtensionSettings,
    recorded_parties,
    settings_of,
)
from tts.engine import Voice
from tts.speaker import Speaker

COPIES: Final = "condominium-"

_log = structlog.get_logger(__name__)


async def doorman_service(shared: Shared, extension: Extension) -> Service:
    """Everything that the extension's calls need, made before the first of them rings.

    Raises ``ExtensionProblem`` for what an operator has to put right.
    """
    settings = settings_of(extension)
    timezone = _timezone(extension)
    read = await _condominium(shared, extension.condominium_id)
    own = extension.language
    foreign: list[str] = [one for one in dict.fromkeys(settings.languages) if one != own]
    voices: Mapping[str, str] = dict(settings.voices.items())
    texts = {one: _texts(extension, one, read["texts"].get(one, {})) for one in (own, *foreign)}
    directory = directory_of(units_from_json(read["units"]))
    doors = await _doors(shared, extension, read["doors"], settings.door)
    doorman_settings = _doorman_settings(extension, settings, doors)
    names = [person.name for unit in directory.units for person in unit.residents]
    spoken = _rules((own, *foreign), names)
    rules, others = spoken[own], {one: spoken[one] for one in foreign}
    thinker = await shared.models.thinker(shared.pool, extension.condominium_id, directory, rules)
    engines = await shared.speech.engines()
    voice = shared.speech.voice(extension.voice or voices.get(own), own)
    tongues = {
        one: Tongue(spoken[one].interpret, shared.speech.voice(voices.get(one), one))
        for one in foreign
    }
    collaborators = Collaborators(
        recogniser=engines.recogniser,
        make_vad=engines.make_vad,
        speaker=engines.speaker,
        voice=voice,
        interpret=rules.interpret,
        thinker=thinker,
        telephone=shared.telephone,
        switchboard=shared.switchboard,
        journal=shared.journal,
        return_port=extension.return_port,
        doors=doors,
        memory=shared.memory,
        language=own,
        tongues=tongues,
        timezone=timezone,
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
    facts = {
        "extension_id": str(extension.id),
        "extension": extension.number,
        "condominium_id": str(extension.condominium_id),
        "flow": extension.flow,
    }

    def answer(connection: Connection) -> Session:
        flow = Doorman(connection.call_id, doorman_settings, directory, rules, others)
        books = {one: said.phrasebook(connection.call_id.int) for one, said in texts.items()}
        caller = shared.telephone.caller(connection.call_id)
        return CallSession(
            connection.call_id,
            flow,
            books[own],
            collaborators,
            translations=books,
            caller=caller,
            facts=facts,
        )

    nobody = Doorman(UUID(int=0), doorman_settings, directory, rules)
    await _warm(
        shared,
        engines.speaker,
        texts[own],
        nobody,
        _on_lines(voice, shared, settings),
        condominium=extension.condominium,
    )
    return answer


async def _condominium(shared: Shared, condominium_id: UUID) -> Mapping[str, Any]:
    """Units, doors and texts of its own as JSON, or what this machine read of them last while the
    database is away."""

    async def load() -> dict[str, Any]:
        units = [asdict(unit) for unit in await load_units(shared.pool, condominium_id)]
        doors = [asdict(door) for door in await load_doors(shared.pool, condominium_id)]
        texts = await load_texts(shared.pool, condominium_id)
        rows = await shared.pool.fetch("SELECT id FROM condominiums")
        await shared.copies.keep_only(COPIES, {f"{COPIES}{row['id']}" for row in rows})
        return {"units": units, "doors": doors, "texts": texts}

    read = await shared.copies.read_through(f"{COPIES}{condominium_id}", load)
    return {"texts": {}, **read}


def directory_of(rows: Iterable[UnitRow]) -> Directory:
    """The directory as conversations look things up in it."""
    return Directory(
        Unit(
            row.number,
            row.block or None,
            tuple(Resident(person.name, person.phones) for person in row.residents),
        )
        for row in rows
    )


def _rules(languages: Iterable[str], names: Sequence[str]) -> Mapping[str, Rules]:
    """Each language's rules; where there are several, they hear when somebody changes over."""
    spoken = {language: rules_for(language, names) for language in languages}
    if len(spoken) == 1:
        return spoken
    return {language: Polyglot(own, spoken) for language, own in spoken.items()}


def _texts(extension: Extension, language: str, own: Mapping[str, Sequence[str]]) -> Texts:
    """What is said: the condominium's own sentences, the tenant's, or ours."""
    try:
        texts = Texts.load(language)
        texts.require(TEXTS)
    except TextsError as error:
        raise ExtensionProblem(str(error)) from error
    texts, faults = usable_overrides(texts, own, TEXTS)
    for fault in faults:
        _log.warning("text.passed_over", condominium=extension.condominium, fault=fault)
    return texts


def _timezone(extension: Extension) -> ZoneInfo:
    try:
        return ZoneInfo(extension.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ExtensionProblem(
            f'its condominium\'s time zone "{extension.timezone}" is unknown: '
            "use a name such as America/Sao_Paulo"
        ) from None


async def _doors(
    shared: Shared, extension: Extension, read: Iterable[Mapping[str, Any]], wanted: str | None
) -> Doors:
    rows = [DoorRow(**each) for each in read]
    try:
        return await shared.locksmith.doors(extension.condominium, rows, wanted)
    except DoorProblem as problem:
        raise ExtensionProblem(str(problem)) from problem


_NOT_THE_FLOWS = {
    "door",
    "line_hz",
    "languages",
    "voices",
    "reprompt_after_s",
    "idle_limit_s",
    "call_limit_s",
    "recording",
}


def _doorman_settings(
    extension: Extension, settings: ExtensionSettings, doors: Doors
) -> DoormanSettings:
    chosen = settings.model_dump(exclude=_NOT_THE_FLOWS)
    chosen["unit_word"] = settings.unit_word or unit_word(extension.language)
    chosen["block_word"] = settings.block_word or block_word(extension.language)
    # nobody is told that a door is open where none can be opened
    chosen["opens_door"] = settings.opens_door and doors.default is not None
    return DoormanSettings(condominium=extension.condominium, **chosen)


def _on_lines(voice: Voice, shared: Shared, settings: ExtensionSettings) -> list[Voice]:
    """The voice at every rate that the extension's legs have, the visitor's first."""
    asterisk = shared.settings.asterisk
    rates = [settings.line_hz, asterisk.line_hz if asterisk else settings.line_hz]
    return [replace(voice, rate_hz=rate_hz) for rate_hz in dict.fromkeys(rates)]


async def _warm(
    shared: Shared,
    speaker: Speaker,
    texts: Texts,
    doorman: Doorman,
    voices: Sequence[Voice],
    *,
    condominium: str,
) -> None:
    """Have the prompts that every call begins with in memory now, and the others soon.

    The first call may come at once: it does not wait for the rest. Raises ``ExtensionProblem``
    if not one of the greetings can be spoken.
    """
    known = [texts.enumerate(key, values) for key, values in doorman.prompts()]
    first = [text for variants in known[:FIRST_PROMPTS] for text in variants]
    rest = [text for variants in known[FIRST_PROMPTS:] for text in variants]
    greetings = await speaker.warm(first, voices[0])
    if greetings.failed and not greetings.ready:
        raise ExtensionProblem(f"it cannot speak: {greetings.failed[0][1]}: correct its voice")
    own = [text for text in (*first, *rest) if condominium in text]
    warming = asyncio.create_task(_warm_rest(speaker, rest, own, voices), name="warm prompts")
    shared.errands.add(warming)
    warming.add_done_callback(shared.errands.discard)


FIRST_PROMPTS = 3
"""The greetings of the three parts of the day: what a flow names first, it says first."""


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
