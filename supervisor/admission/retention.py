"""Forgets expected visitors whose time has been over for long, and wrong codes of yesterday. Whom
they let in stays where it belongs: in the visit log and in ``admissions``."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from supervisor.admission.lockout import KEPT
from supervisor.database.perseverance import Perseverance
from supervisor.database.pool import Pool

EVERY_S: Final = 3600.0
AT_ONCE: Final = 1000
"""Rows per statement, so that none takes long."""

_log = structlog.get_logger(__name__)


class Retention:
    """Keeps entries of visitor lists for ``keep_days`` after their end."""

    def __init__(self, pool: Pool, keep_days: float) -> None:
        self._pool = pool
        self._keep = timedelta(days=keep_days)

    async def run(self) -> None:
        """Forget what is old, every hour, until cancelled."""
        work = Perseverance(_log, "visitors.forgetting")
        while True:
            await work.attempt(self.forget)
            await asyncio.sleep(EVERY_S)

    async def forget(self) -> None:
        """Forget what is old now. Raises what the database raises."""
        forgotten = count = await self._forget_some()
        while count == AT_ONCE:
            count = await self._forget_some()
            forgotten += count
        if forgotten:
            _log.info("visitors.forgotten", entries=forgotten)
        await self._pool.execute("DELETE FROM wrong_codes WHERE at < now() - $1::interval", KEPT)

    async def _forget_some(self) -> int:
        status: str = await self._pool.execute(_FORGET, self._keep, AT_ONCE)
        return int(status.rpartition(" ")[2])


_FORGET: Final = """
    DELETE FROM expected_visitors WHERE id IN (
        SELECT id FROM expected_visitors WHERE ends_at < now() - $1::interval LIMIT $2
    )
"""
