"""What workers last read from the database, kept on disk: a worker that takes the place of one
that died answers its extensions even while the database is away."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

from supervisor.database.pool import TROUBLE

PATIENCE_S: Final = 1.0
"""For a database that may hang, where there is a copy: callers wait meanwhile."""

_log = structlog.get_logger(__name__)


class LocalCopies:
    """A folder with a JSON file for each thing that is read, for this user's eyes only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def read_through(self, name: str, load: Callable[[], Awaitable[Any]]) -> Any:
        """What ``load`` gives, as JSON; while the database is away, what it gave last.

        Raises what ``load`` raises where there is no copy.
        """
        path = self._folder / f"{name}.json"
        kept = await asyncio.to_thread(_read, path)
        try:
            async with asyncio.timeout(PATIENCE_S if kept is not None else None):
                fresh = await load()
        except (*TROUBLE, TimeoutError) as error:
            if kept is None:
                raise
            age_s = round(time.time() - path.stat().st_mtime)
            _log.warning("copy.used", name=name, age_s=age_s, reason=str(error) or "timeout")
            return kept
        await asyncio.to_thread(_write, path, fresh)
        return fresh

    async def keep_only(self, prefix: str, names: Collection[str]) -> None:
        """Delete the copies with ``prefix`` that are none of ``names``: their rows are gone."""
        await asyncio.to_thread(self._delete_others, prefix, names)

    def _delete_others(self, prefix: str, names: Collection[str]) -> None:
        for path in self._folder.glob(f"{prefix}*.json"):
            if path.stem not in names:
                path.unlink(missing_ok=True)


def _read(path: Path) -> Any:
    """``None`` where there is none, or none that can be read."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_bytes())
    return None


def _write(path: Path, content: Any) -> None:
    """Whole or not at all; without a copy everything works but for an outage."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            fresh.unlink()
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            json.dump(content, opened, ensure_ascii=False)
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        _log.warning("copy.not_kept", name=path.stem, reason=error.strerror)
