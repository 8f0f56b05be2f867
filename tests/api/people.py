"""Users who log in over HTTP, for tests."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyotp

from supervisor.database.api_keys import Role
from supervisor.database.users import add_user
from tests.api.serving import Api, Client, Reply, cheap_identity

PASSWORD = "cavalo bateria grampo"
LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"


@dataclass(frozen=True, slots=True)
class Person:
    """A user who has logged in."""

    username: str
    client: Client
    refresh_token: str


async def add_person(
    api: Api, username: str, role: Role = "admin", tenant: str | None = None
) -> None:
    """A user whose password is :data:`PASSWORD`."""
    kept = await cheap_identity().passwords.hash(PASSWORD)
    async with api.database.acquire() as connection:
        tenant_id = UUID(tenant) if tenant else None
        await add_user(connection, username, kept, role, tenant_id=tenant_id)


async def log_in(api: Api, username: str, password: str = PASSWORD, **more: Any) -> Reply:
    return await api.stranger().post(LOGIN, {"username": username, "password": password, **more})


async def person(
    api: Api, username: str, role: Role = "admin", tenant: str | None = None
) -> Person:
    """Added and logged in."""
    await add_person(api, username, role, tenant)
    reply = await log_in(api, username)
    assert reply.status == 200, reply.body
    return Person(username, bearer(api, reply), reply.body["refresh_token"])


def bearer(api: Api, reply: Reply) -> Client:
    """A client with the access token of a login's answer."""
    return api.stranger(reply.body["access_token"])


async def enrolled(someone: Person) -> tuple[pyotp.TOTP, list[str]]:
    """Give them a second factor: what makes its codes, and the recovery codes."""
    made = await someone.client.post("auth/second-factor", {"password": PASSWORD})
    assert made.status == 200, made.body
    totp = pyotp.parse_uri(made.body["uri"])
    assert isinstance(totp, pyotp.TOTP)
    confirmed = await someone.client.post("auth/second-factor/confirm", {"code": totp.now()})
    assert confirmed.status == 200, confirmed.body
    return totp, confirmed.body["recovery_codes"]
