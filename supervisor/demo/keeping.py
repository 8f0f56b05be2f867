"""``ramal demo --keep``: the server of the demo stays up, with its API, until Ctrl-C."""

import asyncio
import secrets
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from supervisor.database.api_keys import create_key
from supervisor.database.pool import connected
from supervisor.settings import AuthSettings, HttpSettings
from supervisor.simulation.stage import HOST, Stage, free_ports

KEY_LIFE = timedelta(days=1)
"""The demo's keys are shown on the screen: they do not outlive the day."""

PORT = HttpSettings().port

FIRST_WORDS = defaultdict(
    lambda: "Boa tarde.",
    doorman="Boa tarde, entrega para o 301 do bloco A",
    receptionist="Bom dia, que horas vocês abrem?",
)
"""To try it with, by who answers."""


async def keep_up(stage: Stage, console: Console) -> None:
    """Say how to reach everything, and wait for Ctrl-C."""
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, asked.set)
    try:
        async with _api(stage) as (url, key):
            console.print(_how_to_reach(stage, url, key), highlight=False, soft_wrap=True)
            await asked.wait()
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)


@asynccontextmanager
async def _api(stage: Stage) -> AsyncIterator[tuple[str, str]]:
    """The API's address and a key to it; the usual port, or another where that is taken."""
    from supervisor.access.identity import make_identity  # noqa: PLC0415
    from supervisor.api.hosting import hosted  # noqa: PLC0415 - aiohttp is for this alone

    port = free_ports(1, [PORT, *free_ports(1)])[0]
    async with connected(stage.database_url) as connection:
        name = f"demo {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        expires_at = datetime.now(UTC) + KEY_LIFE
        key = await create_key(connection, name, "admin", expires_at=expires_at)
    settings = HttpSettings(host=HOST, port=port)
    identity = make_identity(_passing_logins(), stage.data_dir)
    async with hosted(settings, identity) as host, host.serving(stage.database_url, stage.server):
        yield f"http://{HOST}:{host.port}", key


def _passing_logins() -> AuthSettings:
    """A signing key of this demo alone."""
    return AuthSettings(signing_keys=(SecretStr(secrets.token_urlsafe(32)),))


def _how_to_reach(stage: Stage, url: str, key: str) -> str:
    # as it was called, for it need not be on the PATH
    ramal = sys.argv[0] if Path(sys.argv[0]).name == "ramal" else "ramal"
    extension = stage.extension
    place, words = f"{HOST}:{extension.port}", FIRST_WORDS[extension.flow]
    return "\n".join(
        [
            "",
            f"Extension {extension.number} and the API stay up until Ctrl-C. In another terminal:",
            f"  {ramal} call {place} --say '{words}'",
            f"  or open {url}/ in a browser, with the key {key}",
            f"  curl -H 'Authorization: Bearer {key}' {url}/api/v1/visits",
            f"  DATABASE_URL='{stage.database_url}' {ramal} extension list",
        ]
    )
