"""The first admin's key: shown once to whoever starts the server, and to no log."""

from pathlib import Path
from typing import Final, TextIO

import structlog

from supervisor.access.signing import write_private
from supervisor.database.api_keys import create_first_key
from supervisor.database.pool import Connection

FILE: Final = "first-admin-key"
_log = structlog.get_logger(__name__)


async def hand_over_first_key(connection: Connection, data_dir: Path, terminal: TextIO) -> None:
    """Make the key of an installation that has none, and show it on ``terminal`` if that is one.

    What is no terminal may be a log that many read and that is kept: then the key goes into a file
    that only this user can read, and its path is told. A key that cannot be handed over is not
    made; the next start tries again.
    """
    try:
        async with connection.transaction():
            key = await create_first_key(connection)
            if key is None:
                return
            told = _shown(key, data_dir, is_terminal=terminal.isatty())
    except OSError as error:
        _log.error("first_key.not_kept", folder=str(data_dir), reason=error.strerror)
        return
    terminal.write(f"{told}\n")
    terminal.flush()


def _shown(key: str, data_dir: Path, *, is_terminal: bool) -> str:
    if is_terminal:
        return f"The first key of the API, an admin's, shown only now: {key}"
    path = (data_dir / FILE).absolute()
    write_private(path, f"{key}\n")
    return f"The first key of the API, an admin's, is in {path}; keep it elsewhere and remove that."
