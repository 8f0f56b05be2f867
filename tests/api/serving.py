"""The API under test on a port of its own, and clients that speak to it over TCP."""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from conversation.journal import Entry
from supervisor.access.identity import Identity, make_identity
from supervisor.api.backend import Voices
from supervisor.api.hosting import hosted
from supervisor.api.trail import Trail
from supervisor.database.api_keys import Role, create_key
from supervisor.database.pool import Connection, Pool
from supervisor.database.records import store_entries
from supervisor.outgoing.addresses import AddressGuard
from supervisor.settings import AuthSettings, HttpSettings, SynthesisSettings, VisitorSettings
from supervisor.speech_settings import TtsSettings
from supervisor.synthesis.desk import Desk
from supervisor.synthesis.folder import JobFolder
from supervisor.voices.studio import StudioError
from supervisor.workers.steering import Action, Steered


class Mute:
    """Voices that cannot be heard."""

    async def say(self, *_: Any, **__: Any) -> bytes:
        raise StudioError("there is no engine")


class NoCalls:
    """A supervisor that has nothing to do, and is in the state that a test says."""

    def __init__(self, synthesis: Desk | None = None) -> None:
        self.reason: str | None = None
        self.registry = CollectorRegistry()
        self.expositions: dict[str, str] = {}
        self.steered: list[tuple[UUID, Action, str]] = []
        self.outcome: Steered | None = None
        self.recordings = Path("there are none")
        self.synthesis = synthesis or Desk(
            JobFolder(Path("there are none")), SynthesisSettings(), TtsSettings()
        )
        self.voices: Voices = Mute()
        self.listeners: list[tuple[UUID, str, socket.socket]] = []

    def trouble(self) -> str | None:
        return self.reason

    async def steer(self, call_id: UUID, action: Action, argument: str = "") -> Steered | None:
        self.steered.append((call_id, action, argument))
        return self.outcome

    async def listen(self, call_id: UUID, party: str, sock: socket.socket) -> Steered | None:
        if self.outcome is not None and self.outcome.reason is None:
            self.listeners.append((call_id, party, sock.dup()))
        return self.outcome


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


class Client:
    """One key's client."""

    def __init__(self, session: aiohttp.ClientSession, base: str, key: str | None) -> None:
        self.session = session
        self.base = base
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def send(self, method: str, path: str, **more: Any) -> Reply:
        headers = {**self.headers, **more.pop("headers", {})}
        url = path if path.startswith("/") else f"/api/v1/{path}"
        async with self.session.request(
            method, self.base + url, headers=headers, **more
        ) as response:
            is_json = response.content_type.endswith("json")
            body = await response.json() if is_json else await response.text(errors="replace")
            return Reply(response.status, response.headers, body)

    async def get(self, path: str, **params: Any) -> Reply:
        return await self.send("GET", path, params=params)

    async def post(self, path: str, body: Any, **headers: str) -> Reply:
        return await self.send("POST", path, json=body, headers=headers)

    async def patch(self, path: str, body: Any, if_match: str = "*") -> Reply:
        return await self.send("PATCH", path, json=body, headers={"If-Match": if_match})

    async def delete(self, path: str) -> Reply:
        return await self.send("DELETE", path)

    async def made(self, path: str, **body: Any) -> Any:
        """What was added; fails if it was not."""
        reply = await self.post(path, body)
        assert reply.status == 201, reply.body
        return reply.body


@dataclass(frozen=True, slots=True)
class Api:
    """A running API with its database."""

    base: str
    session: aiohttp.ClientSession
    database: Pool
    calls: NoCalls
    trail: Trail

    async def client(self, role: Role = "admin", tenant: str | None = None) -> Client:
        """A client with a new key; a tenant is named by its id."""
        async with self.database.acquire() as connection:
            tenant_id = UUID(tenant) if tenant else None
            key = await create_key(connection, f"{role} of {tenant}", role, tenant_id=tenant_id)
        return Client(self.session, self.base, key)

    def stranger(self, key: str | None = None) -> Client:
        return Client(self.session, self.base, key)


def cheap_identity(**settings: Any) -> Identity:
    """Passwords that cost nothing to check, and a signing key that is in no file."""
    cheap = {"argon2_memory_mib": 8, "argon2_passes": 1, "argon2_lanes": 1}
    auth = AuthSettings(**{"signing_keys": [SecretStr("x" * 32)], **cheap, **settings})
    key = VisitorSettings(key=SecretStr("v" * 32))
    return make_identity(auth, Path("/nonexistent"), key)


@asynccontextmanager
async def serving(
    database_url: str,
    database: Pool,
    settings: HttpSettings | None = None,
    identity: Identity | None = None,
    synthesis: Desk | None = None,
    *,
    guard: AddressGuard | None = None,
) -> AsyncIterator[Api]:
    calls = NoCalls(synthesis)
    settings = settings or HttpSettings(
        port=0, requests_per_minute=100_000, requests_per_minute_per_key=100_000
    )
    async with (
        hosted(settings, identity or cheap_identity(), guard=guard) as host,
        host.serving(database_url, calls),
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session,
    ):
        yield Api(f"http://127.0.0.1:{host.port}", session, database, calls, host.trail)


async def record_call(
    connection: Connection, condominium: str, outcome: str = "authorised", **visit: Any
) -> UUID:
    """A whole call with a visit, as a worker would write it."""
    call_id, now = uuid4(), datetime.now(UTC)
    said = {"party": "visitor", "speaker": "agent", "text": "Bom dia", "voice_to_voice_ms": 310}
    told: list[tuple[str, dict[str, Any]]] = [
        ("call.started", {"condominium_id": condominium, "caller": "9001"}),
        ("turn", said),
        ("visit", {"outcome": outcome, **visit}),
        ("call.ended", {"reason": "done"}),
    ]
    entries = [Entry(call_id, place, now, *each) for place, each in enumerate(told, start=1)]
    await store_entries(connection, entries)
    return call_id
