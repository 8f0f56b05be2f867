"""All checks, in the order in which an operator would put things right."""

from collections.abc import AsyncIterator

from supervisor.checks.asterisk import examine_asterisk
from supervisor.checks.database import examine_database
from supervisor.checks.engines import examine_engines
from supervisor.checks.finding import Finding
from supervisor.checks.machine import examine_machine
from supervisor.database.extensions import Extension
from supervisor.settings import Settings


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Every finding, one after the other, as they are made."""
    for finding in examine_machine(settings):
        yield finding
    rows: list[Extension] = []
    async for finding in examine_database(settings, rows):
        yield finding
    async for finding in examine_engines(settings, [row for row in rows if _speaks(row)]):
        yield finding
    async for finding in examine_asterisk(settings, [row for row in rows if row.enabled]):
        yield finding


def _speaks(row: Extension) -> bool:
    return row.enabled and row.flow != "echo" and row.voice is not None
