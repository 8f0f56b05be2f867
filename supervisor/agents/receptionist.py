"""The ``receptionist`` made ready for an extension: its handbook, its rules, its model."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from conversation.receptionist import Handbook, Receptionist, ReceptionistSettings
from conversation.receptionist.handbook_file import HandbookError, handbook_of
from conversation.receptionist.rules import ReceptionRules
from conversation.receptionist.thinker import HandbookThinker
from conversation.receptionist.topics import Topics
from conversation.rules import Rules, rules_for
from conversation.rules.polyglot import Polyglot
from supervisor.agents.agent import Agent, AgentKind
from supervisor.agents.answering import spoken_languages
from supervisor.agents.own_texts import own_texts
from supervisor.calls import Shared
from supervisor.database.extensions import Extension
from supervisor.database.handbooks import load_handbook
from supervisor.database.texts import load_texts
from supervisor.rules import DOORMAN_LANGUAGES, ExtensionProblem, LineSettings, settings_of
from supervisor.rules import ReceptionistSettings as Chosen
from supervisor.sentences import RECEPTIONIST as SCRIPT

COPIES: Final = "handbook-"


async def make_receptionist(shared: Shared, extension: Extension) -> Agent:
    """The receptionist of an extension's business. Raises ``ExtensionProblem``."""
    settings = settings_of(extension, Chosen)
    languages = spoken_languages(extension, settings)
    read = await _business(shared, extension)
    texts = own_texts(extension, SCRIPT, languages, read["texts"])
    handbook = _handbook(read["document"], languages)
    # a long handbook takes a tenth of a second for each language, and calls go on meanwhile
    topics = await asyncio.to_thread(_topics, handbook, languages)
    rules = _rules(topics)
    chain = await shared.models.chain(shared.pool, extension.condominium_id)
    language = extension.language
    thinker = None
    if chain is not None:
        thinker = HandbookThinker(chain, handbook, language, topics[language])
    own = ReceptionistSettings(
        extension.condominium, **settings.model_dump(exclude={*LineSettings.model_fields})
    )

    def flow(_: UUID) -> Receptionist:
        return Receptionist(own, handbook, language, rules)

    def facts(language: str) -> list[tuple[str, Mapping[str, str]]]:
        return [("answer", {"answer": fact.says[language]}) for fact in handbook.facts]

    return Agent(flow, texts, rules, thinker, names=facts)


RECEPTIONIST: Final = AgentKind(make_receptionist, DOORMAN_LANGUAGES)


async def _business(shared: Shared, extension: Extension) -> Mapping[str, Any]:
    """Its handbook and its own sentences, or what this machine read of them last while the database
    is away; a handbook that was never written is empty."""

    async def load() -> dict[str, Any]:
        document = await load_handbook(shared.pool, extension.id)
        texts = await load_texts(shared.pool, extension.condominium_id)
        rows = await shared.pool.fetch("SELECT extension_id FROM handbooks")
        kept = {f"{COPIES}{row['extension_id']}" for row in rows}
        await shared.copies.keep_only(COPIES, {*kept, f"{COPIES}{extension.id}"})
        return {"document": document or {}, "texts": texts}

    read = await shared.copies.read_through(f"{COPIES}{extension.id}", load)
    return {"texts": {}, **read}


def _handbook(document: Mapping[str, Any], languages: Sequence[str]) -> Handbook:
    try:
        return handbook_of(document, languages)
    except HandbookError as error:
        raise ExtensionProblem(str(error)) from error


def _topics(handbook: Handbook, languages: Sequence[str]) -> Mapping[str, Topics]:
    return {language: Topics(handbook, language) for language in languages}


def _rules(topics: Mapping[str, Topics]) -> Mapping[str, Rules]:
    """Each language's rules; where there are several, they hear when somebody changes over."""
    spoken: dict[str, Rules] = {
        language: ReceptionRules(rules_for(language), known) for language, known in topics.items()
    }
    if len(spoken) == 1:
        return spoken
    return {language: Polyglot(own, spoken) for language, own in spoken.items()}
