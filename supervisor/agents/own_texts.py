"""What an agent says: the condominium's or business's own sentences, its tenant's, or ours."""

from collections.abc import Iterable, Mapping, Sequence

import structlog

from conversation.texts.catalogue import Texts, TextsError
from conversation.texts.overrides import usable_overrides
from supervisor.database.extensions import Extension
from supervisor.rules import ExtensionProblem

_log = structlog.get_logger(__name__)


def own_texts(
    extension: Extension,
    language: str,
    needed: Mapping[str, Iterable[str]],
    own: Mapping[str, Sequence[str]],
) -> Texts:
    """The texts of a language with every key of ``needed``; an override that cannot be said is
    passed over. Raises ``ExtensionProblem``."""
    try:
        texts = Texts.load(language)
        texts.require(needed)
    except TextsError as error:
        raise ExtensionProblem(str(error)) from error
    texts, faults = usable_overrides(texts, own, needed)
    for fault in faults:
        _log.warning("text.passed_over", condominium=extension.condominium, fault=fault)
    return texts
