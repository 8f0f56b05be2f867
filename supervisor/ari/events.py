"""ARI's events: JSON objects with a ``type``, most of them about a channel."""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from supervisor.ari.errors import AriProtocolError

Event: TypeAlias = Mapping[str, Any]

WANTED: Final = (
    "ChannelCreated",
    "ChannelStateChange",
    "Dial",
    "ChannelDestroyed",
    "ChannelUserevent",
)
"""All that we need; Asterisk is asked to send nothing else of what goes on in it."""
REPLACED: Final = "ApplicationReplaced"
"""Another connection took our application's name: nothing more will come on this one."""


def parse(text: str) -> Event:
    """An event from the stream. Raises :class:`AriProtocolError`."""
    try:
        event = json.loads(text)
    except ValueError:
        raise AriProtocolError("what answers there does not send ARI's events") from None
    if not isinstance(event, dict):
        raise AriProtocolError("what answers there does not send ARI's events")
    return event


def channel_of(event: Event) -> Mapping[str, Any]:
    """The channel that an event is about; the called one of ``Dial``. Empty where there is none."""
    about = event.get("peer") if event.get("type") == "Dial" else event.get("channel")
    return about if isinstance(about, dict) else {}


def text_of(values: Mapping[str, Any], name: str) -> str:
    """A value that is a string, or an empty one."""
    value = values.get(name)
    return value if isinstance(value, str) else ""
