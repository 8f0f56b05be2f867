"""What an agent says: the condominium's or business's own sentences, its tenant's, or ours."""

from collections.abc import Iterable, Mapping, Sequence

import structlog

from conversation.texts.catalogue import Texts, TextsError
from conversation.texts.overrides import usable_overrides
from supervisor.database.extensions import Extension
from supervisor.rules import ExtensionProblem
from supervisor.sentences import Script

_log = structlog.get_logger(__name__)


def own_texts(
    extension: Extension,
    script: Script,
    languages: Iterable[str],
    said: Mapping[str, Mapping[str, Sequence[str]]],
) -> dict[str, Texts]:
    """The texts of an agent by language; ``said`` is what the table ``texts`` has, by language and
    name. An override that cannot be said is passed over. Raises ``ExtensionProblem``."""
    own = {language: script.own(said.get(language, {})) for language in languages}
    return {language: _texts(extension, script, language, own[language]) for language in own}


def _texts(
    extension: Extension, script: Script, language: str, own: Mapping[str, Sequence[str]]
) -> Texts:
    try:
        texts = script.texts(language)
        texts.require(script.values)
    except TextsError as error:
        raise ExtensionProblem(str(error)) from error
    texts, faults = usable_overrides(texts, own, script.values)
    for fault in faults:
        _log.warning("text.passed_over", condominium=extension.condominium, fault=fault)
    return texts
