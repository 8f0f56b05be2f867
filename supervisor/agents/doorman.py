"""The ``doorman`` made ready for an extension: its directory, doors, texts and rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from conversation.directory import Directory, Resident, Unit
from conversation.door import Doors
from conversation.doorman import Doorman, DoormanSettings
from conversation.doorman.unit_words import block_word, unit_word
from conversation.rules import Rules, rules_for
from conversation.rules.polyglot import Polyglot
from supervisor.admission.admissions import ListedAdmissions, Place
from supervisor.admission.lockout import Limits
from supervisor.admission.secrets import hash_of
from supervisor.agents.agent import Agent, AgentKind
from supervisor.agents.answering import spoken_languages
from supervisor.agents.own_texts import own_texts
from supervisor.agents.sessions import timezone_of
from supervisor.calls import Shared
from supervisor.database.directory import UnitRow, load_units, units_from_json
from supervisor.database.doors import DoorRow, load_doors
from supervisor.database.extensions import Extension
from supervisor.database.texts import load_texts
from supervisor.doors.settings import DoorProblem
from supervisor.rules import (
    DOORMAN_LANGUAGES,
    ExtensionProblem,
    ExtensionSettings,
    LineSettings,
    settings_of,
)
from supervisor.sentences import DOORMAN as SCRIPT

COPIES: Final = "condominium-"


async def make_doorman(shared: Shared, extension: Extension) -> Agent:
    """The doorman of an extension's condominium. Raises ``ExtensionProblem``."""
    settings = settings_of(extension, ExtensionSettings)
    read = await _condominium(shared, extension.condominium_id)
    languages = spoken_languages(extension, settings)
    directory = directory_of(units_from_json(read["units"]))
    called_in = [each for each in _residents_languages(directory) if each not in languages]
    texts = own_texts(extension, SCRIPT, (*languages, *called_in), read["texts"])
    doors = await _doors(shared, extension, read["doors"], settings.door)
    chosen = _doorman_settings(extension, settings, doors)
    names = [person.name for unit in directory.units for person in unit.residents]
    spoken = _rules(languages, names)
    called = {each: _rules((each, *languages), names)[each] for each in called_in}
    own, others = spoken[extension.language], dict(spoken)
    del others[extension.language]
    thinker = await shared.models.thinker(shared.pool, extension.condominium_id, directory, own)

    def flow(call_id: UUID) -> Doorman:
        return Doorman(call_id, chosen, directory, own, others, called=called)

    units = flow(UUID(int=0)).unit_prompts
    admissions = _admissions(shared, extension, settings)
    return Agent(
        *(flow, texts, {**spoken, **called}, thinker, units),
        called_in=frozenset(called),
        admissions=admissions,
        doors=doors,
    )


DOORMAN: Final = AgentKind(make_doorman, DOORMAN_LANGUAGES)


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
            tuple(Resident(one.name, one.phones, one.language or None) for one in row.residents),
        )
        for row in rows
    )


def _residents_languages(directory: Directory) -> list[str]:
    """What they want to be called in, each once; of those that we have texts for."""
    wanted = {person.language for unit in directory.units for person in unit.residents}
    return [each for each in DOORMAN_LANGUAGES if each in wanted]


def _rules(languages: Iterable[str], names: Sequence[str]) -> Mapping[str, Rules]:
    """Each language's rules; where there are several, they hear when somebody changes over."""
    spoken = {language: rules_for(language, names) for language in languages}
    if len(spoken) == 1:
        return spoken
    return {language: Polyglot(own, spoken) for language, own in spoken.items()}


async def _doors(
    shared: Shared, extension: Extension, read: Iterable[Mapping[str, Any]], wanted: str | None
) -> Doors:
    rows = [DoorRow(**each) for each in read]
    try:
        return await shared.locksmith.doors(extension.condominium, rows, wanted)
    except DoorProblem as problem:
        raise ExtensionProblem(str(problem)) from problem


def _admissions(
    shared: Shared, extension: Extension, settings: ExtensionSettings
) -> ListedAdmissions:
    visitors, number = shared.settings.visitors, extension.number
    zone = timezone_of(extension)
    return ListedAdmissions(
        shared.pool,
        shared.alarms,
        lambda: hash_of(visitors, shared.settings.data_dir),
        Place(extension.id, number, extension.condominium_id, zone),
        policy=settings.expected_visitors,
        pins=settings.resident_pins,
        limits=Limits(visitors.wrong_per_extension, visitors.wrong_per_unit),
    )


_NOT_THE_FLOWS: Final = {
    "door",
    "expected_visitors",
    "resident_pins",
    *LineSettings.model_fields,
}


def _doorman_settings(
    extension: Extension, settings: ExtensionSettings, doors: Doors
) -> DoormanSettings:
    chosen = settings.model_dump(exclude=_NOT_THE_FLOWS)
    chosen["unit_word"] = settings.unit_word or unit_word(extension.language)
    chosen["block_word"] = settings.block_word or block_word(extension.language)
    # nobody is told that a door is open where none can be opened
    chosen["opens_door"] = settings.opens_door and doors.default is not None
    chosen["takes_codes"] = chosen["checks_list"] = settings.expected_visitors != "off"
    chosen["takes_pins"] = settings.resident_pins
    return DoormanSettings(condominium=extension.condominium, **chosen)
