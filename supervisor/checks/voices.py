"""Cloned voices: can those speak whom extensions name."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from supervisor.checks.finding import Finding, ok, warn
from supervisor.database.extensions import Extension
from supervisor.database.pool import Connection
from supervisor.database.voices import list_voices
from supervisor.speech_settings import TtsSettings
from supervisor.voices.casting import SPEAKS_CLONED

INSTEAD: Final = "the engine's usual voice speaks instead"
STEPS: Final = {
    "pending": "See: ramal voice list; and docs/voices.md",
    "failed": "Record it again: ramal voice add --help",
    "revoked": "Name another one: ramal extension set --help",
}


async def examine_voices(
    connection: Connection, rows: list[Extension], tts: TtsSettings
) -> AsyncIterator[Finding]:
    """... of ``rows``, which then name no cloned voice any more: engines do not know the names."""
    for place, row in enumerate(rows):
        if row.voice is None:
            continue
        known = await list_voices(connection, row.condominium_id)
        named = [each for each in known if each["name"] == row.voice]
        if not named:
            continue
        rows[place] = replace(row, voice=None)
        if row.enabled:
            yield _finding(row, named[-1]["state"], named[-1]["state_reason"], tts)


def _finding(row: Extension, state: str, reason: str | None, tts: TtsSettings) -> Finding:
    part = f'voice "{row.voice}"'
    if state != "ready":
        why = f"{state}: {reason}" if reason else state
        text = f"Extension {row.number} names it, and it is {why}; {INSTEAD}."
        return warn(part, text, STEPS[state])
    if tts.steps[0] != SPEAKS_CLONED:
        text = f"Extension {row.number} names it, and no engine here knows it; {INSTEAD}."
        return warn(part, text, 'Put "remote" first in tts.ladder: docs/voices.md')
    return ok(part, f"It is ready to speak for extension {row.number}.")
