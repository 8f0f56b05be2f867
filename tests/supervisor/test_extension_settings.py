"""What an extension's settings are divided among."""

from dataclasses import fields

from conversation.doorman.settings import DoormanSettings
from supervisor.agents.doorman import _NOT_THE_FLOWS
from supervisor.rules import ExtensionSettings


def test_every_setting_is_the_flows_or_kept_from_it() -> None:
    flows = {field.name for field in fields(DoormanSettings)}
    assert set(ExtensionSettings.model_fields) - _NOT_THE_FLOWS <= flows
