"""In which languages an extension's callers are heard."""

from dataclasses import dataclass, field, fields
from typing import Any

import pytest

from conversation.doorman.settings import DoormanSettings
from supervisor.doorman import _NOT_THE_FLOWS
from supervisor.rules import ExtensionProblem, ExtensionSettings, language_heard, settings_of


@dataclass
class Row:
    language: str = "pt-BR"
    settings: dict[str, Any] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("settings", "heard"),
    [
        ({}, "pt-BR"),
        ({"hears": []}, "pt-BR"),
        ({"hears": ["en", "es"]}, "auto:pt-BR,en,es"),
        ({"hears": ["en", "pt-BR"]}, "auto:pt-BR,en"),
    ],
)
def test_the_extensions_own_language_comes_first(settings: dict[str, Any], heard: str) -> None:
    row: Any = Row(settings=settings)
    assert language_heard(row, settings_of(row)) == heard


def test_a_language_that_nobody_knows_is_refused_with_those_there_are() -> None:
    row: Any = Row(settings={"hears": ["tlh"]})
    with pytest.raises(ExtensionProblem, match=r"hears.*'en' or 'es'"):
        settings_of(row)


def test_every_setting_is_the_flows_or_kept_from_it() -> None:
    flows = {field.name for field in fields(DoormanSettings)}
    assert set(ExtensionSettings.model_fields) - _NOT_THE_FLOWS <= flows
